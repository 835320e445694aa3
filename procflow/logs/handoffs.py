"""Who hands cases over to whom in a log, by person, group or department, and who sends them back.

A handoff is a change of who acts, not of a label: where the group's label changes and the person stays, nobody handed
anything over (``same_person``). Where persons are not known, a change of label is all that can be seen, and
``same_person`` is null. Rows without a label are passed over.
"""

from typing import Literal

import polars as pl

from procflow.logs.log import EventLog, in_case

By = Literal["resource", "role", "department"]


def log_handoffs(log: EventLog, *, by: By = "resource") -> pl.DataFrame:
    """Return one row per change of person (``resource``), group (``role``) or department within a case.

    Columns: ``case``, ``from``, ``to``, ``from_activity``, ``to_activity``, ``at`` (when the taker started, or ended
    where starts are not known), ``same_person`` (true where only the label changed).

    >>> import datetime as dt
    >>> from procflow.logs import event_log
    >>> at = [dt.datetime(2025, 3, day) for day in (3, 4, 5)]
    >>> people, groups = ["Li", "Li", "Wu"], ["window", "review", "review"]
    >>> table = {"case": ["1"] * 3, "activity": ["a", "b", "c"], "end": at, "resource": people, "role": groups}
    >>> log = event_log(pl.DataFrame(table))
    >>> log_handoffs(log).height, log_handoffs(log, by="role")["same_person"].to_list()
    (1, [True])
    """
    labelled = log.steps.filter(pl.col(by).is_not_null())
    before = {name: in_case(pl.col(name), 1) for name in (by, "activity", "resource")}
    rows = labelled.select(
        "case",
        **{"from": before[by], "to": pl.col(by)},
        from_activity=before["activity"],
        to_activity="activity",
        at=pl.coalesce("start", "end"),
        same_person=before["resource"] == pl.col("resource"),
    )
    return rows.filter(pl.col("from") != pl.col("to"))


def handoffs_per_case(log: EventLog, *, by: By = "resource", labels: bool = False) -> float:
    """Return the mean number of handoffs of a case; with ``labels`` also changes of label without one of person.

    Cases count that have an event with a label. NaN where none has.
    """
    cases = log.steps.filter(pl.col(by).is_not_null())["case"].n_unique()
    found = log_handoffs(log, by=by)
    kept = found if labels else found.filter(~pl.col("same_person").fill_null(False))
    return kept.height / cases if cases else float("nan")


def bounces(log: EventLog, *, by: By = "resource") -> pl.DataFrame:
    """Return one row per time that a case was handed from ``from`` to ``to`` and straight back again.

    Columns: ``case``, ``from``, ``to``, ``at`` (handed over) and ``back_at``, as ``log_handoffs`` counts them.
    """
    found = log_handoffs(log, by=by).filter(~pl.col("same_person").fill_null(False))
    back = in_case(pl.col("to"), -1) == pl.col("from")
    # what is handed over next must have been handed on by the taker, whom a change of label may hide
    straight = in_case(pl.col("from"), -1) == pl.col("to")
    rows = found.with_columns(back_at=in_case(pl.col("at"), -1))
    return rows.filter((back & straight).fill_null(False)).select("case", "from", "to", "at", "back_at")


def ping_pong(log: EventLog, *, by: By = "resource") -> pl.DataFrame:
    """Return who sends cases back to whom: handed from ``from`` to ``to`` and straight back again.

    Columns: ``from``, ``to``, ``count``, ``cases``, the commonest first. A planned consultation looks the same: the
    log alone does not tell it from a case that nobody wants.
    """
    return (
        bounces(log, by=by)
        .group_by("from", "to")
        .agg(count=pl.len(), cases=pl.col("case").n_unique())
        .sort(["count", "from", "to"], descending=[True, False, False])
    )
