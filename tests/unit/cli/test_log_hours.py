"""``procflow log hours``."""

import json
from pathlib import Path

import pytest

from benchmarks.recovery import split_of
from procflow.logs import event_log, write_log
from tests.unit.cli.test_verbs import invoke


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs") / "hall.xes"
    whole, _ = split_of("quiet")
    write_log(event_log(whole.events.select("case", "activity", "start", "end", "resource"), zone=whole.zone), path)
    return path


def test_hours_and_holidays_are_shown(file: Path):
    shown = invoke("log", "hours", str(file), "--lang", "en").stdout
    assert "cases arrive" in shown
    assert "Mon–Fri 09:00–12:00, 13:00–17:00" in shown
    assert "public holidays of CN on days usually worked were closed" in shown


def test_they_are_shown_in_chinese_too(file: Path):
    shown = invoke("log", "hours", str(file), "--lang", "zh").stdout
    assert "一–五 09:00–12:00, 13:00–17:00" in shown
    assert "个公众假日中有" in shown


def test_programs_get_all_of_it(file: Path):
    found = json.loads(invoke("log", "hours", str(file), "--country", "NL", "--json").stdout)
    assert found["office"]["week"][0] == [["09:00", "12:00"], ["13:00", "17:00"]]
    assert found["holidays"]["country"] == "NL"
    assert sum(len(each["people"]) for each in found["people"]) == 7


def test_an_unknown_country_is_told(file: Path):
    done = invoke("log", "hours", str(file), "--country", "XX", "--lang", "en")
    assert done.exit_code == 2
    assert "no holidays are known for country 'XX'" in done.stderr
