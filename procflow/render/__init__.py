"""Diagrams of a process: lanes, state machine, flow chart, maps, before and after; as SVG, PNG, PDF, DOT or Mermaid."""

from procflow.render.drawing import Drawing, draw
from procflow.render.names import state_id
from procflow.render.overlay import Overlay

__all__ = ["Drawing", "Overlay", "draw", "state_id"]
