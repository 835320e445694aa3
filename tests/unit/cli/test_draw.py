"""``procflow draw`` writes what its options ask for, and refuses what does not go together."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from procflow.cli.app import app, build
from procflow.definition.shipped import folder

AS_IS = str(folder() / "processes" / "food_license" / "as_is.yaml")
TO_BE = str(folder() / "processes" / "food_license" / "to_be.yaml")

build()  # adds the verbs to the program


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["draw", *arguments, "--lang", "en"])


@pytest.mark.parametrize("view", ["swimlane", "machine", "flowchart", "handoffs", "levels", "systems", "capture"])
def test_each_view_is_written(tmp_path: Path, view: str):
    out = tmp_path / "permit.mmd"
    done = invoke(AS_IS, "-o", str(out), "--view", view)
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8").startswith("flowchart")


def test_before_and_after_are_one_picture(tmp_path: Path):
    out = tmp_path / "both.dot"
    assert invoke(AS_IS, "-o", str(out), "--after", TO_BE).exit_code == 0
    assert "removed" in out.read_text(encoding="utf-8")


def test_the_findings_are_flagged_and_listed_by_the_same_numbers(tmp_path: Path):
    out = tmp_path / "flags.mmd"
    done = invoke(AS_IS, "-o", str(out), "--findings")
    assert done.stdout.startswith("⚑1 ")
    flagged = {word for word in out.read_text(encoding="utf-8").replace("<", " ").split() if "⚑" in word}
    assert flagged
    last = done.stdout.splitlines()[-1].split()[0]
    assert max(int(word[word.index("⚑") + 1 :].strip('"|]')) for word in flagged) <= int(last[1:])


def test_an_event_log_gives_its_frequency(tmp_path: Path):
    log, out = tmp_path / "log.csv", tmp_path / "log.mmd"
    rows = ["1,application,2025-03-03T09:00:00", "2,application,2025-03-03T10:00:00", "1,review,2025-03-04T10:00:00"]
    log.write_text("\n".join(["case,activity,end", *rows]) + "\n", encoding="utf-8")
    done = invoke(AS_IS, "-o", str(out), "--log", str(log), "--overlay", "frequency")
    assert done.exit_code == 0, done.output
    assert "0.5 per case" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--overlay", "waiting"), "give --run FOLDER, --scenario FILE or --arrivals"),
        (("--run", "runs/1", "--days", "30"), "--run takes a run that is finished"),
        (("--log", "log.csv", "--run", "runs/1"), "of a log or of a run"),
        (("--view", "capture", "--findings"), "the view 'capture' does not show 'findings'"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, options: tuple[str, ...], message: str):
    done = invoke(AS_IS, "-o", str(tmp_path / "a.mmd"), *options)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not list(tmp_path.iterdir())
