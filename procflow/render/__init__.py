"""Diagrams of a process: swimlanes by department and level, or the plain state machine, as SVG, PNG, PDF or DOT."""

from procflow.render.build import state_id
from procflow.render.drawing import Drawing, draw

__all__ = ["Drawing", "draw", "state_id"]
