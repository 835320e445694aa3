"""``procflow accept``, and what ``analyze`` and ``report`` make of what it writes."""

import json
import shutil
from pathlib import Path

import pytest

from procflow import analyze, load
from procflow.analysis.acceptance import load_accepted
from procflow.definition import check
from procflow.definition.shipped import folder
from procflow.report import report
from tests.unit.cli.test_verbs import invoke

REASON = ("--reason", "新系统 2027 上线: 届时取消", "--until", "2999-12-31", "--by", "A. Li")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    shutil.copytree(folder(), tmp_path / "defs")
    return tmp_path / "defs" / "processes" / "food_license" / "as_is.yaml"


def test_an_accepted_finding_stays_visible_and_leaves_the_exit_status_at_0(file: Path):
    assert invoke("analyze", str(file), "--rule", "R8").exit_code == 1
    assert invoke("accept", str(file), "R8", "dispatch", *REASON).exit_code == 0
    assert check(file.with_suffix(".accepted.yaml")) == []
    done = invoke("analyze", str(file), "--rule", "R8", "--lang", "en")
    assert done.exit_code == 0
    assert "[accepted]" in done.stdout and "新系统 2027 上线: 届时取消" in done.stdout
    found = json.loads(invoke("analyze", str(file), "--rule", "R8", "--json").stdout)
    assert found["findings"] == [] and found["notes"] == []
    assert found["accepted"][0]["accepted"]["by"] == "A. Li"


def test_another_entry_is_added_and_comments_are_kept(file: Path):
    place = file.with_suffix(".accepted.yaml")
    invoke("accept", str(file), "R8", "dispatch", *REASON)
    place.write_text("# looked at in May\n" + place.read_text(encoding="utf-8"), encoding="utf-8")
    assert invoke("accept", str(file), "H9", "decision", *REASON).exit_code == 0
    assert place.read_text(encoding="utf-8").startswith("# looked at in May\n")
    done = invoke("analyze", str(file), "--rule", "R8", "--rule", "H9")
    assert done.exit_code == 0 and done.stdout.count("A. Li") == 2


def test_a_finding_that_expired_counts_again_and_is_told(file: Path):
    invoke("accept", str(file), "R8", "dispatch", "--reason", "x", "--until", "2020-01-01")
    done = invoke("analyze", str(file), "--rule", "R8", "--lang", "en")
    assert done.exit_code == 1
    assert "counts again" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("R8", "review", *REASON), "R8 has 0 findings about review"),
        (("R99", "review", *REASON), "no rule 'R99'"),
        (("R13", "review", *REASON), "needs a run"),
        (("R8", "dispatch", "--reason", "x", "--until", "soon"), "'soon' is no day"),
    ],
)
def test_what_cannot_be_accepted_is_said_and_nothing_is_written(file: Path, words: tuple[str, ...], told: str):
    done = invoke("accept", str(file), *words, "--lang", "en")
    assert done.exit_code == 2
    assert told in done.stderr
    assert not file.with_suffix(".accepted.yaml").exists()


def test_a_file_whose_entries_are_not_last_is_left_alone(file: Path):
    place = file.with_suffix(".accepted.yaml")
    text = "procflow: 1\nfindings: []\naccepted: food_license\n"
    place.write_text(text, encoding="utf-8")
    done = invoke("accept", str(file), "R8", "dispatch", *REASON, "--lang", "en")
    assert done.exit_code == 2 and "by hand" in done.stderr
    assert place.read_text(encoding="utf-8") == text


def test_accepting_twice_is_refused_before_it_is_written(file: Path):
    place = file.with_suffix(".accepted.yaml")
    invoke("accept", str(file), "R8", "dispatch", *REASON)
    before = place.read_text(encoding="utf-8")
    assert invoke("accept", str(file), "R8", "dispatch", *REASON).exit_code == 2
    assert place.read_text(encoding="utf-8") == before


def test_the_report_shows_what_is_accepted_with_reason_and_expiry(file: Path):
    process = load(file)
    invoke("accept", str(file), "R8", "dispatch", *REASON)
    invoke("accept", str(file), "H9", "decision", "--reason", "x", "--until", "2020-01-01")
    findings = analyze(process, rules=["R8", "H9"], accepted=load_accepted(process))
    page = report(process, findings=findings, lang="en").html()
    assert "Accepted findings" in page and REASON[1] in page and "A. Li" in page
    assert "counts again" in page
    assert "已接受的问题" in report(process, findings=findings, lang="zh").html()
    assert "Accepted findings" not in report(process, findings=analyze(process, rules=["R8"]), lang="en").html()
