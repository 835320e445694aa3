"""R6: checks whose object, criteria and evidence an earlier check has covered already, with nothing changed since."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from procflow.analysis.dataflow import Effects, Solution, solve, through
from procflow.analysis.expiry import may_expire
from procflow.analysis.finding import Finding, Measurement, Remedy
from procflow.analysis.flowgraph import concurrent
from procflow.analysis.knowledge import flow, permissions
from procflow.analysis.pricing import visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.analysis.sharing import contents
from procflow.analysis.spending import Spending, of_states
from procflow.definition.citations import cited
from procflow.definition.facts import Check
from procflow.definition.process import State
from procflow.machine.graph import Edge
from procflow.text import Text

HOOK = "《行政许可法》第三十五条"


@dataclass(frozen=True)
class Checked:
    """Which checks (state, index) have been made and still hold on every path to each state."""

    numbers: dict[tuple[str, int], int]
    solution: Solution


def is_lawful_repetition(state: State, check: Check) -> bool:
    """Whether a duty with a cited basis has the check made, whoever looked before."""
    return check.duty != "none" and bool(check.basis or state.basis)


def evidence_of(context: Context, check: Check) -> frozenset[str]:
    """Return what a check looks at: items, documents and the items in these."""
    return frozenset(part for thing in check.evidence for part in (thing, *contents(context.process, thing)))


def checked(context: Context) -> Checked:
    """Return which checks still hold where: none of whose evidence got a new value or was refused since."""
    graph = context.graph
    found = {(n, i): c for n in graph.leaves for i, c in enumerate(graph.nodes[n].state.checks)}
    numbers = {key: number for number, key in enumerate(found)}
    looks_at: dict[str, int] = {}
    for key, check in found.items():
        for thing in evidence_of(context, check):
            looks_at[thing] = looks_at.get(thing, 0) | 1 << numbers[key]

    def stale(things: set[str]) -> int:
        bits = 0
        for thing in things:
            bits |= looks_at.get(thing, 0)
        return bits

    give = {
        name: sum(1 << numbers[name, i] for i, _ in enumerate(graph.nodes[name].state.checks)) for name in graph.leaves
    }
    kill = {name: stale(_renewed(context, graph.nodes[name].state)) for name in graph.leaves}
    refused = {edge.index: stale(_refused(context, edge)) for edge in graph.edges if edge.transition.rejects}
    effects = Effects(len(numbers), kill=kill, give=give, edge_kill=refused)
    return Checked(numbers, solve(context.shared(flow), effects))


def _renewed(context: Context, state: State) -> set[str]:
    """Return what gets a new value in a state: written, issued or handed in anew; not what is only confirmed."""
    things = {*state.writes, *state.issues, *(ask.thing for ask in state.asks)}
    return things | {item for thing in things for item in contents(context.process, thing)}


def _refused(context: Context, edge: Edge) -> set[str]:
    return {part for thing in edge.transition.rejects for part in (thing, *contents(context.process, thing))}


def _repeated(context: Context) -> Iterator[Finding]:
    known = context.shared(checked)
    by_pair: dict[tuple[str, str], list[tuple[Check, Check]]] = {}
    for (name, index), _ in known.numbers.items():
        state = context.graph.nodes[name].state
        check = state.checks[index]
        earlier = None if is_lawful_repetition(state, check) else _covered_by(context, known, name, check)
        if earlier is not None:
            first = context.graph.nodes[earlier[0]].state.checks[earlier[1]]
            by_pair.setdefault((earlier[0], name), []).append((first, check))
    for (first_name, second_name), pairs in by_pair.items():
        rejects = _objections(context, second_name, len(pairs))
        if rejects is None or rejects <= context.profile.objections_of_repetition:
            yield _finding(context, first_name, second_name, [check for _, check in pairs], rejects)


def _covered_by(context: Context, known: Checked, name: str, check: Check) -> tuple[str, int] | None:
    """Return the earlier check that covers this one and still holds on every path here; None where none does."""
    if name not in known.solution.flow.at or not _says_what_it_looks_at(context, name, check):
        return None
    state = context.graph.nodes[name].state
    looked_at = evidence_of(context, check)
    allowed = context.shared(permissions)
    if looked_at & _renewed(context, state) or any(may_expire(context, allowed, thing) for thing in looked_at):
        return None
    held = known.solution.at(name)
    for (earlier, index), number in known.numbers.items():
        if earlier == name or not held >> number & 1 or concurrent(context.graph, earlier, name):
            continue
        first = context.graph.nodes[earlier].state.checks[index]
        if _covers(context, first, check) and _says_what_it_looks_at(context, earlier, first):
            return earlier, index
    return None


def _says_what_it_looks_at(context: Context, name: str, check: Check) -> bool:
    """Whether the evidence is known: some is named, or the state says that there is none."""
    return bool(check.evidence) or context.graph.nodes[name].state.data == "complete"


def _covers(context: Context, first: Check, second: Check) -> bool:
    same_object = second.of == first.of or second.of.startswith(f"{first.of}.")
    criteria = {criterion.strip().casefold() for criterion in second.criteria}
    return (
        same_object
        and criteria <= {criterion.strip().casefold() for criterion in first.criteria}
        and evidence_of(context, second) <= evidence_of(context, first)
    )


def _objections(context: Context, name: str, repeated: int) -> float | None:
    """Return the share of cases in which a state takes another way out than its usual one.

    None where that is not known, or where the state makes further checks to which it may owe that.
    """
    expected, state = context.shared(visits), context.graph.nodes[name].state
    if expected is None or len(state.checks) > repeated:
        return None
    ways = _ways(context, name)
    total = math.fsum(ways.values())
    return 1 - max(ways.values()) / total if total > 0 else None


def _ways(context: Context, name: str) -> dict[str, float]:
    """Return the expected uses of the ways out of a state by destination, those of timers apart."""
    expected, ways = context.shared(visits), dict[str, float]()
    for edge in context.graph.out(name):
        if edge.transition.timeout is None:
            ways[edge.dest] = ways.get(edge.dest, 0.0) + (expected.edges.get(edge.index, 0.0) if expected else 0.0)
    return ways


def _finding(context: Context, first: str, second: str, checks: list[Check], rejects: float | None) -> Finding:
    points, state = context.shared(flow), context.graph.nodes[second].state
    before, where = named(context, [first]), named(context, [second])
    of = named(context, dict.fromkeys(check.of for check in checks))
    criteria = "、".join(dict.fromkeys(criterion for check in checks for criterion in check.criteria))
    spent = _spent(context, second, state, len(checks))
    looks = Text(en=f"checks {of.get('en')} ({criteria})", zh=f"审查{of.get('zh')}（{criteria}）")
    return finding(
        context,
        "R6",
        subjects(("state", [first, second]), ("check", dict.fromkeys(check.of for check in checks))),
        Text(
            en=f"{where.get('en')} checks {of.get('en')} by criteria and evidence that {before.get('en')} has covered; "
            "nothing changed in between, and no duty to look again is cited",
            zh=f"“{where.get('zh')}”按“{before.get('zh')}”已审查的标准和材料再次审查{of.get('zh')}，"
            "其间无变化，且未载明复审职责（重复审查）",
        ),
        (
            witness(points, through(points, [first, second]), {0: looks, -1: looks}),
            *_lost(context, second, rejects),
            *spent.evidence,
        ),
        cost=spent.costs,
        legal_hook=HOOK,
        blocked_by=(*_grounds(state, checks), *_outcomes_lost(context, second)),
        remedies=(
            _eliminate(context, second, rejects),
            Remedy(
                "delegate", Text(en="or let the first level decide and sample afterwards", zh="或下放权限，事后抽查")
            ),
        ),
        thresholds={"objections_of_repetition": context.profile.objections_of_repetition},
        path=(*context.graph.nodes[second].path, "checks"),
    )


def _eliminate(context: Context, name: str, rejects: float | None) -> Remedy:
    """Return the remedy with what it keeps: each case's outcome, the share of each, or that each can be reached."""
    kept_en, kept_zh = "", ""
    if len(_ways(context, name)) == 1:
        kept_en, kept_zh = ": every case ends as it would have", "：每件的结果均不改变"
    elif rejects == 0:
        kept_en, kept_zh = ": every outcome keeps its share of the cases", "：各类结果的比例不变"
    elif not _outcomes_lost(context, name):
        kept_en, kept_zh = ": every outcome can still be reached, in other shares", "：各类结果仍可达到，但比例改变"
    return Remedy(
        "eliminate",
        Text(en=f"rely on the first check{kept_en}", zh=f"互认前序审查结果，取消重复审查{kept_zh}"),
    )


def _lost(context: Context, name: str, rejects: float | None) -> tuple[Measurement, ...]:
    """Return how many objections of the later check would be lost with it."""
    expected = context.shared(visits)
    if rejects is None or expected is None:
        return ()
    label = Text(en="objections that would be lost, per case", zh="取消后将失去的异议（每件）")
    return (Measurement(label, rejects * expected.to(name), "cases"),)


def _spent(context: Context, name: str, state: State, repeated: int) -> Spending:
    """Return what the state takes where it does nothing but repeat; nothing where it does more."""
    if len(state.checks) > repeated or state.asks or state.enters or state.issues:
        return Spending((), ())
    return of_states(context, [name])


def _grounds(state: State, checks: list[Check]) -> tuple[Text, ...]:
    """Return the rules that are cited for the check, though none of them a duty to repeat."""
    bases = dict.fromkeys(b for b in (*(check.basis for check in checks), state.basis) if b)
    return tuple(
        Text(
            en=f"{basis} is cited for the check, not for its being done twice: see whether it demands that",
            zh=f"该审查引用{cited(basis, 'zh')}，但未载明复审职责：请核实是否要求再次审查",
        )
        for basis in bases
    )


def _outcomes_lost(context: Context, name: str) -> tuple[Text, ...]:
    """Return the outcomes that nothing leads to any more where the state takes its usual way only."""
    ways = _ways(context, name)
    usual = max(ways, key=lambda dest: ways[dest]) if ways else ""
    dropped = {e.index for e in context.graph.out(name) if e.dest != usual and e.transition.timeout is None}
    lost = sorted(_outcomes(context, frozenset()) - _outcomes(context, frozenset(dropped)))
    return tuple(
        Text(en=f"only this check leads to outcome {name!r}", zh=f"仅该审查可导致结果“{name}”") for name in lost
    )


def _outcomes(context: Context, without: frozenset[int]) -> set[str]:
    """Return the outcomes that can be reached without some transitions, guards taken to hold."""
    graph = context.graph
    seen, waiting = {graph.initial}, [graph.initial]
    while waiting:
        here = waiting.pop()
        inside = [region.initial for region in graph.regions.get(here, ())]
        for dest in (*inside, *(e.dest for e in graph.out(here) if e.index not in without)):
            if dest not in seen:
                seen.add(dest)
                waiting.append(dest)
    ends = [graph.nodes[name].state for name in seen if graph.nodes[name].state.final and not graph.nodes[name].parent]
    return {state.outcome or state.name for state in ends}


RULES = (
    Rule(
        "R6",
        Text(en="repeated check", zh="重复审查"),
        Text(
            en="a check whose object, criteria and evidence an earlier check has covered on every path, with nothing "
            "new since and no duty cited",
            zh="对象、标准、材料均已被此前审查覆盖，其间无变化且未载明复审职责的审查",
        ),
        Text(en="the same paper is read again, and the case waits for it", zh="同一材料重复看，案件白等待"),
        Text(
            en="criteria and evidence contained in those of a check that is available on all paths (available "
            "expressions; a new value, a demand or a refusal of evidence ends it); silent where the later check "
            "objects in more than objections_of_repetition of cases; cost = expected visits × its work and time",
            zh="标准与材料包含于各路径上仍有效的此前审查（可用表达式；材料更新、重新索要或被退回即失效）；"
            "后者提出异议的比例超过 objections_of_repetition 时不提示；成本=期望次数×环节工作与用时",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.6 (common subexpressions)",
        Text(
            en="four eyes, appeal, registration and a higher level's statutory power, each with its basis; evidence "
            "that changed or may have expired; a later check that does object",
            zh="双人复核、复议、登记、上级法定职权（均须载明依据）；材料已变化或可能过期；后一次审查确有异议",
        ),
        _repeated,
    ),
)
