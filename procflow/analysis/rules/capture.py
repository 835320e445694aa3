"""R1, R1c: items that the applicant is asked for although somebody who may share them knows them."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from procflow.analysis.dataflow import from_start
from procflow.analysis.dominators import return_legs
from procflow.analysis.expiry import may_expire
from procflow.analysis.finding import Cost, CostKind, Finding, Remedy, Witness
from procflow.analysis.holdings import within_reach
from procflow.analysis.knowledge import Knowledge, demands, flow, knowledge, permissions
from procflow.analysis.pricing import basis_of, cost, priced_visits, weighted
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.definition.facts import Ask
from procflow.text import Text

HOOK = "《国务院关于在线政务服务的若干规定》第七条"


@dataclass(frozen=True)
class Repeated:
    """What a state demands without need: known from the case, and held by public bodies outside of it."""

    state: str
    known: tuple[Ask, ...]
    at_hand: tuple[Ask, ...]

    @property
    def things(self) -> tuple[str, ...]:
        """All of it, each once."""
        return tuple(dict.fromkeys(ask.thing for ask in (*self.known, *self.at_hand)))


def legs(context: Context) -> frozenset[str]:
    """Return the states that only lead back, for all rules of one analysis."""
    return return_legs(context.shared(flow))


def repeated(context: Context, *, documents: bool) -> Iterator[Repeated]:
    """Yield what is demanded although it is known on every path, or at hand outside; items or documents."""
    known, allowed = context.shared(knowledge), context.shared(permissions)
    for name in context.shared(flow).at:
        state = context.graph.nodes[name].state
        asks = [ask for ask in demands(state) if (ask.document is not None) == documents and _is_free(context, ask)]
        again = [
            ask
            for ask in asks
            if name not in context.shared(legs)
            and known.known(name, ask.thing, state.department)
            and not may_expire(context, allowed, ask.thing)
        ]
        held = [ask for ask in asks if allowed.at_hand(ask.thing, state.department)]
        if again or held:
            yield Repeated(name, tuple(again), tuple(held))


def _is_free(context: Context, ask: Ask) -> bool:
    """Whether no law demands the original."""
    material = context.process.material(ask.document) if ask.document else None
    return material is None or material.original_required is None


def proofs(context: Context, found: Repeated) -> tuple[Witness, ...]:
    """Return one path for each group of things that are known by the same way, and for those held outside."""
    known, points = context.shared(knowledge), context.shared(flow)
    department = context.graph.nodes[found.state].state.department
    ways: dict[tuple[int, ...], list[str]] = {}
    for ask in found.known:
        steps = known.origins(found.state, ask.thing, department)
        ways.setdefault(tuple(steps), []).append(ask.thing)
    shown = [_captured_way(context, known, way, things) for way, things in ways.items() if way]
    told = {thing for things in ways.values() for thing in things}
    held = [ask.thing for ask in found.at_hand if ask.thing not in told]
    if held:
        way = from_start(points, found.state)
        shown.append(_held_way(context, way, held, department))
    return tuple(shown)


def _captured_way(context: Context, known: Knowledge, way: tuple[int, ...], things: list[str]) -> Witness:
    listed = named(context, things)
    return witness(
        known.flow,
        way,
        {
            0: Text(en=f"obtains {listed.get('en')}", zh=f"取得{listed.get('zh')}"),
            -1: Text(en=f"asks for {listed.get('en')} again", zh=f"再次索要{listed.get('zh')}"),
        },
    )


def _held_way(context: Context, way: list[int], things: list[str], department: str | None) -> Witness:
    allowed = context.shared(permissions)
    holders = dict.fromkeys(holder for thing in things for holder in allowed.at_hand(thing, department))
    listed, where = named(context, things), named(context, holders)
    remark = Text(
        en=f"asks for {listed.get('en')}, held in {where.get('en')} and open to sharing",
        zh=f"索要{listed.get('zh')}，该信息已存于{where.get('zh')}且可共享",
    )
    return witness(context.shared(flow), way, {-1: remark})


def unrecorded(context: Context, found: Repeated) -> tuple[Text, ...]:
    """Return what stands against sharing: no permission on record between two departments."""
    allowed, known = context.shared(permissions), context.shared(knowledge)
    department = context.graph.nodes[found.state].state.department
    lacking = []
    for ask in found.known:
        steps = known.origins(found.state, ask.thing, department)
        giver = context.graph.nodes[known.flow.points[steps[0]].state].state.department if steps else department
        if giver != department and allowed.share(ask.thing) is None:
            lacking.append(ask.thing)
    if not lacking:
        return ()
    listed = named(context, lacking)
    return (
        Text(
            en=f"the catalog records no permission to share {listed.get('en')} between departments: add 'share'",
            zh=f"数据目录未载明{listed.get('zh')}可跨部门共享：请在目录中补充共享权限（share）",
        ),
    )


def _repeated_capture(context: Context) -> Iterator[Finding]:
    for found in repeated(context, documents=False):
        listed, where = named(context, found.things), named(context, [found.state])
        blocked = unrecorded(context, found)
        may = Text(en="", zh="（重复采集）") if blocked else Text(en=" and may be shared", zh="且可共享（重复采集）")
        yield finding(
            context,
            "R1",
            subjects(("state", [found.state]), ("item", found.things)),
            Text(
                en=f"{where.get('en')} asks the applicant for {listed.get('en')}, although it is known already{may.en}",
                zh=f"“{where.get('zh')}”向申请人采集{listed.get('zh')}，而该信息此前已掌握{may.zh}",
            ),
            proofs(context, found),
            cost=cost(context, "keyed_items", weighted(context, {found.state: float(len(found.things))})),
            legal_hook=HOOK,
            blocked_by=blocked,
            remedies=_remedies(context, found),
            thresholds={"validity_margin": context.profile.validity_margin},
            path=(*context.graph.nodes[found.state].path, "asks"),
        )


def _remedies(context: Context, found: Repeated) -> tuple[Remedy, ...]:
    """Return the remedies: pre-filling where the datum gets there, else connecting the systems first."""
    known, allowed = context.shared(knowledge), context.shared(permissions)
    state = context.graph.nodes[found.state].state
    sources = [(holder, ask.thing) for ask in found.at_hand for holder in allowed.at_hand(ask.thing, state.department)]
    for ask in found.known:
        steps = known.origins(found.state, ask.thing, state.department)
        system = context.graph.nodes[known.flow.points[steps[0]].state].state.system if steps else None
        sources.append((system or "", ask.thing))
    within = within_reach(context, state)
    cut_off = dict.fromkeys(s for s, thing in sources if s and not _arrives(context, s, thing, within))
    if not cut_off:
        return (_PREFILL,)
    where = named(context, cut_off)
    connect = Text(
        en=f"connect {where.get('en')} first: no interface delivers it to this step",
        zh=f"先行对接{where.get('zh')}：目前没有接口将该信息送达本环节",
    )
    return (Remedy("connect_systems", connect), _PREFILL)


def _arrives(context: Context, system: str, thing: str, within: frozenset[str]) -> bool:
    """Whether interfaces bring a thing from a system to one that the step's people can look into."""
    reached, waiting = {system}, [system]
    while waiting:
        here = waiting.pop()
        for interface in context.process.organization.interfaces:
            moves = not interface.items or thing in interface.items
            if interface.source == here and moves and interface.coverage > 0 and interface.dest not in reached:
                reached.add(interface.dest)
                waiting.append(interface.dest)
    return bool(reached & within)


_PREFILL = Remedy(
    "once_only",
    Text(en="fill it in beforehand and let the applicant confirm it", zh="系统预填、申请人确认，不再重复填报"),
)


def _asked_after_return(context: Context) -> Iterable[Finding]:
    known, allowed = context.shared(knowledge), context.shared(permissions)
    for name in context.shared(flow).at:
        state = context.graph.nodes[name].state
        again: dict[str, dict[int, list[int]]] = {}
        for ask in demands(state):
            if may_expire(context, allowed, ask.thing) or not _is_free(context, ask):
                continue
            if name in context.shared(legs):
                ways = _into_leg(known, name, ask.thing, state.department)
            elif known.known(name, ask.thing, state.department):
                continue  # R1 or R2: known before the first visit already
            else:
                ways = known.again(name, ask.thing, state.department)
            if ways:
                again[ask.thing] = ways
        if again:
            yield _after_return(context, known, name, again)


def _into_leg(known: Knowledge, name: str, thing: str, department: str | None) -> dict[int, list[int]]:
    """Return the ways into a state that only leads back, with the path since the thing was captured."""
    if not known.known(name, thing, department):
        return {}
    steps = known.origins(name, thing, department)
    arcs = [arc for point in known.flow.at[name] for arc in known.flow.into[point] if arc.edge is not None]
    return {arc.edge.index: steps for arc in arcs if arc.edge is not None} if steps else {}


def _after_return(context: Context, known: Knowledge, name: str, again: dict[str, dict[int, list[int]]]) -> Finding:
    expected = context.shared(priced_visits)
    documents = [t for t in again if any(a.document == t for a in context.graph.nodes[name].state.asks)]
    items = [t for t in again if t not in documents]
    rounds = (
        {thing: math.fsum(expected.edges.get(edge, 0.0) for edge in ways) for thing, ways in again.items()}
        if expected
        else None
    )
    basis = basis_of(context, Text(en="expected rounds of return", zh="期望退回轮次"))
    listed, where = named(context, again), named(context, [name])
    costs: list[Cost] = []
    kinds: tuple[tuple[CostKind, list[str]], ...] = (("keyed_items", items), ("materials", documents))
    for kind, things in kinds:
        if things and rounds is not None:
            costs += cost(context, kind, math.fsum(rounds[t] for t in things), basis)
    longest = max((next(iter(ways.values())) for ways in again.values()), key=len)
    remark = Text(en=f"asks for {listed.get('en')} again", zh=f"再次索要{listed.get('zh')}")
    return finding(
        context,
        "R1c",
        subjects(("state", [name]), ("item", items), ("document", documents)),
        Text(
            en=f"{where.get('en')} asks for {listed.get('en')} again after a return that did not reject it",
            zh=f"退回后“{where.get('zh')}”再次索要未被退回的{listed.get('zh')}（重复填报）",
        ),
        (witness(known.flow, longest, {-1: remark}),),
        cost=tuple(costs),
        legal_hook=HOOK,
        remedies=(
            Remedy(
                "once_only",
                Text(
                    en="after a return ask only for what was rejected, and keep the rest",
                    zh="退回补正时仅需补正有误部分，其余信息自动保留",
                ),
            ),
        ),
        path=(*context.graph.nodes[name].path, "asks"),
    )


RULES = (
    Rule(
        "R1",
        Text(en="duplicate capture", zh="重复采集"),
        Text(
            en="an item asked of the applicant where, on every path, somebody who may share it knows it already",
            zh="向申请人采集的数据项，在到达该环节的每条路径上均已由可共享的一方掌握",
        ),
        Text(
            en="the applicant types what government knows; every copy may differ",
            zh="群众重复填报政府已掌握的信息，且多头采集易致数据不一致",
        ),
        Text(
            en="available expressions over (item, asking department): captured before on all paths and not rejected, "
            "or at home in a system outside with a permission to share; cost = expected visits × items",
            zh="按（数据项，索要部门）作可用表达式分析：各路径上此前均已采集且未被退回，或在外部系统中可共享；成本=期望次数×项数",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.6",
        Text(
            en="deliberate double keying, a value that may have changed, re-confirmation, expired validity, rejected "
            "items, refused sharing, correction loops (R1c)",
            zh="有意双录、数值可能变化、确认性核对、已过有效期、被退回项、依法不予共享、补正循环（见 R1c）",
        ),
        _repeated_capture,
    ),
    Rule(
        "R1c",
        Text(en="asked again after a return", zh="退回后重复填报"),
        Text(
            en="an item or document asked for anew after a return that did not reject it",
            zh="退回补正后再次索要未被退回的数据项或材料",
        ),
        Text(en="a correction of one box costs the whole form", zh="改一处而重填全表"),
        Text(
            en="still available along a way back into the state; cost = expected uses of these ways × items",
            zh="沿返回路径仍然可用；成本=返回路径的期望次数×项数",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.6",
        Text(en="items that the return did reject; expired validity", zh="被退回的数据项；已过有效期的材料"),
        _asked_after_return,
    ),
)
