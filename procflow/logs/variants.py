"""What cases do, without a definition: variants, what directly follows what, what is done again.

Rows of a case count in the log's order: by start, by end where only completions are known. Takes no view on whether
an order is right; that needs a definition (``fitness``).
"""

import polars as pl

from procflow.logs.log import EventLog, in_case

ARROW = " → "
"""What parts the activities of a variant in texts."""


def variants(log: EventLog) -> pl.DataFrame:
    """Return the different orders of activities, the commonest first.

    Columns: ``variant`` (the activities as a list), ``cases``, ``share`` (of the cases with events, 0 to 1), ``first``
    (the first case that took it, by name).

    >>> import datetime as dt
    >>> from procflow.logs import event_log
    >>> at = [dt.datetime(2025, 3, day) for day in (3, 4, 3)]
    >>> log = event_log(pl.DataFrame({"case": ["1", "1", "2"], "activity": ["a", "b", "a"], "end": at}))
    >>> variants(log).select("variant", "cases").rows()
    [(['a'], 1), (['a', 'b'], 1)]
    """
    per_case = log.steps.group_by("case", maintain_order=True).agg(variant="activity")
    found = per_case.group_by("variant").agg(cases=pl.len(), first=pl.col("case").min())
    total = max(per_case.height, 1)
    order = pl.col("variant").list.join(ARROW)
    return (
        found.sort(-pl.col("cases").cast(pl.Int64), order)
        .with_columns(share=pl.col("cases") / total)
        .select("variant", "cases", "share", "first")
    )


def directly_follows(log: EventLog) -> pl.DataFrame:
    """Return what directly follows what, the commonest first.

    Columns: ``from`` and ``to`` (activities; null before the first and after the last of a case), ``count``,
    ``cases``, ``median_s`` (seconds from the end of the one to the start of the other, to its end where starts are
    not known; negative where they overlap).
    """
    begin = pl.coalesce("start", "end")
    mine = pl.col("activity")
    rows = log.steps.select(
        "case",
        **{"from": in_case(mine, 1), "to": mine},
        gap=(begin - in_case(pl.coalesce("end", "start"), 1)),
        last=in_case(mine, -1).is_null(),
    )
    nothing = pl.lit(None, pl.Duration("us"))
    ends = rows.filter("last").select("case", **{"from": pl.col("to"), "to": pl.lit(None, pl.String)}, gap=nothing)
    pairs = pl.concat([rows.drop("last"), ends])
    return (
        pairs.group_by("from", "to")
        .agg(
            count=pl.len(),
            cases=pl.col("case").n_unique(),
            median_s=pl.col("gap").dt.total_microseconds().median() / 1e6,
        )
        .sort(["count", "from", "to"], descending=[True, False, False], nulls_last=False)
    )


def rework(log: EventLog) -> pl.DataFrame:
    """Return what is done again within a case, the most often repeated first.

    Columns: ``activity``, ``events``, ``cases`` (in which it is done), ``repeats`` (times beyond the first of a case),
    ``repeating_cases``, ``share`` (of its cases, 0 to 1). Repetition may be lawful: instalments, several objects.
    """
    per_case = log.steps.group_by("case", "activity").agg(times=pl.len())
    again = pl.col("times") > 1
    return (
        per_case.group_by("activity")
        .agg(
            events=pl.col("times").sum(),
            cases=pl.len(),
            repeats=(pl.col("times").cast(pl.Int64) - 1).sum(),
            repeating_cases=again.sum(),
            share=again.mean(),
        )
        .sort(["repeats", "activity"], descending=[True, False])
    )


def cases_with_rework(log: EventLog) -> int:
    """Return in how many cases some activity is done more than once."""
    again = log.steps.group_by("case", "activity").len().filter(pl.col("len") > 1)
    return again["case"].n_unique()
