"""Writing definitions: what is written loads as the same model and reads as if written by hand."""

from pathlib import Path

import pytest

from procflow.definition import check, load
from procflow.definition.catalog import Catalog
from procflow.definition.dump import dump, save
from procflow.definition.kinds import KINDS, kind_of
from procflow.definition.process import ProcessDefinition
from procflow.definition.reader import read_file, read_text
from procflow.definition.scenario import Scenario
from tests.examples import DATA, PERMIT, make_process

SHIPPED = Path(__file__).parents[3] / "process_defs"
FILES = [*sorted(DATA.glob("*.yaml")), *sorted(SHIPPED.rglob("*.yaml"))]


def model_of(path):
    """Return the model of a file of any kind."""
    data = read_file(path).data
    return KINDS[kind_of(data)].model_validate(data)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_written_loads_as_the_same_model(path):
    model = model_of(path)
    written = dump(model)
    assert type(model).model_validate(read_text(written).data) == model
    assert dump(type(model).model_validate(read_text(written).data)) == written


@pytest.mark.parametrize("path", sorted(DATA.glob("*.yaml")), ids=lambda path: path.name)
def test_the_example_files_are_right(path):
    assert check(path) == []


def test_the_text_reads_as_if_written_by_hand():
    assert (
        dump(make_process(PERMIT))
        == """\
procflow: 1
process: permit
variant: as_is
organization: organization.yaml
initial: application
states:
  - {name: application, department: market_regulation, role: window_clerk, kind: intake, work: 10 min}
  - {name: review, department: market_regulation, role: reviewer, kind: review, work: 1 h}
  - {name: issued, final: true, outcome: granted}
  - {name: refused, final: true}
transitions:
  - {trigger: accept, source: application, dest: review}
  - {trigger: grant, source: review, dest: issued, probability: 0.9}
  - {trigger: refuse, source: review, dest: refused, probability: 0.1}
"""
    )


def test_no_line_is_wider_than_a_hundred_and_twenty_columns():
    written = dump(model_of(DATA / "everything.yaml"))
    assert max(map(len, written.splitlines())) <= 120
    assert "食" in written or "流程" in written


@pytest.mark.parametrize(
    "word", ["no", "true", "1", "0o7", "0x1F", "1e3", "12:30", "~", "null", "2025-01-01", ".5", "a: b"]
)
def test_a_text_that_looks_like_something_else_stays_a_text(word):
    catalog = Catalog.model_validate({"procflow": 1, "catalog": word, "items": [{"name": word}], "title": word})
    assert Catalog.model_validate(read_text(dump(catalog)).data) == catalog


def test_a_scenario_is_written_with_its_kind_though_all_else_is_default():
    assert dump(Scenario()) == "procflow: 1\nscenario: scenario\n"


def test_saving_replaces_a_file_whole(tmp_path):
    path = tmp_path / "catalog.yaml"
    path.write_text("old", encoding="utf-8")
    saved = save(Catalog(procflow=1, catalog="new"), path)
    assert saved.read_text(encoding="utf-8") == "procflow: 1\ncatalog: new\n"
    assert [each.name for each in tmp_path.iterdir()] == ["catalog.yaml"]


def test_a_failed_saving_leaves_the_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "catalog.yaml"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save(Catalog(procflow=1, catalog="new"), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["catalog.yaml"]


def test_a_process_that_is_saved_elsewhere_finds_its_files_again(tmp_path):
    process = load(DATA / "everything.yaml")
    moved = load(save(process, tmp_path / "to_be.yaml"), allow_outside=True)
    assert moved.organization == process.organization
    assert moved.catalog == process.catalog
    assert moved.definition.transitions == process.definition.transitions


def test_a_process_built_in_memory_is_saved_with_its_references_as_they_are(tmp_path):
    path = save(make_process(PERMIT), tmp_path / "p.yaml")
    assert ProcessDefinition.model_validate(read_file(path).data).organization == "organization.yaml"
