"""CSV and Parquet: columns guessed and told, times and zones found out, one bad file per mistake."""

import datetime as dt

import polars as pl
import pytest

from procflow.errors import LogError
from procflow.logs import read_log, write_log
from tests.unit.logs.small import at, csv_file, log

PLAIN = "case_id,activity,start_time,end_time,resource\n1,accept,2025-03-03 09:00:00,2025-03-03 10:00:00,Li\n"


def test_columns_are_guessed_by_their_names_and_told(tmp_path):
    read = read_log(csv_file(tmp_path, PLAIN))
    [row] = read.events.iter_rows(named=True)
    assert (row["case"], row["start"], row["end"], row["resource"]) == ("1", at("3 09:00"), at("3 10:00"), "Li")
    assert "case = case_id, activity = activity, start = start_time" in str(read.notes[0])


def test_a_chinese_file_in_gb18030_is_read_in_chinese_time(tmp_path):
    text = "办件编号；办理环节名称；完成时间；办理人；备注\n1；受理；2025年3月3日 9时5分；喆；无\n".replace("；", ";")
    read = read_log(csv_file(tmp_path, text, "gb18030"))
    [row] = read.events.iter_rows(named=True)
    assert (row["activity"], row["end"], row["resource"], row["event_备注"]) == ("受理", at("3 01:05"), "喆", "无")
    assert read.zone == "Asia/Shanghai"
    assert [note for note in read.notes if "GB18030" in str(note)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_says_the_encoding(encoding, tmp_path):
    assert read_log(csv_file(tmp_path, "办件编号,环节名称,完成时间\n1,受理,2025-03-03\n", encoding)).activities == (
        "受理",
    )


def test_western_letters_are_not_taken_for_chinese(tmp_path):
    text = "case,activity,end\n1,Prüfung der Anträge,2025-03-03\n2,Bestätigung,2025-03-03\n"
    with pytest.raises(LogError, match=":2:1: the file is neither UTF-8 nor Chinese GB18030"):
        read_log(csv_file(tmp_path, text, "cp1252"))
    assert "Prüfung der Anträge" in read_log(tmp_path / "log.csv", encoding="cp1252").activities


TIMES = {
    "2025-03-03T09:05:07.25": (9, 5, 7, 250_000),
    "2025-03-03 09:05": (9, 5, 0, 0),
    "2025/3/3 9:05": (9, 5, 0, 0),
    "2025-03-03": (0, 0, 0, 0),
    "20250303090507": (9, 5, 7, 0),
    "20250303": (0, 0, 0, 0),
    "2025年3月3日": (0, 0, 0, 0),
    "2025年03月03日 09:05:07": (9, 5, 7, 0),
    "45719.378553": (9, 5, 7, 0),
    "1740992707": (9, 5, 7, 0),
    "1740992707250": (9, 5, 7, 250_000),
    "2025-03-03T17:05:07+08:00": (9, 5, 7, 0),
    "2025-03-03 09:05:07Z": (9, 5, 7, 0),
}


@pytest.mark.parametrize("text", TIMES)
def test_times_are_read_as_they_are_written(text, tmp_path):
    read = read_log(csv_file(tmp_path, f"case,activity,time\n1,accept,{text}\n"))
    assert read.events["end"][0] == dt.datetime(2025, 3, 3, *TIMES[text], tzinfo=dt.UTC)


def test_one_value_shows_that_the_day_stands_first(tmp_path):
    text = "case,activity,time\n1,a,03/04/2025 10:00\n1,b,13/04/2025 10:00\n"
    assert read_log(csv_file(tmp_path, text)).events["end"][0].month == 4


def test_a_day_that_could_be_a_month_is_refused_until_the_format_is_given(tmp_path):
    path = csv_file(tmp_path, "case,activity,time\n1,a,03/04/2025 10:00\n")
    with pytest.raises(LogError, match="either way round: give the time format"):
        read_log(path)
    assert read_log(path, time_format="%d/%m/%Y %H:%M").events["end"][0].month == 4


def test_columns_can_be_given(tmp_path):
    path = csv_file(tmp_path, "No.,what,when,case\n7,accept,2025-03-03,x\n")
    read = read_log(path, columns={"case": "No.", "activity": "what", "end": "when"}, zone="Europe/Amsterdam")
    assert read.events.select("case", "event_case").rows() == [("7", "x")]
    assert read.events["end"][0] == dt.datetime(2025, 3, 2, 23, tzinfo=dt.UTC)


def test_attributes_of_cases_are_told_from_those_of_events(tmp_path):
    text = "case,activity,end,case:risk,case_odd,cost\n1,a,2025-03-03,low,x,1\n1,b,2025-03-04,low,y,2\n"
    read = read_log(csv_file(tmp_path, text))
    assert read.cases.to_dicts() == [{"case": "1", "case_risk": "low"}]
    assert read.events["event_case_odd"].to_list() == ["x", "y"]
    assert read.events["event_cost"].to_list() == [1, 2]


def test_columns_may_have_any_name(tmp_path):
    read = read_log(csv_file(tmp_path, "case,activity,end,line,row,case_case\n1,a,2025-03-03,x,y,z\n"))
    assert read.events.select("event_line", "event_row").rows() == [("x", "y")]
    assert read.cases["case_case"].to_list() == ["z"]


def test_codes_with_leading_zeros_stay_text(tmp_path):
    read = read_log(csv_file(tmp_path, "case,activity,end,code\n1,a,2025-03-03,0012\n1,b,2025-03-04,13\n"))
    assert read.events["event_code"].to_list() == ["0012", "13"]


def test_columns_about_applicants_are_left_out_by_default(tmp_path):
    path = csv_file(tmp_path, "办件编号,环节名称,完成时间,申请人姓名,联系电话\n1,受理,2025-03-03,张三,13800000000\n")
    assert not [name for name in read_log(path).events.columns if "申请人" in name or "电话" in name]
    assert read_log(path, personal="keep").events["event_申请人姓名"][0] == "张三"
    hashed = [read_log(path, personal="hash", key=key).events["event_申请人姓名"][0] for key in ("a", "a", "b")]
    assert hashed[0] == hashed[1] != hashed[2]
    assert "张" not in hashed[0]
    with pytest.raises(LogError, match="with a key only"):
        read_log(path, personal="hash")


BAD = {
    "too few fields": ("1,accept\n", 3, "has 2 fields, the header has 5"),
    "too many fields": ("1,a,2025-03-03 09:00:00,2025-03-03 09:00:00,Li,x\n", 3, "has 6 fields"),
    "an open quotation mark": ('1,"a,2025-03-03 09:00:00,,\n', 3, "quotation mark that is not closed"),
    "no case": (",a,2025-03-03 09:00:00,2025-03-03 09:00:00,Li\n", 3, "has no case"),
    "no activity": ("1,,2025-03-03 09:00:00,2025-03-03 09:00:00,Li\n", 3, "has no activity"),
    "no time": ("1,a,,,Li\n", 3, "has no time"),
    "a time that is none": ("1,a,2025-03-03 09:00:00,tomorrow,Li\n", 3, "end_time is 'tomorrow'"),
    "a day that is none": (
        "1,a,2025-02-30 09:00:00,2025-03-03 09:00:00,Li\n",
        3,
        "start_time is '2025-02-30 09:00:00'",
    ),
    "backwards": ("1,a,2025-03-03 09:00:00,2025-03-02 09:00:00,Li\n", 3, "before it starts"),
    "after a field of two lines": ('1,"a\nb",2025-03-03 09:00:00,2025-03-03 10:00:00,Li\n1,x\n', 5, "has 2 fields"),
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_mistake_is_told_with_its_line(mistake, tmp_path):
    more, line, words = BAD[mistake]
    path = csv_file(tmp_path, PLAIN + more)
    with pytest.raises(LogError, match=words) as caught:
        read_log(path)
    assert [problem.line for problem in caught.value.problems] == [line]
    read = read_log(path, skip_bad=True)
    assert "left out as wrong: 1" in " ".join(map(str, read.notes))


def test_all_mistakes_are_told_at_once(tmp_path):
    with pytest.raises(LogError) as caught:
        read_log(csv_file(tmp_path, PLAIN + "1,a\n" * 30))
    assert len(caught.value.problems) == 30
    assert "… and 20 more" in caught.value.text("en")
    assert "另有 20 处" in caught.value.text("zh")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("case;activity;end", "0 events|EventLog"),
        ("case\n1\n", "give the separator"),
        ("case,case,end\n1,a,b\n", "two columns are named 'case'"),
        ("case,,end\n1,a,b\n", "a column has no name"),
        ("foo,activity,end\n1,a,2025-03-03\n", r"no column is known to hold case \(there are: foo, activity, end\)"),
        ("case,activity,person\n1,a,Li\n", "no column is known to hold end"),
        ("case,activity,end\n1,a,some day\n", r"no times that are known \('some day'\): give the time format"),
        ("case,activity,end\n1,a\0,2025-03-03\n", "null character"),
    ],
)
def test_what_is_no_log_is_refused(text, words, tmp_path):
    path = csv_file(tmp_path, text)
    if "EventLog" in words:
        assert read_log(path).events.height == 0
        return
    with pytest.raises(LogError, match=words):
        read_log(path)


def test_an_option_for_another_kind_of_file_is_refused(tmp_path):
    with pytest.raises(LogError, match="classifier means nothing for a log of this kind"):
        read_log(csv_file(tmp_path, PLAIN), classifier="x")
    with pytest.raises(LogError, match="no log is known by this ending"):
        read_log(tmp_path / "log.docx")
    with pytest.raises(LogError, match="no column 'nr' for case; the file has case_id"):
        read_log(tmp_path / "log.csv", columns={"case": "nr"})
    with pytest.raises(LogError, match="there is no time zone 'Mars/Base'"):
        read_log(tmp_path / "log.csv", zone="Mars/Base")


def test_a_table_cannot_hold_a_case_without_events(tmp_path):
    full = log(("1", "a", None, "3"))
    bare = full.__class__(full.events, pl.DataFrame({"case": ["1", "2"]}))
    with pytest.raises(LogError, match="1 cases have no events"):
        write_log(bare, tmp_path / "log.csv")
    assert list(tmp_path.iterdir()) == []
    write_log(bare, tmp_path / "log.xes")
    assert read_log(tmp_path / "log.xes").cases.height == 2


def test_xml_cannot_hold_a_control_character(tmp_path):
    with pytest.raises(LogError, match="XML cannot hold this character"):
        write_log(log(("1", "a\x07", None, "3")), tmp_path / "log.xes")


def test_parquet_with_typed_times_is_read(tmp_path):
    path = tmp_path / "log.parquet"
    times = pl.Series([dt.datetime(2025, 3, 3, 9)]).dt.replace_time_zone("Asia/Shanghai")
    pl.DataFrame({"case": [1], "task": ["a"], "end_time": times}).write_parquet(path)
    read = read_log(path)
    assert (read.zone, read.events["case"][0], read.events["end"][0]) == ("Asia/Shanghai", "1", at("3 01:00"))


LIFECYCLE = """case:concept:name,concept:name,time:timestamp,lifecycle:transition,org:resource,cost
1,a,2025-03-03 09:00:00+00:00,start,x,
1,a,2025-03-03 10:00:00+00:00,complete,x,7
1,b,2025-03-03 10:30:00+00:00,schedule,,
1,b,2025-03-03 11:00:00+00:00,start,y,
1,b,2025-03-03 12:00:00+00:00,COMPLETE,y,8
"""


def test_starts_and_completions_in_rows_of_their_own_are_joined(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LIFECYCLE)
    log = read_log(path)
    rows = log.events.select("activity", "enabled", "start", "end", "resource", "event_cost").rows()
    nine = dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)
    hour = dt.timedelta(hours=1)
    assert rows == [
        ("a", None, nine, nine + hour, "x", 7),
        ("b", nine + 1.5 * hour, nine + 2 * hour, nine + 3 * hour, "y", 8),
    ]
    assert "transition = lifecycle:transition" in log.notes[0].get("en")


@pytest.mark.parametrize("words", ["complete", "submitted"])
def test_a_column_of_other_transitions_is_an_attribute(tmp_path, words: str):
    path = tmp_path / "log.csv"
    path.write_text(f"case,activity,time,transition\n1,a,2025-03-03 09:00,{words}\n1,b,2025-03-03 10:00,{words}\n")
    log = read_log(path)
    assert log.events["event_transition"].to_list() == [words] * 2
    assert "transition" not in log.notes[0].get("en")
    assert log.events["start"].null_count() == 2


def test_a_table_with_starts_and_ends_keeps_its_rows_whatever_transitions_it_has(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case,activity,start,end,lifecycle\n1,a,2025-03-03 09:00,2025-03-03 10:00,start\n")
    log = read_log(path)
    assert (log.events.height, log.has_starts) == (1, True)


def test_a_column_of_transitions_beside_starts_and_ends_is_refused(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case,activity,start,end,lifecycle\n1,a,2025-03-03 09:00,2025-03-03 10:00,start\n")
    with pytest.raises(LogError, match="leave out start or transition"):
        read_log(path, columns={"transition": "lifecycle"})
