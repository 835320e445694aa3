"""A report says how its runs are made again, by commands that run, and what a reform brings along."""

import datetime as dt
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from procflow.analysis.metrics import summary
from procflow.cli.app import app, build
from procflow.definition import Process
from procflow.definition.scenario import Scenario
from procflow.machine.loading import load
from procflow.report.besides import besides
from procflow.report.places import NOWHERE, common_folder
from procflow.report.repeat import repetitions
from procflow.simulation import Run, simulate
from tests.examples import PERMIT, make_process

build()  # adds the verbs to the program

SMALL: dict[str, Any] = {"days": 30, "warmup_days": 5, "replications": 2, "seed": 3}
SHIPPED = Path(__file__).parents[3] / "process_defs"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import shutil

    return Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("definitions") / "defs"))


@pytest.fixture(scope="module")
def variants(copied: Path) -> tuple[Process, Process, Process]:
    names = "food_license/as_is", "food_license/to_be", "food_license_post_check/to_be"
    return tuple(load(copied / "processes" / f"{name}.yaml") for name in names)  # type: ignore[return-value]


def reformed(variants: tuple[Process, Process, Process]) -> Run:
    rates = [
        {"process": p.name, "arrivals": rate} for p, rate in zip(variants[1:], ("8 per wd", "4 per wd"), strict=True)
    ]
    return simulate(list(variants[1:]), Scenario.model_validate({**SMALL, "processes": rates}))


def test_a_plain_rate_is_repeated_by_options_alone(variants: tuple[Process, Process, Process]) -> None:
    plan = Scenario.model_validate({**SMALL, "arrivals": "4 per wd", "unlimited_staff": True})
    runs = [simulate(process, plan) for process in variants[:2]]
    (again,) = repetitions(variants[:2], runs, common_folder(variants), "en")
    assert again.scenario == ""
    assert (
        "--arrivals '4 per wd' --days 30 --warmup-days 5 --replications 2 --seed 3 --unlimited-staff" in again.command
    )
    assert again.command.count(".yaml") == 2


def test_what_no_option_says_comes_as_a_scenario_to_save(variants: tuple[Process, Process, Process]) -> None:
    plan = Scenario.model_validate(
        {**SMALL, "arrivals": "4 per wd", "start": dt.date(2025, 3, 3), "staffing": {"market_regulation.reviewer": 5}}
    )
    (again,) = repetitions(variants[:1], [simulate(variants[0], plan)], common_folder(variants), "zh")
    assert "start: 2025-03-03" in again.scenario
    assert "market_regulation.reviewer: 5" in again.scenario
    assert f"--scenario {again.file}" in again.command


def test_the_command_for_several_processes_runs_and_gives_the_same_figures(
    variants: tuple[Process, Process, Process], copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = simulate(variants[0], Scenario.model_validate({**SMALL, "arrivals": "8 per wd"}))
    together = reformed(variants)
    _, again = repetitions(variants[:2], [alone, together], common_folder(variants), "en")
    (copied / again.file).write_text(again.scenario, encoding="utf-8")
    monkeypatch.chdir(copied)
    words = shlex.split(again.command)
    assert words[:4] == ["cd", str(copied), "&&", "procflow"]
    done = CliRunner().invoke(app, words[4:])
    assert done.exit_code == 0, done.output
    for process in together.processes:
        assert f"{summary(together, process)[0].estimate.mean:,.4g}" in done.output


def test_what_was_built_in_memory_has_no_command() -> None:
    process = make_process(PERMIT)
    run = simulate(process, Scenario.model_validate({**SMALL, "arrivals": "1 per wd"}))
    assert repetitions([process], [run], NOWHERE, "en") == ()


def test_a_process_that_the_reform_brings_along_is_named_with_its_hours(
    variants: tuple[Process, Process, Process],
) -> None:
    alone = simulate(variants[0], Scenario.model_validate({**SMALL, "arrivals": "8 per wd"}))
    together = reformed(variants)
    (beside,) = besides(alone, together, variants[1])
    hours = {m.key: m.estimate.mean for m in summary(together, variants[2])}["staff_hours"]
    own = {m.key: m.estimate.mean for m in summary(together, variants[1])}["staff_hours"]
    assert beside.hours == hours
    assert beside.share == pytest.approx(0.5, abs=0.15)
    assert beside.spread_hours == pytest.approx(own + beside.share * hours)
    assert "告知承诺事后核查" in beside.text("zh")
    assert list(besides(alone, alone, variants[0])) == []
