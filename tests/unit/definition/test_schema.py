"""The JSON Schema takes what the loader takes, short forms included, and refuses what it can see is wrong."""

import json
from pathlib import Path

import jsonschema
import pytest

from procflow.definition.reader import read_file, read_text
from procflow.definition.schema import schema, write_schemas
from tests.examples import DATA

SHIPPED = Path(__file__).parents[3] / "process_defs"
KINDS = ("accepted", "experiment", "scenario", "process", "organization", "catalog")
HEAD = (
    "procflow: 1\nprocess: p\norganization: o.yaml\ninitial: a\nstates:\n  - {name: b, final: true}\n  - {name: a%s}\n"
)


def validator(kind):
    """Return a validator of one kind of file."""
    return jsonschema.Draft202012Validator(schema(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_a_schema(kind):
    jsonschema.Draft202012Validator.check_schema(schema(kind))
    assert schema(kind)["title"] == f"procflow {kind}"


@pytest.mark.parametrize(
    "path",
    [*sorted(DATA.glob("*.yaml")), *sorted(SHIPPED.rglob("*.yaml"))],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_every_example_is_valid(path):
    data = read_file(path).data
    kind = next(kind for kind in KINDS if kind in data)
    assert [f"{error.json_path}: {error.message}" for error in validator(kind).iter_errors(data)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        ", departmnt: tax",
        ", kind: inspektion",
        ", staff: 0",
        ", work: {triangle: [1 h, 2 h, 3 h]}",
        ", work: {triangular: [1 h, 2 h]}",
        ", work: {lognormal: {mean: 1 h}}",
        ", work: {first: 1 h}",
        ", asks: [{thing: x}]",
        ", join: some",
        ", final: yes",
        ", title: {fr: non}",
        ", visits: many",
    ],
)
def test_what_the_loader_refuses_by_shape_the_schema_refuses(wrong):
    assert list(validator("process").iter_errors(read_text(HEAD % "").data)) == []
    assert list(validator("process").iter_errors(read_text(HEAD % wrong).data))


def test_the_schemas_are_written_one_file_per_kind(tmp_path):
    paths = write_schemas(tmp_path / "schemas")
    assert sorted(path.name for path in paths) == sorted(f"{kind}.schema.json" for kind in KINDS)
    assert json.loads((tmp_path / "schemas" / "process.schema.json").read_text(encoding="utf-8")) == schema("process")


def test_another_kind_has_no_schema():
    with pytest.raises(ValueError, match="no kind of definition file"):
        schema("proces")
