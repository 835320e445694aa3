"""Where the cycle time of a run went, without remainder: by state, transition, department, level, … or handoff.

Every microsecond of a case belongs to one visit: the one on the path that decided when the case ended. Explains
nothing. ``time_split`` counts parallel regions in full instead, so that its hours may exceed the cycle time.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import polars as pl

from procflow.analysis.run_handoffs import AXES, staffed
from procflow.analysis.run_tables import CASE, SEGMENTS, cases_of, events_of, process_of
from procflow.definition.diagnostics import did_you_mean
from procflow.definition.resolved import Process
from procflow.errors import AnalysisError
from procflow.machine.graph import state_graph
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run

By = Literal["state", "transition", "department", "level", "territory", "system", "handoff"]

PATH_SEGMENTS: Final = tuple(name for name in SEGMENTS if name != "sync_us")
"""The segments of a visit on the path; it never waits for a join, since it is what the others wait for."""

_KEYS: Final = {"transition": ("state", "trigger", "dest"), "handoff": ("axes",)}
_RANKS: Final = {"completed": 0, "timed_out": 0, "cancelled": 1, "cut": 1}


def path_split(run: "Run", process: Process | str | None = None, *, by: By = "state") -> pl.DataFrame:
    """Return the time of the finished cohort split one way; ``total_us`` sums to the cycle times exactly.

    Parameters
    ----------
    run, process:
        A run, and which of its processes where it has several.
    by:
        ``state``; ``transition`` (that by which a visit was left: ``state``, ``trigger``, ``dest``); ``department``,
        ``level``, ``territory`` or ``system`` of who has the case; or ``handoff``: ``axes`` are those along which the
        visit's staff differ from the last before it, such as ``department+level``, '' where they do not.

    Returns
    -------
    DataFrame
        The key, ``visits``, each segment and ``total_us`` in whole microseconds over all cases, ``mean_us`` per case
        and ``share``; the largest first. The key is null for the applicant and others who are no staff (not by state
        or transition). Transfers after a composite, which have no visit, are a row of the composite's name.

    Raises
    ------
    AnalysisError
        For another ``by``, or where the run has no such process.

    Notes
    -----
    The path is followed backwards: from the end of a case to the visit that ended then, from its start to the visit
    that ended there, and so on; at a join that is the region that finished last. Where regions finish at the same
    instant, or a composite times out, one of those that lasted until then is taken: the total is exact, while the
    segments may be of another region than those of ``run.cases``.

    Examples
    --------
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=2, seed=7))
    >>> bool(path_split(run, by="level")["total_us"].sum() == run.cohort["cycle_us"].sum())
    True
    """
    if by not in get_args(By):
        hint = did_you_mean(by, get_args(By))
        raise AnalysisError(Text(en=f"unknown by={by!r}{hint.en}", zh=f"未知的 by={by!r}{hint.zh}"))
    process = process_of(run, process)
    cases = cases_of(run, process).filter(pl.col("in_cohort") & pl.col("outcome").is_not_null())
    path = path_of(run, process, cases)
    key = _KEYS.get(by, (by,))
    sums = [pl.col(name).sum() for name in (*PATH_SEGMENTS, "total_us")]
    grouped = path.group_by(key).agg(pl.col("row").is_not_null().sum().alias("visits"), *sums)
    total = max(int(cases["cycle_us"].sum()), 1)
    return grouped.with_columns(
        mean_us=pl.col("total_us") / max(cases.height, 1), share=pl.col("total_us") / total
    ).sort("total_us", *key, descending=[True, *(False for _ in key)], nulls_last=True)


def case_path(run: "Run", case: int, *, replication: int = 0, process: Process | str | None = None) -> pl.DataFrame:
    """Return the visits that decided when one finished case ended, in order, with where the time of each went.

    ``state``, ``trigger``, ``dest``, the segments and ``total_us`` in microseconds, which sum to the case's cycle time
    exactly. Raises AnalysisError where the run has no such case, or it is not finished.

    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=1, seed=7))
    >>> case_path(run, 0)["state"][0]
    'application'
    """
    process = process_of(run, process)
    path = path_of(run, process, finished_case(run, process, case, replication=replication))
    return path.select("state", "trigger", "dest", *PATH_SEGMENTS, "total_us")


def finished_case(run: "Run", process: Process, case: int, *, replication: int = 0) -> pl.DataFrame:
    """Return the row of a finished case; raise AnalysisError where there is none."""
    mine = (pl.col("replication") == replication) & (pl.col("case") == case) & pl.col("outcome").is_not_null()
    cases = cases_of(run, process).filter(mine)
    if cases.is_empty():
        raise AnalysisError(
            Text(
                en=f"{process.name}: no finished case {case} in replication {replication}",
                zh=f"{process.name}：第 {replication} 次重复中没有办结的办件 {case}",
            )
        )
    return cases


def path_of(run: "Run", process: Process, cases: pl.DataFrame) -> pl.DataFrame:
    """Return the visits on the paths of finished cases in order: their facts, segments and ``total_us``.

    ``row`` is null where time belongs to no visit: to the transfer after the composite that ``state`` names.
    """
    graph = state_graph(process)
    events = events_of(run, process).join(cases.select(CASE), on=CASE, how="semi", maintain_order="left")
    rows = staffed(graph, events).with_columns(total_us=pl.sum_horizontal(PATH_SEGMENTS))
    rows = rows.with_columns(over_us=pl.col("enter_us") + pl.col("total_us"), rank=pl.col("end").replace_strict(_RANKS))
    if not graph.regions and (line := _in_line(rows, cases)) is not None:
        return line
    columns = ("replication", "case", "over_us", "enter_us", "token", "row")
    latest = rows.filter(pl.col("total_us") > 0).sort(
        [*CASE, "over_us", "rank", "row"], descending=[False, False, True, False, True]
    )
    ends = {(replication, case): (arrival, end) for replication, case, arrival, end in
            cases.select(*CASE, "arrival_us", "end_us").iter_rows()}  # fmt: skip
    steps: list[tuple[int, int, int | None, str | None, int]] = []
    for name, group in groupby(latest.select(columns).iter_rows(), key=lambda row: row[:2]):
        steps.extend((*name, *step) for step in reversed(list(_backwards(list(group), *ends.pop(name)))))
    # cases without a visit that takes time
    steps.extend((*name, None, None, end - arrival) for name, (arrival, end) in ends.items() if end > arrival)
    schema = {"replication": pl.Int32, "case": pl.Int64, "row": pl.UInt32, "place": pl.String, "gap_us": pl.Int64}
    path = pl.DataFrame(steps, schema=schema, orient="row")
    facts = rows.select("row", "state", "trigger", "dest", "actor", *AXES, *PATH_SEGMENTS, "total_us")
    joined = path.with_columns(pl.col("row").cast(rows.schema["row"])).join(
        facts, on="row", how="left", maintain_order="left"
    )
    whole = joined.with_columns(
        pl.coalesce("state", "place"),
        pl.coalesce("total_us", "gap_us"),
        pl.coalesce("transfer_us", "gap_us"),
        *(pl.col(name).fill_null(0) for name in PATH_SEGMENTS if name != "transfer_us"),
    )
    return whole.with_columns(axes=_changed())


def _in_line(rows: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame | None:
    """Return the path where every visit is on it, nothing runs beside it; None where time is left over."""
    taken = rows.group_by(CASE).agg(pl.col("total_us").sum())
    lasted = cases.select(*CASE, lasted_us=pl.col("end_us") - pl.col("arrival_us")).join(taken, on=CASE, how="left")
    if not (lasted["lasted_us"] == lasted["total_us"].fill_null(0)).all():
        return None
    path = rows.filter(pl.col("total_us") > 0)
    named = path.select(*CASE, "row", "state", "trigger", "dest", "actor", *AXES, *PATH_SEGMENTS, "total_us")
    return named.with_columns(axes=_changed())


def _backwards(rows: list[tuple[Any, ...]], arrival: int, end: int) -> Iterator[tuple[int | None, str | None, int]]:
    """Yield the path of a case from its end: a row with its place, or no row with the composite left and the time."""
    until, token, i = end, "", 0
    while i < len(rows):
        _, _, over, _, _, _ = rows[i]
        if over > until:
            i += 1
            continue
        # of those that ended at this instant rather the same token: it went on then
        same = next((row for row in _ended_at(rows, i, over) if row[4] == token), rows[i])
        if over < until:
            yield None, _left(same[4], token), until - over
        yield same[5], None, 0
        until, token = same[3], same[4]
    if until > arrival:
        yield None, None, until - arrival


def _ended_at(rows: list[tuple[Any, ...]], first: int, over: int) -> Iterator[tuple[Any, ...]]:
    while first < len(rows) and rows[first][2] == over:
        yield rows[first]
        first += 1


def _left(inner: str, outer: str) -> str:
    """Return the outermost composite between two tokens.

    >>> _left("review/site", ""), _left("review/site/visit/a", "review/site")
    ('review', 'review/site/visit')
    """
    inside = inner.removeprefix(f"{outer}/") if outer else inner
    first = inside.partition("/")[0]
    return f"{outer}/{first}" if outer else first


def _changed() -> pl.Expr:
    """Return along which axes the staff of a visit differ from the staff that acted last on the path of its case."""

    def last(column: str) -> pl.Expr:
        known = pl.when(pl.col("actor").is_not_null()).then(pl.col(column).fill_null(""))
        return known.forward_fill().shift(1).over(CASE)

    taken = pl.col("actor").is_not_null() & last("actor").is_not_null() & (pl.col("actor") != last("actor"))
    names = [pl.when(taken & (pl.col(axis).fill_null("") != last(axis))).then(pl.lit(axis)) for axis in AXES]
    return pl.concat_str(names, separator="+", ignore_nulls=True)
