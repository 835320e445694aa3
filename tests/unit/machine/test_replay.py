"""Logs that the machine can and cannot follow, row by row."""

from typing import Any

import pytest

from procflow.errors import MachineError
from procflow.machine import Automaton
from procflow.machine.replay import Replay, replay
from tests.examples import PERMIT, make_process
from tests.unit.machine.test_automaton import GRANT, GUARDED, review

Row = dict[str, Any]
FIRE, SIGN, PLANNING = "joint/fire/check", "joint/fire/sign", "joint/planning/check"


def row(
    state: str,
    enter_us: int,
    exit_us: int | None,
    trigger: str | None = None,
    dest: str | None = None,
    *,
    end: str = "completed",
    arrive_us: int | None = -1,
) -> Row:
    """Return a row; it arrives when it exits unless told otherwise."""
    arrive_us = exit_us if arrive_us == -1 else arrive_us
    return {
        "state": state, "enter_us": enter_us, "exit_us": exit_us, "arrive_us": arrive_us,
        "trigger": trigger, "dest": dest, "end": end,
    }  # fmt: skip


def outcome(rows: list[Row], join: str = "all", outer: str = GRANT) -> Replay:
    return replay(review(join, outer), rows)


def test_a_plain_log_fits() -> None:
    rows = [row("application", 0, 5, "accept", "review"), row("review", 5, 9, "grant", "issued")]
    assert replay(make_process(PERMIT), rows) == Replay(True, 2)


@pytest.mark.parametrize(
    ("rows", "at", "words"),
    [
        (
            [row("review", 5, 9, "grant", "issued")],
            0,
            "row 0: the case does not come to 'review' then; it stands in application",
        ),
        ([row("application", 0, 5, "accept", "issued")], 0, "row 0: no transition application --accept→ issued"),
        ([row("intake", 0, 5, "accept", "review")], 0, "row 0: no leaf state 'intake'"),
        (
            [row("application", 0, 5, "accept", "review")],
            None,
            "the log ends too early: the case still stands in 'review'",
        ),
        ([], None, "still stands in 'application'"),
        (
            [
                row("application", 0, 5, "accept", "review"),
                row("review", 5, 9, "grant", "issued"),
                row("review", 9, 10, "grant", "issued"),
            ],
            2,
            "row 2: the case does not come to 'review' then; it stands in issued",
        ),
        (
            [row("application", 0, 5, "accept", "review"), row("application", 6, None, end="cut")],
            1,
            "row 1: the case does not come to 'application' then; it stands in review",
        ),
        ([row("application", 0, 5, "accept", "review", end="timed_out")], 0, "no transition"),
    ],
)
def test_a_log_that_does_not_fit_says_where(rows: list[Row], at: int | None, words: str) -> None:
    found = replay(make_process(PERMIT), rows)
    assert (found.fits, found.at) == (False, at)
    assert found.failure is not None
    assert words in found.failure.get("en")


def test_a_transition_out_of_turn_is_refused() -> None:
    rows = [row("intake", 0, 5, "normal", "slow"), row("slow", 5, 5, "stop", "end")]
    found = replay(make_process(GUARDED), rows, {"risk": "high", "rounds": 0})
    assert (found.at, found.steps) == (1, 1)
    assert "row 1: slow --stop→ end cannot be taken; the case stands in slow" in str(found.failure)


def test_rows_are_taken_by_time_and_not_by_their_order() -> None:
    rows = [row("review", 5, 9, "grant", "issued"), row("application", 0, 5, "accept", "review")]
    assert replay(make_process(PERMIT), rows).fits


def test_steps_of_no_time_are_put_in_order() -> None:
    rows = [row("review", 5, 5, "grant", "issued"), row("application", 0, 5, "accept", "review")]
    assert replay(make_process(PERMIT), rows).fits


def test_a_case_cut_by_the_end_of_the_run_fits() -> None:
    assert replay(make_process(PERMIT), [row("application", 0, None, end="cut")]) == Replay(True, 0)
    under_way = row("application", 0, 5, "accept", "review", end="cut", arrive_us=None)
    assert replay(make_process(PERMIT), [under_way]) == Replay(True, 0)


def test_a_join_goes_on_by_itself() -> None:
    rows = [
        row(FIRE, 0, 1, "pass", SIGN),
        row(SIGN, 1, 5, "sign", "joint/fire/done"),
        row(PLANNING, 0, 3, "pass", "joint/planning/done"),
    ]
    assert outcome(rows) == Replay(True, 4)


def test_regions_that_finish_at_the_same_instant_all_count() -> None:
    rows = [
        row(FIRE, 0, 1, "pass", SIGN),
        row(SIGN, 1, 5, "sign", "joint/fire/done"),
        row(PLANNING, 0, 5, "pass", "joint/planning/done"),
    ]
    assert outcome(rows, "any").fits
    rows[2]["exit_us"] = rows[2]["arrive_us"] = 6
    assert outcome(rows, "any").at == 2


def test_a_region_finishes_when_its_last_transfer_arrives() -> None:
    rows = [
        row(PLANNING, 0, 2, "pass", "joint/planning/done", arrive_us=9),
        row(FIRE, 0, 7, "pass", SIGN),
        row(SIGN, 7, None, end="cancelled"),
    ]
    assert outcome(rows, "any").fits
    rows[0]["arrive_us"] = 3
    assert not outcome(rows, "any").fits


def test_a_transfer_out_of_a_composite_delays_the_join_around_it() -> None:
    text = """
initial: joint
states:
  - name: joint
    join: any
    regions:
      - name: fire
        initial: part
        states:
          - {name: part, initial: check, states: [{name: check}, {name: done, final: true}], transitions: [
              {trigger: pass, source: check, dest: done}]}
          - {name: done, final: true}
        transitions: [{trigger: send, source: part, dest: done, transfer: {delay: 1 d}}]
      - {name: planning, initial: check, states: [{name: check}, {name: sign}, {name: done, final: true}],
         transitions: [{trigger: pass, source: check, dest: sign}, {trigger: sign, source: sign, dest: done}]}
  - {name: file}
  - {name: end, final: true}
transitions: [{trigger: go, source: joint, dest: file}, {trigger: close, source: file, dest: end}]
"""
    rows = [
        row("joint/fire/part/check", 0, 2, "pass", "joint/fire/part/done"),
        row("joint/planning/check", 0, 5, "pass", "joint/planning/sign"),
        row("joint/planning/sign", 5, None, end="cancelled"),
    ]
    process = make_process(text)
    assert replay(process, rows).fits
    assert replay(process, [*rows, row("file", 9, 9, "close", "end")]) == Replay(True, 5)


def test_an_early_leave_cancels_the_other_regions() -> None:
    rows = [row(FIRE, 0, None, end="cancelled"), row(PLANNING, 0, 4, "veto", "refused")]
    assert outcome(rows).fits
    rows[0] = row(FIRE, 0, 5, "pass", SIGN)
    assert outcome(rows).at == 0


def test_a_move_at_the_instant_of_an_early_leave_comes_first() -> None:
    rows = [row(PLANNING, 0, 4, "veto", "refused"), row(FIRE, 0, 4, "pass", SIGN), row(SIGN, 4, None, end="cancelled")]
    assert outcome(rows).fits


def test_a_timer_of_a_composite_leaves_no_row_of_its_own() -> None:
    assert outcome([row(FIRE, 0, None, end="cancelled"), row(PLANNING, 0, None, end="cancelled")]).fits


def test_a_region_cannot_be_cancelled_without_a_cause() -> None:
    rows = [row(FIRE, 0, None, end="cancelled"), row(PLANNING, 0, None, end="cut")]
    text = review().definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text["transitions"] = [way for way in text["transitions"] if "timeout" not in way]
    untimed = review().with_definition(type(review().definition).model_validate(text))
    assert not replay(untimed, rows).fits


def test_the_way_on_after_a_join_is_read_from_what_follows() -> None:
    text = """
initial: joint
states:
  - {name: joint, initial: check, states: [{name: check}, {name: done, final: true}], transitions: [
      {trigger: pass, source: check, dest: done}]}
  - {name: grant}
  - {name: refuse}
  - {name: end, final: true}
transitions:
  - {trigger: yes, source: joint, dest: grant, probability: 0.5}
  - {trigger: no, source: joint, dest: refuse, probability: 0.5}
  - {trigger: file, source: [grant, refuse], dest: end}
"""
    process = make_process(text.replace("trigger: no,", 'trigger: "no",').replace("trigger: yes,", 'trigger: "yes",'))
    rows = [row("joint/check", 0, 3, "pass", "joint/done"), row("refuse", 3, 4, "file", "end")]
    assert replay(process, rows) == Replay(True, 3)
    assert not replay(process, [*rows, row("grant", 3, 5, "file", "end")]).fits


def test_guards_count_where_attributes_are_given() -> None:
    rows = [row("intake", 0, 1, "normal", "slow"), row("slow", 1, None, end="cut")]
    automaton = Automaton(make_process(GUARDED))
    assert replay(automaton, rows).fits
    assert replay(automaton, rows, {"risk": "high", "rounds": 0}).fits
    assert replay(automaton, rows, {"risk": "low", "rounds": 0}).at == 0
    with pytest.raises(MachineError):
        replay(automaton, rows, {"risk": "low"})
