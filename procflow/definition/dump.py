"""Writes definitions as YAML that reads as if written by hand: short forms, short leaves on one line.

Loading what was written gives the same model. Comments of a file that was read are not kept.
"""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any, Final

import yaml
from pydantic import BaseModel

from procflow.definition.accepted import AcceptedFindings
from procflow.definition.catalog import Catalog
from procflow.definition.edit import replace_file
from procflow.definition.experiment import ExperimentPlan
from procflow.definition.kinds import KINDS
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition, State
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario

Model = ProcessDefinition | Organization | Catalog | Scenario | ExperimentPlan | AcceptedFindings

_WIDTH: Final = 118
_INDENT: Final = 2
_NAMES: Final[dict[type[BaseModel], str]] = {model: kind for kind, model in KINDS.items()}
_QUOTED: Final = re.compile(r"[:#,{}\[\]'\"]|^$")
_LISTED: Final = frozenset({"name", "trigger"})
"""An entry with one of these fields stands on a line of its own."""


def dump(model: Model | Process) -> str:
    """Return a definition as YAML; loading it gives an equal one.

    A ``Process`` is written as its process file, with the references to the other files as they are.

    >>> from procflow.definition.scenario import Scenario
    >>> print(dump(Scenario(scenario="summer", days=90)), end="")
    procflow: 1
    scenario: summer
    days: 90
    """
    definition = model.definition if isinstance(model, Process) else model
    node = _Dumper(io.StringIO(), sort_keys=False).represent_data(_data(definition))
    for key, value in node.value:
        _style(value, len(str(key.value)) + 2, 0)
    written = yaml.serialize(node, Dumper=_Dumper, allow_unicode=True, width=_WIDTH, indent=_INDENT)
    return str(written)


def save(model: Model | Process, path: str | os.PathLike[str]) -> FilePath:
    """Write a definition to a file, whole or not at all, and return its path.

    A ``Process`` that was loaded from a file keeps its references to the same files, wherever ``path`` is. Raises
    OSError where the file cannot be written.
    """
    path = FilePath(path)
    text = dump(_moved(model, path) if isinstance(model, Process) else model)
    replace_file(path, text)
    return path


def _data(definition: Model) -> dict[str, Any]:
    kind = _NAMES[type(definition)]
    always = {"procflow", kind, "variant"} & set(type(definition).model_fields)
    written = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    fields = [kind, *(name for name in type(definition).model_fields if name != kind)]
    head = {"procflow": definition.procflow}
    return head | {name: written.get(name, getattr(definition, name)) for name in fields if name in {*written, *always}}


def _moved(process: Process, path: FilePath) -> ProcessDefinition:
    """Return the definition with its references rewritten for a file at ``path``."""
    home = FilePath(process.origin.process.file).resolve().parent
    definition = process.definition
    if not (home / definition.organization).is_file() or home == path.resolve().parent:
        return definition

    def moved(reference: str) -> str:
        return FilePath(os.path.relpath(home / reference, path.resolve().parent)).as_posix()

    return definition.model_copy(
        update={
            "organization": moved(definition.organization),
            "catalog": tuple(moved(catalog) for catalog in definition.catalog),
            "states": _calling(definition.states, moved),
        }
    )


def _calling(states: tuple[State, ...], moved: Callable[[str], str]) -> tuple[State, ...]:
    """Return states whose calls name their files as ``moved`` says, nested states too."""
    return tuple(
        state.model_copy(
            update={
                "call": state.call and state.call.model_copy(update={"process": moved(state.call.process)}),
                "states": _calling(state.states, moved),
                "regions": tuple(
                    region.model_copy(update={"states": _calling(region.states, moved)}) for region in state.regions
                ),
            }
        )
        for state in states
    )


class _Dumper(yaml.SafeDumper):
    """Indents lists below their field, writes no aliases, and quotes what the reader would not read as text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(0o[0-7]+|0x[0-9a-fA-F]+|[-+]?[0-9]+)$"), None)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"), None
)


def _style(node: yaml.Node, column: int, indent: int, *, listed: bool = False) -> None:
    """Write on one line what is short; ``column`` is where it begins there, ``indent`` where it does otherwise."""
    fits = _length(node) + column <= _WIDTH
    if isinstance(node, yaml.SequenceNode):
        node.flow_style = fits and not any(_is_named(each) for each in node.value)
        for each in node.value:
            _style(each, indent + 2 * _INDENT, indent + 2 * _INDENT, listed=True)
    elif isinstance(node, yaml.MappingNode):
        node.flow_style = fits and (listed or _height(node) <= 3)
        for key, value in node.value:
            _style(value, indent + len(str(key.value)) + 2 * _INDENT, indent + _INDENT)
    if isinstance(node, yaml.CollectionNode) and node.flow_style:
        _flow(node)


def _flow(node: yaml.Node) -> None:
    """Write a node and all its parts on one line."""
    if isinstance(node, yaml.CollectionNode):
        node.flow_style = True
        for part in _parts(node):
            _flow(part)


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _is_named(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode) and any(key.value in _LISTED for key, _ in node.value)


def _height(node: yaml.Node) -> int:
    return 1 + max((_height(part) for part in _parts(node)), default=0) if _parts(node) else 0


def _length(node: yaml.Node) -> int:
    """Return about how many columns a node takes on one line; wide characters take two."""
    if isinstance(node, yaml.ScalarNode):
        quotes = 2 if _QUOTED.search(str(node.value)) else 0
        return sum(2 if ord(character) > 0x2E7F else 1 for character in str(node.value)) + quotes
    return 2 + sum(_length(part) + 2 for part in _parts(node))
