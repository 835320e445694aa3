"""The example scripts of the documentation, and the page that explains them."""

import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl

from tests.docs import test_pages
from tests.docs.pages import ROOT


def _batch(folder: Path) -> list[str]:
    script = ROOT / "docs" / "examples" / "batch_scenarios.py"
    options = ["--workers", "2", "--days", "20", "--replications", "1"]
    command = [sys.executable, str(script), str(folder), *options]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_batch_fills_its_grid_and_resumes_with_the_same_numbers(tmp_path: Path):
    printed = _batch(tmp_path)
    assert (printed[0], printed[24]) == ("0/24", "24/24")
    first = pl.read_parquet(tmp_path / "results.parquet")
    axes = ["arrivals.food_license", "staffing.market_regulation.window_clerk", "staffing.market_regulation.reviewer"]
    assert first.select("processes", *axes).n_unique() == 24
    assert set(first["process"]) == {"food_license", "business_startup"}
    assert pl.read_csv(tmp_path / "results.csv").height == first.height
    assert set(pl.read_csv(tmp_path / "differences.csv")["processes"]) == {"to_be"}
    cells = sorted((tmp_path / "cells").iterdir())
    assert len(cells) == 24
    cells[7].unlink()
    assert _batch(tmp_path)[0] == "23/24"
    assert pl.read_parquet(tmp_path / "results.parquet").equals(first)


def test_the_page_on_batches_runs_and_prints_what_it_says(tmp_path: Path):
    shutil.copytree(ROOT / "process_defs", tmp_path / "process_defs")
    test_pages.test_what_a_page_shows_runs_and_prints_what_it_says("docs/how-to/batch.md", tmp_path)
