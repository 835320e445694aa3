"""The process as a state machine: its graph, its soundness, and a machine for live cases."""

from procflow.machine.automaton import Automaton, Case

__all__ = ["Automaton", "Case"]
