"""The models that are measured, each with a plan for about so many cases. Knows definitions, measures nothing."""

import datetime as dt
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import portfolio
from benchmarks.check import VISITS_PER_CASE
from procflow.definition import loads
from procflow.definition.arrivals import Arrivals
from procflow.definition.loader import load_organization
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.machine.loading import load
from procflow.simulation.compile import Compiled, compile_scenario

FOLDER = Path(__file__).parent / "models"
MONDAY = dt.date(2025, 1, 6)
VARIANTS = ("always", "office_hours")


@dataclass(frozen=True)
class Model:
    """Processes with the scenario in which they are simulated."""

    processes: tuple[Process, ...]
    arrivals: tuple[Arrivals, ...]
    scenario: Scenario

    def compiled(self) -> Compiled:
        """Return the arrays of the kernel."""
        return compile_scenario(self.processes, self.arrivals, self.scenario)


def permit(variant: str, cases: int, seed: int = 1) -> Model:
    """Return the permit process ``always`` or in ``office_hours``, one application an open hour, about so many."""
    organization = load_organization(FOLDER / f"{variant}.yaml")
    process = replace(load(FOLDER / "permit.yaml"), organization=organization)
    if variant == "always":
        return _model([process], [Arrivals(rate="1 per h")], cases / 24, seed)
    arrivals = Arrivals(rate="1 per h", calendar="office_hours")
    return _model([process], [arrivals], cases / 40 * 7, seed)


def permit_in_minutes(cases: int, seed: int = 1) -> Model:
    """Return the permit process ``always`` with every hour a minute: the same queues, room for sixty times the cases.

    A scenario ends after a hundred years at the latest, which is less than a million hours.
    """
    text = (FOLDER / "permit.yaml").read_text(encoding="utf-8").replace(" h, assumed", " min, assumed")
    process = loads(text, organization=(FOLDER / "always.yaml").read_text(encoding="utf-8"))
    return _model([process], [Arrivals(rate="1 per min")], cases / 1440, seed)


def portfolio_of(cases: int, seed: int = 1) -> Model:
    """Return the generated portfolio, with about as many visits as so many permit cases make."""
    with tempfile.TemporaryDirectory() as folder:
        processes = [load(file) for file in portfolio.write(Path(folder))]
    numbers = range(portfolio.PROCESSES)
    arrivals = [Arrivals(rate=f"{portfolio.arrivals_per_day(number)} per wd") for number in numbers]
    visits = sum(portfolio.arrivals_per_day(number) * portfolio.visits_per_case(number) for number in numbers)
    working_days = cases * VISITS_PER_CASE / visits
    return _model(processes, arrivals, working_days * 7 / 5, seed)


def _model(processes: Sequence[Process], arrivals: Sequence[Arrivals], days: float, seed: int) -> Model:
    scenario = Scenario(start=MONDAY, days=max(1, math.ceil(days)), replications=1, seed=seed)
    if len(processes) == 1:
        scenario = scenario.model_copy(update={"arrivals": arrivals[0]})
    return Model(tuple(processes), tuple(arrivals), scenario)
