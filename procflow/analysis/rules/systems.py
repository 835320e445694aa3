"""R18, R19: data that cross between systems by paper, file or retyping; and that are keyed beside an interface."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from procflow.analysis.dataflow import from_start
from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy
from procflow.analysis.holdings import holders
from procflow.analysis.knowledge import flow, permissions
from procflow.analysis.pricing import basis_of, cost, priced_visits, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.analysis.sharing import captured
from procflow.definition.catalog import DataItem
from procflow.definition.facts import Entry
from procflow.definition.glossary import said
from procflow.definition.organization import Interface, Organization, System
from procflow.definition.process import State
from procflow.machine.graph import Edge
from procflow.text import Text

_BY_HAND = frozenset({"paper", "file", "applicant", "courier"})


@dataclass
class Crossing:
    """What comes into a system by hand: items by the state where it happens, the systems that held them, and how."""

    items: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)
    keyed: dict[str, int] = field(default_factory=dict)
    on_paper: list[Edge] = field(default_factory=list)

    def add(self, state: str, item: str, sources: Iterable[str]) -> None:
        """Note an item that comes in at a state."""
        here = self.items.setdefault(state, [])
        if item not in here:
            here.append(item)
        self.sources.update(dict.fromkeys(sources))


def crossings(context: Context) -> dict[str, Crossing]:
    """Return what each system gets by hand though another one is sure to hold it and no interface brings it."""
    found: dict[str, Crossing] = {}
    for name in context.graph.leaves:
        if name not in context.shared(flow).at:
            continue
        for entry in context.graph.nodes[name].state.enters:
            for system in entry.into:
                sources = _sources(context, name, entry, system)
                if sources and may_be_connected(context, system, entry.item):
                    crossing = found.setdefault(system, Crossing())
                    crossing.add(name, entry.item, sources)
                    crossing.keyed[name] = crossing.keyed.get(name, 0) + 1
    for edge in context.graph.edges:
        for system, item, sources in _carried(context, edge):
            crossing = found.setdefault(system, Crossing())
            crossing.add(edge.dest, item, sources)
            if edge not in crossing.on_paper:
                crossing.on_paper.append(edge)
    return found


def _sources(context: Context, name: str, entry: Entry, system: str) -> list[str]:
    """Return the systems that hold an item that is keyed, and from which no interface brings it; [] where one does."""
    if entry.reason is not None:
        return []
    known = context.shared(holders).before(name, entry.item)
    if system in known:
        return []  # an interface brings it (R19), or it was keyed there before (R1b)
    beside = entry.into[: entry.into.index(system)]
    origins = [s for s in known if _is_origin(context, name, entry.item, s)]
    return [s for s in dict.fromkeys((*origins, *beside)) if may_be_connected(context, s, entry.item)]


def _is_origin(context: Context, name: str, item: str, system: str) -> bool:
    """Whether an item is at home in a system, or came there in this process before a state; not by an interface."""
    entry = context.shared(permissions).entry(item)
    if entry is not None and system in entry.held_by:
        return True
    points = context.shared(flow)
    return any(points.leads(before, name) for before in context.shared(_brought).get((item, system), ()))


def _brought(context: Context) -> dict[tuple[str, str], list[str]]:
    """Return the states that bring an item into a system, by keying it or by working there."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in context.shared(flow).at:
        state = context.graph.nodes[name].state
        for entry in state.enters:
            for system in entry.into:
                found.setdefault((entry.item, system), []).append(name)
        for thing in captured(context.process, state) if state.system else ():
            found.setdefault((thing, state.system or ""), []).append(name)
    return found


def _carried(context: Context, edge: Edge) -> Iterator[tuple[str, str, list[str]]]:
    """Yield what the people behind a hand-over on paper read though only the system before it holds it."""
    transfer = edge.transition.transfer
    source, dest = context.graph.nodes[edge.source].state, context.graph.nodes[edge.dest].state
    if transfer is None or transfer.channel not in _BY_HAND or edge.source not in context.shared(flow).at:
        return
    if source.system is None or dest.system is None or source.system == dest.system:
        return
    for item in dict.fromkeys(read.item for read in dest.reads):
        known = context.shared(holders).after(edge.source, item)
        connectable = may_be_connected(context, source.system, item) and may_be_connected(context, dest.system, item)
        if source.system in known and dest.system not in known and connectable:
            yield dest.system, item, [source.system]


def may_be_connected(context: Context, system: str, item: str) -> bool:
    """Whether an item may leave or enter a system: no classified network, no refusal by law."""
    entry = context.shared(permissions).entry(item)
    secret = isinstance(entry, DataItem) and entry.sensitivity == "classified"
    refused = entry is not None and entry.share is not None and entry.share.refused == "legal"
    place = context.process.organization.system(system)
    return not (secret or refused or (place is not None and place.network == "classified"))


def islands(organization: Organization, systems: Iterable[str]) -> list[list[str]]:
    """Return the weakly connected parts of the interface graph that systems lie in, the largest first."""
    joined: dict[str, set[str]] = {system.name: {system.name} for system in organization.systems}
    for interface in organization.interfaces:
        a, b = joined[interface.source], joined[interface.dest]
        if a is not b and interface.coverage > 0:
            a |= b
            for name in b:
                joined[name] = a
    parts: dict[int, list[str]] = {}
    for name in dict.fromkeys(systems):
        parts.setdefault(id(joined[name]), []).append(name)
    return sorted(parts.values(), key=lambda part: (-len(part), part))


def used_systems(context: Context) -> list[str]:
    """Return the systems in which a process works or into which it keys."""
    states = [context.graph.nodes[name].state for name in context.graph.leaves]
    found = [s for state in states for s in (state.system, *(i for entry in state.enters for i in entry.into)) if s]
    return list(dict.fromkeys(found))


def _islands(context: Context) -> Iterator[Finding]:
    for system, crossing in context.shared(crossings).items():
        yield _island(context, system, crossing)


def _island(context: Context, system: str, crossing: Crossing) -> Finding:
    items = list(dict.fromkeys(item for here in crossing.items.values() for item in here))
    listed, into, sources = (named(context, names) for names in (items, [system], crossing.sources))
    ways_en = " and ".join(["by retyping"] * bool(crossing.keyed) + ["on paper or by file"] * bool(crossing.on_paper))
    ways_zh = "、".join(["人工录入"] * bool(crossing.keyed) + ["纸质或文件传递"] * bool(crossing.on_paper))
    return finding(
        context,
        "R18",
        subjects(("system", [system, *crossing.sources]), ("state", crossing.items), ("item", items)),
        Text(
            en=f"{into.get('en')} gets {listed.get('en')} {ways_en}, though that is held already (in "
            f"{sources.get('en')}): no interface leads there",
            zh=f"{listed.get('zh')}已存于{sources.get('zh')}，但因无接口，只能以{ways_zh}进入{into.get('zh')}（信息孤岛）",
        ),
        (*_proof(context, next(iter(crossing.items)), listed, into), _parts(context)),
        cost=cost(context, "keyed_items", _keyings(context, crossing.keyed)),
        severity=None if context.shared(visits) and crossing.keyed else context.profile.unpriced,
        legal_hook="《国务院关于在线政务服务的若干规定》第七条",
        blocked_by=(*_networks(context, system, crossing.sources), *_refusals(context, items)),
        remedies=(
            Remedy(
                "connect_systems",
                Text(en="connect the systems and move the data by interface", zh="系统对接，数据接口推送"),
            ),
        ),
        path=(*context.graph.nodes[next(iter(crossing.items))].path, "enters" if crossing.keyed else "reads"),
    )


def _proof(context: Context, state: str, listed: Text, into: Text) -> tuple[Evidence, ...]:
    points = context.shared(flow)
    way = from_start(points, state)
    done = Text(en=f"{listed.get('en')} → {into.get('en')} by hand", zh=f"{listed.get('zh')}人工转入{into.get('zh')}")
    return (witness(points, way, {-1: done}),)


def _parts(context: Context) -> Measurement:
    parts = islands(context.process.organization, used_systems(context))
    label = Text(en="unconnected groups among the systems of this process", zh="本流程所用系统互不连通的组数")
    return Measurement(label, float(len(parts)), "groups")


def _keyings(context: Context, keyed: dict[str, int]) -> float | None:
    expected = context.shared(priced_visits)
    return None if expected is None else math.fsum(expected.to(name) * count for name, count in keyed.items())


def _networks(context: Context, system: str, sources: Iterable[str]) -> tuple[Text, ...]:
    """Return what networks lie between systems: an interface needs a gateway there."""
    places = [_place(context, name) for name in (system, *sources)]
    networks = dict.fromkeys(place.network for place in places if place is not None and place.network)
    if len(networks) < 2:
        return ()
    return (
        Text(
            en=f"they run on different networks ({', '.join(networks)}): an interface needs a gateway",
            zh=f"所在网络不同（{'、'.join(said(name, 'zh') for name in networks)}），对接需经网关（安全交换）",
        ),
    )


def _place(context: Context, name: str) -> System | None:
    return context.process.organization.system(name)


def _refusals(context: Context, items: list[str]) -> tuple[Text, ...]:
    allowed = context.shared(permissions)
    refused = [item for item in items if (share := allowed.share(item)) is not None and share.refused]
    if not refused:
        return ()
    listed = named(context, refused)
    told = Text(
        en=f"sharing of {listed.get('en')} is refused, for no legal reason",
        zh=f"{listed.get('zh')}现不予共享（非法律原因）",
    )
    return (told,)


def _shadows(context: Context) -> Iterator[Finding]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for name in context.graph.leaves:
        if name not in context.shared(flow).at:
            continue
        state = context.graph.nodes[name].state
        for entry in state.enters:
            for system in entry.into:
                interface = _interface(context, name, state, entry, system)
                if interface is not None:
                    groups.setdefault((name, interface.source, system), []).append(entry.item)
    for (name, source, dest), items in groups.items():
        yield _shadow(context, name, _between(context, source, dest, items[0]), items)


def _interface(context: Context, name: str, state: State, entry: Entry, system: str) -> Interface | None:
    """Return an interface that brings what is keyed, from a system that holds it; None for none, or for a fallback."""
    if entry.reason is not None or entry.item in state.writes:
        return None  # a reason is given, or the value comes into being here
    for source in context.shared(holders).before(name, entry.item):
        interface = _find(context, source, system, entry.item)
        if interface is not None and not _is_fallback(context, name, interface):
            return interface
    return None


def _find(context: Context, source: str, dest: str, item: str) -> Interface | None:
    return next(
        (
            i
            for i in context.process.organization.interfaces
            if (i.source, i.dest) == (source, dest) and (not i.items or item in i.items) and i.coverage > 0
        ),
        None,
    )


def _between(context: Context, source: str, dest: str, item: str) -> Interface:
    found = _find(context, source, dest, item)
    assert found is not None
    return found


def _is_fallback(context: Context, name: str, interface: Interface) -> bool:
    """Whether no more cases are keyed here than those that the interface does not serve."""
    expected = context.shared(visits)
    missed = 1 - interface.coverage + context.profile.keyed_by_fallback
    return interface.fallback == "manual" and expected is not None and expected.to(name) <= missed


def _shadow(context: Context, name: str, interface: Interface, items: list[str]) -> Finding:
    listed, where = named(context, items), named(context, [name])
    source, dest = named(context, [interface.source]), named(context, [interface.dest])
    expected = context.shared(priced_visits)
    served = None if expected is None else expected.to(name) * interface.coverage * len(items)
    share = Text(en="share of cases that the interface serves", zh="接口覆盖的案件比例")
    return finding(
        context,
        "R19",
        subjects(("state", [name]), ("system", [interface.source, interface.dest]), ("item", items)),
        Text(
            en=f"{where.get('en')} keys {listed.get('en')} into {dest.get('en')}, though an interface brings that from "
            f"{source.get('en')}",
            zh=f"“{where.get('zh')}”将{listed.get('zh')}录入{dest.get('zh')}，而{source.get('zh')}已有接口可推送（影子接口）",
        ),
        (*_proof(context, name, listed, dest), Measurement(share, interface.coverage, SHARE)),
        cost=cost(context, "keyed_items", served, basis_of(context, _SERVED)),
        blocked_by=_lag(interface),
        remedies=(
            Remedy(
                "once_only", Text(en="stop the keying and use what was passed on", zh="停止人工录入，直接使用推送数据")
            ),
            Remedy(
                "",
                Text(
                    en="or say that it is the fallback: 'reason: outage_fallback'",
                    zh="属应急录入的，写明 outage_fallback",
                ),
            ),
        ),
        thresholds={"keyed_by_fallback": context.profile.keyed_by_fallback},
        path=(*context.graph.nodes[name].path, "enters"),
    )


_SERVED = Text(en="expected visits × items × share that the interface serves", zh="期望次数×项数×接口覆盖比例")


def _lag(interface: Interface) -> tuple[Text, ...]:
    """Return what may be the reason for keying: an interface that comes too late."""
    if interface.every is None and interface.latency is None:
        return ()
    when = str(interface.every or interface.latency)
    return (
        Text(
            en=f"the interface delivers late ({when}): raise its cadence first",
            zh=f"接口推送不及时（{when}），须先提高推送频率",
        ),
    )


RULES = (
    Rule(
        "R18",
        Text(en="information island", zh="信息孤岛"),
        Text(
            en="items that come into a system by retyping, paper or file although another system holds them",
            zh="其他系统已有、却靠人工录入或纸质、文件传递进入本系统的数据项",
        ),
        Text(en="people are the interface: slow, costly, and each copy may differ", zh="以人代接口：慢、贵、易错"),
        Text(
            en="available expressions over (item, system): held by another system on every path, and by no "
            "interface (nor chain of them) in this one; cost = expected visits × items; the groups are weakly "
            "connected components of the interface graph",
            zh="按（数据项，系统）作可用表达式分析：各路径上其他系统均持有，而本系统无接口（含多级接口）可得；"
            "成本=期望次数×项数；组为接口图的弱连通分量",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.6; Cormen et al., Introduction to Algorithms, 21.1",
        Text(
            en="classified networks and items, sharing refused by law, keying on purpose or in an outage",
            zh="涉密网络与涉密数据、依法不予共享、有意双录、系统故障时的应急录入",
        ),
        _islands,
    ),
    Rule(
        "R19",
        Text(en="shadow interface", zh="影子接口"),
        Text(en="items keyed into a system although an interface brings them", zh="已有接口推送、仍由人工录入的数据项"),
        Text(en="the interface was paid for and people key all the same", zh="接口已建而不用，仍靠人工录入"),
        Text(
            en="an interface with the item from a system that holds it on every path; more cases keyed than the "
            "interface misses plus keyed_by_fallback; cost = expected visits × items × coverage",
            zh="来源系统在各路径上均持有且接口含该项；录入案件比例超过接口未覆盖比例加 keyed_by_fallback；"
            "成本=期望次数×项数×接口覆盖比例",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.6",
        Text(
            en="outage fallback, the cases that the interface does not cover, keying on purpose, values that come into "
            "being here",
            zh="系统故障时的应急录入、接口未覆盖的案件、有意双录、在本环节产生的数值",
        ),
        _shadows,
    ),
)
