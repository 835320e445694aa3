"""``procflow due``: dates at the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from procflow.cli.app import app, build

build()  # adds the verbs to the program


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def fields(*arguments: str) -> dict[str, object]:
    done = invoke("due", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_an_expert_review_moves_the_last_day_and_the_table_shows_both():
    done = invoke("due", "2025-09-22", "20 wd", "--suspend", "2025-09-26..2025-10-15", "--lang", "zh")
    assert done.exit_code == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["受理", "2025-09-22"],
        ["时限", "20", "wd"],
        ["届满", "2025-11-06"],
        ["不停表则届满", "2025-10-24"],
        ["停表口径", "停表首日计入时限，末日不计入"],
    ]


def test_what_is_used_is_counted_up_to_a_day():
    found = fields("2025-03-03", "5 wd", "--as-of", "2025-03-11")
    assert (found["due"], found["used"], found["overdue"]) == ("2025-03-10", 6.0, True)
    assert fields("2025-03-03", "5 wd", "--as-of", "2025-03-10")["overdue"] is False


def test_the_light_the_reminder_and_the_three_times_are_told_for_a_day():
    days = ("--suspend", "2025-09-26..2025-10-15", "--as-of")
    found = fields("2025-09-22", "20 wd", *days, "2025-11-05")
    assert (found["reminder"], found["light"], found["suspension_days"]) == ("2025-11-05", "yellow", "last")
    assert (found["lived_days"], found["used"], found["suspended"], found["unit"]) == (44, 19, 9, "wd")
    assert fields("2025-09-22", "20 wd", *days, "2025-10-09")["light"] == "grey"
    # still suspended: so far 09-28, 29, 30 and 10-09 did not count, four days after Friday 10-24
    assert fields("2025-09-22", "20 wd", "--suspend", "2025-09-26..", "--as-of", "2025-10-09")["due"] == "2025-10-30"


def test_the_convention_of_suspended_days_can_be_chosen():
    stop = ("2025-03-03", "5 wd", "--suspend", "2025-03-04..2025-03-06", "--suspension-days")
    assert [fields(*stop, each)["due"] for each in ("last", "first", "both", "neither")] == [
        "2025-03-12", "2025-03-12", "2025-03-13", "2025-03-11"
    ]  # fmt: skip


def test_silence_accepts_as_of_the_day_of_receipt():
    silent = fields("2025-04-28", "20 wd", "--if-silent", "5 wd", "--as-of", "2025-05-09")
    assert (silent["deemed"], silent["accepted"], silent["due"]) == (True, "2025-04-28", "2025-05-29")
    told = fields("2025-04-28", "20 wd", "--if-silent", "5 wd", "--answered", "2025-05-08")
    assert (told["deemed"], told["accepted"], told["due"]) == (False, "2025-05-08", "2025-06-06")


def test_extensions_add_up_and_rolling_can_be_turned_off():
    assert fields("2025-03-03", "20 wd", "--extend", "10 wd") == {
        "accepted": "2025-03-03", "limit": "30 wd", "due": "2025-04-15"
    }  # fmt: skip
    assert fields("2025-03-03", "8 week", "--country", "NL", "--extend", "6 week", "--no-roll")["due"] == "2025-06-09"


def test_hours_run_from_an_instant():
    found = fields("2025-09-30T16:00", "24 h", "--as-of", "2025-10-01T16:01")
    assert (found["due"], found["overdue"]) == ("2025-10-01T16:00:00", True)


def test_an_organization_s_own_days_count(tmp_path: Path):
    path = tmp_path / "o.yaml"
    path.write_text(
        "procflow: 1\norganization: o\nholidays: CN\nlevels: [{name: county}]\nclosed_days: [2025-03-05]\n", "utf-8"
    )
    assert fields("2025-03-03", "5 wd", "--organization", str(path))["due"] == "2025-03-11"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tomorrow", "5 wd"), "'tomorrow' is no date"),
        (("2025-03-03", "5"), "'5' is not a length of time"),
        (("2025-03-03", "24 h"), "no time of day"),
        (("2026-12-25", "20 wd"), "2027 are not published"),
        (("2025-03-03", "5 wd", "--country", "QQ"), "no holidays are known"),
        (("2025-03-03", "5 wd", "--suspend", "2025-03-04"), "two dots"),
        (("2025-03-03", "5 wd", "--suspend", "2025-03-06..2025-03-04"), "cannot end"),
        (("2025-03-03", "5 wd", "--extend", "2 week"), "cannot be added"),
        (("2025-03-03", "5 wd", "--suspend", "2025-03-04.."), "with --as-of"),
        (("2025-03-03", "5 wd", "--if-silent", "5 wd"), "--answered"),
        (("2025-03-03", "5 wd", "--if-silent", "5 wd", "--as-of", "2025-03-04"), "may still answer"),
        (("1998-12-25", "20 wd"), "1998 are not published"),
        (("2025-03-03", "5 wd", "--organization", "none.yaml"), "none.yaml"),
    ],
)
def test_a_mistake_is_told_with_what_was_written(arguments: tuple[str, ...], words: str):
    done = invoke("due", *arguments, "--lang", "en")
    assert done.exit_code == 2
    assert words in done.stderr
