"""Whether work in progress grows over a run: no steady state, and no mean worth its name. Judges no single case."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from procflow.errors import AnalysisError
from procflow.kernel.layout import DAY
from procflow.simulation.load import Load, offered_loads
from procflow.simulation.run import Run
from procflow.simulation.statistics import Estimate, estimate
from procflow.simulation.window import windows
from procflow.text import Text


@dataclass(frozen=True)
class Trend:
    """How the cases in progress of a process change between warm-up and horizon.

    ``slope`` is in cases per day, with its interval over replications; ``level`` is the mean number in progress.
    Where it is ``growing``, ``causes`` are the people and sittings that are offered more than they can take.
    """

    process: str
    slope: Estimate
    level: float
    growing: bool
    causes: tuple[Load, ...]

    def text(self) -> Text:
        """Return what is to be said of it."""
        en = f"{self.process}: {self.level:.4g} cases in progress, changing by {self.slope} a day"
        zh = f"{self.process}:平均在办 {self.level:.4g} 件,每日变化 {self.slope}"
        if not self.growing:
            return Text(en=f"{en}: no growth", zh=f"{zh}:未见增长")
        if not self.causes:
            return Text(
                en=f"{en}: growing, though nobody is offered more than they can do: simulate more days, with a longer "
                "warm-up",
                zh=f"{zh}:持续增长,但没有岗位或批次超负荷:请延长仿真时间和预热期",
            )
        causes = [cause.text() for cause in self.causes]
        return Text(
            en=f"{en}: growing, as " + "; ".join(cause.get("en") for cause in causes),
            zh=f"{zh}:持续增长,原因:" + ";".join(cause.get("zh") for cause in causes),
        )

    def __str__(self) -> str:
        return self.text().get("en")


def trend(run: Run, *, confidence: float = 0.95, growth: float = 0.25) -> tuple[Trend, ...]:
    """Return for each process of a run whether its work in progress grows.

    A line is fitted by least squares to the number of cases in progress at the end of each day between warm-up and
    horizon, in each replication; its slope has the Student t interval over replications, which needs no assumption
    on how days depend on each other (Law, *Simulation Modeling and Analysis*, 5th ed., 9.5.2).

    Parameters
    ----------
    run:
        Of at least two days between warm-up and horizon. One replication gives no interval, and no growth is told.
    confidence:
        Of the interval, between 0 and 1.
    growth:
        The share of the mean level that the line must climb over the run, at least 0: replications share their
        holidays, so that a slope may be certain and yet mean nothing. A queue that grows evenly from nothing climbs
        twice its mean.

    Raises AnalysisError where the run is too short.

    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=120, warmup_days=60, replications=3, seed=7))
    >>> [found] = trend(run)
    >>> found.growing
    False
    """
    spans = [np.arange(-(-first // DAY), last // DAY) + 1 for first, last in windows(run)]
    if min(len(days) for days in spans) < 2:
        raise AnalysisError(
            Text(
                en="a trend needs at least two days between warm-up and horizon: simulate more days",
                zh="判断趋势至少需要预热期之后两天:请增加仿真天数",
            )
        )
    return tuple(_trend(run, each.name, spans, confidence, growth) for each in run.processes)


def _trend(run: Run, process: str, spans: Sequence[NDArray[np.int64]], confidence: float, growth: float) -> Trend:
    """Fit the lines of a process; ``spans`` are the days of each replication."""
    cases = run.cases.filter(process=process)
    in_progress = [_in_progress(cases.filter(replication=r), days) for r, days in enumerate(spans)]
    fits = zip(spans, in_progress, strict=True)
    slopes = [float(np.polyfit(days - days.mean(), counts, 1)[0]) for days, counts in fits]
    slope = estimate(slopes, confidence=confidence)
    level = float(np.mean([counts.mean() for counts in in_progress]))
    growing = slope.low > 0 and slope.mean * (min(len(days) for days in spans) - 1) >= growth * level
    causes = offered_loads(run.processes, run.scenario) if growing else ()
    return Trend(process, slope, level, growing, tuple(cause for cause in causes if cause.is_overload))


def _in_progress(cases: pl.DataFrame, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many cases had arrived and not ended at the end of each day (their number, counted from 1)."""
    arrived = np.searchsorted(np.sort(cases["arrival_us"].to_numpy()), days * DAY)
    ended = np.searchsorted(np.sort(cases["end_us"].drop_nulls().to_numpy()), days * DAY)
    return arrived - ended
