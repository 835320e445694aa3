"""H3: returns for correction (退回补正), and those after the first, which law means to avoid (一次性告知)."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.loops import returns
from procflow.analysis.pricing import expected, told_apart, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.analysis.run_evidence import measured, per_case, visits_of
from procflow.analysis.run_tables import CASE
from procflow.analysis.spending import of_visits
from procflow.machine.graph import Edge
from procflow.simulation.statistics import Estimate
from procflow.text import Text

HOOK = "《行政许可法》第三十二条"


@dataclass(frozen=True)
class Rounds:
    """Of the cases: the share returned at least once, returns per case, and those after the first that law minds."""

    share: float
    rounds: float
    further: float
    evidence: tuple[Evidence, ...]


def _returned(context: Context) -> Iterator[Finding]:
    profile = context.profile
    for correction, edges in returns(context).items():
        seen = _expected(context, correction, edges) if context.run is None else _counted(context, correction, edges)
        if seen and (seen.share >= profile.return_share or seen.further >= profile.further_returns):
            yield _finding(context, correction, edges, seen)


def _expected(context: Context, correction: str, edges: tuple[Edge, ...]) -> Rounds | None:
    # all at once may be too large to unroll where one by one is not
    known = context.shared(told_apart) or expected(context, {correction: 2})
    if known is None or not _vouched_for(context, edges):
        return None
    share = known.nth.get((correction, 1), 0.0)
    uses = {edge.index: known.edges.get(edge.index, 0.0) for edge in edges}
    rounds = sum(uses.values())
    blamed = sum(uses[edge.index] for edge in edges if not edge.transition.new_defects)
    return Rounds(
        share,
        rounds,
        max(0.0, blamed - share),
        (
            Measurement(Text(en="share of cases returned", zh="退回补正的办件比例"), share, SHARE),
            Measurement(Text(en="returns per case", zh="每件退回次数"), rounds, "returns"),
        ),
    )


def _vouched_for(context: Context, edges: tuple[Edge, ...]) -> bool:
    """Whether the probabilities of the states that return name a source or that they are assumed.

    A bare number may be a mere placeholder, as in an imported process: D17 tells it, and nothing is concluded from it.
    """
    ways = [way for source in {edge.source for edge in edges} for way in context.graph.out(source)]
    return not any(way.transition.probability and way.transition.probability.is_bare for way in ways)


def _counted(context: Context, correction: str, edges: tuple[Edge, ...]) -> Rounds:
    ways = {"\0".join((edge.source, edge.trigger)): edge.transition.new_defects for edge in edges}
    way = pl.concat_str("state", "trigger", separator="\0")
    rows = context.shared(visits_of).filter((pl.col("dest") == correction) & way.is_in(list(ways)))
    rows = rows.sort([*CASE, "gone_us"]).with_columns(nth=pl.int_range(pl.len()).over(CASE))
    minded = ~way.is_in([name for name, excused in ways.items() if excused])
    rounds, first = per_case(context, rows), _share(context, rows)
    further = per_case(context, rows.filter((pl.col("nth") > 0) & minded))
    return Rounds(
        first.mean,
        rounds.mean,
        further.mean,
        (
            measured(Text(en="share of cases returned", zh="退回补正的办件比例"), first, SHARE),
            measured(Text(en="returns per case", zh="每件退回次数"), rounds, "returns"),
            measured(Text(en="further returns per case", zh="每件再次退回次数"), further, "returns"),
        ),
    )


def _share(context: Context, rows: pl.DataFrame) -> Estimate:
    return per_case(context, rows.filter(pl.col("nth") == 0))


def _again(context: Context, correction: str) -> list[str]:
    """Return the states that look at a case anew after its correction."""
    after = [edge.dest for edge in context.graph.out(correction) if edge.transition.timeout is None]
    return [name for name in dict.fromkeys(after) if context.graph.is_leaf(name) and context.graph.out(name)]


def _rows(context: Context, correction: str) -> pl.DataFrame | None:
    """Return the corrections of the run, and the visits that followed them right away."""
    if context.run is None:
        return None
    rows = context.shared(visits_of)
    before = pl.col("state").shift(1).over([*CASE, "token"])
    return rows.filter((pl.col("state") == correction) | (before == correction).fill_null(False))


def _finding(context: Context, correction: str, edges: tuple[Edge, ...], seen: Rounds) -> Finding:
    again = _again(context, correction)
    expected = context.shared(visits)
    times = {correction: seen.rounds} | {name: seen.rounds / len(again) for name in again}
    spent = of_visits(context, times if expected else {}, _rows(context, correction))
    sources = list(dict.fromkeys(edge.source for edge in edges))
    listed = named(context, sources)
    repeated = seen.further >= context.profile.further_returns
    more_en, more_zh = (
        (
            f"; {seen.further:.2g} returns a case come after the first, though all must be told at once",
            f"；其中每件再次退回 {seen.further:.2g} 次，未做到一次性告知",
        )
        if repeated
        else ("", "")
    )
    return finding(
        context,
        "H3",
        subjects(("state", [*sources, correction]), ("transition", [edge.name for edge in edges])),
        Text(
            en=f"{listed.get('en')} returns {seen.share:.0%} of cases for correction, {seen.rounds:.2g} times a case"
            + more_en,
            zh=f"{listed.get('zh')}将 {seen.share:.0%} 的办件退回补正，平均每件 {seen.rounds:.2g} 次{more_zh}",
        ),
        (Witness((Step(sources[0]), Step(correction), *(Step(name) for name in again))), *seen.evidence),
        cost=spent.costs,
        legal_hook=HOOK if repeated else None,
        remedies=(
            Remedy("tolerate_missing", Text(en="accept with minor items missing", zh="容缺受理，限期补交次要材料")),
            Remedy("once_only", Text(en="fill the form from what is known", zh="表单预填，数据共享免提交")),
            Remedy(
                "", Text(en="tell all that is missing at once, by a checklist", zh="对照清单一次性告知全部补正内容")
            ),
        ),
        thresholds={
            "return_share": context.profile.return_share,
            "further_returns": context.profile.further_returns,
        },
        path=edges[0].path,
    )


RULES = (
    Rule(
        "H3",
        Text(en="return for correction", zh="退回补正"),
        Text(
            en="applications often returned to the applicant, or returned more than once",
            zh="经常退回补正或不止一次退回的申请",
        ),
        Text(en="each round costs the applicant a visit and days", zh="每退一次，申请人多跑一趟、多等数日"),
        Text(
            en="share of cases returned ≥ return_share, or returns after the first ≥ further_returns per case; from "
            "the probabilities by visit, or counted in a run; priced by corrections and what is looked at anew",
            zh="退回比例≥return_share，或每件再次退回次数≥further_returns；按各次概率推算或由仿真计数；按补正及重新审核的耗费计价",
        ),
        "行政许可法 art. 32; Kemeny, Snell, Finite Markov Chains, 3.2",
        Text(
            en="further returns for nothing but what the amendment brought in (`new_defects`); rectification on site "
            "and steps repeated inside the administration (R13); probabilities that name neither a source nor that "
            "they are assumed (D17)",
            zh="仅针对补正后新出现问题的再次退回（new_defects）；现场整改、机关内部返工（R13）；"
            "既无来源也未标明为假设的概率（D17）",
        ),
        _returned,
    ),
)
