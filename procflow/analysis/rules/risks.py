"""R16: one path for cases of all risks (一刀切)."""

import unicodedata
from collections.abc import Iterator

import polars as pl

from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy
from procflow.analysis.pricing import weighted
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import visits_of
from procflow.analysis.run_tables import CASE, cases_of, process_of
from procflow.analysis.segments import tested_attributes
from procflow.analysis.spending import of_visits
from procflow.definition.citations import cited
from procflow.definition.glossary import said
from procflow.text import Text

_CHECKING = frozenset({"review", "inspection", "consultation", "meeting", "approval"})


def _one_path(context: Context) -> Iterator[Finding]:
    definition = context.process.definition
    name = definition.risk_classes
    attribute = definition.attributes.get(name or "")
    if name is None or attribute is None or attribute.categorical is None or definition.equal_treatment is not None:
        return
    classes = {category: share for category, share in attribute.categorical.items() if share > 0}
    checks = [n for n in context.graph.leaves if context.graph.state(n).kind in _CHECKING]
    told_apart = unicodedata.normalize("NFKC", name) in context.shared(_tested)
    if len(classes) > 1 and checks and not told_apart:
        yield _finding(context, name, classes, checks)


def _tested(context: Context) -> frozenset[str]:
    """Return the attributes that any guard, assignment or call of the process looks at."""
    states = [node.state for node in context.graph.nodes.values()]
    found = tested_attributes(states, list(context.graph.edges))
    for state in states:
        found |= set(state.call.gives.values()) if state.call else set()
    for edge in context.graph.edges:
        found |= {unicodedata.normalize("NFKC", name) for name in edge.transition.set}
    return frozenset(found)


def _finding(context: Context, name: str, classes: dict[str, float], checks: list[str]) -> Finding:
    low, share = next(iter(classes.items()))
    rows = _of_class(context, name, low, checks) if context.run is not None else None
    times = {check: share * often for check in checks if (often := weighted(context, {check: 1.0})) is not None}
    spent = of_visits(context, times, rows)
    shares: tuple[Evidence, ...] = tuple(
        Measurement(Text(en=f"share of class {category}", zh=f"“{said(category, 'zh')}”类占比"), part, SHARE)
        for category, part in classes.items()
    )
    counted = Measurement(
        Text(en="checks that every class goes through", zh="各类一律经过的审查环节数"), len(checks), "checks"
    )
    return finding(
        context,
        "R16",
        subjects(("process", [context.process.name]), ("state", checks)),
        Text(
            en=f"cases of all classes of {name!r} go the same way: the least risky ones ({low}, {share:.0%}) pass "
            f"all {len(checks)} checks",
            zh=f"各类“{said(name, 'zh')}”办件走同一流程（一刀切）：风险最低者（{said(low, 'zh')}，占 {share:.0%}）"
            f"也须经全部 {len(checks)} 道审查",
        ),
        (*shares, counted, *spent.evidence),
        cost=spent.costs,
        blocked_by=tuple(
            Text(
                en=f"{context.graph.state(n).label('en')} rests on {basis}: see whether it allows a lighter check",
                zh=f"“{context.graph.state(n).label('zh')}”依据{cited(basis, 'zh')}：须核实可否简化",
            )
            for n in checks
            if (basis := context.graph.state(n).basis)
        ),
        remedies=(
            Remedy("triage", Text(en="a fast way for the least risky class", zh="分级分类，低风险快速通道")),
            Remedy("commitment", Text(en="or a commitment now and a check later", zh="告知承诺，事后核查")),
        ),
        path=("risk_classes",),
    )


def _of_class(context: Context, name: str, low: str, checks: list[str]) -> pl.DataFrame | None:
    """Return the visits to checks of the run's cases of one class; None where the run does not tell the classes."""
    cases = cases_of(context.run, process_of(context.run, context.process))  # type: ignore[arg-type]
    column = f"attribute_{name}"
    if column not in cases.columns:
        return None
    mine = cases.filter(pl.col(column) == low).select(CASE)
    return context.shared(visits_of).filter(pl.col("state").is_in(checks)).join(mine, on=CASE, how="semi")


RULES = (
    Rule(
        "R16",
        Text(en="one path for all risks", zh="一刀切"),
        Text(
            en="a process that knows classes of risk and treats all of them alike",
            zh="已区分风险等级却一律走同一路径的流程",
        ),
        Text(en="checks made for the worst case burden everybody", zh="为最高风险设计的审查加之于所有人"),
        Text(
            en="no guard, assignment or call looks at the attribute `risk_classes`; priced by what checks take of "
            "the class that is written first, the least risky: an upper bound of what triage saves",
            zh="无任何条件、赋值或调用使用 risk_classes 所指属性；"
            "按首个（风险最低）类别在审查环节的耗费计价，为分类可节省的上限",
        ),
        "Reijers, Liman Mansar, Best practices in business process redesign, Omega 33 (2005): triage",
        Text(
            en="equality of treatment that a law demands (`equal_treatment`), a single class, a process without checks",
            zh="法律要求一视同仁（equal_treatment）、仅有一类、没有审查环节",
        ),
        _one_path,
    ),
)
