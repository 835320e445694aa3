"""How long to warm up and how often to replicate: a warm-up recommended from a run, and runs until they are precise.

Means are those of ``summary``: over the finished cases of the cohort, one value per replication.
"""

import math
from collections.abc import Sequence
from contextlib import closing

import polars as pl

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.errors import AnalysisError, SimulationError, warn_user
from procflow.kernel.layout import DAY
from procflow.simulation.collection import Collection, collecting
from procflow.simulation.replications import Meter, Progress, in_order
from procflow.simulation.run import Run, named
from procflow.simulation.runner import compiled_with_warnings, cores
from procflow.simulation.statistics import Estimate, estimate, mser5
from procflow.simulation.window import windows
from procflow.text import Text


def warmup_days(run: Run, metric: str = "cycle_wd") -> int:
    """Return how many calendar days of a run to leave out as warm-up, by MSER-5.

    Of all cases that arrived before the horizon and finished, the metric is averaged over the replications by day of
    arrival, and ``mser5`` truncates the series of those days; fives of working days are weeks, so that the days of
    the week do not disturb it. Of several processes, the longest warm-up. Averaging over replications first is
    Welch's (Law, *Simulation Modeling and Analysis*, 5th ed., 9.5.1).

    Parameters
    ----------
    run:
        At least 50 days with arrivals; best of many replications and without warm-up.
    metric:
        A column of numbers of ``run.cases``.

    Raises AnalysisError where the run is too short to tell, or has no such column.

    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=250, replications=4, seed=7))
    >>> 0 <= warmup_days(run) <= 125
    True
    """
    _check_metric(run.cases, metric)
    horizon = max(last for _, last in windows(run))
    cases = run.cases.filter(pl.col("arrival_us") < horizon, pl.col("outcome").is_not_null())
    return max(_warmup(cases.filter(process=process.name), metric) for process in run.processes)


def _warmup(cases: pl.DataFrame, metric: str) -> int:
    days = cases.group_by(day=pl.col("arrival_us") // DAY).agg(pl.col(metric).mean()).sort("day")
    kept = mser5(days[metric].to_numpy())
    return int(days["day"][kept]) if kept else 0


def simulate_until(
    process: Process | Sequence[Process],
    scenario: Scenario,
    *,
    metric: str = "cycle_wd",
    relative: float = 0.02,
    confidence: float = 0.95,
    least: int = 5,
    most: int = 200,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """Simulate until the mean is precise: as ``simulate`` does, with as many replications as that takes.

    Parameters
    ----------
    process, scenario, workers, progress:
        As of ``simulate``. How many replications there were stands in the scenario of the run; what
        ``scenario.replications`` says before does not matter.
    metric:
        A column of numbers of ``Run.cases`` whose mean is to be precise, for each of the processes.
    relative:
        Half width of the interval ÷ mean to reach, above 0. The error relative to the true mean is then at most
        ``relative`` ÷ (1 − ``relative``) with about the confidence.
    confidence:
        Of the interval, between 0 and 1.
    least, most:
        Replications, 2 ≤ ``least`` ≤ ``most``.

    Returns
    -------
    Run
        Of the shortest prefix of replications 0, 1, 2, … that suffices, whatever finished first: the same run for any
        number of workers, and the same as ``simulate`` gives for that many replications.

    Raises
    ------
    SimulationError
        As of ``simulate``; where no case of the cohort finishes; or for numbers outside of their range.

    Warns
    -----
    ProcflowWarning
        As ``simulate``; and where ``most`` replications are not enough, how precise the mean became.

    Notes
    -----
    Stopping as soon as an interval is narrow favors samples whose variance happens to be low, so that it covers the
    truth a little less often than ``confidence``; the more, the fewer the replications. Take ``least`` = 10 or more
    and ``relative`` ≤ 0.15 where that matters. Source: Law, *Simulation Modeling and Analysis*, 5th ed., 9.4.1.

    Examples
    --------
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> plan = pf.Scenario(arrivals="2 per wd", days=120, warmup_days=30, seed=7)
    >>> run = simulate_until(permit, plan, relative=0.1)
    >>> bool(pf.summary(run)[0].estimate.half_width <= 0.1 * pf.summary(run)[0].estimate.mean)
    True
    """
    _check_numbers(relative, confidence, least, most)
    processes = named(process)
    compiled = compiled_with_warnings(processes, scenario)
    meter = Meter(most, progress)
    threads = workers or cores()
    means: dict[str, list[float]] = {each.name: [] for each in processes}
    with collecting(Collection(processes, scenario, compiled)) as collection:
        made, collection.growing = collection.made, meter.growing
        with closing(in_order(compiled, scenario.seed, threads, meter, made, ahead=threads)) as parts:
            for count, part in enumerate(parts, start=1):
                collection.add(part)
                _add_means(means, collection.parts[-1]["cases"].collect(), metric)
                if count >= least:
                    found = _least_precise(means, confidence)
                    if found.half_width <= relative * abs(found.mean):
                        break
                    meter.expected = _expected(found, relative, most)
            else:
                _warn_imprecise(found, relative, most)
        meter.end(count)
        return collection.run()


def _add_means(means: dict[str, list[float]], cases: pl.DataFrame, metric: str) -> None:
    _check_metric(cases, metric)
    finished = cases.filter(pl.col("in_cohort"), pl.col("outcome").is_not_null())
    for name, values in means.items():
        mean = finished.filter(process=name)[metric].mean()
        values.append(float(mean) if isinstance(mean, int | float) else math.nan)


def _least_precise(means: dict[str, list[float]], confidence: float) -> Estimate:
    """Return the mean of the process for which it is the least precise; raise where one has no finished case."""
    for name, values in means.items():
        if all(math.isnan(value) for value in values):
            raise SimulationError(
                Text(
                    en=f"no case of {name} that arrived between warm-up and horizon finished in {len(values)} "
                    "replications: simulate more days",
                    zh=f"{name} 在 {len(values)} 次重复中没有一件统计期内到达的办件办结:请增加仿真天数",
                )
            )
    return max((estimate(values, confidence=confidence) for values in means.values()), key=_imprecision)


def _imprecision(found: Estimate) -> float:
    """Return half width ÷ mean; infinite where the interval is unknown."""
    if math.isnan(found.low):
        return math.inf
    return 0.0 if found.half_width == 0 else found.half_width / abs(found.mean) if found.mean else math.inf


def _expected(found: Estimate, relative: float, most: int) -> int:
    """Return how many replications it will probably take: the half width falls as one over the root of their number."""
    times = (_imprecision(found) / relative) ** 2
    return min(most, max(found.n + 1, math.ceil(min(most, found.n * times))))


def _warn_imprecise(found: Estimate, relative: float, most: int) -> None:
    reached = _imprecision(found)
    text = Text(
        en=f"after {most} replications the half width of the interval is {reached:.1%} of the mean, "
        f"not {relative:.1%}: allow more replications, or simulate more days",
        zh=f"重复 {most} 次后区间半宽为均值的 {reached:.1%},未达到 {relative:.1%}:请允许更多重复次数,或增加仿真天数",
    )
    warn_user(text)


def _check_metric(cases: pl.DataFrame, metric: str) -> None:
    known = [name for name, kind in cases.schema.items() if kind.is_numeric()]
    if metric not in known:
        raise AnalysisError(
            Text(
                en=f"the cases of a run have no number {metric!r}: take one of {', '.join(known)}",
                zh=f"办件表中没有数值列 {metric!r}:可用 {'、'.join(known)}",
            )
        )


def _check_numbers(relative: float, confidence: float, least: int, most: int) -> None:
    if relative > 0 and 0 < confidence < 1 and 2 <= least <= most:
        return
    raise SimulationError(
        Text(
            en=f"relative={relative!r}, confidence={confidence!r}, least={least!r}, most={most!r}: "
            "a precision is above 0, a confidence between 0 and 1, and 2 ≤ least ≤ most",
            zh=f"relative={relative!r}、confidence={confidence!r}、least={least!r}、most={most!r}:精度须大于 0,"
            "置信水平须在 0 与 1 之间,且 2 ≤ least ≤ most",
        )
    )
