"""H7: the applicant comes more often than declared."""

import math
from collections.abc import Iterator

from procflow.analysis.finding import Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.knowledge import flow
from procflow.analysis.pricing import basis_of, cost, priced_visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.definition.citations import cited
from procflow.text import Text


def _too_many_visits(context: Context) -> Iterator[Finding]:
    declared, expected = context.process.definition.declared_visits, context.shared(priced_visits)
    if declared is None or expected is None:
        return
    per_state: dict[str, float] = {}
    lawful: dict[str, str] = {}
    for name in context.shared(flow).at:
        state = context.graph.nodes[name].state
        if state.visits is not None and state.visits.value > 0:
            if state.visits_basis:
                lawful[name] = state.visits_basis
            else:
                per_state[name] = expected.to(name) * state.visits.value
    total = math.fsum(per_state.values())
    if total <= declared.value + context.profile.visits_tolerance:
        return
    yield _finding(context, per_state, lawful, total, declared.value)


def _finding(
    context: Context, per_state: dict[str, float], lawful: dict[str, str], total: float, declared: float
) -> Finding:
    where = named(context, per_state)
    steps = tuple(
        Step(name, Text(en=f"{count:.2f} visits per case", zh=f"每件 {count:.2f} 次"))
        for name, count in per_state.items()
    )
    return finding(
        context,
        "H7",
        subjects(("state", per_state)),
        Text(
            en=f"the applicant comes {total:.2f} times on average, {declared:g} declared (at {where.get('en')})",
            zh=f"申请人平均到现场 {total:.2f} 次，超出公布的 {declared:g} 次（环节：{where.get('zh')}）",
        ),
        (
            Witness(steps),
            Measurement(Text(en="expected visits per case", zh="每件期望到场次数"), total, "visits"),
            Measurement(Text(en="declared visits", zh="公布的到场次数"), declared, "visits"),
        ),
        cost=cost(context, "visits", total - declared, basis_of(context, _BASIS)),
        blocked_by=tuple(
            Text(
                en=f"presence at {named(context, [name]).get('en')} is required by {basis} and not counted",
                zh=f"“{named(context, [name]).get('zh')}”依{cited(basis, 'zh')}须到场，未计入",
            )
            for name, basis in lawful.items()
        ),
        remedies=(
            Remedy("single_window", Text(en="take everything in at one window, or online", zh="一窗受理或网上办理")),
            Remedy("once_only", Text(en="ask for nothing that brings the applicant back", zh="免提交，避免往返")),
            Remedy("", Text(en="or declare the true number", zh="或如实公布到现场次数")),
        ),
        thresholds={"visits_tolerance": context.profile.visits_tolerance},
        path=("declared_visits",),
    )


_BASIS = Text(
    en="expected visits from the definition's probabilities less the declared number",
    zh="按定义中的概率推算的期望次数-公布次数",
)

RULES = (
    Rule(
        "H7",
        Text(en="visits", zh="跑动次数"),
        Text(
            en="more contacts in person than the process declares, expected over all ways through it",
            zh="按各路径期望计算的到现场次数超过公布次数",
        ),
        Text(en="a promise that most applicants see broken", zh="“最多跑一次”承诺落空"),
        Text(
            en="Σ expected visits of a state × its contacts > declared + visits_tolerance",
            zh="Σ 环节期望次数×到场次数>公布次数+visits_tolerance",
        ),
        "Kemeny, Snell, Finite Markov Chains, 3.2 (expected visits of an absorbing chain)",
        Text(en="presence that law requires (visits_basis)", zh="法律要求到场的环节（visits_basis）"),
        _too_many_visits,
    ),
)
