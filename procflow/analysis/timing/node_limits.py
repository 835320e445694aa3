"""Steps that exceed their own limits (环节时限), though the whole may be in time. Part of T8."""

from collections.abc import Iterator

import polars as pl

from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy
from procflow.analysis.node_times import node_times
from procflow.analysis.pricing import cost, working_days
from procflow.analysis.registry import Context
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import as_share, each, measured, per_case
from procflow.analysis.timing.three_times import three_times
from procflow.definition import words
from procflow.definition.quantities import Term
from procflow.simulation.statistics import Estimate, wilson
from procflow.text import Text

_BEYOND = Text(en="mean time beyond the step's limit", zh="超出环节时限的平均时间")
_STAY = Text(en="stay in the step", zh="在该环节停留")


def late_nodes(context: Context) -> Iterator[Finding]:
    """Yield a finding for each state whose own limit many visits exceed."""
    assert context.run is not None
    table = node_times(context.run, context.process).filter("in_cohort")
    for name in context.graph.leaves:
        term = context.graph.state(name).limit
        rows = table.filter((pl.col("state") == name) & pl.col("kept").is_not_null())
        if term is not None and rows.height:
            share = _late(rows)
            if share.mean >= context.profile.late_share:
                yield _finding(context, name, term, rows, share)


def _late(rows: pl.DataFrame) -> Estimate:
    if rows["replication"].n_unique() < 2:
        return wilson(int((~rows["kept"]).sum()), rows.height)
    return as_share(each(rows.with_columns(late=(~pl.col("kept")).cast(pl.Float64)), "late"))


def _finding(context: Context, name: str, term: Term, rows: pl.DataFrame, share: Estimate) -> Finding:
    node = context.graph.nodes[name]
    over = rows.with_columns(beyond=(pl.col("net") - term.value.amount).clip(lower_bound=0.0))
    beyond = working_days(per_case(context, over, "beyond").mean, term.value.unit)
    return finding(
        context,
        "T8",
        subjects(("state", [name])),
        Text(
            en=f"{node.label('en')}: {share.mean:.0%} of the visits exceed the step's own limit of {term.value}",
            zh=f"「{node.label('zh')}」：{share.mean:.0%} 的办理超过环节时限（{words.span(term.value, 'zh')}）",
        ),
        (
            measured(Text(en="share beyond the step's limit", zh="超过环节时限的比例"), share, SHARE),
            Measurement(Text(en="visits that are known", zh="可判断的办理次数"), float(rows.height), "visits"),
            *three_times(rows, _STAY),
        ),
        cost=cost(context, "working_days", beyond, _BEYOND),
        legal_hook=term.source,
        remedies=(
            Remedy(
                "",
                Text(
                    en="shorten the step, or give it what it needs of the whole's limit",
                    zh="压缩该环节用时，或在总时限内重新分配环节时限",
                ),
            ),
        ),
        thresholds={"late_share": context.profile.late_share},
        path=node.path,
    )
