"""What a reform touches that a rule stands behind (需修法修规清单): the provisions to amend, or to be freed from.

Lists what the definitions cite. Whether a provision really forbids a change, a lawyer decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from procflow.definition.limits import Instant, Lock
from procflow.definition.process import State
from procflow.definition.resolved import Process
from procflow.machine.diff import Diff, diff
from procflow.machine.graph import StateGraph, resolve
from procflow.text import Text

Kind = Literal["step_dropped", "step_moved", "material_dropped", "order_dropped", "limit_changed"]


@dataclass(frozen=True)
class LegalChange:
    """One thing that a reform does against what is cited today.

    ``subject`` is what it does it to, ``state`` the step concerned ('' for none), by its qualified name before the
    reform; ``basis`` the provision as the definition cites it.
    """

    kind: Kind
    subject: Text
    state: str
    basis: str


def legal_changes(before: Process, after: Process) -> tuple[LegalChange, ...]:
    """Return what a reform changes of what cites a legal basis: steps, who does them, materials, order, limits.

    What cites nothing is left out: nothing is known to stand behind it.

    >>> from procflow.definition import load
    >>> as_is, to_be = (load(f"process_defs/processes/food_license/{v}.yaml") for v in ("as_is", "to_be"))
    >>> [each.state for each in legal_changes(as_is, to_be) if each.kind == "step_dropped"]
    ['correction', 'review']
    """
    changes = diff(before, after)
    return (
        *_steps(changes),
        *_materials(changes),
        *_locks(changes),
        *_limits(before, after),
    )


def _steps(changes: Diff) -> Iterator[LegalChange]:
    graph = changes.before
    for change in changes.states:
        if change.before is None or change.kind not in ("removed", "moved"):
            continue
        title = _title(graph, change.before)
        moved = change.kind == "moved" and not {"department", "actor"}.isdisjoint(change.fields)
        for basis in _bases(graph.state(change.before)) if change.kind == "removed" or moved else ():
            yield LegalChange("step_moved" if moved else "step_dropped", title, change.before, basis)


def _bases(state: State) -> tuple[str, ...]:
    found = [state.basis, state.visits_basis, *(check.basis for check in state.checks)]
    return tuple(dict.fromkeys(basis for basis in found if basis))


def _materials(changes: Diff) -> Iterator[LegalChange]:
    asked = {ask.document for name in changes.after.nodes for ask in changes.after.state(name).asks}
    for name in changes.before.nodes:
        for ask in changes.before.state(name).asks:
            if ask.document and ask.basis and ask.document not in asked:
                entry = changes.before.process.material(ask.document)
                title = Text(en=entry.label("en"), zh=entry.label("zh")) if entry else _plain(ask.document)
                yield LegalChange("material_dropped", title, name, ask.basis)


def _locks(changes: Diff) -> Iterator[LegalChange]:
    graph, other = changes.before, changes.after
    kept = {_order(other, lock, {}) for lock in other.process.definition.locks}
    for lock in graph.process.definition.locks:
        if _order(graph, lock, changes.later) not in kept:
            first, then = _instant(graph, lock.first), _instant(graph, lock.then)
            subject = Text(en=f"{first.get('en')} before {then.get('en')}", zh=f"{first.get('zh')}先于{then.get('zh')}")
            yield LegalChange("order_dropped", subject, resolve(lock.then.name, "", graph.nodes) or "", lock.basis)


def _order(graph: StateGraph, lock: Lock, later: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return a lock's two instants, states by the names that they have after the reform."""
    names = ((each.event, each.name, resolve(each.name, "", graph.nodes)) for each in (lock.first, lock.then))
    return tuple(
        (event, name if event == "fire" or not found else later.get(found, found)) for event, name, found in names
    )


def _limits(before: Process, after: Process) -> Iterator[LegalChange]:
    for name, limit in before.definition.limits.items():
        term, later = limit.statutory, after.definition.limits.get(name)
        if term is None or term.source is None or later is None:
            continue
        if later.statutory is not None and later.statutory.value != term.value:
            yield LegalChange("limit_changed", limit.title or _plain(name), "", term.source)


def _instant(graph: StateGraph, instant: Instant) -> Text:
    name = resolve(instant.name, "", graph.nodes)
    if instant.event != "fire" and name is not None:
        return _title(graph, name)
    found = next((edge.transition for edge in graph.edges if edge.trigger == instant.name), None)
    return Text(en=found.label("en"), zh=found.label("zh")) if found else _plain(instant.name)


def _title(graph: StateGraph, name: str) -> Text:
    node = graph.nodes[name]
    return Text(en=node.label("en"), zh=node.label("zh"))


def _plain(name: str) -> Text:
    return Text(en=name, zh=name)
