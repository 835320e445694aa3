"""One reading of definition files: each file once, what they refer to, and all their problems together."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import BaseModel

from procflow.definition.accepted import AcceptedFindings
from procflow.definition.arrival_log import with_logs
from procflow.definition.base import Path
from procflow.definition.catalog import Catalog
from procflow.definition.checks import check_catalog, check_organization, check_process, check_scenario
from procflow.definition.checks.accepted import check_accepted
from procflow.definition.checks.calls import call_faults
from procflow.definition.checks.catalog import merge_catalogs, unknown_contents
from procflow.definition.checks.common import located
from procflow.definition.checks.experiment import check_experiment
from procflow.definition.diagnostics import ModelT, validated
from procflow.definition.experiment import ExperimentPlan
from procflow.definition.kinds import KINDS, kind_of, no_kind, other_kind
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.project import project_root
from procflow.definition.reader import Document, read_file, read_text
from procflow.definition.references import called_files, refusal
from procflow.definition.resolved import Process, nested_states
from procflow.definition.scenario import Scenario
from procflow.definition.source import Origin, SourceMap
from procflow.errors import DefinitionError, Problem
from procflow.text import Text

_MAX_CALLS: Final = 32

WholePlan = tuple[ExperimentPlan, Scenario, dict[str, tuple[Process, ...]]]
"""The plan of an experiment, its scenario, and the processes of each variant."""


class Session:
    """One call's reading: each file once, all problems together."""

    def __init__(self, start: FilePath | None, *, allow_outside: bool) -> None:
        self.root = None if start is None or allow_outside else project_root(start)
        self.problems: list[Problem] = []
        self.documents: dict[FilePath, Document | None] = {}
        self.models: dict[tuple[FilePath, type[BaseModel]], tuple[Any, SourceMap] | None] = {}
        self.processes: dict[FilePath, Process | None] = {}

    def any_kind(self, path: FilePath) -> None:
        """Read a file of whichever kind it is."""
        document = self.document(path)
        if document is None:
            return
        kind = kind_of(document.data)
        if kind == "scenario":
            self.scenario(path)
        elif kind == "process":
            self.process(path)
        elif kind == "experiment":
            self.experiment(path)
        elif kind == "organization":
            self.organization(path)
        elif kind == "catalog":
            self.catalog(path, None)
        elif kind == "accepted":
            self.accepted(path)
        else:
            self.problems += document.problems
            self.problems.append(document.source.problem((), no_kind(document.data), code="kind"))

    def process(self, path: FilePath) -> Process | None:
        """Read a process and what it refers to."""
        key = path.resolve()
        if key not in self.processes:
            definition = self.model(path, ProcessDefinition)
            organization = self._organization_of(path)
            catalogs = self._catalogs_of(path, organization)
            self.processes[key] = self.assemble(definition, organization, catalogs, checked=True)
            if definition is not None:
                called = self._calls(path, definition)
                whole = self.processes[key]
                self.processes[key] = whole and replace(whole, called=called)
        return self.processes[key]

    def assemble(
        self,
        definition: tuple[ProcessDefinition, SourceMap] | None,
        organization: tuple[Organization, SourceMap] | None,
        catalogs: list[tuple[Catalog, SourceMap] | None],
        *,
        checked: bool = False,
    ) -> Process | None:
        """Put the parts of a process together and check them; ``checked``: all but the process are already."""
        whole = [found for found in catalogs if found is not None]
        if not checked and organization is not None:
            self.problems += check_organization(*organization)
            for found in whole:
                self.problems += check_catalog(*found, organization[0])
        merged, duplicates = merge_catalogs(whole)
        self.problems += duplicates
        if len(whole) == len(catalogs):
            for catalog, source in whole:
                self.problems += located(unknown_contents(catalog, merged), source)
        if definition is None or organization is None or len(whole) < len(catalogs):
            return None
        origin = Origin(definition[1], organization[1], tuple(source for _, source in whole))
        process = Process(definition[0], organization[0], merged, origin)
        self.problems += check_process(process)
        return process

    def organization(self, path: FilePath) -> tuple[Organization, SourceMap] | None:
        """Read and check an organization."""
        known = (path.resolve(), Organization) in self.models
        found = self.model(path, Organization)
        if found is not None and not known:
            self.problems += check_organization(*found)
        return found

    def catalog(self, path: FilePath, organization: Organization | None) -> tuple[Catalog, SourceMap] | None:
        """Read and check a catalog, against an organization where one is given."""
        known = (path.resolve(), Catalog) in self.models
        found = self.model(path, Catalog)
        if found is not None and not known:
            self.problems += check_catalog(*found, organization)
        return found

    def accepted(self, path: FilePath) -> tuple[AcceptedFindings, SourceMap] | None:
        """Read and check a file of accepted findings."""
        found = self.model(path, AcceptedFindings)
        self.problems += check_accepted(*found) if found else ()
        return found

    def scenario(self, path: FilePath) -> tuple[Scenario, tuple[Process, ...]] | None:
        """Read a scenario and its processes."""
        found = self.model(path, Scenario)
        if found is None:
            return None
        whole = self._with_processes(path, found[1], found[0])
        if whole is not None:
            self.problems += check_scenario(whole[0], found[1], whole[1])
        return whole

    def experiment(self, path: FilePath) -> WholePlan | None:
        """Read an experiment with its scenario and its variants; without any, those of the scenario are the one."""
        found = self.model(path, ExperimentPlan)
        if found is None:
            return None
        plan, source = found
        base = self._base(path, source, plan.scenario)
        variants = {name: self._variant(path, source, name, files) for name, files in plan.processes.items()}
        whole = {name: processes for name, processes in variants.items() if processes is not None}
        if base is None or len(whole) < len(variants):
            return None
        if not whole and base[1]:
            whole = {base[0].scenario: base[1]}
        self.problems += check_experiment(plan, source, base[0], whole)
        return plan, base[0], whole

    def _base(
        self, path: FilePath, source: SourceMap, scenario: Scenario | str
    ) -> tuple[Scenario, tuple[Process, ...]] | None:
        if isinstance(scenario, str):
            target = self.target(path, source, ("scenario",), scenario, Scenario)
            return self.scenario(target) if target else None
        return self._with_processes(path, source, scenario, ("scenario",))

    def _with_processes(
        self, path: FilePath, source: SourceMap, scenario: Scenario, place: Path = ()
    ) -> tuple[Scenario, tuple[Process, ...]] | None:
        places: list[Path] = [(*place, "processes", n, "process") for n in range(len(scenario.processes))]
        whole = self._processes(path, source, places, [each.process for each in scenario.processes])
        read, faults = with_logs(scenario, path, self.root)
        for at, message in faults:
            self.problems.append(source.problem((*place, *at), message, code="log"))
        return None if whole is None or faults else (read, whole)

    def _variant(
        self, path: FilePath, source: SourceMap, name: str, files: tuple[str, ...]
    ) -> tuple[Process, ...] | None:
        document = self.document(path)
        alone = document is not None and isinstance(document.data["processes"][name], str)
        places: list[Path] = [("processes", name) if alone else ("processes", name, n) for n in range(len(files))]
        return self._processes(path, source, places, files)

    def _processes(
        self, path: FilePath, source: SourceMap, places: Sequence[Path], files: Sequence[str]
    ) -> tuple[Process, ...] | None:
        targets = [self.target(path, source, *pair, ProcessDefinition) for pair in zip(places, files, strict=True)]
        found = [self.process(target) for target in targets if target]
        processes = tuple(process for process in found if process is not None)
        return processes if len(processes) == len(files) else None

    def model(self, path: FilePath, model: type[ModelT]) -> tuple[ModelT, SourceMap] | None:
        """Read a file as a model of one kind, once."""
        key = (path.resolve(), model)
        if key not in self.models:
            document = self.document(path)
            self.models[key] = None if document is None else self._validated(document, model)
        return self.models[key]

    def parsed(self, text: str, file: str, model: type[ModelT]) -> tuple[ModelT, SourceMap] | None:
        """Read a text as a model of one kind."""
        try:
            return self._validated(read_text(text, file), model)
        except DefinitionError as error:
            self.problems += error.problems
            return None

    def document(self, path: FilePath) -> Document | None:
        """Read a file as YAML, once."""
        key = path.resolve()
        if key not in self.documents:
            try:
                self.documents[key] = read_file(path)
            except DefinitionError as error:
                self.problems += error.problems
                self.documents[key] = None
        return self.documents[key]

    def target(
        self, path: FilePath, source: SourceMap, place: Path, reference: str, model: type[BaseModel]
    ) -> FilePath | None:
        """Return the file of a kind that a reference in ``path`` means, or None with a problem at the reference."""
        target = FilePath(os.path.normpath(path.parent / reference))
        message, code = refusal(reference, target, self.root), "reference"
        if message is None:
            document = self.document(target)
            kind = kind_of(document.data) if document else None
            if kind is None or KINDS[kind] is model:
                return target
            message, code = other_kind(kind, model), "kind"
        self.problems.append(source.problem(place, message, code=code))
        return None

    def _validated(self, document: Document, model: type[ModelT]) -> tuple[ModelT, SourceMap] | None:
        kind = kind_of(document.data)
        if not isinstance(document.data, dict) or (kind is not None and KINDS[kind] is not model):
            self.problems += document.problems
            message = other_kind(kind, model) if kind else no_kind(document.data)
            self.problems.append(document.source.problem((), message, code="kind"))
            return None
        found, problems = validated(model, document)
        self.problems += problems
        return None if found is None else (found, document.source)

    def _organization_of(self, path: FilePath) -> tuple[Organization, SourceMap] | None:
        for place, reference, source in self._references(path, "organization"):
            target = self.target(path, source, place, reference, Organization)
            return self.organization(target) if target else None
        return None

    def _catalogs_of(
        self, path: FilePath, organization: tuple[Organization, SourceMap] | None
    ) -> list[tuple[Catalog, SourceMap] | None]:
        found: list[tuple[Catalog, SourceMap] | None] = []
        for place, reference, source in self._references(path, "catalog"):
            target = self.target(path, source, place, reference, Catalog)
            found.append(self.catalog(target, organization and organization[0]) if target else None)
        return found

    def _references(self, path: FilePath, field: str) -> list[tuple[Path, str, SourceMap]]:
        """Return the references in a field, from the data: they are followed even where the rest is wrong."""
        document = self.document(path)
        if document is None or not isinstance(document.data, dict) or kind_of(document.data) not in (None, "process"):
            return []  # the same field may name something else in another kind of file
        written = document.data.get(field)
        if isinstance(written, str):
            return [((field,), written, document.source)]
        listed = written if isinstance(written, list) else []
        return [((field, i), each, document.source) for i, each in enumerate(listed) if isinstance(each, str)]

    def _calls(self, path: FilePath, definition: tuple[ProcessDefinition, SourceMap]) -> dict[str, Process]:
        """Return the called processes that are sound; no process may call itself, by however many others."""
        model, source = definition
        whole: dict[str, Process] = {}
        for name, state, place in nested_states(model.states):
            if state.call is None:
                continue
            spot = (*place, "call", "process")
            target = self.target(path, source, spot, state.call.process, ProcessDefinition)
            cycle = target and self._cycle(target, (path.resolve(),))
            if cycle:
                route = " → ".join(step.name for step in cycle)
                message = Text(
                    en=f"state {name!r} closes a circle of calls: {route}",
                    zh=f"状态 {name!r} 使流程调用形成循环:{route}",
                )
                self.problems.append(source.problem(spot, message, code="call_cycle"))
            elif target:
                called = self.process(target)
                if called is not None:
                    whole[state.call.process] = called
                    self.problems += located(call_faults(model, name, state, place, called.definition), source)
        return whole

    def _cycle(self, path: FilePath, route: tuple[FilePath, ...]) -> tuple[FilePath, ...]:
        """Return the calls that lead from ``route`` back to its beginning, or () where there are none."""
        key = path.resolve()
        if key == route[0]:
            return (*route, key)
        if key in route or len(route) > _MAX_CALLS or not path.is_file():
            return ()
        document = self.document(path)
        for reference in called_files(document.data if document else None):
            inner = FilePath(os.path.normpath(path.parent / reference))
            if self.root is None or inner.resolve().is_relative_to(self.root):
                found = self._cycle(inner, (*route, key))
                if found:
                    return found
        return ()
