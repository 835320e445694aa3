"""Diagrams of a process: swimlanes by department and level, or the plain state machine, as SVG, PNG, PDF or DOT."""

from procflow.render.drawing import Drawing, draw
from procflow.render.names import state_id

__all__ = ["Drawing", "draw", "state_id"]
