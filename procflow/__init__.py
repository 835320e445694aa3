"""Reengineering of government business processes (政务流程再造)."""
