"""Every benchmark runs, at a size that says nothing about speed."""

import doctest
import json
import math
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import check, logs, machine, measure, permit, portfolio, week
from benchmarks.analysis import made_up
from benchmarks.model import MONDAY, VARIANTS
from procflow.machine.graph import state_graph
from procflow.machine.loading import load

BOTH = {"always", "office_hours"}


def result(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Run a benchmark at a tiny size and return the JSON that it prints."""
    command.main([*words, "--json", "--cases", "200", "--repetitions", "1"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def rows(visits_per_case: float, waits: Sequence[float], cases: int = 100_000) -> list[dict[str, Any]]:
    """Return one run with these results."""
    return [{"cases": cases, "visits": round(cases * visits_per_case), "waits_h": list(waits)}]


def around(mean: float) -> list[float]:
    """Return the waits of batches that lie evenly around a mean."""
    return [mean + (0.1 if batch % 2 else -0.1) for batch in range(check.BATCHES)]


def test_permit_compares_procflow_with_every_side(capsys: pytest.CaptureFixture[str]):
    found = result(capsys, "permit")
    for key in ("visits_per_second", "ratio_to_simpy"):
        assert set(found[key]) == BOTH
        assert all(value > 0 for value in found[key].values())
        assert set(found["cpu"]["ratio_to_simpy"]) == BOTH
    assert set(found["sides"]["always"]) >= {"procflow", "simpy"}
    assert found["machine"]["packages"]["simpy"]


def test_permit_gives_null_and_says_why_where_there_is_no_compiler(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(permit.shutil, "which", lambda name: None)
    found = result(capsys, "permit")
    assert found["ratio_to_c"] == {"always": None, "office_hours": None}
    assert "gcc was not found: nothing is compared with C" in found["notes"]


def test_permit_compares_with_prosimos_where_it_is_installed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.delenv("PROCFLOW_PROSIMOS", raising=False)
    found = result(capsys, "permit")
    assert found["ratio_to_prosimos"] == {"always": None, "office_hours": None}
    assert any("PROCFLOW_PROSIMOS names no Python" in note for note in found["notes"])
    theirs = tmp_path / "python"
    ran = {"cases": 50, "visits": 283, "wall_s": 0.5, "cpu_s": 0.25, "peak_mb": 90, "waits_h": around(0.83)}
    theirs.write_text(f"#!/bin/sh\necho 'a line of its own'\necho '{json.dumps(ran)}'\n")
    theirs.chmod(0o755)
    monkeypatch.setenv("PROCFLOW_PROSIMOS", str(theirs))
    found = result(capsys, "permit")
    for variant, side in found["sides"].items():
        assert side["prosimos"]["visits_per_second"] == 566
        assert found["ratio_to_prosimos"][variant] == pytest.approx(found["visits_per_second"][variant] / 566, rel=0.01)
        assert found["cpu"]["ratio_to_prosimos"][variant] > 0


def test_permit_compares_with_c_where_there_is_a_compiler(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    program, notes = permit.compiled(tmp_path)
    if program is None:
        assert notes
        pytest.skip("no C compiler")
    for variant in VARIANTS:
        run = measure.run_json([program, "20000", variant, "1"])
        check.checked("c", [run])


def test_the_c_program_refuses_what_it_does_not_know(tmp_path: Path):
    program, _ = permit.compiled(tmp_path)
    if program is None:
        pytest.skip("no C compiler")
    for words in (["0", "always", "1"], ["10", "sometimes", "1"], ["10"]):
        assert subprocess.run([program, *words], capture_output=True, check=False).returncode == 2


def test_scale_says_how_many_cases_it_ran(capsys: pytest.CaptureFixture[str]):
    found = result(capsys, "scale")
    assert all(found[key] > 0 for key in ("cost_ratio", "peak_mb", "threads_speedup", "portfolio_cost_ratio"))
    assert found["cases"] > found["small_cases"] > 0
    assert found["arrays_seconds"]["portfolio"] > 0


@pytest.mark.slow
def test_cold_measures_the_compilation_apart_from_the_start(capsys: pytest.CaptureFixture[str]):
    found = result(capsys, "cold")
    assert found["cpu"]["compilation_seconds"] > found["cpu"]["warm_start_seconds"] > 0
    assert found["compilation_seconds"] > found["warm_start_seconds"] > found["import_seconds"] > 0
    assert math.isclose(
        found["first_start_seconds"], found["compilation_seconds"] + found["warm_start_seconds"], abs_tol=0.01
    )


def test_a_result_is_kept_with_its_machine(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path = command.save({"benchmark": "permit", "machine": machine.machine()}, tmp_path)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert path.name.startswith("permit-20")
    assert kept["machine"]["cores"] >= 1
    assert kept["machine"]["packages"]["numba"]


def test_erlang_c_gives_the_textbook_wait_of_the_clerks():
    assert math.isclose(check.CLERK_WAIT_HOURS, 0.8350, abs_tol=5e-5)
    assert math.isclose(check.erlang_c_wait(0.8, 1.0, 1), 4.0)  # M/M/1: rho / (mu - lambda)


def test_the_examples_of_the_check_run():
    done = doctest.testmod(check)
    assert done.attempted > 0
    assert done.failed == 0


def test_a_right_result_passes_the_check():
    found = check.checked("side", rows(check.VISITS_PER_CASE, around(check.CLERK_WAIT_HOURS)))
    assert found["wait_checked"]


def test_a_side_that_waits_too_little_is_refused():
    with pytest.raises(check.WrongResultError, match=r"fast: mean wait of the clerks' queue, hours is 0\.5"):
        check.checked("fast", rows(check.VISITS_PER_CASE, around(0.5)))


def test_a_side_that_skips_visits_is_refused():
    with pytest.raises(check.WrongResultError, match="visits per case"):
        check.checked("fast", rows(check.VISITS_PER_CASE - 0.05, around(check.CLERK_WAIT_HOURS)))


def test_waits_of_few_cases_are_not_judged():
    assert not check.checked("side", rows(check.VISITS_PER_CASE, around(0.5), cases=200))["wait_checked"]


def test_working_hours_and_clock_agree_in_simpy():
    assert week.clock_of(0) == 9
    assert week.clock_of(41.5) == 168 + 10.5
    assert week.worked_at(5 * 24 + 12) == 40  # Saturday noon
    assert all(week.worked_at(week.clock_of(k / 8)) == k / 8 for k in range(400))


def test_the_models_start_on_a_monday():
    assert MONDAY.weekday() == 0  # the other sides count the week from it


def test_the_portfolio_has_the_size_that_it_claims(tmp_path: Path):
    processes = [load(file) for file in portfolio.write(tmp_path)]
    assert len(processes) == portfolio.PROCESSES
    assert sum(len(state_graph(process).nodes) for process in processes) == portfolio.STATES
    organization = processes[0].organization
    roles = {(d.name, role.name) for d in organization.departments for role in d.roles}
    used = {(node.state.department, node.state.role) for p in processes for node in state_graph(p).nodes.values()}
    assert len(roles) == portfolio.DEPARTMENTS * portfolio.ROLES_EACH == 60
    assert roles <= used


def test_a_ratio_is_taken_within_a_repetition():
    assert measure.median_ratio([2, 40, 6], [1, 10, 3]) == 2


def test_sides_take_turns():
    order: list[tuple[str, int]] = []
    sides = {name: lambda seed, name=name: order.append((name, seed)) or {} for name in "ab"}
    measure.in_turn(sides, 2)
    assert order == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_warm_measures_a_start_with_everything_compiled(capsys: pytest.CaptureFixture[str]):
    found = result(capsys, "warm")
    assert 0 < found["cpu"]["warm_start_seconds"] < 30  # compiling takes longer


def test_a_streamed_run_takes_the_same_memory_for_ten_times_the_cases(capsys: pytest.CaptureFixture[str]):
    command.main(["stream", "--json", "--cases", "200000"])
    found = json.loads(capsys.readouterr().out)
    assert found["streamed"]["visits"] > 9 * found["streamed_tenth"]["visits"]
    # the rows of the larger run alone are 500 MB in memory
    assert found["growth_mb"] < 150


def test_analysis_measures_processes_of_growing_size_and_the_shipped_ones(capsys: pytest.CaptureFixture[str]):
    command.main(["analysis", "--json", "--cases", "46", "--repetitions", "1"])
    found = json.loads(capsys.readouterr().out)
    assert list(found["seconds"]) == ["23", "46", "115"]
    assert found["findings"] > 0
    assert found["shipped"] > 6 and found["seconds_shipped"] > 0


def test_the_process_that_the_analysis_is_measured_on_has_as_many_states_as_it_says():
    graph = state_graph(made_up(230))
    assert len(graph.nodes) == 230 + 1  # and the end


def test_logs_times_every_operation_for_three_sizes(capsys: pytest.CaptureFixture[str], monkeypatch):
    def inside(command: Sequence[str]) -> dict[str, Any]:
        if command[3] == "make":
            logs.make(int(command[4]), Path(command[5]))
            return {}
        return logs.once(command[3], Path(command[4]))

    monkeypatch.setattr(logs, "run_json", inside)
    found = result(capsys, "logs")
    assert found["sizes"] == {"tenth": 125, "whole": 1250, "five": 6250}
    for key in ("seconds", "cpu", "growth", "growth_from_whole", "limits_seconds"):
        assert set(found[key]) == set(logs.LIMITS_SECONDS)
    assert all(seconds > 0 for seconds in found["seconds"].values())
    assert found["limit_mb"] == 2048


def test_an_operation_on_a_log_runs_in_a_process_of_its_own(tmp_path: Path):
    logs.make(600, tmp_path / "log")
    found = measure.run_json(measure.python("benchmarks.logs", "write_xes", tmp_path / "log"))
    assert 0 < found["cpu_s"] <= found["wall_s"] + 0.1
    assert 0 < found["peak_mb"] < logs.LIMIT_MB
    assert (tmp_path / "log.written.xes").stat().st_size > 10_000
