"""Runs on disk, and where they come from."""

import json
from pathlib import Path

import pytest

from procflow.errors import SimulationError
from procflow.machine.loading import load
from procflow.simulation import Run, simulate
from procflow.simulation.provenance import provenance
from procflow.version import __version__
from tests.unit.simulation.small import ORGANIZATION, PERMIT, assert_same_tables, permit, plan, ran

SECOND = PERMIT.replace("process: permit", "process: second")


def test_a_run_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    run = ran()
    run.save(tmp_path / "a" / "run")
    loaded = Run.load(tmp_path / "a" / "run")
    assert_same_tables(run, loaded)
    for name in ("events", "cases", "staff"):
        assert getattr(run, name).schema == getattr(loaded, name).schema
    assert (loaded.processes, loaded.scenario, loaded.provenance) == (run.processes, run.scenario, run.provenance)
    assert_same_tables(run, simulate(loaded.processes, loaded.scenario))


def test_a_run_is_saved_into_an_empty_folder_but_never_over_something(tmp_path: Path) -> None:
    run = ran(replications=1)
    run.save(tmp_path)
    with pytest.raises(SimulationError) as caught:
        run.save(tmp_path)
    assert "is not an empty folder" in caught.value.text("en")
    assert "不是空文件夹" in caught.value.text("zh")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cases.parquet", "events.parquet", "run.json", "staff.parquet",
    ]  # fmt: skip


def test_a_run_is_never_saved_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(SimulationError, match="is not an empty folder"):
        ran(replications=1).save(tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.parametrize("damage", ["missing", "empty", "no_table", "broken_json", "other_json", "broken_table"])
def test_a_folder_that_holds_no_run_is_refused(tmp_path: Path, damage: str) -> None:
    place = tmp_path / "run"
    if damage == "empty":
        place.mkdir()
    elif damage != "missing":
        ran(replications=1, days=12).save(place)
    if damage == "no_table":
        (place / "events.parquet").unlink()
    elif damage == "broken_json":
        (place / "run.json").write_text("{")
    elif damage == "other_json":
        (place / "run.json").write_text(json.dumps({"scenario": {}}))
    elif damage == "broken_table":
        (place / "events.parquet").write_bytes(b"no parquet")
    with pytest.raises(SimulationError) as caught:
        Run.load(place)
    assert f"{place} holds no run" in caught.value.text("en")
    assert "没有可读取的仿真结果" in caught.value.text("zh")


def test_a_run_says_in_a_line_what_it_is() -> None:
    shown = str(ran())
    assert "permit (as_is): 3 replications of 40 days" in shown
    assert f"{ran().events.height} visits" in shown


def digest(old: str = "", new: str = "", organization: str = ORGANIZATION, **more: object) -> str:
    return provenance([permit(old, new, organization=organization)], plan(**more), "1.0").digest


def test_the_digest_changes_with_definition_organization_scenario_and_version() -> None:
    others = {
        digest("5 min", "6 min"),
        digest(organization=ORGANIZATION.replace("staff: 2", "staff: 3")),
        digest(seed=10),
        digest(days=41),
        digest(staffing={"hall.clerk": 3}),
        provenance([permit()], plan(), "1.1").digest,
    }
    assert len(others) == 6
    assert digest() not in others
    assert digest() == provenance([permit()], plan(), "1.0").digest
    assert ran().provenance == provenance([permit()], plan(), __version__)


def test_the_digest_does_not_depend_on_the_order_of_processes() -> None:
    first, second = permit(), permit(text=SECOND)
    assert provenance([first, second], plan(), "1").digest == provenance([second, first], plan(), "1").digest


def test_a_run_names_the_files_that_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "organization.yaml").write_text(ORGANIZATION, encoding="utf-8")
    heading = "procflow: 1\norganization: organization.yaml\n"
    (tmp_path / "permit.yaml").write_text(heading + PERMIT, encoding="utf-8")
    run = simulate(load(tmp_path / "permit.yaml"), plan(replications=1))
    assert sorted(Path(file).name for file, _ in run.provenance.files) == ["organization.yaml", "permit.yaml"]
    assert all(len(digest) == 64 for _, digest in run.provenance.files)
    assert (run.provenance.seed, run.provenance.replications) == (9, 1)
    assert run.provenance.processes == (("permit", "as_is"),)
