"""The list of materials (材料清单) of a process, and beside it that of the process after a reform. Judges none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from procflow.definition.resolved import Process
from procflow.machine.graph import state_graph
from procflow.text import Text

Change = Literal["kept", "dropped", "added", "less_often"]


@dataclass(frozen=True)
class Demand:
    """A document that the applicant has to hand in: at which steps (qualified names), in which forms, on what basis."""

    document: str
    steps: tuple[str, ...]
    forms: tuple[str, ...]
    bases: tuple[str, ...]


@dataclass(frozen=True)
class MaterialRow:
    """One document of the list: ``before`` and ``after`` are None where it is not asked; ``issuer`` is a department."""

    document: str
    title: Text
    issuer: Text | None
    before: Demand | None
    after: Demand | None

    @property
    def change(self) -> Change:
        """What became of it; ``less_often`` where it is asked at fewer steps than before."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "dropped"
        return "less_often" if len(self.after.steps) < len(self.before.steps) else "kept"


def demands(process: Process) -> dict[str, Demand]:
    """Return the documents that a process asks of the applicant, by name, in the order in which they are asked.

    >>> from procflow.definition import load
    >>> permit = load("process_defs/processes/food_license/as_is.yaml")
    >>> demands(permit)["id_card"].steps
    ('application', 'certificate')
    """
    graph = state_graph(process)
    asked = [(name, ask) for name in graph.nodes for ask in graph.state(name).asks if ask.document is not None]
    found = {}
    for document in dict.fromkeys(ask.document for _, ask in asked):
        mine = [(name, ask) for name, ask in asked if ask.document == document]
        steps, forms = (tuple(dict.fromkeys(each)) for each in ([n for n, _ in mine], [a.form for _, a in mine]))
        bases = tuple(dict.fromkeys(ask.basis for _, ask in mine if ask.basis))
        found[str(document)] = Demand(str(document), steps, forms, bases)
    return found


def materials_list(before: Process, after: Process | None = None) -> tuple[MaterialRow, ...]:
    """Return every document that is asked before or after a reform; without ``after``, as if nothing changed."""
    return tuple(_rows(before, before if after is None else after))


def _rows(before: Process, after: Process) -> Iterator[MaterialRow]:
    old, new = demands(before), demands(after)
    for name in dict.fromkeys([*old, *new]):
        entry = before.material(name) or after.material(name)
        title = Text(en=entry.label("en"), zh=entry.label("zh")) if entry else Text(en=name, zh=name)
        issuer = before.organization.department(entry.issuer) if entry and entry.issuer else None
        shown = Text(en=issuer.label("en"), zh=issuer.label("zh")) if issuer else None
        yield MaterialRow(name, title, shown, old.get(name), new.get(name))
