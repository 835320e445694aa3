"""``procflow simulate --precision``."""

import json
from typing import Any

from typer.testing import CliRunner

from procflow.cli.app import app, build
from procflow.definition.shipped import folder

AS_IS = str(folder() / "processes" / "food_license" / "as_is.yaml")
SHORT = ("--arrivals", "2 per wd", "--days", "60", "--lang", "en")

build()  # adds the verbs to the program


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["simulate", AS_IS, *SHORT, *arguments])


def test_simulate_replicates_until_it_is_precise():
    done = invoke("--precision", "0.05", "--json")
    assert done.exit_code == 0, done.output
    cycle = json.loads(done.stdout)["food_license"][0]
    assert cycle["key"] == "cycle_wd"
    assert cycle["n"] >= 5
    assert (cycle["high"] - cycle["low"]) / 2 <= 0.05 * cycle["mean"]


def test_a_precision_and_a_number_of_replications_contradict_each_other():
    done = invoke("--precision", "0.05", "--replications", "3")
    assert done.exit_code == 2
    assert "leave out --replications" in done.output


def test_a_precision_of_nothing_is_refused():
    done = invoke("--precision", "0")
    assert done.exit_code == 2
    assert "a precision is above 0" in done.output


def test_an_overload_is_noted_in_the_language_asked_for():
    busy = ("--arrivals", "20 per wd", "--replications", "1", "--days", "14")
    assert "note: the people of market_office.inspector are offered" in invoke(*busy).stderr
    assert "注意：market_office.inspector 的工作量" in invoke(*busy, "--lang", "zh").stderr
