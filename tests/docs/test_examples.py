"""The example scripts of the documentation."""

import subprocess
import sys
from pathlib import Path

import polars as pl

from tests.docs.pages import ROOT


def _batch(folder: Path) -> list[str]:
    script = ROOT / "docs" / "examples" / "batch_scenarios.py"
    options = ["--workers", "2", "--days", "20", "--replications", "1"]
    command = [sys.executable, str(script), str(folder), *options]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_batch_fills_its_grid_and_resumes_with_the_same_numbers(tmp_path: Path):
    assert _batch(tmp_path)[0] == "24 cells, 0 of them there already"
    first = pl.read_parquet(tmp_path / "results.parquet")
    assert first.select("variant", "licenses_per_working_day", "window_clerks", "reviewers").n_unique() == 24
    assert set(first["process"]) == {"food_license", "business_startup"}
    assert pl.read_csv(tmp_path / "results.csv").height == first.height
    cells = sorted((tmp_path / "cells").iterdir())
    assert len(cells) == 24
    cells[7].unlink()
    assert _batch(tmp_path)[0] == "24 cells, 23 of them there already"
    assert pl.read_parquet(tmp_path / "results.parquet").equals(first)
