"""The days of a year that are kept on disk are those that the library of holidays publishes."""

import subprocess
import sys
from pathlib import Path

import pytest

from procflow.definition import holidays


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCFLOW_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(holidays, "_year", holidays._year.__wrapped__)


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.json"))


@pytest.mark.parametrize(("country", "year"), [("CN", 2025), ("CN", 2026), ("TW", 2025), ("US", 2027)])
def test_what_was_kept_is_what_is_published(tmp_path: Path, country: str, year: int):
    first = holidays._year(country, year)
    assert [path.name for path in kept(tmp_path)] == [f"{country}-{year}.json"]
    assert holidays._year(country, year) == first == holidays._published(country, year)
    assert holidays._read(kept(tmp_path)[0]) == first


@pytest.mark.parametrize("damaged", [b"", b"[[]", b"[[], [1]]", b'[["2025-13-01"], []]', b"[]"])
def test_a_damaged_file_is_written_anew(tmp_path: Path, damaged: bytes):
    first = holidays._year("CN", 2025)
    kept(tmp_path)[0].write_bytes(damaged)
    assert holidays._year("CN", 2025) == first
    assert holidays._read(kept(tmp_path)[0]) == first


def test_where_nothing_can_be_kept_the_days_are_worked_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(holidays, "cache_folder", lambda _name: None)
    assert holidays._year("CN", 2025) == holidays._published("CN", 2025)


def test_the_second_process_does_not_load_the_library():
    script = "import sys, datetime as dt; from procflow.definition.holidays import _year; _year('CN', 2025)"
    seen = [
        subprocess.run(
            [sys.executable, "-c", script + "; print('holidays' in sys.modules)"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert seen == ["True", "False"]
