"""Whether every case of a process can come to an end: unreachable, dead, endless, ambiguous parts of its graph.

Everything found is certain: what depends on guards that cannot be decided is passed over. Graph algorithms only, in
time linear in the size of the process; nothing is simulated and no configuration of parallel regions is enumerated.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from procflow.definition.process import State
from procflow.definition.resolved import Process
from procflow.errors import Problem
from procflow.machine.duplicates import duplicates
from procflow.machine.flow import Place, Scope, backward, can_happen, components, cut, reached
from procflow.machine.graph import Edge, StateGraph, state_graph
from procflow.text import Text

_SHOWN = 6
"""How many states a message names before it breaks off."""


@dataclass(frozen=True)
class Defect:
    """Something unsound: the rule (S1 …), the states and transitions concerned, and what to do about it."""

    code: str
    states: tuple[str, ...]
    edges: tuple[Edge, ...]
    message: Text


def soundness(process: Process) -> list[Problem]:
    """Return what is unsound in a process, each with its place in the process file, in the order of the file.

    The process's references must be sound already. S1 unreachable state, S2 no path to an end, S3 livelock (also
    one that repeats in no time), S4 join that can never complete, S6 duplicate transition, S8 unconditioned choice.

    >>> from procflow import definition
    >>> from procflow.definition.shipped import folder
    >>> soundness(definition.load(folder() / "processes/food_license/as_is.yaml"))
    []
    """
    graph = state_graph(process)
    problems = []
    for defect in defects(graph):
        path = defect.edges[-1].path if defect.edges else graph.nodes[defect.states[0]].path
        problems.append(process.origin.process.problem(path, defect.message, code=defect.code))
    return sorted(problems)


def defects(graph: StateGraph) -> tuple[Defect, ...]:
    """Return what is unsound in a state graph, rule by rule."""
    scopes, found = cut(graph), reached(graph)
    ending = {place: scope.ending() for place, scope in scopes.items()}
    return (
        *_unreachable(graph, found),
        *_endless(graph, scopes, ending, found),
        *_timeless(graph, found),
        *_deadlocks(graph, scopes, found),
        *_duplicates(graph),
        *_unconditioned(graph),
    )


def _unreachable(graph: StateGraph, found: set[str]) -> Iterator[Defect]:
    for name, node in graph.nodes.items():
        if name not in found and (not node.parent or node.parent in found):
            yield Defect("S1", (name,), (), _unreachable_text(name))


def _endless(
    graph: StateGraph, scopes: dict[Place, Scope], ending: dict[Place, set[str]], found: set[str]
) -> Iterator[Defect]:
    """Yield S2 and S3: per scope the closed cycles, the dead ends, and the states that lead only to those."""
    for place, scope in scopes.items():
        stuck = [name for name in scope.nodes if name in found and name not in ending[place]]
        successors = scope.successors() if stuck else {}
        upstream: set[str] = set()
        for part in components(stuck, successors):
            following = {dest for name in part for dest in successors[name]}
            if not following:
                yield Defect("S2", part, (), _dead_end_text(graph, part[0]))
            elif following <= set(part):
                yield Defect("S3", part, (), _livelock_text(part))
            else:
                upstream.update(part)
        if upstream:
            in_order = tuple(name for name in stuck if name in upstream)
            yield Defect("S2", in_order, (), _no_path_text(in_order, place))


def _timeless(graph: StateGraph, found: set[str]) -> Iterator[Defect]:
    """Yield the cycles that, once entered, repeat for ever in no time (as S3)."""
    quick = [name for name in graph.leaves if name in found and _takes_no_time(graph.nodes[name].state)]
    instant = set(quick)
    successors = {name: [edge.dest for edge in _repeating(graph.out(name))] for name in quick}
    loose = [name for name in quick if not _certainly_stays(graph.out(name), instant)]
    kept = instant - backward(successors, loose)  # no path from these leads to a state that takes time
    for part in components([name for name in quick if name in kept], successors):
        closed = {dest for name in part for dest in successors[name]} <= set(part)
        left = any(can_happen(edge) and edge.dest not in part for name in part for edge in graph.out(name))
        if closed and left:  # without any way out it is told as a livelock already
            yield Defect("S3", part, (), _timeless_text(part))


def _takes_no_time(state: State) -> bool:
    waits = state.work or state.batch or state.call or state.final
    delays = state.delay.visits if state.delay else ()
    return not waits and all(delay.support(wd_seconds=28_800.0)[1] == 0 for delay in delays)


def _repeating(edges: Iterable[Edge]) -> list[Edge]:
    """Return the transitions that go on being taken however often their source is visited."""
    return [
        edge
        for edge in edges
        if edge.transition.timeout is None
        and (edge.transition.probability is None or edge.transition.probability.values[-1] > 0)
    ]


def _certainly_stays(edges: Iterable[Edge], members: set[str]) -> bool:
    ways = _repeating(edges)
    return bool(ways) and all(edge.dest in members and not edge.leaves and _is_immediate(edge) for edge in ways)


def _is_immediate(edge: Edge) -> bool:
    transfer = edge.transition.transfer
    if transfer is None:
        return True
    delay = transfer.delay
    return transfer.every is None and (delay is None or delay.support(wd_seconds=28_800.0)[1] == 0)


def _deadlocks(graph: StateGraph, scopes: dict[Place, Scope], found: set[str]) -> Iterator[Defect]:
    """Yield S4: joins that fewer regions can reach than they need, and joins that lead nowhere (S2)."""
    leavable = {name for edge in graph.edges if can_happen(edge) for name in edge.leaves}
    leavable |= {edge.source for edge in graph.edges if edge.transition.timeout}
    for composite, regions in graph.regions.items():
        if composite not in found:
            continue
        unable = [region.name for index, region in enumerate(regions) if not found & scopes[composite, index].finals]
        after = [edge for edge in graph.out(composite) if edge.transition.timeout is None]
        if len(regions) - len(unable) < graph.needed(composite):
            if after or composite not in leavable:
                yield Defect("S4", (composite,), (), _deadlock_text(graph, composite, unable))
        elif composite in leavable and not graph.out(composite):
            yield Defect("S2", (composite,), (), _join_text(composite))


def _duplicates(graph: StateGraph) -> Iterator[Defect]:
    for first, second in duplicates(graph):
        yield Defect("S6", (first.source,), (first, second), _duplicate_text(first))


def _unconditioned(graph: StateGraph) -> Iterator[Defect]:
    for name in graph.nodes:
        bare = tuple(edge for edge in graph.out(name) if _is_bare(edge))
        if len({(edge.dest, edge.trigger) for edge in bare}) > 1:
            yield Defect("S8", (name,), bare, _choice_text(name, bare))


def _is_bare(edge: Edge) -> bool:
    transition = edge.transition
    return transition.when is None and transition.probability is None and transition.timeout is None


def _listed(names: Iterable[str], comma: str = ", ", more: str = "…") -> str:
    every = list(names)
    shown = comma.join(every[:_SHOWN])
    return f"{shown}{comma}{more}" if len(every) > _SHOWN else shown


def _unreachable_text(name: str) -> Text:
    return Text(
        en=f"state {name!r} is unreachable: no path leads to it from the initial state; "
        "add a transition to it, or remove it",
        zh=f"状态 {name!r} 不可达:从初始状态没有路径通往它;请补充通往它的流转,或删除该状态",
    )


def _dead_end_text(graph: StateGraph, name: str) -> Text:
    if any(not can_happen(edge) for edge in graph.out(name)):
        return Text(
            en=f"state {name!r} is a dead end: every way out has probability 0; give one a higher probability",
            zh=f"状态 {name!r} 是死路:所有出口的概率均为 0;请为其中之一设定大于 0 的概率",
        )
    return Text(
        en=f"state {name!r} is a dead end: it is not final and no transition leaves it; "
        "add one, or mark it 'final: true'",
        zh=f"状态 {name!r} 是死路:既非终态也没有流转离开;请补充流转,或标注 final: true",
    )


def _no_path_text(names: tuple[str, ...], place: Place) -> Text:
    region = f" of the region in {place[0]!r}" if place[0] else ""
    return Text(
        en=f"no path leads to an end{region} from {_listed(names)}; add a way to a final state",
        zh=f"从 {_listed(names, '、')} 出发没有路径到达{'所在区域的' if region else ''}终态;请补充通往终态的流转",
    )


def _livelock_text(names: tuple[str, ...]) -> Text:
    return Text(
        en=f"livelock: once in {_listed(names)}, a case goes round for ever; add a way out, for instance after the "
        "last visit (probability: [0.3, 0])",
        zh=f"空转:一旦进入 {_listed(names, '、')} 便只能循环往复;请补充出口,例如限定次数(probability: [0.3, 0])",
    )


def _timeless_text(names: tuple[str, ...]) -> Text:
    return Text(
        en=f"{_listed(names)} repeat for ever in no time, so that no time-out can ever fire; give one of them "
        "work or a delay, or add a way out",
        zh=f"{_listed(names, '、')} 在零时间内无限循环,超时也来不及触发;请为其中之一写明 work 或 delay,或补充出口",
    )


def _deadlock_text(graph: StateGraph, composite: str, unable: list[str]) -> Text:
    needed, count = graph.needed(composite), len(graph.regions[composite])
    able = count - len(unable)
    named = [name for name in unable if name]
    if named:
        en, zh = f" ({_listed(named)} cannot)", f"({_listed(named, '、')} 不能)"
    else:
        en = zh = ""
    return Text(
        en=f"deadlock: the join of {composite!r} needs {needed} of {count} regions to finish, but {able} can{en}; "
        "give each region a reachable final state, or lower the join",
        zh=f"死锁:{composite!r} 的汇合需要 {count} 个区域中的 {needed} 个办结,但只有 {able} 个能办结{zh};"
        "请为各区域设置可达的终态,或降低汇合条件",
    )


def _join_text(composite: str) -> Text:
    return Text(
        en=f"the join of {composite!r} leads nowhere: when its regions have finished, no transition leaves it; add one",
        zh=f"{composite!r} 汇合后无路可走:各区域办结后没有流转离开它;请补充以它为 source 的流转",
    )


def _duplicate_text(edge: Edge) -> Text:
    return Text(
        en=f"duplicate transition {edge.name}: another one from the same state, to the same state and with the same "
        "trigger can hold at the same time; remove one, or make their guards exclude each other",
        zh=f"重复的流转 {edge.name}:起点、终点、触发均相同且条件可同时成立;请删除其一,或使条件互斥",
    )


def _choice_text(name: str, bare: tuple[Edge, ...]) -> Text:
    triggers = [f"{edge.trigger} → {edge.dest}" for edge in bare]
    return Text(
        en=f"state {name!r} has several ways out that nothing decides between ({_listed(triggers)}); give all but "
        "one of them a 'when', a 'probability' or a 'timeout'",
        zh=f"状态 {name!r} 有多个出口而无从选择({_listed(triggers, '、')});最多留一个默认出口,"
        "其余请写明 when、probability 或 timeout",
    )
