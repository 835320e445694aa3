"""The page on the definition language: it names every field, choice, distribution and unit; its example is sound."""

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from procflow.definition import (
    accepted,
    arrivals,
    base,
    catalog,
    experiment,
    facts,
    limits,
    organization,
    process,
    scenario,
)
from procflow.definition.distributions import ARGUMENTS
from procflow.definition.loader import check, load, load_scenario
from procflow.units import UNITS
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "reference" / "definition.md"
TEXT = PAGE.read_text(encoding="utf-8")

_WRITTEN_SHORT = {"Instant", "LockInstant", "StaffCount", "Titled", "Sourced", "Frozen"}
"""They have no braces of their own in a file: an instant is ``{enter: state}``, a headcount a number."""


def _models() -> dict[str, type[base.Frozen]]:
    return {
        name: value
        for module in (organization, catalog, process, facts, limits, arrivals, scenario, experiment, accepted)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, base.Frozen) and name not in _WRITTEN_SHORT
        if value.__module__ == module.__name__
    }


def _tables() -> dict[str, dict[str, str]]:
    """Return the rows of each model's table: what is said of a field, by its name."""
    found = {}
    for part in TEXT.split("<!-- model: ")[1:]:
        name, _, rest = part.partition(" -->\n")
        _, _, *rows = rest.partition("\n\n")[0].splitlines()
        cells = (re.fullmatch(r"\| `(\w+)` \| (.*) \|", row) for row in rows)
        found[name] = {cell[1]: cell[2] for cell in cells if cell}
    return found


def _fields(model: type[base.Frozen]) -> set[str]:
    """Return a model's fields as files write them; what every number may say of its source has a paragraph."""
    shared = set(base.Sourced.model_fields) if issubclass(model, base.Sourced) else set()
    return {field.alias or name for name, field in model.model_fields.items() if name not in shared}


def _choices(annotation: Any) -> set[str]:
    if get_origin(annotation) is Literal:
        return {choice for choice in get_args(annotation) if isinstance(choice, str)}
    return set().union(*(_choices(part) for part in get_args(annotation)))


@pytest.mark.parametrize("name", sorted(_models()))
def test_the_page_names_every_field_and_no_other(name: str):
    assert set(_tables().get(name, {})) == _fields(_models()[name])


def test_the_page_has_tables_of_nothing_else():
    assert set(_tables()) == set(_models())


@pytest.mark.parametrize("name", sorted(_models()))
def test_the_page_names_every_choice(name: str):
    rows = _tables()[name]
    for field_name, field in _models()[name].model_fields.items():
        told = rows.get(field.alias or field_name, "")
        assert {c for c in _choices(field.annotation) if f"`{c}`" not in told} == set(), field_name


@pytest.mark.parametrize("name", sorted(_models()))
def test_required_means_required(name: str):
    rows, model = _tables()[name], _models()[name]
    required = {field.alias or n for n, field in model.model_fields.items() if field.is_required()}
    assert {field for field, told in rows.items() if told.startswith("required")} == required & set(rows)


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_the_page_names_every_distribution_with_its_arguments(kind: str):
    assert f"| `{kind}` | {' '.join(f'`{argument}`' for argument in ARGUMENTS[kind])} |" in TEXT


def test_the_page_names_every_unit():
    assert [unit for unit in UNITS if f"`{unit}`" not in TEXT] == []


def test_the_example_is_sound(tmp_path: Path):
    for block in blocks(PAGE, "yaml"):
        (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    assert {file.name: check(file) for file in tmp_path.iterdir() if check(file)} == {}
    assert load(tmp_path / "permit.yaml").name == "permit"
    assert load_scenario(tmp_path / "year.yaml").processes[0].process == "permit.yaml"
