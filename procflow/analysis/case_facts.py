"""The facts of each state as tables that join a run's events: who acts, where, and what is asked. Counts nothing."""

import polars as pl

from procflow.definition.process import State
from procflow.definition.resolved import Process
from procflow.machine.graph import StateGraph

_SCHEMA = {
    "state": pl.String,
    "who": pl.String,
    "department": pl.String,
    "level": pl.String,
    "territory": pl.String,
    "system": pl.String,
    "visits_each": pl.Float64,
    "copies_each": pl.Int64,
    "items_each": pl.Int64,
    "entries_each": pl.Int64,
    "visible": pl.Boolean,
}


def is_visible(state: State) -> bool:
    """Whether the applicant takes part in a state: acts in it, comes for it, or must hand something in (环节).

    These are the steps that the official count of steps (减环节) means.
    """
    return state.who == "applicant" or bool(state.asks) or (state.visits is not None and state.visits.value > 0)


def state_facts(graph: StateGraph) -> pl.DataFrame:
    """Return one row per leaf state: who acts, department, level, territory, system, and what each visit demands."""
    rows = [_facts(graph.process, name, graph.state(name)) for name in graph.leaves]
    return pl.DataFrame(rows, schema=_SCHEMA)


def asked_documents(graph: StateGraph) -> pl.DataFrame:
    """Return the documents that each leaf state demands of the applicant: ``state``, ``document``."""
    rows = [
        {"state": name, "document": ask.document}
        for name in graph.leaves
        for ask in graph.state(name).asks
        if ask.document is not None
    ]
    return pl.DataFrame(rows, schema={"state": pl.String, "document": pl.String})


def _facts(process: Process, name: str, state: State) -> dict[str, object]:
    department = process.department(state)
    return {
        "state": name,
        "who": state.who,
        "department": state.department,
        "level": department.level if department else None,
        "territory": department.region if department else None,
        "system": state.system,
        "visits_each": state.visits.value if state.visits else 0.0,
        "copies_each": sum(ask.document is not None for ask in state.asks),
        "items_each": sum(ask.item is not None for ask in state.asks),
        "entries_each": sum(len(entry.into) for entry in state.enters),
        "visible": is_visible(state),
    }
