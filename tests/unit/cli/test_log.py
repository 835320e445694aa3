"""``procflow log``: what it prints, what it writes, what it refuses."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from procflow import load, read_log
from procflow.cli.app import build
from procflow.definition.shipped import folder

STEPS = ("application", "dispatch", "inspection", "pass_opinion", "review", "decision", "certificate")
HEAD = "case,activity,start,end,resource\n"


def rows(case, steps):
    return "".join(
        f"{case},{step},2025-03-{3 + n:02d} 09:00,2025-03-{3 + n:02d} 09:{10 + case % 9},P{n}\n"
        for n, step in enumerate(steps)
    )


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(HEAD + "".join(rows(case, STEPS) for case in range(30)), encoding="utf-8")
    return path


@pytest.fixture
def definition(tmp_path):
    shutil.copytree(folder(), tmp_path / "defs")
    return tmp_path / "defs/processes/food_license/as_is.yaml"


def run(*words):
    return CliRunner().invoke(build_app(), [str(word) for word in words])


def build_app():
    from procflow.cli.app import app

    build()
    return app


def test_show_prints_figures_and_says_what_it_guessed(log):
    done = run("log", "show", log, "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert "办件均" not in done.stdout
    assert [line.split() for line in done.stdout.splitlines()[1:3]] == [["办件", "30"], ["环节记录", "210"]]
    assert "按列名识别：case = case" in done.stderr


def test_show_prints_json(log):
    data = json.loads(run("log", "show", log, "--json").stdout)
    assert (data["cases"], data["variants"], data["handoffs_people"], data["handoffs_groups"]) == (30, 1, 6.0, None)
    assert data["zone"] == "UTC"


def test_show_tells_lateness_where_cases_have_a_deadline(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "case,activity,end,case:due,case:closed\n"
        "1,a,2025-03-03 09:00,2025-03-04 00:00,2025-03-05 00:00\n2,a,2025-03-03 09:00,2025-03-04 00:00,\n",
        encoding="utf-8",
    )
    found = json.loads(run("log", "show", path, "--json", "--deadline", "due", "--end", "closed").stdout)["lateness"]
    assert (found["ended"], found["late"], found["open_cases"]) == (1, 1, 1)
    assert run("log", "show", path, "--deadline", "nope").exit_code == 2


def test_convert_writes_a_log_that_reads_the_same(log, tmp_path):
    done = run("log", "convert", log, "-o", tmp_path / "out/log.xes.gz")
    assert done.exit_code == 0, done.output
    assert read_log(tmp_path / "out/log.xes.gz").events.equals(read_log(log).events)
    assert run("log", "convert", log, "-o", log).exit_code == 2
    assert run("log", "convert", log, "-o", tmp_path / "log.docx").exit_code == 2


def test_a_bad_log_is_refused_with_its_lines(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(HEAD + "1,a\n", encoding="utf-8")
    done = run("log", "show", path, "--lang", "en")
    assert done.exit_code == 2
    assert "log.csv:2:1: the row has 2 fields, the header has 5" in done.stderr


def test_replay_exits_with_1_where_a_case_does_not_fit(log, definition):
    assert run("log", "replay", log, definition).exit_code == 0
    log.write_text(log.read_text(encoding="utf-8") + rows(99, STEPS[2:]), encoding="utf-8")
    done = run("log", "replay", log, definition, "--json")
    assert done.exit_code == 1
    data = json.loads(done.stdout)
    assert (data["cases"], data["fitting"]) == (31, 30)
    assert data["deviations"][0] | {"first": "99"} == data["deviations"][0]


def test_a_match_that_names_nothing_is_refused(log, definition):
    assert "write name=value" in run("log", "replay", log, definition, "--match", "x", "--lang", "en").stderr
    assert "no activity 'x'" in run("log", "replay", log, definition, "--match", "x=review", "--lang", "en").stderr


def test_measure_writes_nothing_unless_asked(log, definition):
    before = definition.read_bytes()
    done = run("log", "measure", log, definition, "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert definition.read_bytes() == before
    assert "请加 --write" in done.stderr


def test_measure_writes_a_new_variant_beside_the_file(log, definition):
    before = definition.read_text(encoding="utf-8").splitlines()
    target = definition.with_name("measured.yaml")
    done = run("log", "measure", log, definition, "-o", target, "--variant", "measured")
    assert done.exit_code == 0, done.output
    after = target.read_text(encoding="utf-8").splitlines()
    assert len(before) == len(after)
    changed = [line.split()[0] for line in after if line not in before]
    assert changed[0] == "variant:"
    assert set(changed[1:]) <= {"work:", "delay:"}
    process = load(target)
    assert process.variant == "measured"
    assert "measured: log.csv, 2025-03-03 to 2025-03-09, n = 30" in "".join(after)


def test_a_name_of_a_variant_without_a_place_is_refused(log, definition):
    assert run("log", "measure", log, definition, "--variant", "x").exit_code == 2


def test_analyze_tells_findings_and_what_the_log_lacks_for_others(log):
    done = run("log", "analyze", str(log), "--json", "--lang", "en")
    told = json.loads(done.stdout)
    assert done.exit_code == (1 if told["findings"] else 0)
    assert "T8" in told["skipped"] and "no time deadline" in told["reasons"]["T8"]["en"]
    assert "not looked for: T8" in done.stderr
    only = run("log", "analyze", str(log), "--rule", "T8", "--lang", "zh")
    assert (only.exit_code, only.stdout.strip()) == (0, "没有发现问题")


def test_analyze_looks_at_a_log_on_the_states_of_a_definition(log, definition):
    words = ("--definition", definition, "--zone", "Asia/Shanghai", "--rule", "T1", "--rule", "T12", "--json")
    done = run("log", "analyze", log, *words)
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    assert {each["rule"] for each in told["findings"]} == {"T1"}
    assert told["skipped"] == ["T12"]
    assert run("log", "analyze", log, "--match", "a=b").exit_code == 2


def test_the_separator_of_a_text_file_can_be_given(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case~activity~end\n1~a, b; c~2025-03-03 09:00\n", encoding="utf-8")
    assert run("log", "show", path).exit_code == 2
    assert json.loads(run("log", "show", path, "--separator", "~", "--json").stdout)["activities"] == 1
    assert run("log", "show", path, "--separator", "~~").exit_code == 2
