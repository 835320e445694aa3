"""A log on the states of a definition: the tables it gives, and what the rules over runs say of them."""

from typing import Any

import handmade as hm
import polars as pl
import pytest

from procflow.analysis.observed import observed_run
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from procflow.analysis.run_tables import SEGMENTS
from procflow.errors import LogError
from procflow.logs.matching import match_activities
from procflow.logs.waiting import waiting_split
from tests.unit.logs.small import log

HOURS = 3_600_000_000


def permit() -> Any:
    """Intake, review, which may send back or decide."""
    states = [hm.state("intake", "a"), hm.state("review", "b"), hm.state("granted"), hm.state("refused")]
    ways = [
        hm.go("intake", "review", "forward"),
        hm.go("review", "intake", "send_back"),
        hm.go("review", "granted", "grant"),
        hm.go("review", "refused", "refuse"),
    ]
    return hm.process(states, ways, organization={"timezone": "UTC"})


def steps(case: str, day: int) -> tuple[tuple[str, str, str, str], ...]:
    """Intake from 9 to 10, review from 13 to 14 of the same day."""
    return (case, "intake", f"{day} 09:00", f"{day} 10:00"), (case, "review", f"{day} 13:00", f"{day} 14:00")


def observed(of: Any, *rows: Any, split: bool = False, **columns: Any) -> Any:
    seen = log(*rows, **columns)
    return observed_run(seen, of, match_activities(seen, of), waiting_split(seen) if split else None)


def test_visits_have_the_ways_that_the_definition_allows_and_segments_that_add_up() -> None:
    people = ["Li", "Wu"] * 6
    run = observed(
        permit(), *(row for day in (3, 4, 5, 6, 7, 10) for row in steps(str(day), day)), split=True, resource=people
    )
    first = run.events.filter(case=0)
    assert first["trigger"].to_list() == ["forward", None]
    assert first["dest"].to_list() == ["review", None]  # granted or refused: the log does not tell
    spent = run.events.select(us=pl.sum_horizontal(*SEGMENTS), enter="enter_us", done="done_us")
    assert (spent["us"] == spent["done"] - spent["enter"]).all()
    assert run.events.filter(state="review")["start_us"].to_list()[0] == 13 * HOURS
    assert run.cases["outcome"].null_count() == 6


def test_a_case_has_ended_where_its_outcome_is_told() -> None:
    of = permit()
    seen = log(*steps("x", 3), *steps("y", 4))
    told = pl.DataFrame({"case": ["x", "y"], "case_outcome": ["granted", None]})
    seen = type(seen)(seen.events, told, seen.zone)
    run = observed_run(seen, of, match_activities(seen, of))
    rows = run.cases.select("attribute_case", "outcome", "cycle_us", "cycle_wd").rows()
    assert rows == [("x", "granted", 5 * HOURS, 5 / 8), ("y", None, None, None)]


def line() -> Any:
    states = [hm.state("intake", "a"), hm.state("review", "b"), hm.state("end")]
    return hm.process(states, [hm.go("intake", "review"), hm.go("review", "end")], organization={"timezone": "UTC"})


def test_rules_over_runs_speak_of_a_log_and_say_what_it_lacks() -> None:
    rows = [row for day in (3, 4, 5, 6, 7) for row in steps(str(day), day)]
    run = observed(line(), *rows, resource=["Li", "Wu"] * 5, split=True)
    found = analyze(line(), run, rules=["T1", "T2", "T12"], profile=Profile(time_gap_wd=0.3, waiting_share=0.5))
    assert [each.rule for each in found.of("T2")] == ["T2"]
    assert found.of("T2")[0].evidence[0].value == pytest.approx(3 / 8)
    share = found.of("T1")[0]
    assert [share.evidence[k].value for k in (0, 1)] == pytest.approx([5 / 8, 3 / 8])
    assert found.skipped == ("T12",)
    assert "on duty" in found.reasons["T12"].en
    bare = observed(line(), *((case, name, None, end) for case, name, _, end in rows))
    assert set(analyze(line(), bare, rules=["T1", "T2"]).skipped) == {"T1", "T2"}


def test_the_limit_of_a_step_is_judged_on_what_a_log_shows() -> None:
    states = [hm.state("intake", "a", limit="1 wd"), hm.state("review", "b", limit="2 wd"), hm.state("end")]
    of = hm.process(states, [hm.go("intake", "review"), hm.go("review", "end")], organization={"timezone": "UTC"})
    rows = [row for day in (3, 4, 5, 6) for row in steps(str(day), day)]
    rows[3] = ("4", "review", "7 09:00", "7 14:00")  # handed over on Tuesday, decided on Friday
    (finding,) = analyze(of, observed(of, *rows), rules=["T8"])
    assert finding.names("state") == ("review",)
    assert (finding.evidence[0].value, finding.evidence[1].value) == (0.25, 4)


def test_rework_in_a_log_is_told_by_the_run_s_rule() -> None:
    rows = [("1", name, f"{day} 09:00", f"{day} 10:00") for day, name in enumerate(("intake", "review") * 2, start=3)]
    seen = log(*rows)
    told = type(seen)(seen.events, pl.DataFrame({"case": ["1"], "case_outcome": ["granted"]}), seen.zone)
    found = analyze(permit(), observed_run(told, permit(), match_activities(told, permit())), rules=["R13"])
    assert found[0].names("state") == ("intake", "review")


def test_logs_without_states_and_definitions_with_regions_are_refused() -> None:
    with pytest.raises(LogError, match="no activity"):
        observed(line(), ("1", "lunch", "3 09:00", "3 10:00"))
    regions = [
        {
            "name": n,
            "initial": "check",
            "states": [hm.state("check", n), hm.state("ok")],
            "transitions": [hm.go("check", "ok")],
        }
        for n in ("a", "b")
    ]
    joint = hm.process([{"name": "joint", "regions": regions}, hm.state("end")], [hm.go("joint", "end")])
    with pytest.raises(LogError, match="regions"):
        observed(joint, ("1", "check", "3 09:00", "3 10:00"))


@pytest.mark.parametrize(("cases", "returned", "stamps"), [(400, 0, 1), (400, 8, 0), (100, 0, 0)])
def test_a_review_that_never_objects_is_told_from_enough_real_decisions(cases: int, returned: int, stamps: int) -> None:
    states = [hm.state("intake", "a"), hm.state("review", "b", kind="review"), hm.state("send", "a"), hm.state("end")]
    ways = [hm.go("intake", "review"), hm.go("review", "send"), hm.go("review", "intake"), hm.go("send", "end")]
    of = hm.process(states, ways, organization={"timezone": "UTC"})
    rows = []
    for case in range(cases):
        names = ["intake", "review"] * (2 if case < returned else 1) + ["send"]
        rows += [(str(case), name, f"3 {9 + hour:02}:00", f"3 {9 + hour:02}:30") for hour, name in enumerate(names)]
    found = analyze(of, observed(of, *rows), rules=["R7"])
    assert len(found) == stamps
    assert all(each.evidence[0].n == cases for each in found)
