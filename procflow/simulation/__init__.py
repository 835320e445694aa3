"""Simulation: scenarios compiled to arrays, run by the kernel, and made into tables and estimates."""

from procflow.simulation.run import Interrupted, Run
from procflow.simulation.runner import simulate

__all__ = ["Interrupted", "Run", "simulate"]
