"""What a run measures per case and in the mean: time, handoffs, visits, materials, keying, steps, promises kept.

Every column is documented in ``docs/reference/metrics.md``. Compares no runs and judges nothing.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from procflow.analysis.case_facts import asked_documents, state_facts
from procflow.analysis.metrics_of_limits import judged_times, limit_means, wilson_shares
from procflow.analysis.remembering import remembered
from procflow.analysis.run_handoffs import AXES, handoffs
from procflow.analysis.run_tables import CASE, DAY_US, HOUR_US, SEGMENTS, cases_of, events_of, process_of
from procflow.definition.organization import Organization
from procflow.definition.resolved import Process
from procflow.machine.graph import state_graph
from procflow.simulation.statistics import Estimate, estimate
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class Metric:
    """A number of a run with its interval: ``key`` for programs, ``name`` for people, ``unit`` of the estimate."""

    key: str
    name: Text
    unit: str
    estimate: Estimate

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON; an unknown bound is null."""
        bounds = {name: _finite(getattr(self.estimate, name)) for name in ("mean", "low", "high")}
        name = {"en": self.name.get("en"), "zh": self.name.get("zh")}
        return {"key": self.key, "name": name, "unit": self.unit, **bounds, "n": self.estimate.n}

    def __str__(self) -> str:
        return f"{self.name.get('en')}: {self.estimate}"


CASE_METRICS: dict[str, tuple[Text, str]] = {
    "cycle_wd": (Text(en="cycle time", zh="全程用时"), "wd"),
    "cycle_days": (Text(en="cycle time, elapsed", zh="全程用时（自然日）"), "d"),
    "work_hours": (Text(en="hands-on time", zh="实际办理工时"), "h"),
    "staff_hours": (Text(en="staff hours", zh="人工工时"), "h"),
    "handoffs_department": (Text(en="handoffs between departments", zh="跨部门交接次数"), "handoffs"),
    "handoffs_level": (Text(en="handoffs between levels", zh="跨层级交接次数"), "handoffs"),
    "handoffs_territory": (Text(en="handoffs between territories", zh="跨地域交接次数"), "handoffs"),
    "handoffs_system": (Text(en="handoffs between systems", zh="跨系统交接次数"), "handoffs"),
    "applicant_turns": (Text(en="turns of the applicant", zh="转交申请人次数"), "turns"),
    "visits": (Text(en="visits", zh="跑动次数"), "visits"),
    "documents": (Text(en="materials, distinct", zh="申请材料（种）"), "materials"),
    "copies": (Text(en="materials, every time asked", zh="申请材料（份次）"), "materials"),
    "items_asked": (Text(en="data items asked", zh="填报数据项次"), "items"),
    "entries": (Text(en="entries keyed by staff", zh="人工录入项次"), "entries"),
    "steps": (Text(en="steps", zh="流转节点"), "steps"),
    "visible_steps": (Text(en="steps of the applicant", zh="办事环节"), "steps"),
}
"""The metrics of a case that ``summary`` and ``compare`` show, with their names and units, in order."""

SUMMARY_QUANTILES = (0.5, 0.9)
"""The quantiles of the cycle time that ``summary`` and ``compare`` show beside its mean."""


@remembered
def case_metrics(run: "Run", process: Process | str | None = None) -> pl.DataFrame:
    """Return one row per case of a process: its times, handoffs, visits, materials, keying and steps.

    Identified by ``replication`` and ``case``, with ``region``, ``arrival_us``, ``in_cohort`` and ``outcome``; the
    metrics are those of ``CASE_METRICS`` and the segments as ``<segment>_hours`` along the path that fired each
    join. Demands count where a visit reached ``done``; an unfinished case has what happened so far, and no times.

    >>> "handoffs_department" in CASE_METRICS
    True
    """
    process = process_of(run, process)
    graph = state_graph(process)
    events, cases = events_of(run, process), cases_of(run, process)
    done = events.filter(pl.col("done_us").is_not_null()).join(state_facts(graph), on="state", how="left")
    documents = done.select(*CASE, "state").unique().join(asked_documents(graph), on="state")
    axis = handoffs(graph, events).group_by(*CASE, "axis").len().pivot("axis", index=CASE, values="len")
    axis = axis.select(*CASE, *(_column(axis, name).alias(f"handoffs_{name}") for name in AXES))
    per_case = (
        _times(cases)
        .join(_demands(done), on=CASE, how="left")
        .join(documents.group_by(CASE).agg(documents=pl.col("document").n_unique()), on=CASE, how="left")
        .join(axis, on=CASE, how="left")
        .join(_turns(graph.process, events), on=CASE, how="left")
        .sort(CASE)
    )
    counted = [name for name in CASE_METRICS if name not in ("cycle_wd", "cycle_days")]
    return per_case.with_columns(pl.col(counted).fill_null(0))


def summary(run: "Run", process: Process | str | None = None, *, confidence: float = 0.95) -> tuple[Metric, ...]:
    """Return the metrics of a run with their intervals, over the finished cases of the cohort.

    A metric is the mean over replications of each one's mean (or quantile), with its Student t interval; an on-time
    share of a single replication has its Wilson interval over cases instead. Utilization is per group of staff. Where
    working days of an unpublished year would be counted, the shares on time are left out with a warning.
    """
    process = process_of(run, process)
    values = replication_means(run, process)
    metrics = [Metric(key, name, unit, estimate(means, confidence=confidence, unit=unit))
               for key, (name, unit, means) in values.items()]  # fmt: skip
    if run.cases["replication"].n_unique() > 1:
        return tuple(metrics)
    times = judged_times(run, process)
    shares = dict(wilson_shares(times, process, confidence)) if times is not None else {}
    return tuple(Metric(m.key, m.name, m.unit, shares.get(m.key, m.estimate)) for m in metrics)


@remembered
def replication_means(
    run: "Run", process: Process, *, from_us: int = 0
) -> dict[str, tuple[Text, str, tuple[float, ...]]]:
    """Return each metric's name, unit and mean per replication (NaN where a replication has no such case).

    Only cases of the cohort that arrived at ``from_us`` or later count, in replications 0, 1, … of the run.
    """
    replications = sorted(run.cases["replication"].unique())
    per_case = case_metrics(run, process).filter(pl.col("in_cohort") & (pl.col("arrival_us") >= from_us))
    ended = per_case.filter(pl.col("outcome").is_not_null())
    worked = ended.group_by("replication").agg(efficiency=pl.col("path_work_us").sum() / pl.col("cycle_us").sum())
    means = _means(ended, list(CASE_METRICS)).join(worked, on="replication")
    values = {}
    for key, (name, unit) in CASE_METRICS.items():
        values[key] = (name, unit, _ordered(means, key, replications))
        if key == "cycle_wd":
            values.update(quantiles_by_replication(ended, key, SUMMARY_QUANTILES, replications))
    efficiency = Text(en="hands-on share of the cycle time", zh="有效办理时间占比")
    values["efficiency"] = (efficiency, "", _ordered(means, "efficiency", replications))
    open_cases = per_case.group_by("replication").agg(share=pl.col("outcome").is_null().mean())
    unfinished = Text(en="share of cases unfinished at the end", zh="期末未办结占比")
    values["unfinished"] = (unfinished, "", _ordered(open_cases, "share", replications))
    times = judged_times(run, process, from_us=from_us)
    if times is not None:
        values.update(limit_means(times, process, replications))
    values.update(_utilization(run, replications))
    return values


def quantiles_by_replication(
    ended: pl.DataFrame, metric: str, q: Sequence[float], replications: list[int]
) -> dict[str, tuple[Text, str, tuple[float, ...]]]:
    """Return for each share ``q`` the name, unit and ``q``-quantile of a metric's values in each replication.

    The least value that at least the share ``q`` of the cases does not exceed; keys are such as ``cycle_wd_p90``.
    """
    title, unit = CASE_METRICS[metric]
    found = {}
    for share in q:
        percent = f"{100 * share:.10g}"
        each = ended.group_by("replication").agg(pl.col(metric).quantile(share, "equiprobable"))
        name = Text(en=f"{title.get('en')}, P{percent}", zh=f"{title.get('zh')}（P{percent}）")
        found[f"{metric}_p{percent}"] = (name, unit, _ordered(each, metric, replications))
    return found


def _times(cases: pl.DataFrame) -> pl.DataFrame:
    hours = [(pl.col(name) / HOUR_US).alias(f"{name.removesuffix('_us')}_path_hours") for name in SEGMENTS]
    return cases.select(
        *CASE,
        "region",
        "arrival_us",
        "in_cohort",
        "outcome",
        "cycle_us",
        "cycle_wd",
        *hours,
        cycle_days=pl.col("cycle_us") / DAY_US,
        path_work_us="work_us",
    )


def _demands(done: pl.DataFrame) -> pl.DataFrame:
    people = pl.when(pl.col("who") == "staff").then(pl.col("people").str.count_matches(",", literal=True) + 1)
    return done.group_by(CASE).agg(
        work_hours=pl.col("work_us").sum() / HOUR_US,
        staff_hours=(pl.col("work_us") * people).sum() / HOUR_US,
        visits=pl.col("visits_each").sum(),
        copies=pl.col("copies_each").sum(),
        items_asked=pl.col("items_each").sum(),
        entries=pl.col("entries_each").sum(),
        steps=pl.len(),
        visible_steps=pl.col("visible").sum(),
    )


def _means(table: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the means of columns per replication, added up in the order of the cases.

    The mean of a grouped table is added up in as many parts as there are threads: its last bits vary with them.
    """
    parts = table.sort(CASE).partition_by("replication", as_dict=True)
    rows = [
        {"replication": replication, **{name: part[name].drop_nulls().to_numpy().mean() for name in names}}
        for (replication,), part in parts.items()
    ]
    return pl.DataFrame(rows, schema={"replication": table.schema["replication"]} | dict.fromkeys(names, pl.Float64))


def _turns(process: Process, events: pl.DataFrame) -> pl.DataFrame:
    """Count how often a case goes to the applicant from somebody else; submitting it at the start is no turn."""
    token = [*CASE, "token"]
    rows = events.select(*token, "state").sort(token, maintain_order=True)
    who = rows.join(state_facts(state_graph(process)).select("state", "who"), on="state", how="left",
                    maintain_order="left")  # fmt: skip
    mine = pl.col("who") == "applicant"
    # neighbors of sorted rows are compared: a window over three keys takes ten times as long
    goes_on = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in token).fill_null(False)
    turned = mine & pl.when(goes_on).then(~mine.shift(1)).otherwise(pl.col("token") != "")
    return who.filter(turned).group_by(CASE).agg(applicant_turns=pl.len())


def _column(table: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in table.columns else pl.lit(0, pl.UInt32)


def _ordered(table: pl.DataFrame, column: str, replications: list[int]) -> tuple[float, ...]:
    found = dict(zip(table["replication"], table[column], strict=True))
    return tuple(math.nan if found.get(r) is None else float(found[r]) for r in replications)


def _utilization(run: "Run", replications: list[int]) -> Iterator[Any]:
    """Yield the utilization of each group of staff that worked; all offices together where there are several."""
    groups = run.staff.group_by("department", "group", "replication").agg(pl.col("busy_us", "on_duty_us").sum())
    groups = groups.with_columns(used=pl.col("busy_us") / pl.col("on_duty_us"))
    for key, rows in sorted(groups.group_by("department", "group"), key=lambda pair: str(pair[0])):
        if rows["busy_us"].sum() > 0:
            name = group_name(str(key[0]), str(key[1]))
            title = Text(en=f"utilization of {name}", zh=f"{_title(run.processes[0].organization, name)} 负荷率")
            yield f"utilization:{name}", (title, "", _ordered(rows, "used", replications))


def group_name(department: str, group: str) -> str:
    """Return the name of a group of staff, with its department where it does not name it itself."""
    return group if group.startswith(f"{department}.") else f"{department}.{group}"


def _title(organization: Organization, name: str) -> str:
    """Return the Chinese title of a group of staff: of its department, then of its role where it is one."""
    department, _, group = name.partition(".")
    known = organization.department(department)
    role = known.role(group.rpartition(".")[2]) if known else None
    return " · ".join((known.label("zh") if known else department, role.label("zh") if role else group))


def _bounded(value: Estimate, *, share: bool) -> Estimate:
    """Return an estimate of a share with its interval inside 0 to 1; any other as it is."""
    if not share or math.isnan(value.low):
        return value
    return replace(value, low=max(0.0, value.low), high=min(1.0, value.high))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
