"""Called processes in a run: which ones there are, and their calls as rows of the kernel's model."""

from collections.abc import Mapping, Sequence

from procflow.definition.expressions import category_codes, parse
from procflow.definition.process import Attribute, Call
from procflow.definition.resolved import Process, nested_states
from procflow.errors import SimulationError
from procflow.kernel import layout as at
from procflow.machine.graph import StateGraph
from procflow.simulation.tables import Row, Tables
from procflow.text import Text


def with_called(processes: Sequence[Process]) -> tuple[Process, ...]:
    """Return processes with all that they call, by however many others: each once, by code points of their names.

    Raises SimulationError where a called process is not known, or two of one name differ.
    """
    found: dict[str, Process] = {}
    for process in (each for given in processes for each in given.family()):
        known = found.setdefault(process.name, process)
        if known != process:
            raise _differ(process.name)
        for name, state, _ in nested_states(process.definition.states):
            if state.call is not None and state.call.process not in process.called:
                raise _unknown(process, name, state.call.process)
    return tuple(found[name] for name in sorted(found))


def _differ(name: str) -> SimulationError:
    return SimulationError(
        Text(
            en=f"two different processes are called {name!r} in this run: let all refer to the same file",
            zh=f"本次仿真中有两个不同的流程都名为 {name!r}:请都引用同一个文件",
        )
    )


def _unknown(process: Process, state: str, reference: str) -> SimulationError:
    return SimulationError(
        Text(
            en=f"state {state!r} of {process.name} calls {reference!r}, which was not loaded with it: load the process "
            "from its file",
            zh=f"{process.name} 的状态 {state!r} 调用 {reference!r},但该流程未随之载入:请从文件载入流程",
        )
    )


def call_row(tables: Tables, graph: StateGraph, name: str, numbers: Mapping[str, int]) -> Row:
    """Add the call of a state, if it makes one, and return the state's column for it.

    ``numbers`` are those of the processes by name.
    """
    call = graph.nodes[name].state.call
    if call is None:
        return {}
    ours, called = graph.process.definition.attributes, graph.process.called[call.process]
    theirs = called.definition.attributes
    instances = call.instances if isinstance(call.instances, str) else repr(float(call.instances))
    place, length = tables.program(parse(instances, ours, kind="number"), ours)
    gives = [_copied(tables, them, theirs, us, ours) for them, us in call.gives.items()]
    takes = [_copied(tables, us, ours, them, theirs) for us, them in call.takes.items()]
    tables.calls.append(
        {
            at.K_STREAM: numbers[called.name],
            at.K_INSTANCES: place,
            at.K_INSTANCES_N: length,
            at.K_NEEDED: _needed(call),
            at.K_GIVES: tables.arena.put(word for triple in gives for word in triple),
            at.K_GIVES_N: len(gives),
            at.K_TAKES: tables.arena.put(word for triple in takes for word in triple),
            at.K_TAKES_N: len(takes),
        }
    )
    return {at.N_CALL: len(tables.calls) - 1}


def _needed(call: Call) -> int:
    """Return how many instances must end, NONE for all of them."""
    return at.NONE if call.join == "all" else call.needed(at.NEVER)


def _copied(
    tables: Tables, into: str, targets: Mapping[str, Attribute], source: str, sources: Mapping[str, Attribute]
) -> tuple[int, int, int]:
    """Return the slots that a value is copied to and from, and where the codes of its category there lie, or NONE."""
    slots = list(targets).index(into), list(sources).index(source)
    codes = category_codes(sources).get(source)
    if codes is None:
        return (*slots, at.NONE)
    there = category_codes(targets)[into]
    # a category that the other side does not have is refused by the checks
    table = {code: there.get(category, 0) for category, code in codes.items()}
    return (*slots, tables.arena.put(table.get(code, 0) for code in range(max(table) + 1)))
