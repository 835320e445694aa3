"""The tables of a case library: found by name, joined into a log, nobody named, pushes counted once."""

import pytest

from procflow.errors import LogError
from procflow.logs import read_log
from tests.unit.logs.small import at, csv_file

PROCESS = (
    "办件编号,办理环节名称,业务动作,开始时间,结束时间,办理人,更新时间\n"
    "A1,受理,收件,2025-03-03 09:00:00,2025-03-03 09:30:00,王五,2025-03-03\n"
    "A1,审查,审查,2025-03-04 09:00:00,,赵六,2025-03-04\n"
    "A1,审查,审查,2025-03-04 09:00:00,2025-03-05 10:00:00,赵六,2025-03-05\n"
    "A2,受理,收件,2025-03-03 10:00:00,2025-03-03 10:00:00,王五,2025-03-03\n"
)
ACCEPT = (
    "办件编号,事项编码,申请时间,受理时间,承诺办结时间,办件类型,申请人姓名,申请人证件号码\n"
    "A1,001,2025-03-02,2025-03-03,2025-03-20,2,张三,110101199001010011\n"
    "A2,001,2025-03-04,2025-03-03,,1,李四,110101199001010012\n"
)
SPECIAL = (
    "办件编号,特别程序种类,特别程序名称,开始时间,结束时间\n"
    "A1,2,专家评审,2025-03-05,2025-03-10\n"
    "A1,1,,2025-03-11,2025-03-12\n"
)
RESULT = "办件编号,办结时间,结果类型\nA1,2025-03-18 16:00:00,准予许可\n"
TABLES = {"办件过程信息": PROCESS, "up_pro_accept": ACCEPT, "特别程序": SPECIAL, "办件结果信息": RESULT}


def library(folder, tables=TABLES, encoding="gb18030"):
    for name, text in tables.items():
        csv_file(folder, text, encoding, f"{name}.csv")
    return folder


def test_the_tables_become_a_log(tmp_path):
    log = read_log(library(tmp_path))
    steps = log.events.filter(log.events["event_special"].is_null())
    assert steps.select("case", "activity", "start", "end").rows() == [
        ("A1", "受理", at("3 01:00"), at("3 01:30")),
        ("A1", "审查", at("4 01:00"), at("5 02:00")),
        ("A2", "受理", None, at("3 02:00")),
    ]
    assert log.zone == "Asia/Shanghai"


def test_suspensions_are_told_from_extensions(tmp_path):
    special = read_log(library(tmp_path)).events.drop_nulls("event_special")
    assert special.select("activity", "event_special").rows() == [("专家评审", "suspend"), ("延长审批", "extend")]


def test_cases_have_their_dates_and_outcome(tmp_path):
    one, two = read_log(library(tmp_path)).cases.iter_rows(named=True)
    assert (one["case_deadline"], one["case_end"], one["case_outcome"]) == (at("19 16:00"), at("18 08:00"), "准予许可")
    assert (two["case_deadline"], two["case_end"], two["case_task_code"]) == (None, None, "001")


def test_nobody_is_named(tmp_path):
    log = read_log(library(tmp_path))
    assert log.events["resource"].drop_nulls().unique().sort().to_list() == ["person 1", "person 2"]
    shown = str(log.cases.to_dicts()) + str(log.events.to_dicts())
    assert not [name for name in ("张三", "李四", "王五", "赵六", "1101") if name in shown]
    keyed = [read_log(tmp_path, key=key).events["resource"][0] for key in ("k", "k", "other")]
    assert keyed[0] == keyed[1] != keyed[2]


def test_what_was_mended_is_told(tmp_path):
    notes = " ".join(map(str, read_log(library(tmp_path)).notes))
    for words in (
        "1 rows were pushed again; the latest of each counts",
        "1 steps end at the instant at which they start",
        "1 cases were accepted before they were applied for",
        "1 cases have no promised time",
        "columns about applicants were left out: 申请人姓名, 申请人证件号码",
    ):
        assert words in notes


def test_the_names_of_the_exchange_tables_are_known(tmp_path):
    text = "project_no,process_name,event_name,event_start_time,event_end_time,handle_user_name,cd_time,cd_operation\n"
    rows = "1,受理,1,20250303090000,20250303093000,W,20250303,I\n2,受理,1,20250303090000,20250303093000,W,20250304,D\n"
    log = read_log(library(tmp_path, {"up_pro_process": text + rows}, "utf-8"))
    assert log.events["case"].to_list() == ["1"]
    assert "1 rows were deleted by a later push" in " ".join(map(str, log.notes))


def test_a_row_that_ends_before_it_starts_is_refused_with_its_line(tmp_path):
    bad = PROCESS + "A3,受理,收件,2025-03-05 09:00:00,2025-03-04 09:00:00,王五,2025-03-05\n"
    with pytest.raises(LogError, match="case 'A3' ends before it starts") as caught:
        read_log(library(tmp_path, {"办件过程信息": bad}))
    assert caught.value.problems[0].line == 6
    assert read_log(tmp_path, skip_bad=True).cases.height == 2


def test_a_folder_without_the_process_is_refused(tmp_path):
    with pytest.raises(LogError, match="no table of the process"):
        read_log(library(tmp_path, {"up_pro_accept": ACCEPT}))


def test_two_files_of_one_table_are_refused(tmp_path):
    with pytest.raises(LogError, match="are both the table 'process'"):
        read_log(library(tmp_path, {"办件过程信息": PROCESS, "up_pro_process": PROCESS}))


def test_a_table_without_a_case_number_is_refused(tmp_path):
    with pytest.raises(LogError, match="no column is known to hold case"):
        read_log(library(tmp_path, {"办件过程信息": PROCESS.replace("办件编号", "甲")}))
