"""Seeded defects: each is found at its place, and nothing that nobody put in. A slice of the benchmark."""

import pytest

from benchmarks.detection.catalog import INJECTORS, rule_of
from benchmarks.detection.clean import clean
from benchmarks.detection.draft import scopes, steps
from benchmarks.detection.experiment import run, run_spared
from benchmarks.detection.spares import EXCUSES
from procflow.analysis.registry import descriptions
from procflow.machine.soundness import soundness

SLICE = 50


@pytest.fixture(scope="module")
def result():
    return run(SLICE, most=24)


def test_clean_processes_have_no_findings_and_seeded_defects_are_the_only_ones_found(result):
    assert result.disagreements == []
    assert result.clean == SLICE
    assert all(tally.found == tally.injected and not tally.false for tally in result.tallies.values())


def test_every_injector_had_its_turn(result):
    assert set(result.tallies) == {rule_of(name) for name in INJECTORS}


def test_what_law_or_the_definition_excuses_is_not_told():
    made, alarms = run_spared(len(EXCUSES) + 6, most=24)
    assert alarms == []
    assert set(made) == {rule_of(name) for name in EXCUSES} and made.total() > len(EXCUSES)


def test_injectors_are_named_after_rules():
    assert {rule_of(name) for name in INJECTORS} <= set(descriptions())


def test_clean_processes_are_sound_and_of_many_shapes():
    drafts = [clean(seed) for seed in range(40)]
    assert not [problem for draft in drafts for problem in soundness(draft.build())]
    sizes = [sum(1 for _ in steps(draft)) for draft in drafts]
    assert min(sizes) < 10 and max(sizes) > 50 and max(sizes) <= 60
    states = [state for draft in drafts for _, scope in scopes(draft) for state in scope["states"]]
    ways = [way for draft in drafts for _, scope in scopes(draft) for way in scope["transitions"]]
    assert any(state.get("regions") for state in states) and any(state.get("states") for state in states)
    assert {"when", "rejects", "cancels", "timeout", "probability", "transfer"} <= {
        field for way in ways for field in way
    }
    assert len({state["department"] for state in states if "department" in state}) == 3


def test_a_seed_gives_one_process():
    assert clean(7).build() == clean(7).build() != clean(8).build()
