"""``procflow log limits``: what it prints and refuses."""

import json
from pathlib import Path

import pytest

from procflow.logs import write_log
from tests.unit.analysis.test_log_limits import REVIEW, library
from tests.unit.cli.test_verbs import invoke


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "log.parquet"
    write_log(library(("09-22 10:00", "11-06 16:00", REVIEW), ("09-22 10:00", "10-27 09:00", [])), path)
    return str(path)


def test_it_prints_three_times_and_who_was_late(file: str):
    done = invoke("log", "limits", file, "20 wd", "--lang", "en")
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["late", "1"] in lines
    assert ["1", "36.96", "21", "0", "0", "✗", "✗"] in lines
    assert ["0", "47.25", "20", "9", "0", "✓", "✗"] in lines
    assert "机关计时" in invoke("log", "limits", file, "20 wd", "--lang", "zh").stdout


def test_json_has_the_means_and_the_rows(file: str):
    found = json.loads(invoke("log", "limits", file, "21 wd", "--json", "--top", "1").stdout)
    assert (found["cases"], found["late"], found["net"], found["unit"]) == (2, 0, 20.5, "wd")
    assert [row["case"] for row in found["rows"]] == ["1"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("20",), "'20' is not a length of time"),
        (("20 wd", "--extension", "1 week"), "cannot be added"),
        (("20 wd", "--country", "QQ"), "no holidays are known"),
        (("20 wd", "--organization", "none.yaml"), "none.yaml"),
    ],
)
def test_a_mistake_is_told(file: str, more: tuple[str, ...], words: str):
    done = invoke("log", "limits", file, *more, "--lang", "en")
    assert done.exit_code == 2
    assert words in done.stderr
