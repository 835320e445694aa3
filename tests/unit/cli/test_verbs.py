"""The verbs that run something: what they print, write and refuse."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import procflow as pf
from procflow.cli.app import app, build
from procflow.definition.shipped import folder
from procflow.simulation.replicate import replicate

AS_IS = str(folder() / "processes" / "food_license" / "as_is.yaml")
TO_BE = str(folder() / "processes" / "food_license" / "to_be.yaml")
SHORT = ("--arrivals", "2 per wd", "--days", "40", "--replications", "2", "--lang", "en")

build()  # adds the verbs to the program


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


STARVING = {
    "town": """
procflow: 1
organization: town
levels: [{name: town}]
calendars: [{name: open, holidays: false, hours: {mon-sun: ["00:00-24:00"]}}]
working_calendar: open
departments:
  - name: desk
    level: town
    roles: [{name: crew}, {name: single}]
    staff: [{name: pool, roles: [crew, single], count: 2}]
""",
    "inspect": """
procflow: 1
process: inspect
organization: town.yaml
initial: inspect it
states:
  - {name: inspect it, department: desk, role: crew, work: 1 h, staff: 2}
  - {name: end, final: true}
transitions: [{trigger: go, source: inspect it, dest: end}]
""",
    "file": """
procflow: 1
process: file
organization: town.yaml
initial: file it
states: [{name: file it, department: desk, role: single, work: 2 h}, {name: end, final: true}]
transitions: [{trigger: go, source: file it, dest: end}]
""",
    "plan": """
procflow: 1
scenario: starving
start: 2025-03-03
days: 3
processes:
  - {process: inspect.yaml, arrivals: {times: ["2025-03-03 10:15"]}}
  - {process: file.yaml, arrivals: {interval: 61 min}}
""",
}
"""Two people who file papers one after the other, each beginning while the other is at work, and inspect together."""


def test_simulate_prints_each_metric_with_its_interval():
    done = invoke("simulate", AS_IS, *SHORT)
    assert done.exit_code == 0, done.output
    assert "Food business license (new) · as_is" in done.stdout
    [line] = [line for line in done.stdout.splitlines() if line.startswith("cycle time ")]
    assert " – " in line


@pytest.mark.parametrize(("lang", "said"), [("en", "were passed over again and again"), ("zh", "一再被后到的工作")])
def test_simulate_names_who_starves_for_want_of_two_people_at_once(tmp_path, lang, said):
    for name, text in STARVING.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    done = invoke("simulate", "--scenario", str(tmp_path / "plan.yaml"), "--lang", lang)
    assert done.exit_code == 0, done.stderr
    assert said in done.stderr
    assert "inspect/inspect it" in done.stderr


def test_simulate_prints_in_chinese():
    shown = invoke("simulate", AS_IS, *SHORT[:-1], "zh").stdout
    assert "全程用时" in shown
    assert "工作日" in shown
    assert not {"wd", "handoffs", "visits"} & set(shown.split())
    assert "market_office" not in shown


@pytest.mark.parametrize("option", ["--days", "--replications"])
def test_a_value_out_of_range_is_told_in_chinese(option: str):
    done = invoke("simulate", AS_IS, "--arrivals", "2 per wd", option, "0", "--lang", "zh")
    assert done.exit_code == 2
    assert done.stderr == f"{option}: 此处的 0 有误:应为不小于 1 的数\n"


def test_the_same_seed_prints_the_same_and_another_one_does_not():
    first, again = (invoke("simulate", AS_IS, *SHORT, "--json").stdout for _ in range(2))
    assert first == again
    assert invoke("simulate", AS_IS, *SHORT, "--json", "--seed", "2").stdout != first


def test_json_of_a_single_replication_has_null_for_the_unknown_interval():
    done = invoke("simulate", AS_IS, *SHORT, "--replications", "1", "--json")
    [cycle] = [metric for metric in json.loads(done.stdout)["food_license"] if metric["key"] == "cycle_wd"]
    assert cycle["mean"] > 0
    assert cycle["low"] is None


def test_unlimited_staff_shortens_nothing_but_queues():
    limited, unlimited = (
        json.loads(invoke("simulate", AS_IS, *SHORT, "--json", *more).stdout)["food_license"]
        for more in ((), ("--unlimited-staff",))
    )
    by_key = [{m["key"]: m["mean"] for m in found} for found in (limited, unlimited)]
    assert by_key[1]["cycle_wd"] < by_key[0]["cycle_wd"]
    assert by_key[1]["documents"] == by_key[0]["documents"]


def test_a_scenario_file_says_how_cases_arrive_and_options_override_it(tmp_path: Path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("procflow: 1\nscenario: short\narrivals: 2 per wd\ndays: 40\nreplications: 5\n", encoding="utf-8")
    done = invoke("simulate", AS_IS, "--scenario", str(plan), "--replications", "2", "--save", str(tmp_path / "run"))
    assert done.exit_code == 0, done.output
    scenario = pf.Run.load(tmp_path / "run").scenario
    assert (scenario.scenario, scenario.days, scenario.replications) == ("short", 40, 2)


def test_a_scenario_of_several_processes_needs_no_files():
    plan = str(folder() / "scenarios" / "county.yaml")
    short = ("--days", "20", "--warmup-days", "0", "--replications", "1", "--json")
    done = invoke("simulate", "--scenario", plan, *short)
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout)) == {"food_license", "business_startup", "minimum_living_allowance"}


def test_several_files_share_the_staff():
    other = str(folder() / "processes" / "business_startup" / "as_is.yaml")
    done = invoke("simulate", AS_IS, other, *SHORT, "--json")
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout)) == {"food_license", "business_startup"}


def test_a_stored_run_is_listed_shown_and_deleted(tmp_path: Path):
    store = ("--store", str(tmp_path / "runs.db"))
    assert invoke("simulate", AS_IS, *SHORT, *store).exit_code == 0
    [listed] = json.loads(invoke("runs", "list", *store, "--json").stdout)
    assert listed["processes"] == [{"process": "food_license", "variant": "as_is"}]
    assert listed["id"] in invoke("runs", "list", *store).stdout
    assert "cycle time" in invoke("runs", "show", listed["id"], *store, "--lang", "en").stdout
    assert invoke("runs", "delete", listed["id"], *store).exit_code == 0
    assert json.loads(invoke("runs", "list", *store, "--json").stdout) == []
    assert invoke("runs", "show", listed["id"], *store).exit_code == 2


def test_an_analyzed_run_is_stored_with_its_findings(tmp_path: Path):
    store = ("--store", str(tmp_path / "runs.db"))
    assert invoke("analyze", AS_IS, *SHORT, "--rule", "R8", *store).exit_code == 1
    [listed] = json.loads(invoke("runs", "list", *store, "--json").stdout)
    shown = json.loads(invoke("runs", "show", listed["id"], *store, "--json").stdout)
    assert {finding["rule"] for finding in shown["findings"]} == {"R8"}
    assert "cycle time" in invoke("runs", "show", listed["id"], *store, "--lang", "en").stdout


def test_a_store_keeps_no_findings_without_a_run(tmp_path: Path):
    done = invoke("analyze", AS_IS, "--store", str(tmp_path / "runs.db"), "--lang", "en")
    assert done.exit_code == 2
    assert "give --arrivals or --scenario beside --store" in done.output
    assert not list(tmp_path.iterdir())


def test_listing_a_store_that_is_not_there_makes_none(tmp_path: Path):
    done = invoke("runs", "list", "--store", str(tmp_path / "none.db"))
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_analyze_without_a_run_says_what_it_did_not_look_for():
    done = invoke("analyze", AS_IS, "--lang", "en")
    assert done.exit_code == 1
    assert "R1 [high]" in done.stdout
    assert "not looked for without a run" in done.stderr


def test_analyze_prints_json():
    found = json.loads(invoke("analyze", AS_IS, "--json").stdout)
    assert {"R1"} <= {finding["rule"] for finding in found["findings"]}
    assert all(finding["evidence"] for finding in found["findings"])


def test_analyze_applies_the_rules_asked_for():
    found = json.loads(invoke("analyze", AS_IS, "--json", "--rule", "R1c").stdout)
    assert {finding["rule"] for finding in found["findings"]} == {"R1c"}
    assert found["skipped"] == []


def test_analyze_with_a_run_skips_nothing():
    assert json.loads(invoke("analyze", AS_IS, *SHORT, "--json").stdout)["skipped"] == []


def test_analyze_finds_nothing_in_a_clean_process_and_exits_0():
    done = invoke("analyze", AS_IS, "--rule", "S1")
    assert done.exit_code == 0, done.output


def test_compare_prints_paired_differences():
    done = invoke("compare", AS_IS, TO_BE, *SHORT)
    assert done.exit_code == 0, done.output
    assert "as_is → to_be" in done.stdout
    delta = json.loads(invoke("compare", AS_IS, TO_BE, *SHORT, "--json").stdout)
    [cycle] = [each for each in delta["differences"] if each["key"] == "cycle_wd"]
    assert cycle["difference"]["mean"] < 0


def test_comparing_two_processes_is_refused():
    done = invoke("compare", AS_IS, str(folder() / "processes" / "business_startup" / "as_is.yaml"), *SHORT)
    assert done.exit_code == 2
    assert "both files need the same 'process' name" in done.stderr


def test_comparing_a_file_with_itself_is_done_and_noted():
    done = invoke("compare", AS_IS, AS_IS, *SHORT)
    assert done.exit_code == 0, done.output
    assert "no difference is to be expected" in done.stderr


@pytest.mark.parametrize("files", [(AS_IS,), (AS_IS, TO_BE)], ids=["one", "two"])
def test_report_writes_a_page(files: tuple[str, ...], tmp_path: Path):
    done = invoke("report", *files, *SHORT, "-o", str(tmp_path / "page.html"))
    assert done.exit_code == 0, done.output
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert "Food business license (new)" in page


def test_draw_writes_a_picture_of_the_kind_asked_for(tmp_path: Path):
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        assert invoke("draw", AS_IS, "-o", str(tmp_path / f"x.{kind}")).exit_code == 0
        assert (tmp_path / f"x.{kind}").read_bytes().startswith(start)
    assert invoke("draw", AS_IS, "-o", str(tmp_path / "x.doc")).exit_code == 2


def test_schema_writes_a_file_for_each_kind(tmp_path: Path):
    assert invoke("schema", "-o", str(tmp_path)).exit_code == 0
    assert len(list(tmp_path.iterdir())) == 7
    kinds = {"organization", "catalog", "process", "scenario", "experiment", "accepted", "report"}
    assert set(json.loads(invoke("schema").stdout)) == kinds


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "how do cases arrive?"),
        (("--arrivals", "often"), "'often' is no rate of arrival"),
        (("--arrivals", "2 per wd", "--days", "0"), "--days"),
        (("--arrivals", "2 per wd", "--days", "10", "--warmup-days", "10"), "warmup_days (10) must be less than"),
        (("--arrivals", "2 per wd", "--replications", "0"), "--replications"),
        (("--scenario", "none.yaml"), "none.yaml"),
    ],
)
def test_a_run_option_that_makes_no_sense_is_told_as_such(options: tuple[str, ...], words: str):
    done = invoke("simulate", AS_IS, *options, "--lang", "en")
    assert done.exit_code == 2
    assert words in done.stderr


def test_no_progress_bar_gets_into_a_pipe():
    assert "%" not in invoke("simulate", AS_IS, *SHORT).stderr


def test_ctrl_c_ends_a_simulation_within_seconds():
    long = ("--arrivals", "8 per wd", "--days", "365", "--replications", "2000", "--lang", "en")
    command = [sys.executable, "-m", "procflow", "simulate", AS_IS, *long]
    invoke("simulate", AS_IS, *SHORT)  # the kernel is compiled by now, which nothing can interrupt
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8") as started:
        time.sleep(4)
        started.send_signal(signal.SIGINT)
        try:
            _, said = started.communicate(timeout=60)  # summing up what is finished takes as long as simulating it
        except subprocess.TimeoutExpired:
            started.kill()
            raise
    # Python itself ends by the signal where that struck inside of exec() of a text; to a shell both are 130
    assert started.returncode in (130, -signal.SIGINT)
    assert said.strip().startswith("interrupted")


@pytest.mark.parametrize(
    ("ends", "status", "said"),
    [
        (KeyboardInterrupt, 130, "interrupted: the results are those of the 2 of 5 replications that were finished"),
        (MemoryError, 2, "memory ran out after 2 of 5 replications"),
    ],
    ids=["Ctrl-C", "no memory"],
)
def test_what_ends_a_simulation_keeps_the_replications_that_are_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: type[BaseException], status: int, said: str
):
    def ended(compiled: Any, seed: int, number: int, *more: Any) -> Any:
        if number == 2:
            time.sleep(1)  # until the two before it, on other threads, are finished
            raise ends
        return replicate(compiled, seed, number, *more)

    monkeypatch.setattr("procflow.simulation.replications.replicate", ended)
    options = (*SHORT, "--replications", "5", "--json")
    stopped = invoke("simulate", AS_IS, *options, "--save", str(tmp_path / "run"))
    monkeypatch.undo()
    assert stopped.exit_code == status
    assert stopped.stderr.startswith(said)
    assert stopped.stdout == invoke("simulate", AS_IS, *options, "--replications", "2").stdout
    assert pf.Run.load(tmp_path / "run").scenario.replications == 2


def test_a_run_into_a_folder_prints_what_its_cases_give(tmp_path: Path):
    done = invoke("simulate", AS_IS, *SHORT, "--into", str(tmp_path / "run"), "--json")
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)["food_license"]
    whole = json.loads(invoke("simulate", AS_IS, *SHORT, "--json").stdout)["food_license"]
    assert shown == [metric for metric in whole if metric["key"] in {each["key"] for each in shown}]
    assert {"cycle_wd", "cycle_wd_p90", "unfinished"} <= {each["key"] for each in shown}
    assert pf.Run.load(tmp_path / "run").events.height > 0


def test_simulate_prints_where_the_time_went():
    shown = invoke("simulate", AS_IS, *SHORT, "--by", "department").stdout
    assert "hours per case" in shown
    assert "market_office" in shown
    found = json.loads(invoke("simulate", AS_IS, *SHORT, "--by", "department", "--json").stdout)["food_license"]
    assert sum(row["share"] for row in found) == pytest.approx(1)
    assert "每件小时数" in invoke("simulate", AS_IS, *SHORT[:-1], "zh", "--by", "handoff").stdout


def test_a_run_goes_into_one_place(tmp_path: Path):
    done = invoke("simulate", AS_IS, *SHORT, "--into", str(tmp_path / "run"), "--save", str(tmp_path / "other"))
    assert done.exit_code == 2
    assert "leave out --save" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_demonstration_does_it_all(tmp_path: Path):
    done = invoke("demo", "-o", str(tmp_path / "demo"), "--lang", "en")
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {"as_is.svg", "to_be.svg", "report.html"}
    page = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 3_000_000
    assert 'id="table-sensitivity"' in page
    assert "R1 [high]" in done.stdout
    assert "as_is → to_be" in done.stdout


ONE_MORE = ("--arrivals", "1 per wd", "--days", "20", "--replications", "2")


def test_what_one_more_of_each_would_give_is_a_table_or_json():
    done = invoke("sensitivity", AS_IS, *ONE_MORE, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("change ")
    assert "one more person" in done.stdout
    gains = json.loads(invoke("sensitivity", AS_IS, *ONE_MORE, "--json").stdout)
    assert gains == sorted(gains, key=lambda gain: gain["difference"]["mean"])


def test_what_the_lead_time_is_made_of_is_a_table_or_json():
    done = invoke("critical-path", AS_IS, *ONE_MORE, "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("构成 ")
    assert "office 的非办公时间" in done.stdout
    parts = json.loads(invoke("critical-path", AS_IS, *ONE_MORE, "--json").stdout)
    assert {part["kind"] for part in parts} == {"state", "handoff", "calendar"}
    assert parts == sorted(parts, key=lambda part: -part["mean_days"])


def test_every_segment_of_the_path_has_a_name():
    from procflow.analysis.path_split import PATH_SEGMENTS
    from procflow.cli.split import SEGMENT_NAMES

    assert set(SEGMENT_NAMES) == set(PATH_SEGMENTS)


STARTUP = str(folder() / "processes" / "business_startup" / "as_is.yaml")


def test_steps_in_series_are_simulated_at_once_and_reordered_where_asked_for():
    plan = ("--arrivals", "1 per wd", "--days", "40", "--replications", "2", "--lang", "en")
    done = invoke("analyze", STARTUP, "--rule", "R15", "--alternatives", *plan, "--json")
    assert done.exit_code == 1, done.output
    ways = json.loads(done.stdout)["alternatives"]
    assert len(ways) == 2
    assert all(way["parallel"]["days"]["mean"] < 0 for way in ways)
    assert "at once: -" in invoke("analyze", STARTUP, "--rule", "R15", "--alternatives", *plan).stdout


def test_alternatives_without_a_run_are_refused():
    done = invoke("analyze", STARTUP, "--alternatives", "--lang", "en")
    assert done.exit_code == 2
    assert "give --arrivals or --scenario beside --alternatives" in done.stderr
