"""R22: intermediaries that the case waits for, though no law demands them (中介卡口)."""

from collections.abc import Iterator

import polars as pl

from procflow.analysis.expectation import Visits
from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.pricing import elapsed_days, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, label, subjects
from procflow.analysis.run_evidence import visits_of
from procflow.analysis.run_tables import CASE
from procflow.analysis.spending import of_states
from procflow.definition.process import State
from procflow.machine.graph import Region
from procflow.text import Text

_PRIVATE = frozenset({"intermediary", "enterprise"})


def _waits(context: Context) -> Iterator[Finding]:
    for name in context.graph.leaves:
        state = context.graph.state(name)
        if _outside(context, state) and not _demanded(state) and elapsed_days(context.process, state) > 0:
            share = critical_share(context, name)
            if share is not None and share >= context.profile.critical_share:
                yield _wait(context, name, state, share)


def _outside(context: Context, state: State) -> bool:
    """Whether somebody outside the administration acts, for pay: an intermediary, or an external party of no body."""
    department = context.process.department(state)
    if department is not None:
        return department.kind in _PRIVATE
    return state.who == "external"


def _demanded(state: State) -> bool:
    return state.basis is not None or any(check.basis for check in state.checks)


def critical_share(context: Context, name: str) -> float | None:
    """Return the share of a state's cases for which it is on the critical path, None where that is not known.

    Outside of parallel regions that is every case. Inside, a run counts the joins for which its region came last; the
    definition takes the regions by their expected time, queues apart: the longest is critical, the others are not.
    """
    shares = []
    inner = name
    for composite in context.graph.ancestors(name):
        regions = context.graph.regions[composite]
        index = context.graph.nodes[inner].region
        inner = composite
        if len(regions) > 1:
            shares.append(_last(context, composite, regions, index))
    return None if None in shares else min([s for s in shares if s is not None], default=1.0)


def _last(context: Context, composite: str, regions: tuple[Region, ...], index: int) -> float | None:
    if context.run is not None:
        return _came_last(context, f"{composite}/{regions[index].name}", [f"{composite}/{r.name}" for r in regions])
    known = context.shared(visits)
    if known is None:
        return None
    spans = [_span(context, region, known) for region in regions]
    return float(spans[index] >= max(spans))


def _span(context: Context, region: Region, known: Visits) -> float:
    """Return the expected work and delay inside a region, that of nested states included."""
    inside = set(region.nodes)
    return sum(
        known.to(leaf) * elapsed_days(context.process, context.graph.state(leaf))
        for leaf in context.graph.leaves
        if leaf in inside or inside & set(context.graph.ancestors(leaf))
    )


def _came_last(context: Context, token: str, tokens: list[str]) -> float | None:
    """Return the share of the joins that a region's token fired: the one that did not wait for another."""
    rows = context.shared(visits_of).filter(pl.col("token").is_in(tokens))
    ends = rows.group_by(*CASE, "token", "part").agg(pl.col("sync_us").sum(), at=pl.col("gone_us").max())
    mine = ends.filter(pl.col("token") == token)
    return float(mine.select((pl.col("sync_us") == 0).mean()).item()) if mine.height else None


def _wait(context: Context, name: str, state: State, share: float) -> Finding:
    spent, department = of_states(context, [name]), state.department
    who = [department] if department else []
    by_en, by_zh = (
        (label(context, department, "en"), label(context, department, "zh"))
        if department
        else ("an external party", "外部机构")
    )
    critical: Evidence = Measurement(
        Text(en="share of cases that wait for it", zh="须等待该环节的办件比例"), share, SHARE
    )
    return finding(
        context,
        "R22",
        subjects(("state", [name]), ("department", who)),
        Text(
            en=f"the case waits for {by_en} ({state.label('en')}), and no law is cited that demands it",
            zh=f"办件须等待{by_zh}完成“{state.label('zh')}”，且未载明法律依据（中介卡口）",
        ),
        (Witness((Step(name),)), critical, *spent.evidence),
        cost=spent.costs,
        legal_hook="《优化营商环境条例》第四十三条",
        remedies=(
            Remedy("eliminate", Text(en="drop it where no law demands it", zh="无依据的中介服务一律取消")),
            Remedy("parallelize", Text(en="or let it run beside other steps", zh="或与其他环节并行，不占关键路径")),
        ),
        thresholds={"critical_share": context.profile.critical_share},
        path=context.graph.nodes[name].path,
    )


RULES = (
    Rule(
        "R22",
        Text(en="intermediary on the critical path", zh="中介卡口"),
        Text(
            en="a step of an intermediary, enterprise or external party that the case waits for, without a cited law",
            zh="办件必须等待、且未载明法律依据的中介机构、企业或外部机构环节",
        ),
        Text(en="the applicant pays and waits for what nobody may demand", zh="申请人为无依据的服务付费并等待"),
        Text(
            en="outside of parallel regions, or in the region with the longest expected time, in a run the share of "
            "joins for which it came last ≥ critical_share",
            zh="不在并行分支内，或位于期望用时最长的分支；有仿真时为最后到达汇合的比例≥critical_share",
        ),
        "优化营商环境条例 art. 43",
        Text(
            en="services that a cited law demands, regions that wait for longer ones, government and public bodies",
            zh="法律明确要求的服务、另有更长分支在等的分支、政府及公共机构",
        ),
        _waits,
    ),
)
