"""A small experiment: two variants of a permit, two rates of arrival, two numbers of reviewers, two replications."""

from pathlib import Path
from typing import Any

from procflow.definition import Process
from procflow.definition.scenario import Scenario
from procflow.experiments import Experiment
from tests.examples import PERMIT, make_process

SCENARIO = Scenario(arrivals="6 per wd", days=20, replications=2, seed=7)
PACKAGES = {"dask": "distributed", "ray": "ray"}
"""What executors need that may not be installed."""

REVIEWERS = "staffing.market_regulation.reviewer"
GRID: dict[str, Any] = {"arrivals": ["4 per wd", "6 per wd"], REVIEWERS: [1, 2]}

PLAN = """
procflow: 1
experiment: small
processes: {as_is: as_is.yaml, fast: fast.yaml}
scenario: {arrivals: 6 per wd, days: 20, replications: 2, seed: 7}
grid:
  arrivals: [4 per wd, 6 per wd]
  staffing.market_regulation.reviewer: [1, 2]
"""


def permit(variant: str = "as_is", work: str = "1 h") -> Process:
    return make_process(f"variant: {variant}\n" + PERMIT.replace("work: 1 h", f"work: {work}").lstrip())


def stuck() -> Process:
    """A permit of which, now and then, a case has no way out."""
    text = PERMIT.replace("dest: refused, probability: 0.1", "dest: refused, when: 'risk == \"low\"'")
    text = text.replace("dest: issued, probability: 0.9", "dest: issued, when: 'risk == \"general\"'")
    risks = "attributes:\n  risk: {categorical: {low: 0.5, general: 0.4, high: 0.1}}\n"
    return make_process("variant: stuck\n" + risks + text.lstrip())


def small(**changes: Any) -> Experiment:
    """The small experiment, with changes of its arguments."""
    arguments = {"processes": [permit(), permit("fast", "20 min")], "scenario": SCENARIO, "grid": GRID} | changes
    return Experiment(arguments.pop("processes"), arguments.pop("scenario"), **arguments)


def cells_in(folder: Path) -> list[str]:
    """The names of the files of finished replications."""
    return sorted(path.name for path in (folder / "cells").glob("*.json"))


def write_plan(folder: Path, plan: str = PLAN) -> Path:
    """Write a plan with what it refers to, and return its file."""
    from tests.examples import DATA

    for name in ("organization.yaml", "catalog.yaml"):
        (folder / name).write_text((DATA / name).read_text(encoding="utf-8"), encoding="utf-8")
    text = (DATA / "permit.yaml").read_text(encoding="utf-8")
    (folder / "as_is.yaml").write_text(text + "variant: as_is\n", encoding="utf-8")
    fast = text.replace("work: 1 h", "work: 20 min") + "variant: fast\n"
    (folder / "fast.yaml").write_text(fast, encoding="utf-8")
    (folder / "plan.yaml").write_text(plan.lstrip(), encoding="utf-8")
    return folder / "plan.yaml"
