"""R9: approvals of one evidence, each above the one before."""

from collections.abc import Iterator
from dataclasses import dataclass

from procflow.analysis.finding import Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.repeating import evidence_of, is_lawful_repetition
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.analysis.segments import chains
from procflow.analysis.spending import of_states
from procflow.definition.process import State
from procflow.text import Text

_APPROVING = frozenset({"review", "approval", "decision", "consultation"})


@dataclass(frozen=True)
class _Ladder:
    """Approvals that follow each other upwards; ``known`` is what they looked at and what they wrote."""

    states: tuple[str, ...]
    known: frozenset[str]


def _chains(context: Context) -> Iterator[Finding]:
    for chain in chains(context):
        ladder: _Ladder | None = None
        for unit in chain:
            state = context.graph.nodes[unit.state].state
            grown = _grown(context, ladder, unit.state, state)
            if grown is None and ladder is not None and not _passes(state):
                yield from _told(context, ladder)
            ladder = grown or (ladder if ladder and _passes(state) else _first(context, unit.state, state))
        if ladder is not None:
            yield from _told(context, ladder)


def _looks_at(context: Context, state: State) -> frozenset[str]:
    read = {read.item for read in state.reads}
    return frozenset(read.union(*(evidence_of(context, check) | set(check.evidence) for check in state.checks)))


def _first(context: Context, name: str, state: State) -> _Ladder | None:
    if state.who != "staff" or state.kind not in _APPROVING or state.data != "complete":
        return None
    return _Ladder((name,), _looks_at(context, state) | set(state.writes))


def _grown(context: Context, ladder: _Ladder | None, name: str, state: State) -> _Ladder | None:
    """Return the ladder with one more rung: an approval higher up that looks at nothing new; None where it is none."""
    first = _first(context, name, state)
    if ladder is None or first is None or not _is_above(context, ladder.states[-1], state):
        return None
    if state.asks or not _looks_at(context, state) <= ladder.known:
        return None
    return _Ladder((*ladder.states, name), ladder.known | set(state.writes))


def _passes(state: State) -> bool:
    """Whether a step between two approvals only hands on: it brings nothing new to look at."""
    return state.kind == "dispatch" and not (state.asks or state.writes or state.checks) and state.data == "complete"


def _is_above(context: Context, below: str, state: State) -> bool:
    """Whether a state's department stands over that of another one, by level or by whom it reports to."""
    organization = context.process.organization
    lower = context.process.department(context.graph.nodes[below].state)
    upper = context.process.department(state)
    if lower is None or upper is None:
        return False
    return organization.rank(upper.level) < organization.rank(lower.level) or lower.reports_to == upper.name


def _told(context: Context, ladder: _Ladder) -> Iterator[Finding]:
    nodes = context.graph.nodes
    above = ladder.states[1:]
    lawful = [n for n in above if any(is_lawful_repetition(nodes[n].state, check) for check in nodes[n].state.checks)]
    spare = [name for name in above if name not in lawful]
    if 1 + len(spare) >= context.profile.approvals_in_chain:
        yield _finding(context, ladder.states, spare, lawful)


def _finding(context: Context, states: tuple[str, ...], spare: list[str], lawful: list[str]) -> Finding:
    process, nodes = context.process, context.graph.nodes
    listed, spent = named(context, states), of_states(context, spare)
    levels = {name: process.department(nodes[name].state) for name in states}
    return finding(
        context,
        "R9",
        subjects(("state", states), ("department", dict.fromkeys(d.name for d in levels.values() if d))),
        Text(
            en=f"{len(states)} approvals of the same evidence, each above the one before: {listed.get('en')}",
            zh=f"同一材料逐级审批 {len(states)} 层：{listed.get('zh')}（层层审批）",
        ),
        (
            Witness(
                tuple(
                    Step(n, Text(en=f"level {d.level}", zh=f"层级 {d.level}") if d else None) for n, d in levels.items()
                )
            ),
            Measurement(
                Text(en="approvals that no duty demands", zh="无法定职责要求的审批层数"),
                float(1 + len(spare)),
                "approvals",
            ),
            *spent.evidence,
        ),
        cost=spent.costs,
        legal_hook="《行政许可法》第三十五条",
        blocked_by=tuple(
            Text(
                en=f"{named(context, [n]).get('en')} is the law's own power and not counted",
                zh=f"“{named(context, [n]).get('zh')}”属法定职权，未计入",
            )
            for n in lawful
        ),
        remedies=(
            Remedy(
                "delegate",
                Text(
                    en="let the lowest competent level decide, and sample afterwards", zh="放权至最低适格层级，事后抽查"
                ),
            ),
            Remedy("direct", Text(en="or skip the levels between", zh="或减少中间层级，直达审批")),
        ),
        thresholds={"approvals_in_chain": context.profile.approvals_in_chain},
        path=nodes[spare[0]].path,
    )


RULES = (
    Rule(
        "R9",
        Text(en="approval chain", zh="层层审批"),
        Text(
            en="approvals that follow each other at rising levels and look at nothing that those below did not",
            zh="层级逐级升高、所看材料均未超出下级的连续审批",
        ),
        Text(en="each level adds days and spreads responsibility thinner", zh="层层加码，责任分散、时限拉长"),
        Text(
            en="approvals_in_chain or more consecutive reviews, approvals or decisions, each of a department above the "
            "one before, evidence contained in what those below read and wrote, all with complete data; cost = "
            "expected visits × work and time of those above",
            zh="连续 approvals_in_chain 个及以上审查、审批、决定，部门层级逐级升高，材料均在下级已看和所写范围内，"
            "且数据声明完整；成本=上级各环节期望次数×工作与用时",
        ),
        "Reijers, Liman Mansar, Best practices in business process redesign, Omega 33 (2005): empower",
        Text(
            en="a higher level's statutory power and other duties with their basis, which are not counted; a level "
            "that looks at something new",
            zh="上级法定职权等载明依据的职责（不计入）；上级另有新材料",
        ),
        _chains,
    ),
)
