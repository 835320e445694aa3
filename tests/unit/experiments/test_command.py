"""``procflow experiment``: what it prints and writes, and its exit status."""

import json
from pathlib import Path
from typing import Any

import polars as pl
from typer.testing import CliRunner

from procflow.cli.app import app, build
from tests.unit.experiments.small import PLAN, write_plan

build()  # adds the verbs to the program


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["experiment", *arguments])


def test_it_prints_a_row_per_cell_and_writes_the_tables(tmp_path: Path):
    plan = write_plan(tmp_path, PLAN + "baseline: {processes: as_is}\n")
    done = invoke(str(plan), "-o", str(tmp_path / "out"), "--lang", "en")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("cycle time") == 8
    assert "visits" not in done.stdout
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"cells", "results.csv", "results.parquet", "values.parquet", "differences.csv"}
    assert pl.read_csv(tmp_path / "out" / "results.csv").filter(metric="visits").height == 8


def test_it_prints_json(tmp_path: Path):
    plan = write_plan(tmp_path, PLAN + "metrics: [cycle_wd]\n")
    found = json.loads(invoke(str(plan), "-o", str(tmp_path / "out"), "--json", "--workers", "1").stdout)
    assert len(found["cells"]) == 8
    assert found["failures"] == []
    assert found["cells"][0]["metric"] == "cycle_wd"


def test_a_failing_cell_exits_1_and_the_others_are_printed(tmp_path: Path):
    plan = write_plan(tmp_path)
    fast = tmp_path / "fast.yaml"
    text = fast.read_text(encoding="utf-8").replace("role: reviewer,", "role: reviewer, staff: 2,")
    fast.write_text(text, encoding="utf-8")
    people = tmp_path / "organization.yaml"
    text = people.read_text(encoding="utf-8").replace("{name: reviewer, staff: 1}", "{name: reviewer, staff: 2}")
    people.write_text(text, encoding="utf-8")
    done = invoke(str(plan), "-o", str(tmp_path / "out"), "--lang", "en")
    assert done.exit_code == 1, done.output
    assert "replications that failed: 4" in done.stderr
    assert "takes 2 people of role 'reviewer'" in done.stderr
    assert done.stdout.count("cycle time") == 6


def test_a_bad_plan_exits_2_with_its_position_and_simulates_nothing(tmp_path: Path):
    plan = write_plan(tmp_path, PLAN.replace("  arrivals: [", "  arrivls: ["))
    done = invoke(str(plan), "-o", str(tmp_path / "out"), "--lang", "en")
    assert done.exit_code == 2
    assert "plan.yaml:6:3: unknown axis 'arrivls' (did you mean 'arrivals'?)" in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_unknown_executor_exits_2(tmp_path: Path):
    assert invoke(str(write_plan(tmp_path)), "-o", str(tmp_path / "out"), "--executor", "cloud").exit_code == 2
