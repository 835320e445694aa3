"""Findings about a process: what is redundant, where time is lost, and what the evidence is. Never edits a process."""
