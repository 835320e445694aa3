"""T1, T2 and T13 from the log of a simulated office, blind."""

import pytest

from benchmarks.recovery import split_of
from procflow.analysis.log_waiting import waiting_findings
from procflow.analysis.profile import Profile
from procflow.logs.waiting import waiting_split
from tests.unit.logs.test_waiting import PEOPLE, _log


def test_the_weekly_session_is_told_with_its_time_and_its_price() -> None:
    """A weekly round costs half a week, 2.5 working days of five, when cases come evenly; holidays lengthen it."""
    _, split = split_of("usual")
    [finding] = waiting_findings(split).of("T13")
    assert finding.names("state") == ("session",)
    assert "14:00" in finding.statement.get("en")
    assert "14:00" in finding.statement.get("zh")
    assert finding.cost[0].per_case == pytest.approx(2.5, rel=0.15)
    assert [remedy.operator for remedy in finding.remedies] == ["on_demand", "align_cadence"]


def test_slow_transitions_are_told_with_their_main_cause() -> None:
    _, split = split_of("usual")
    found = waiting_findings(split, profile=Profile(time_gap_wd=0.3)).of("T2")
    by_transition = {finding.names("transition")[0]: finding for finding in found}
    assert "waiting for people off duty" in by_transition["session → signature"].statement.get("en")
    assert by_transition["session → signature"].remedies[0].operator == "shift_hours"
    # what is left before a session is the queue in it: the wait for the sitting is T13's
    assert not [e for e in by_transition["opinion → session"].evidence if "sitting" in e.name.get("en")]
    median, late = by_transition["session → signature"].evidence[1:3]
    assert median.value < late.value


def test_most_of_the_time_is_waiting_and_the_causes_sum_to_the_whole() -> None:
    _, split = split_of("usual")
    [finding] = waiting_findings(split).of("T1")
    lead, idle, *parts = finding.evidence
    assert 0.5 < idle.value / lead.value < 1
    assert sum(part.value for part in parts) == pytest.approx(100, abs=3)
    assert not waiting_findings(split, profile=Profile(waiting_share=0.99)).of("T1")


def test_a_wait_beside_work_of_the_same_case_is_no_waiting_of_the_whole() -> None:
    """Between 10:00 and 16:00 something is always under way; one hour of the seven of a day lies idle."""
    rows = [("1", "a", "3 09:00", "3 10:00", "bo"), ("1", "b", "3 10:00", "3 16:00", "ann")]
    rows += [("1", "c", "3 13:00", "3 14:00", "cy"), ("1", "d", "3 17:00", "3 17:30", "bo")]
    found = waiting_findings(waiting_split(_log(*rows), PEOPLE), profile=Profile(waiting_share=0.01)).of("T1")
    lead, idle = found[0].evidence[:2]
    assert idle.value / lead.value == pytest.approx(1 / 7, rel=1e-6)


def test_what_the_applicant_takes_is_no_wait_of_the_office() -> None:
    _, split = split_of("usual")
    told = {
        name
        for finding in waiting_findings(split, profile=Profile(time_gap_wd=0.3))
        for name in finding.names("transition")
    }
    assert "session → signature" in told
    assert "intake → correction" not in told


def test_waits_below_the_threshold_are_not_told() -> None:
    _, split = split_of("usual")
    assert not waiting_findings(split, profile=Profile(time_gap_wd=50.0, frequency_gap_wd=50.0, waiting_share=1.0))


def test_a_log_without_waits_has_no_findings() -> None:

    split = waiting_split(_log(("1", "a", "3 09:00", "3 10:00", "bo"), ("1", "b", "3 10:00", "3 11:00", "ann")), PEOPLE)
    assert not waiting_findings(split)


def test_a_wait_over_a_weekend_costs_no_working_time_of_the_weekend() -> None:
    """Friday 16:00 to Monday 10:00 is two hours of seven on the working clock, 0.29 working days."""

    rows = [("1", "a", "7 15:00", "7 16:00", "bo"), ("1", "b", "10 10:00", "10 10:30", "ann")]
    [finding] = waiting_findings(
        waiting_split(_log(*rows), PEOPLE), profile=Profile(time_gap_wd=0.1, waiting_share=1.0)
    )
    assert finding.cost[0].per_case == pytest.approx(2 / 7)
