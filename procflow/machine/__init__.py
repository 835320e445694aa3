"""The process as a state machine: its graph, its soundness, and a machine for live cases."""
