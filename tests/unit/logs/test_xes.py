"""XES: what is read of it, how starts and completions become instances, and what is told of bad files."""

import gzip

import pytest

from procflow.errors import LogError
from procflow.logs import read_log
from procflow.logs.xes_read import read_xes
from tests.unit.logs.small import HEAD, at, xes_event, xes_file, xes_trace

ACCEPT = xes_event("accept", "2025-03-03T09:00:00.000+08:00")


def test_an_event_without_a_lifecycle_is_a_completion(tmp_path):
    log = read_log(xes_file(tmp_path, xes_trace("1", ACCEPT)))
    [row] = log.events.iter_rows(named=True)
    assert (row["case"], row["activity"], row["start"], row["end"]) == ("1", "accept", None, at("3 01:00"))
    assert log.zone == "+08:00"


def test_starts_and_completions_are_joined_in_their_order(tmp_path):
    times = {"start": ("03", "04"), "complete": ("05", "06")}
    events = [xes_event("check", f"2025-03-{day}T00:00:00Z", kind) for kind, days in times.items() for day in days]
    log = read_log(xes_file(tmp_path, xes_trace("1", *events)))
    assert log.events.select("start", "end").rows() == [(at("3"), at("5")), (at("4"), at("6"))]


def test_a_numbered_instance_is_joined_by_its_number(tmp_path):
    steps = [("start", 3, "a"), ("start", 4, "b"), ("complete", 5, "b"), ("complete", 6, "a")]
    events = [xes_event("check", f"2025-03-0{day}T00:00:00Z", kind, concept_instance=no) for kind, day, no in steps]
    log = read_log(xes_file(tmp_path, xes_trace("1", *events)))
    assert log.events.select("start", "end").rows() == [(at("3"), at("6")), (at("4"), at("5"))]


def test_a_completion_before_its_start_begins_nowhere(tmp_path):
    steps = [("complete", 3), ("start", 4), ("complete", 5)]
    events = [xes_event("check", f"2025-03-0{day}T00:00:00Z", kind) for kind, day in steps]
    log = read_log(xes_file(tmp_path, xes_trace("1", *events)))
    assert log.events.select("start", "end").rows() == [(None, at("3")), (at("4"), at("5"))]


def test_a_start_that_is_never_completed_stays_open_and_is_told(tmp_path):
    log = read_log(xes_file(tmp_path, xes_trace("1", xes_event("check", "2025-03-03T00:00:00Z", "start"))))
    assert log.events.select("start", "end").rows() == [(at("3"), None)]
    assert "1 activities were started and not completed" in log.notes[0].get("en")


def test_scheduling_is_when_the_activity_was_enabled(tmp_path):
    steps = [("schedule", 2), ("start", 4), ("complete", 5)]
    events = [xes_event("check", f"2025-03-0{day}T00:00:00Z", kind) for kind, day in steps]
    log = read_log(xes_file(tmp_path, xes_trace("1", *events)))
    assert log.events.select("enabled", "start", "end").rows() == [(at("2"), at("4"), at("5"))]


def test_other_transitions_are_left_out_and_counted(tmp_path):
    steps = [("start", 2), ("suspend", 3), ("resume", 4), ("COMPLETE", 5)]
    events = [xes_event("check", f"2025-03-0{day}T00:00:00Z", kind) for kind, day in steps]
    log = read_log(xes_file(tmp_path, xes_trace("1", *events)))
    assert log.events.select("start", "end").rows() == [(at("2"), at("5"))]
    assert "2 events that neither start nor end an activity were left out: resume, suspend" in str(log.notes[0])


def test_an_aborted_activity_ends_and_says_so(tmp_path):
    steps = [("start", 2), ("ate_abort", 3)]
    events = [xes_event("check", f"2025-03-0{day}T00:00:00Z", kind) for kind, day in steps]
    [row] = read_log(xes_file(tmp_path, xes_trace("1", *events))).events.iter_rows(named=True)
    assert (row["end"], row["event_lifecycle:transition"]) == (at("3"), "ate_abort")


def test_a_classifier_names_the_activities(tmp_path):
    header = '<classifier name="Full" keys="concept:name org:group lifecycle:transition"/>\n'
    trace = xes_trace("1", xes_event("check", "2025-03-03T00:00:00Z", "complete", org_group="fire"))
    path = xes_file(tmp_path, trace, head=HEAD + header)
    assert read_log(path, classifier="Full").activities == ("check+fire",)
    with pytest.raises(LogError, match="no classifier 'Half'; the file has: Full"):
        read_log(path, classifier="Half")


def test_nested_attributes_are_kept_by_their_path(tmp_path):
    nested = '<string key="site" value="A"><string key="no/" value="7"/></string>'
    event = ACCEPT.replace("</event>", nested + "</event>")
    log = read_log(xes_file(tmp_path, xes_trace("1", event, ACCEPT)))
    assert log.events["event_site/no~1"].to_list() == ["7", None]


def test_a_list_keeps_what_is_in_it(tmp_path):
    listed = '<list key="papers"><values><string key="id" value="x"/><int key="pages" value="3"/></values></list>'
    log = read_log(xes_file(tmp_path, xes_trace("1", ACCEPT.replace("</event>", listed + "</event>"))))
    assert log.events.select("event_papers/id", "event_papers/pages").rows() == [("x", 3)]


def test_attributes_have_their_types(tmp_path):
    typed = '<int key="n" value="7"/><float key="x" value="1.5"/><boolean key="b" value="true"/>'
    log = read_log(xes_file(tmp_path, xes_trace("1", ACCEPT.replace("</event>", typed + "</event>"))))
    assert log.events.select("event_n", "event_x", "event_b").rows() == [(7, 1.5, True)]


def test_attributes_may_have_any_name(tmp_path):
    names = ("case", "activity", "row", "line", "at", "transition", "order", "event", "@")
    more = "".join(f'<string key="{name}" value="x"/>' for name in names)
    path = xes_file(
        tmp_path, xes_trace("1", ACCEPT.replace("</event>", more + "</event>")).replace("</trace>", more + "</trace>")
    )
    log = read_log(path)
    assert [log.events[f"event_{name}"][0] for name in names] == ["x"] * len(names)
    assert [log.cases[f"case_{name}"][0] for name in names] == ["x"] * len(names)
    assert log.events.select("case", "activity").rows() == [("1", "accept")]


def test_offsets_of_summer_and_winter_give_a_time_zone(tmp_path):
    winter = xes_event("a", "2025-01-03T09:00:00.000+01:00")
    summer = xes_event("b", "2025-07-03T09:00:00.000+02:00")
    log = read_log(xes_file(tmp_path, xes_trace("1", winter, summer)))
    assert log.zone == "Europe/Amsterdam"
    assert any("Europe/Amsterdam" in note.get("zh") for note in log.notes)


def test_offsets_of_no_zone_are_told(tmp_path):
    odd = xes_event("a", "2025-01-03T09:00:00+01:00"), xes_event("b", "2025-01-03T19:00:00+07:30")
    log = read_log(xes_file(tmp_path, xes_trace("1", *odd)))
    assert log.zone == "UTC"
    assert any("fit no time zone" in note.get("en") for note in log.notes)


def test_two_traces_of_one_name_stay_two_cases(tmp_path):
    log = read_log(xes_file(tmp_path, xes_trace("1", ACCEPT), xes_trace("1", ACCEPT)))
    assert log.cases["case"].to_list() == ["1", "1 (2)"]
    assert "1 traces have the name of an earlier one" in str(log.notes[0])


def test_a_trace_without_events_is_a_case(tmp_path):
    log = read_log(xes_file(tmp_path, xes_trace("1", ACCEPT), xes_trace("2")))
    assert (log.cases.height, log.events.height) == (2, 1)


def test_a_file_that_declares_gb18030_is_read(tmp_path):
    path = tmp_path / "log.xes"
    text = (
        HEAD.replace("UTF-8", "GB2312") + xes_trace("1", xes_event("受理（朱镕基）", "2025-03-03T00:00:00Z")) + "</log>"
    )
    path.write_bytes(text.encode("gb18030"))
    assert read_log(path).activities == ("受理（朱镕基）",)


BAD = {
    "no time": (xes_trace("1", ACCEPT.replace("time:timestamp", "when")), 6, "no time"),
    "no name": (xes_trace("1", ACCEPT.replace("concept:name", "title")), 6, r"no name \(concept:name\)"),
    "a time that is none": (
        xes_trace("1", ACCEPT.replace("2025-03-03T", "yesterday ")),
        6,
        "time:timestamp is 'yesterday",
    ),
    "a number that is none": (xes_trace("1", ACCEPT.replace("</event>", '<int key="n" value="x"/></event>')), 6, "'x'"),
    "an open tag": (xes_trace("1", ACCEPT) + "<trace>", 11, "breaks off here"),
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_mistake_is_told_with_its_line(mistake, tmp_path):
    traces, line, words = BAD[mistake]
    head = HEAD + "<!-- a line -->\n"
    with pytest.raises(LogError, match=words) as caught:
        read_log(xes_file(tmp_path, traces, head=head))
    found = [problem.line for problem in caught.value.problems]
    assert found == [line]
    assert caught.value.text("zh") != caught.value.text("en")


def test_a_file_that_breaks_off_is_not_taken_for_whole(tmp_path):
    path = xes_file(tmp_path, xes_trace("1", ACCEPT), xes_trace("2", ACCEPT), foot="<trace><event>")
    with pytest.raises(LogError, match="2 cases were whole before"):
        read_log(path)
    log = read_log(path, skip_bad=True)
    assert (log.cases.height, log.events.height) == (2, 2)
    assert "left out as wrong: 1" in str(log.notes[0])


def test_a_compressed_file_that_breaks_off_is_told(tmp_path):
    path = tmp_path / "log.xes.gz"
    whole = (HEAD + "".join(xes_trace(str(n), ACCEPT) for n in range(3000)) + "</log>").encode()
    packed = gzip.compress(whole)
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(LogError, match="breaks off here"):
        read_log(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE log [<!ENTITY a "b">]><log>&a;</log>', "DOCTYPE"),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "DOCTYPE"),
        ("<html><body/></html>", "the root is <html>"),
        ("", "no XES file"),
        ("case,activity\n1,accept\n", "no XES file"),
        ("<log>" + '<string key="a">' * 200, "nested deeper than 100"),
    ],
)
def test_what_is_no_log_is_refused(text, words, tmp_path):
    path = tmp_path / "log.xes"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LogError, match=words):
        read_log(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(LogError, match="cannot be read"):
        read_xes(tmp_path / "none.xes")
