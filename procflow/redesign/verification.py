"""What a redesign kept, checked on its result and never assumed (translation validation). Mends nothing.

Pnueli, Siegel, Singerman, *Translation Validation*, TACAS 1998: not the operator is proved, but each of its results.
"""

from collections.abc import Iterator

from procflow.analysis.dataflow import Effects, Solution, solve
from procflow.analysis.knowledge import flow
from procflow.analysis.registry import Context, analyze
from procflow.definition.checks import check_process
from procflow.definition.limits import Instant, Lock
from procflow.definition.resolved import Process
from procflow.machine.flow import reached
from procflow.machine.graph import StateGraph, state_graph
from procflow.machine.soundness import soundness
from procflow.redesign.preconditions import refuse
from procflow.simulation.naming import draw_keys
from procflow.text import Text


def verified(before: Process, after: Process) -> Process:
    """Return ``after``; raise RedesignError where it lost what ``before`` had.

    Kept are: all that the checks of a definition ask, soundness, every outcome that a case can reach, every datum
    where it is read (rule R4 tells nothing new), and every order that law demands and that held on all paths.
    """
    refuse(_faults(after))
    refuse((*_outcomes(before, after), *_data(before, after), *_locks(before, after)))
    return after


def _faults(after: Process) -> Iterator[Text]:
    for problem in check_process(after) or soundness(after):
        yield Text(
            en=f"the result would be wrong: {problem.message.get('en')}",
            zh=f"调整后的流程不成立：{problem.message.get('zh')}",
        )


def outcomes(process: Process) -> frozenset[str]:
    """Return the outcomes that a case can reach: of final states of the process itself, the name where none is said."""
    graph = state_graph(process)
    ends = [graph.nodes[name] for name in reached(graph) if not graph.nodes[name].parent]
    return frozenset(node.state.outcome or node.state.name for node in ends if node.state.final)


def _outcomes(before: Process, after: Process) -> Iterator[Text]:
    for outcome in sorted(outcomes(before) ^ outcomes(after)):
        yield Text(
            en=f"outcome {outcome!r} would be reached in only one of the two",
            zh=f"办理结果 {outcome!r} 仅在调整前后之一可达",
        )


def _data(before: Process, after: Process) -> Iterator[Text]:
    known = {gap for gap, _ in _gaps(before)}
    for gap, statement in _gaps(after):
        if gap not in known:
            yield Text(
                en=f"a datum would no longer be there where it is read: {statement.get('en')}",
                zh=f"调整后读取时数据可能缺失：{statement.get('zh')}",
            )


def _gaps(process: Process) -> Iterator[tuple[tuple[str, str], Text]]:
    """Yield ((state by its draw key, item), statement) of what may be missing where it is read."""
    keys = draw_keys(state_graph(process))
    for finding in analyze(process, rules=["R4"]):
        for state in finding.names("state"):
            for item in finding.names("item"):
                yield (keys[state], item), finding.statement


def _locks(before: Process, after: Process) -> Iterator[Text]:
    held, kept = _held(before), _held(after)
    for index, lock in enumerate(before.definition.locks):
        if held[index] and not kept[index]:
            yield Text(
                en=f"the order that {lock.basis} demands would no longer hold on all paths",
                zh=f"调整后不能保证各路径均符合法定先后次序：{lock.basis}",
            )


def _held(process: Process) -> list[bool]:
    """Return for each lock whether its first instant has come on all paths to the other one."""
    context, locks = Context(process), process.definition.locks
    graph = context.graph
    give = dict.fromkeys(graph.leaves, 0)
    edge_give = {edge.index: 0 for edge in graph.edges}
    for index, lock in enumerate(locks):
        for name in give:
            give[name] |= (lock.first.event != "fire" and lock.first.name == name) << index
        for edge in graph.edges:
            fired = lock.first.event == "fire" and edge.trigger == lock.first.name
            left = edge.source == lock.first.name and edge.source in graph.regions
            edge_give[edge.index] |= (fired or left) << index
    solution = solve(context.shared(flow), Effects(len(locks), give=give, edge_give=edge_give))
    return [_holds(graph, solution, index, lock) for index, lock in enumerate(locks)]


def _holds(graph: StateGraph, solution: Solution, index: int, lock: Lock) -> bool:
    return all(solution.at(state) >> index & 1 or _own(lock, state) for state in _where(graph, lock.then))


def _own(lock: Lock, state: str) -> bool:
    """Whether the first instant is of the very state at which the other one comes later."""
    first, then = lock.first, lock.then
    if first.event == "fire" or first.name != state:
        return False
    return then.event == "fire" or _VISIT.index(first.event) < _VISIT.index(then.event)


_VISIT = ("enter", "start", "done", "exit")
"""The instants of a visit in their order."""


def _where(graph: StateGraph, instant: Instant) -> list[str]:
    """Return the states at which an instant comes."""
    if instant.event == "fire":
        return [edge.source for edge in graph.edges if edge.trigger == instant.name]
    return [instant.name]
