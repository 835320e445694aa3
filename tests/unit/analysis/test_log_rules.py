"""What the rules find in logs made for it, and what they take care not to flag."""

import datetime as dt
import random

import polars as pl
import pytest

import procflow as pf
from procflow.analysis.log_registry import LogContext, analyze_log, log_rules
from procflow.analysis.log_rules.lateness import warnings
from procflow.analysis.profile import Profile
from procflow.analysis.registry import explain, rules
from procflow.errors import AnalysisError, ArgumentError
from procflow.logs import EventLog, event_log
from tests.unit.logs.small import at, log

START = dt.datetime(2025, 1, 6, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def cases(*rows: tuple[dt.datetime, dt.datetime, dt.datetime | None]) -> EventLog:
    """Return a log of cases ``(begin, deadline, end)``, each with one step."""
    names = [str(n) for n in range(len(rows))]
    table = {"case": names, "activity": "decide", "end": [end or begin for begin, _, end in rows]}
    columns = ("case_startdate", "case_deadline", "case_enddate")
    facts = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
    return event_log(pl.DataFrame(table), pl.DataFrame({"case": names, **facts}))


def limited(used: list[float], *, days: int = 20) -> EventLog:
    """Return a log of a case every three hours that took these shares of a limit of 20 days."""
    begins = [START + n * DAY / 8 for n in range(len(used))]
    return cases(
        *((begin, begin + days * DAY, begin + share * days * DAY) for begin, share in zip(begins, used, strict=True))
    )


def trace(*names: str, times: int = 1, minutes: int = 10, first: int = 0) -> list[tuple[str, str, dt.datetime]]:
    """Return the rows of cases that do these activities one after the other."""
    rows = []
    for case in range(first, first + times):
        begin = START + case * DAY / 24
        rows += [(str(case), name, begin + n * dt.timedelta(minutes=minutes)) for n, name in enumerate(names)]
    return rows


def completions(*parts: list[tuple[str, str, dt.datetime]]) -> EventLog:
    rows = [row for part in parts for row in part]
    return event_log(pl.DataFrame(rows, schema=["case", "activity", "end"], orient="row"))


def test_lateness_tells_ended_cases_with_their_interval_and_takes_open_ones_in():
    late = [(START, START + DAY, START + 3 * DAY)] * 4
    timely = [(START, START + 5 * DAY, START + DAY)] * 12
    still = [(START, START + 2 * DAY, None)] * 4
    [found] = analyze_log(cases(*late, *timely, *still), rules=["T8"])
    share, every, running, past = found.evidence
    assert (share.value, share.n, running.value, past.value) == (0.25, 16, 4, 4)
    assert share.low < 0.25 < share.high
    assert every.value > share.value  # the open ones have lasted longer than their limit already
    assert found.cost[0].per_case == pytest.approx(4 * 2 / 16 * 5 / 7)


def test_no_lateness_is_told_where_hardly_a_case_is_late():
    assert not analyze_log(limited([0.5] * 99 + [1.2]), rules=["T8"])


def test_yellow_and_red_cards_go_to_the_open_cases_by_the_share_of_their_time():
    last = START + 10 * DAY
    rows = ((START, START + days * DAY, None) for days in (8, 12, 30))
    of = cases(*rows, (START, START + 9 * DAY, last))
    cards = warnings(LogContext(of))
    assert cards.select("case", "card").rows() == [("0", "red"), ("1", "yellow")]
    assert cards["used"].to_list() == pytest.approx([10 / 8, 10 / 12])
    [found] = analyze_log(of, rules=["T11"])
    assert [each.value for each in found.evidence[:2]] == [1, 1]
    assert not analyze_log(of, rules=["T11"], profile=Profile(warning_share=0.9)).of("T11")[0].evidence[1].value


def test_cases_that_lie_until_their_deadline_are_told():
    chance = random.Random(1)
    used = [chance.uniform(0.1, 1) for _ in range(200)] + [chance.uniform(0.92, 1) for _ in range(150)]
    [found] = analyze_log(limited(used), rules=["T10"])
    assert found.evidence[0].value > 0.4
    assert found.evidence[1].value < 1e-6


@pytest.mark.parametrize("why", ["spread evenly", "as long as the limit by nature", "few", "decided on Fridays"])
def test_times_that_are_not_hoarded_are_not_told(why: str):
    chance = random.Random(2)
    of = {
        "spread evenly": limited([chance.uniform(0, 1) for _ in range(400)]),
        "as long as the limit by nature": limited([chance.gauss(1, 0.15) for _ in range(400)]),
        "few": limited([0.95, 0.97, 0.5]),
        "decided on Fridays": _fridays(chance),
    }[why]
    assert not analyze_log(of, rules=["T10"])


def _fridays(chance: random.Random) -> EventLog:
    """Return cases begun on Mondays with 26 days, all decided on the Friday of the fourth week."""
    rows = []
    for week in range(60):
        monday = START + week * 7 * DAY
        rows += [(monday, monday + 26 * DAY, monday + 25 * DAY + chance.random() * DAY / 24) for _ in range(4)]
    return cases(*rows)


def test_handoffs_count_changes_of_person_and_not_of_label():
    rows = [("1", name, None, f"{day} 09:00") for day, name in enumerate("abcde", start=3)]
    same = log(*rows, resource=["Li"] * 5, role=list("vwxyz"))
    assert not analyze_log(same, rules=["H1"])
    others = log(*rows, resource=["Li", "Wu", "Li", "Wu", "Li"], role=["window"] * 5)
    [found] = analyze_log(others, rules=["H1"])
    assert found.names("process") == ("log:resource",)
    assert found.evidence[0].value == 4


def test_a_case_that_comes_straight_back_is_told_with_the_time_it_was_away():
    rows = [("1", name, None, f"{day} 09:00") for day, name in ((3, "ask"), (5, "look"), (7, "go on"))]
    [found] = analyze_log(log(*rows, department=["town", "county", "town"]), rules=["H2"])
    assert found.names("department") == ("town", "county")
    assert found.cost[0].per_case == pytest.approx(2 * 5 / 7)
    onward = log(*rows, department=["town", "county", "city"])
    assert not analyze_log(onward, rules=["H2"])


COMMON = trace("accept", "sort", "review", "send", times=3000)


def test_a_branch_that_hardly_any_case_takes_is_told_with_its_bound():
    [found] = analyze_log(
        completions(COMMON, trace("accept", "sort", "board", "send", times=4, first=3000)), rules=["R10"]
    )
    assert found.names("transition") == ("sort → board",)
    assert found.evidence[1].value == pytest.approx(4 / 3004)
    assert 4 / 3004 < found.evidence[1].high < 0.005


@pytest.mark.parametrize(
    ("why", "rare"),
    [
        ("an urgent way", trace("accept", "sort", "duty desk", "send", times=4, minutes=2, first=3000)),
        ("a refusal", trace("accept", "sort", "refuse", times=4, minutes=20, first=3000)),
        ("a way back", trace("accept", "sort", "accept", "sort", "review", "send", times=4, first=3000)),
        ("a slip", trace("accept", "sort", "board", "send", times=1, first=3000)),
        ("as common as others", trace("accept", "sort", "board", "send", times=300, first=3000)),
    ],
)
def test_ways_that_are_rare_for_a_reason_are_not_told(why: str, rare: list[tuple[str, str, dt.datetime]]):
    assert not analyze_log(completions(COMMON, rare), rules=["R10"]), why


def test_rework_is_priced_by_the_work_of_the_repetitions():
    rows, people = [], []
    for day in (3, 4, 5, 6, 7):
        rows += [
            (str(day), "check", f"{day} 09:00", f"{day} 10:00"),
            (str(day), "check", f"{day} 10:00", f"{day} 10:30"),
        ]
        people += ["Wu", "Wu"]
    [found] = analyze_log(log(*rows, resource=people), rules=["R13"])
    assert found.evidence[0].value == 1
    assert found.cost[0].per_case == pytest.approx(30)
    bare = log(*((case, name, None, end) for case, name, _, end in rows))
    [found] = analyze_log(bare, rules=["R13"])
    assert not found.cost


def test_rules_that_lack_something_in_a_log_are_skipped_with_what_it_is():
    found = analyze_log(log(("1", "check", None, "3 09:00")))
    assert set(found.skipped) == {"T1", "T2", "T8", "T10", "T11", "T13", "T14", "D24", "H1", "H2"}
    assert "completions only" in found.reasons["T1"].en
    assert "no time deadline" in found.reasons["T8"].en
    assert "没有时间属性 deadline" in found.reasons["T8"].zh
    assert found.of("R13").reasons == found.reasons


def test_times_of_cases_go_by_the_names_that_they_have():
    of = event_log(
        pl.DataFrame({"case": ["1"], "activity": "a", "end": [at("9")]}),
        pl.DataFrame({"case": ["1"], "case_due": [at("5")], "case_closed": [at("9")]}),
    )
    assert "T8" in analyze_log(of).skipped
    [found] = analyze_log(of, rules=["T8"], deadline="due", end="closed")
    assert found.names("limit") == ("due",)


def test_what_is_no_log_and_what_is_no_rule_over_logs_is_refused():
    with pytest.raises(ArgumentError, match="EventLog"):
        analyze_log("log.csv")  # type: ignore[arg-type]
    with pytest.raises(AnalysisError, match=r"R1.*T13"):
        analyze_log(log(("1", "check", None, "3 09:00")), rules=["R1"])


def test_rules_over_logs_say_everything_in_both_languages_and_share_names_with_their_likes():
    every = log_rules()
    assert len({rule.id for rule in every}) == len(every)
    known = {rule.id: rule.name for rule in rules()}
    for rule in every:
        assert known.get(rule.id, rule.name) == rule.name
        for text in (rule.name, rule.what, rule.why, rule.formula, rule.trap):
            assert text.en and text.zh and text.en != text.zh, rule.id


def test_a_rule_over_runs_and_logs_explains_both():
    assert explain("T8").count("Formula: ") == 2
    assert explain("T10", "zh").startswith("T10 拖到期限")


def test_the_package_offers_it():
    assert pf.analyze_log is analyze_log
