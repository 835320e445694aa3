"""A diff finds what was added, removed, moved and changed, and nothing where nothing was."""

import pytest
from hypothesis import given, settings

from procflow.definition import Process
from procflow.definition.shipped import folder
from procflow.machine.diff import Diff, diff
from procflow.machine.loading import load
from tests.examples import PERMIT, make_process
from tests.strategies import processes


def states(found: Diff) -> set[tuple[str, str | None, str | None]]:
    return {(s.kind, s.before, s.after) for s in found.states if s.kind != "same"}


def ways(found: Diff) -> set[tuple[str, str | None, str | None]]:
    named = ((t.kind, t.before, t.after) for t in found.transitions if t.kind != "same")
    return {
        (
            kind,
            None if one is None else found.before.edges[one].name,
            None if two is None else found.after.edges[two].name,
        )
        for kind, one, two in named
    }


def permit(*changes: tuple[str, str]) -> Process:
    text = PERMIT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return make_process(text)


@settings(max_examples=25, deadline=None)
@given(processes())
def test_a_process_does_not_differ_from_itself(process: Process) -> None:
    assert diff(process, process).is_empty


@settings(max_examples=25, deadline=None)
@given(processes(), processes())
def test_every_part_of_both_stands_in_a_diff_once(one: Process, other: Process) -> None:
    found = diff(one, other)
    assert sorted(s.before for s in found.states if s.before is not None) == sorted(found.before.nodes)
    assert [s.after for s in found.states if s.after is not None] == list(found.after.nodes)
    assert sorted(t.before for t in found.transitions if t.before is not None) == list(range(len(found.before.edges)))
    assert [t.after for t in found.transitions if t.after is not None] == list(range(len(found.after.edges)))


def test_what_a_state_does_otherwise_is_named_by_its_fields() -> None:
    found = diff(permit(), permit(("kind: review, work: 1 h", "kind: decision, work: 2 h")))
    changed = [(s.kind, s.before, s.fields) for s in found.states if s.kind != "same"]
    assert changed == [("changed", "review", ("kind", "work"))]


def test_a_state_of_another_department_has_moved() -> None:
    here, there = "department: market_regulation, role: reviewer", "department: market_office, role: inspector"
    found = diff(permit(), permit((here, there)))
    assert states(found) == {("moved", "review", "review")}


def test_same_as_follows_a_state_that_was_renamed() -> None:
    renamed = permit(("name: review,", "name: examination, same_as: review,"), ("dest: review", "dest: examination"),
                     ("source: review", "source: examination"))  # fmt: skip
    found = diff(permit(), renamed)
    assert states(found) == set()
    assert ways(found) == set()


def test_a_transition_that_leads_elsewhere_has_moved_and_one_with_another_chance_has_changed() -> None:
    found = diff(permit(), permit(("dest: refused, probability: 0.1", "dest: application, probability: 0.1")))
    assert ways(found) == {("moved", "review --refuse→ refused", "review --refuse→ application")}
    found = diff(permit(), permit(("probability: 0.9", "probability: 0.8"), ("probability: 0.1", "probability: 0.2")))
    assert {kind for kind, _, _ in ways(found)} == {"changed"}


def test_a_step_that_goes_into_a_composite_has_moved_though_its_content_is_the_same() -> None:
    found = diff(*(load(folder() / "processes" / "business_startup" / f"{v}.yaml") for v in ("as_is", "to_be")))
    assert ("moved", "seal", "after_registration/police/seal") in states(found)


@pytest.mark.parametrize("kind", ["added", "removed"])
def test_a_new_step_and_its_ways_are_added_and_a_lost_one_is_removed(kind: str) -> None:
    more = permit(
        ("  - {name: issued", "  - {name: notice, kind: notice, delay: 1 d}\n  - {name: issued"),
        ("source: review, dest: issued", "source: review, dest: notice"),
        ("  - {trigger: refuse", "  - {trigger: post, source: notice, dest: issued}\n  - {trigger: refuse"),
    )
    found = diff(permit(), more) if kind == "added" else diff(more, permit())
    assert {(s[0], s[1] or s[2]) for s in states(found)} == {(kind, "notice")}
    assert (kind, "notice --post→ issued") in {(w[0], w[1] or w[2]) for w in ways(found)}


def test_data_for_programs_name_what_differs() -> None:
    data = diff(permit(), permit(("work: 1 h", "work: 2 h"))).to_data()
    assert data == {
        "states": [{"kind": "changed", "before": "review", "after": "review", "fields": ["work"]}],
        "transitions": [],
    }
