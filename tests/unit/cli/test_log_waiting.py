"""``procflow log waiting``: what it prints and refuses."""

import json
from pathlib import Path

import pytest

from procflow.logs import write_log
from tests.unit.cli.test_verbs import invoke
from tests.unit.logs.test_waiting import _log


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Ann works for an hour while case 1 waits for her, and then leaves it for another hour."""
    rows = [("1", "a", "3 09:00", "3 10:00", "bo"), ("1", "b", "3 12:00", "3 12:30", "ann")]
    rows += [("2", "b", "3 10:00", "3 11:00", "ann"), ("3", "b", "3 09:00", "3 09:30", "ann")]
    path = tmp_path / "log.csv"
    write_log(_log(*rows), path)
    return str(path)


@pytest.fixture
def hours(tmp_path: Path) -> str:
    path = tmp_path / "hours.json"
    path.write_text('{"ann": [["09:00", "17:00"]], "bo": [["09:00", "17:00"]]}')
    return str(path)


def test_it_prints_the_hours_of_each_cause_and_where_they_are_lost(file: str, hours: str):
    done = invoke("log", "waiting", file, "--calendars", hours, "--lang", "en")
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["waiting", "for", "people", "who", "are", "busy", "1.0", "50.0", "%"] in lines
    assert ["lying", "still", "though", "somebody", "was", "free", "1.0", "50.0", "%"] in lines
    assert any(line[:4] == ["a", "b", "1", "2.0"] for line in lines)


def test_it_prints_in_chinese(file: str, hours: str):
    shown = invoke("log", "waiting", file, "--calendars", hours, "--lang", "zh").stdout
    assert "人员忙碌排队" in shown
    assert "waiting" not in shown


def test_json_has_the_table_the_pools_and_the_batches(file: str, hours: str):
    done = invoke("log", "waiting", file, "--calendars", hours, "--by", "person", "--pool", "person", "--json")
    data = json.loads(done.stdout)
    assert data["hours"]["wait"] == 2
    assert data["rows"][0]["resource"] == "ann"
    assert data["pools"] == {"a": ["bo"], "b": ["ann"]}
    assert data["batches"] == []


def test_calendars_that_name_nobody_of_the_log_are_refused(file: str, tmp_path: Path):
    other = tmp_path / "other.json"
    other.write_text('{"cy": [["09:00", "17:00"]]}')
    done = invoke("log", "waiting", file, "--calendars", str(other), "--lang", "zh")
    assert done.exit_code == 2
    assert "没有可用的工作日历" in done.stderr
