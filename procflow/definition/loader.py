"""Loads definition files: a process with its organization and catalogs, or any one file, with all problems at once.

References between files are paths relative to the file that writes them. They must stay inside the project (see
``procflow.definition.project``) unless ``allow_outside=True``.
"""

from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import TypeVar

from procflow.definition.accepted import AcceptedFindings
from procflow.definition.catalog import Catalog
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.project import PathLike
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.definition.session import Session, WholePlan
from procflow.definition.source import SourceMap
from procflow.errors import DefinitionError, Problem

T = TypeVar("T")


def load(path: PathLike, *, allow_outside: bool = False) -> Process:
    """Return the process of a file, with its organization and catalogs.

    Raises DefinitionError, which lists every problem of all the files involved.
    """
    session = Session(FilePath(path), allow_outside=allow_outside)
    return _sound(session.process(FilePath(path)), session.problems)


def loads(process: str, *, organization: str, catalog: str | Iterable[str] = ()) -> Process:
    """Return a process from the texts of its three kinds of file; the files that it names are not looked for.

    Raises DefinitionError, whose problems name the texts ``<process>``, ``<organization>``, ``<catalog>`` (a second
    one ``<catalog1>`` …).
    """
    catalogs = [catalog] if isinstance(catalog, str) else list(catalog)
    session = Session(None, allow_outside=False)
    definition = session.parsed(process, "<process>", ProcessDefinition)
    built = session.assemble(
        definition,
        session.parsed(organization, "<organization>", Organization),
        [session.parsed(text, f"<catalog{n or ''}>", Catalog) for n, text in enumerate(catalogs)],
    )
    return _sound(built, session.problems)


def load_organization(path: PathLike) -> Organization:
    """Return the organization of a file; raises DefinitionError with all its problems."""
    session = Session(FilePath(path), allow_outside=False)
    found = session.organization(FilePath(path))
    return _sound(found and found[0], session.problems)


def load_catalog(path: PathLike) -> Catalog:
    """Return the catalog of a file; raises DefinitionError with all its problems."""
    session = Session(FilePath(path), allow_outside=False)
    found = session.catalog(FilePath(path), None)
    return _sound(found and found[0], session.problems)


def load_scenario(path: PathLike, *, allow_outside: bool = False) -> Scenario:
    """Return the scenario of a file; raises DefinitionError with its problems and those of its processes."""
    return load_scenario_processes(path, allow_outside=allow_outside)[0]


def load_scenario_processes(path: PathLike, *, allow_outside: bool = False) -> tuple[Scenario, tuple[Process, ...]]:
    """Return the scenario of a file and the processes that it names, in its order.

    Raises DefinitionError with the problems of the scenario and of all its processes.
    """
    session = Session(FilePath(path), allow_outside=allow_outside)
    return _sound(session.scenario(FilePath(path)), session.problems)


def load_experiment_plan(path: PathLike, *, allow_outside: bool = False) -> WholePlan:
    """Return the plan of an experiment file, its scenario, and the processes of each of its variants.

    Raises DefinitionError with the problems of the plan, the scenario and all processes.
    """
    session = Session(FilePath(path), allow_outside=allow_outside)
    return _sound(session.experiment(FilePath(path)), session.problems)


def read_accepted(path: PathLike) -> tuple[AcceptedFindings, SourceMap]:
    """Return what a file of accepted findings says, and where; raises DefinitionError with all its problems."""
    found = (session := Session(FilePath(path), allow_outside=False)).accepted(FilePath(path))
    return _sound(found, session.problems)


def check(path: PathLike, *, allow_outside: bool = False) -> list[Problem]:
    """Return all problems of a file of any kind and of the files it refers to, in order; never raises for content."""
    return inspect(path, allow_outside=allow_outside)[0]


def inspect(path: PathLike, *, allow_outside: bool = False) -> tuple[list[Problem], tuple[Process, ...]]:
    """Return what ``check`` returns, and the processes that could be read whole, for whoever checks further."""
    session = Session(FilePath(path), allow_outside=allow_outside)
    session.any_kind(FilePath(path))
    wrong = {problem.file for problem in session.problems}
    whole = (process for process in session.processes.values() if process is not None)
    return _once(session.problems), tuple(p for p in whole if p.origin.process.file not in wrong)


def _sound(found: T | None, problems: list[Problem]) -> T:
    if problems or found is None:
        raise DefinitionError(_once(problems))
    return found


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems in order, each once: files that several others refer to are checked for each of them."""
    return sorted({(problem, problem.text()): problem for problem in problems}.values())
