"""Experiments: many cells (variants × changes of a scenario × replications), run anywhere, resumed, and tabulated."""

from procflow.experiments.design import Cell, Experiment, load_experiment
from procflow.experiments.executors import RayExecutor
from procflow.experiments.result import ExperimentResult, Failure
from procflow.experiments.runner import run_experiment

__all__ = ["Cell", "Experiment", "ExperimentResult", "Failure", "RayExecutor", "load_experiment", "run_experiment"]
