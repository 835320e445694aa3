"""T1 of runs: the share of the lead time that is waiting, by cause, on the path and on the working clock."""

from typing import Any

import handmade as hm
import pytest

from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from procflow.analysis.timing.waiting import CAUSES


def told(of: Any, rows: list[dict[str, Any]], **profile: Any) -> Any:
    return analyze(of, hm.run(of, rows), rules=["T1"], profile=Profile(**profile))


def line() -> Any:
    states = [hm.state("intake", "a"), hm.state("review", "b"), hm.state("end")]
    return hm.process(states, [hm.go("intake", "review"), hm.go("review", "end")])


def parts(finding: Any) -> dict[str, float]:
    names = {text.en: name for name, text in CAUSES.items()}
    return {names[e.name.en]: e.value for e in finding.evidence if e.name.en in names}


def test_the_split_adds_up_to_the_waiting_in_working_time() -> None:
    # Monday 9:00 to Tuesday 17:00 is two working days of 8 hours
    rows = hm.chain(("intake", 9, 10), ("review", 12, 24 + 17))
    rows[1].update({"batch": 1, "batch_full": 1, "contention": 1, "off_duty": 0.5})  # starts at 15:30
    [finding] = told(line(), rows, waiting_share=0.3)
    lead, wait = (each.value for each in finding.evidence[:2])
    assert (lead, wait) == pytest.approx((2, 5.5 / 8))
    expected = {"transfer_wd": 2, "batch_wd": 1, "full_wd": 1, "contention_wd": 1, "off_duty_wd": 0.5}
    assert parts(finding) == pytest.approx({cause: 100 * hours / 5.5 for cause, hours in expected.items()})
    assert finding.cost[0].per_case == pytest.approx(5.5 / 8)
    assert finding.remedies[0].operator == "connect_systems"


def test_a_process_that_hardly_waits_is_not_told() -> None:
    rows = hm.chain(("intake", 9, 13), ("review", 14, 17))
    assert not told(line(), rows)
    assert told(line(), rows, waiting_share=0.125)


def test_nights_and_weekends_are_no_waiting() -> None:
    # Friday 16:00 to Monday 10:00: two hours of work, the rest off duty
    rows = hm.chain(("intake", 96 + 16, 96 + 17), ("review", 96 + 17, 168 + 10))
    rows[1].update({"off_duty": 64})
    assert not told(line(), rows, waiting_share=0.01)


@pytest.mark.parametrize(("region", "share"), [("a", 0.0), ("b", 2 / 7)])
def test_only_waits_of_the_region_that_the_others_waited_for_count(region: str, share: float) -> None:
    regions = [
        {
            "name": name,
            "initial": "check",
            "transitions": [hm.go("check", "ok")],
            "states": [hm.state("check", name), hm.state("ok")],
        }
        for name in ("a", "b")
    ]
    of = hm.process([{"name": "joint", "regions": regions}, hm.state("end")], [hm.go("joint", "end")])
    rows = [
        *hm.chain(("joint/a/check", 9, 12), token="joint/a", dest="joint/a/ok"),
        *hm.chain(("joint/b/check", 9, 16), token="joint/b", dest="joint/b/ok"),
    ]
    rows[0]["sync"] = 4
    rows["ab".index(region)]["contention"] = 2
    found = told(of, rows, waiting_share=0.01)
    assert [each.evidence[1].value / each.evidence[0].value for each in found] == pytest.approx(
        [share] if share else []
    )
