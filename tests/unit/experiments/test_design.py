"""What an experiment consists of: its cells in order, from Python and from a file, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from procflow.definition.experiment import METRICS
from procflow.definition.scenario import Scenario
from procflow.definition.shipped import folder
from procflow.errors import DefinitionError, SimulationError
from procflow.experiments import Experiment, load_experiment
from procflow.simulation import simulate
from tests.unit.experiments.small import GRID, PLAN, REVIEWERS, SCENARIO, permit, small, write_plan


def test_a_grid_crosses_its_axes_and_variants():
    assert [tuple(cell.axes.values()) for cell in small().cells] == [
        (variant, rate, people) for variant in ("as_is", "fast") for rate in GRID["arrivals"] for people in (1, 2)
    ]


def test_a_cell_is_the_scenario_with_its_changes():
    cell = small().cells[1]
    assert cell.scenario.arrivals is not None
    assert cell.scenario.arrivals.rate == "4 per wd"
    assert cell.scenario.staffing == {"market_regulation.reviewer": 2}
    assert (cell.scenario.days, cell.scenario.seed, cell.scenario.replications) == (20, 7, 2)


def test_every_axis_changes_its_field():
    row = {"days": 30, "warmup_days": 5, "start": "2025-03-01", "unlimited_staff": True, "arrivals.permit": "9 per d"}
    [cell] = small(processes=[permit()], grid=None, cells=[row]).cells
    scenario = cell.scenario
    assert (scenario.days, scenario.warmup_days, scenario.unlimited_staff) == (30, 5, True)
    assert str(scenario.start) == "2025-03-01"
    assert scenario.arrivals is not None and scenario.arrivals.rate == "9 per d"


def test_a_cell_may_count_cases_where_the_scenario_counts_days():
    cells = small(grid={"cases": [100, 200], "warmup_cases": 10}).cells
    found = [(cell.scenario.days, cell.scenario.cases, cell.scenario.warmup_cases) for cell in cells[:2]]
    assert found == [(None, 100, 10), (None, 200, 10)]


def test_a_list_of_changes_of_staff_is_one_value_of_an_axis():
    leave = {"who": "market_regulation.reviewer", "from": "2025-01-06", "until": "2025-01-10", "absent": "all"}
    cells = small(grid={"staffing_changes": [[], [leave]]}).cells
    assert [len(cell.scenario.staffing_changes) for cell in cells[:2]] == [0, 1]
    assert '"absent": "all"' in str(cells[1])
    assert len({cell.digest for cell in cells}) == len(cells)
    alone = small(grid={"staffing_changes": [leave]}).cells
    assert [len(cell.scenario.staffing_changes) for cell in alone] == [1, 1]


def test_a_listed_cell_may_be_of_one_variant():
    cells = small(grid=None, cells=[{"days": 30}, {"processes": "fast", "days": 40}]).cells
    assert [(cell.variant, cell.scenario.days) for cell in cells] == [("as_is", 30), ("fast", 30), ("fast", 40)]


def test_without_axes_each_variant_is_a_cell():
    assert [str(cell) for cell in small(grid=None).cells] == ["processes = as_is", "processes = fast"]


def test_a_plan_file_is_the_experiment_that_it_describes(tmp_path: Path):
    loaded = load_experiment(write_plan(tmp_path))
    assert [cell.axes for cell in loaded.cells] == [cell.axes for cell in small().cells]
    assert [cell.scenario for cell in loaded.cells] == [cell.scenario for cell in small().cells]


def test_the_order_in_a_file_does_not_change_what_a_cell_is(tmp_path: Path):
    head, _, axes = PLAN.partition("grid:\n")
    turned = head + "grid:\n" + "\n".join(reversed(axes.splitlines())) + "\n"
    first, second = (load_experiment(write_plan(tmp_path, plan)) for plan in (PLAN, turned))
    assert first.axes != second.axes
    assert {cell.digest for cell in first.cells} == {cell.digest for cell in second.cells}


def test_a_plan_without_processes_takes_those_of_its_scenario(tmp_path: Path):
    scenario = "scenario:\n  processes: [{process: as_is.yaml, arrivals: 3 per wd}]\n  days: 20\n"
    plan = write_plan(tmp_path, f"procflow: 1\nexperiment: e\n{scenario}grid: {{{REVIEWERS}: [1, 2]}}\n")
    experiment = load_experiment(plan)
    assert [cell.scenario.arrivals.rate for cell in experiment.cells if cell.scenario.arrivals] == ["3 per wd"] * 2


def test_an_unsound_process_is_told_when_the_plan_is_loaded(tmp_path: Path):
    plan = write_plan(tmp_path)
    fast = tmp_path / "fast.yaml"
    island = "  - {name: island, department: tax, role: officer, work: 1 h}\n"
    fast.write_text(fast.read_text(encoding="utf-8").replace("transitions:\n", island + "transitions:\n"))
    with pytest.raises(DefinitionError, match=r"fast\.yaml:\d+:\d+: .*island"):
        load_experiment(plan)


def test_the_shipped_experiment_crosses_demand_inspectors_and_variants():
    cells = load_experiment(folder() / "experiments" / "food_license.yaml").cells
    assert len(cells) == 18
    assert {cell.variant for cell in cells} == {"as_is", "to_be"}


def test_the_metrics_that_a_plan_may_name_are_those_that_a_run_has():
    from procflow.analysis.metrics import replication_means

    run = simulate(permit(), SCENARIO)
    found = [key for key in replication_means(run, permit()) if ":" not in key]
    assert found == list(METRICS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"grid": {"arivals": ["1 per wd"]}}, "unknown axis 'arivals' (did you mean 'arrivals'?)"),
        ({"grid": {"seed": [1, 2]}}, "unknown axis 'seed'"),
        ({"grid": {"arrivals": ["1 per wd", "never"]}}, "grid → arrivals → 1: 'never' is no rate of arrival"),
        ({"grid": {"days": [30, 0]}}, "grid → days → 1: Input should be greater than or equal to 1 (0)"),
        ({"grid": {"staffing.tax.clerk": [1]}}, "unknown role or group 'tax.clerk'"),
        ({"cells": [{"days": 30}]}, "give 'grid' or 'cells', not both"),
        ({"metrics": ["cycle"]}, "unknown metric 'cycle'"),
        ({"baseline": {"days": 30}}, "unknown axis 'days'"),
        ({"baseline": {"arrivals": "5 per wd"}}, "unknown value of arrivals '5 per wd'"),
        ({"scenario": Scenario(), "grid": None}, "nothing says how cases of permit arrive"),
        ({"processes": []}, "an experiment needs at least one process"),
        ({"processes": [permit(), permit()]}, "two of the processes have the same variant"),
        ({"processes": {"two": [permit(), permit("fast")]}}, "'permit' stands here twice"),
    ],
)
def test_a_mistake_is_told_before_anything_is_simulated(changes: dict[str, Any], words: str):
    with pytest.raises(SimulationError) as caught:
        small(**changes)
    assert words in caught.value.text("en")
    assert caught.value.text("zh") != caught.value.text("en")


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SimulationError) as caught:
        small(grid={"arivals": ["1 per wd"], "days": ["x"]})
    assert len(str(caught.value).splitlines()) == 2


def test_a_list_in_the_scenario_is_in_the_order_of_the_processes():
    appeal = permit().with_definition(permit().definition.model_copy(update={"process": "appeal"}))
    listed = [{"process": "a", "arrivals": "1 per wd"}, {"process": "b", "arrivals": "2 per wd"}]
    scenario = Scenario.model_validate({"processes": listed, "days": 20})
    [cell] = Experiment({"both": [appeal, permit()]}, scenario).cells
    assert [(each.process, each.arrivals.rate) for each in cell.scenario.processes] == [
        ("appeal", "1 per wd"),
        ("permit", "2 per wd"),
    ]
