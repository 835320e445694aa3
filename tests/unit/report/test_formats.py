"""One report in three formats: the same tables in the page, in Excel and in JSON, and nothing else."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest

from procflow.analysis.compare import compare
from procflow.analysis.registry import analyze
from procflow.analysis.what_if.alternatives import gains
from procflow.analysis.what_if.sensitivity import one_more
from procflow.analysis.what_if.vanishing import parts
from procflow.definition.scenario import Scenario
from procflow.definition.shipped import folder
from procflow.errors import RenderError
from procflow.machine.loading import load
from procflow.report import Report, report, schema
from procflow.report.document import SUFFIXES
from procflow.report.model import Amount, Column, Link, Table
from procflow.report.page import without_dead_links
from procflow.report.portfolio import portfolio
from procflow.report.whiskers import whisker
from procflow.simulation import simulate
from procflow.text import Language
from tests.examples import PERMIT, make_process

LANGUAGES: tuple[Language, ...] = ("zh", "en")
PLAN = Scenario.model_validate({"arrivals": "3 per wd", "days": 60, "warmup_days": 5, "replications": 2, "seed": 7})


@pytest.fixture(scope="module")
def made() -> dict[Language, Report]:
    home = folder() / "processes" / "food_license"
    before, after = load(home / "as_is.yaml"), load(home / "to_be.yaml")
    runs = simulate(before, PLAN), simulate(after, PLAN)
    changes = [next(one_more(runs[0])), *list(parts(runs[0]))[:2]]
    found = {
        "after": after,
        "after_run": runs[1],
        "after_findings": analyze(after, runs[1]),
        "gains": gains(runs[0], changes),
    }
    first = analyze(before, runs[0])
    return {lang: report(before, runs[0], first, compare(*runs), lang=lang, **found) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def across() -> Report:
    names = "business_startup", "food_license"
    return portfolio([load(folder() / "processes" / name / "as_is.yaml") for name in names])


def sheets(made: Report) -> Any:
    return openpyxl.load_workbook(io.BytesIO(made.xlsx()))


def table(made: Report, key: str) -> Table:
    return next(each for each in made.content.tables if each.key == key)


WANTED = [
    "findings",
    "time_parts",
    "spread_cycle",
    "spread_decision",
    "reductions",
    "measures",
    "clocks",
    "suspensions",
    "limits_compared",
    "materials",
    "frequency",
    "responsibility_before",
    "responsibility_after",
    "legal_changes",
    "blocked",
    "remedies",
    "sensitivity",
    "vanishing",
    "numbers_before_unsourced",
]


@pytest.mark.parametrize("key", WANTED)
def test_a_report_of_a_reform_holds_each_table_with_something_in_it(made: dict[Language, Report], key: str) -> None:
    assert table(made["zh"], key).rows
    assert table(made["zh"], key).title != table(made["en"], key).title or key.startswith("spread")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_excel_has_a_sheet_for_every_table_and_every_row(made: dict[Language, Report], lang: Language) -> None:
    book = sheets(made[lang])
    tables = made[lang].content.tables
    assert len(book.sheetnames) == len(tables) + 2
    for sheet, each in zip(book.worksheets[1:-1], tables, strict=True):
        assert sheet["A1"].value == each.title
        assert sheet.max_row == max(3, 3 + len(each.rows))
        assert sheet.freeze_panes == "B4"
    first = [cell.value for (cell,) in book.worksheets[0].iter_rows(min_row=3)]
    conclusion = made[lang].content.conclusion
    assert first[0] == conclusion.main[0].text
    assert all(heading in first for heading, _ in conclusion.titled(lang))
    assert any(str(line).startswith(conclusion.largest[0].text) for line in first)
    assert conclusion.rests_on[0].text in first
    assert all(sheet.page_setup.fitToHeight == 0 for sheet in book.worksheets[1:-1])


def test_a_number_in_excel_is_a_number_with_its_unit_in_the_head_and_its_bounds_beside(
    made: dict[Language, Report],
) -> None:
    each = table(made["zh"], "sensitivity")
    sheet = sheets(made["zh"])[each.sheet]
    heads = [cell.value for cell in sheet[3]]
    assert heads[1:4] == ["全程用时变化（个自然日）", "全程用时变化（区间下限）", "全程用时变化（区间上限）"]
    amount = each.rows[0][1]
    assert isinstance(amount, Amount)
    assert [sheet.cell(4, column).value for column in (2, 3, 4)] == pytest.approx(
        [amount.value, amount.low, amount.high]
    )


def test_units_that_differ_in_a_column_stand_in_a_column_of_their_own(made: dict[Language, Report]) -> None:
    each = table(made["zh"], "measures")
    sheet = sheets(made["zh"])[each.sheet]
    heads = [cell.value for cell in sheet[3]]
    assert heads[1:3] == ["再造前", "再造前（单位）"]
    units = {sheet.cell(row, 3).value for row in range(4, sheet.max_row + 1)}
    assert {"个工作日", "小时", "次"} <= units
    share = next(row for row in sheet.iter_rows(min_row=4) if row[0].value == "有效办理时间占比")
    assert share[1].number_format == "0.0%"


def test_no_text_of_a_definition_becomes_a_formula_or_a_link_in_excel() -> None:
    process = make_process(PERMIT.replace("name: review,", "name: review, title: '=HYPERLINK(\"http://a\")',"))
    sheet = sheets(report(process))["责任分工 现状"]
    cells = [sheet.cell(row, 1) for row in range(4, sheet.max_row + 1)]
    shown = next(cell for cell in cells if str(cell.value).startswith("="))
    assert shown.data_type == "s"
    assert shown.hyperlink is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_json_is_what_its_schema_says_and_names_no_absolute_path(
    made: dict[Language, Report], lang: Language, tmp_path: Path
) -> None:
    text = made[lang].save(tmp_path / "report.json").read_text(encoding="utf-8")
    data = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(data, schema())
    assert str(folder()) not in text
    assert str(Path.cwd()) not in text
    assert set(data["tables"]) == {each.key for each in made[lang].content.tables}


def test_the_schema_refuses_what_is_no_report(made: dict[Language, Report]) -> None:
    def refused(change: Callable[[dict[str, Any]], None]) -> bool:
        data = json.loads(json.dumps(made["en"].to_data()))
        change(data)
        return not jsonschema.Draft202012Validator(schema()).is_valid(data)

    assert refused(lambda data: data.pop("tables"))
    assert refused(lambda data: data["findings"][0]["place"].update(file="/home/me/as_is.yaml"))
    assert refused(lambda data: data["findings"][0].update(severity="awful"))
    assert refused(lambda data: data["figures"][0]["before"].update(unit=""))


def test_both_languages_have_the_same_tables_rows_and_numbers(made: dict[Language, Report]) -> None:
    for one, other in zip(made["zh"].content.tables, made["en"].content.tables, strict=True):
        assert (one.key, len(one.rows)) == (other.key, len(other.rows))
        numbers = ([c for row in each.rows for c in row if isinstance(c, Amount)] for each in (one, other))
        assert next(numbers) == next(numbers)


def test_an_english_report_has_no_chinese_beside_what_definitions_cite(made: dict[Language, Report]) -> None:
    for each in made["en"].content.tables:
        shown = [each.title, each.lead, each.note, each.sheet, *(column.title for column in each.columns)]
        assert [text for text in shown if re.search("[\u4e00-\u9fff]", text)] == []


def test_the_page_holds_its_embedded_data_without_an_absolute_path(made: dict[Language, Report]) -> None:
    found = re.search(r'id="data">(.*?)</script>', made["zh"].html())
    assert found is not None
    assert str(folder()) not in found[1]


def test_the_report_stays_below_three_megabytes(made: dict[Language, Report]) -> None:
    assert all(len(each.html().encode()) < 3_000_000 for each in made.values())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_report_is_written_as_its_suffix_says_and_twice_the_same(
    made: dict[Language, Report], tmp_path: Path, suffix: str
) -> None:
    first, again = (made["zh"].save(tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
    assert first == again
    assert first[:2] == b"PK" if suffix == ".xlsx" else first.decode()


def test_another_suffix_is_refused(made: dict[Language, Report], tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"\.docx.*\.xlsx") as error:
        made["zh"].save(tmp_path / "report.docx")
    assert "不能写成" in error.value.text("zh")
    assert list(tmp_path.iterdir()) == []


def test_a_remedy_is_not_credited_with_the_end_of_a_step_that_it_leaves(made: dict[Language, Report]) -> None:
    rows = table(made["en"], "remedies").rows
    named = {
        text for each in made["en"].content.findings for operator, text in each.remedies if operator == "once_only"
    }
    once_only = [row for row in rows if row[0] in named]
    assert once_only
    assert all(row[1] is None for row in once_only)


def test_a_remedy_is_listed_once_with_all_findings_that_it_mends(made: dict[Language, Report]) -> None:
    shown = made["zh"].content
    rows = table(made["zh"], "remedies").rows
    assert len({row[0] for row in rows}) == len(rows)
    listed = [
        link for row in rows for cell in row if isinstance(cell, tuple) for link in cell if isinstance(link, Link)
    ]
    known = {finding.id: finding for finding in shown.findings}
    assert {link.target for link in listed} <= set(known)
    named = {finding.number for finding in shown.findings if finding.remedies and finding.id.startswith("before-")}
    assert {known[link.target].number for link in listed} == named
    assert all(link.text.startswith(f"⚑{known[link.target].number} {known[link.target].rule_name}") for link in listed)


def test_a_whisker_shows_the_interval_on_the_scale_of_its_column() -> None:
    rows = tuple((Amount(mean, "d", mean - 1, mean + 1, signed=True, estimated=True),) for mean in (-9.0, 0.0))
    shown = Table("k", "t", (Column("gain", "gain"),), rows, "s", whiskers="gain")
    left, right = (whisker(shown, row[0], "en") for row in rows)
    assert 'class="whisker sure"' in left
    assert 'class="whisker unsure"' in right
    zero = re.findall(r'class="zero" x1="([\d.]+)"', left + right)
    assert zero[0] == zero[1]
    assert 'cx="' + zero[0] in right


def test_a_link_to_what_is_not_on_the_page_becomes_text() -> None:
    html = (
        '<p id="here"></p><g id="before&#45;x"></g><a href="#here">a</a><a href="#before-x">b</a><a href="#gone">c</a>'
    )
    assert without_dead_links(html).endswith('<a href="#here">a</a><a href="#before-x">b</a>c')


def test_a_portfolio_counts_what_is_written_down_and_what_is_asked_by_several(across: Report) -> None:
    rows = {row[0]: row for row in table(across, "coverage").rows}
    assert rows["县市场监督管理局"][-1] == "是"
    assert [row[-1] for row in rows.values()].count("是") == 1
    assert across.content.conclusion.main[0].text.startswith(f"{len(rows)} 个部门中，1 个部门")
    assert any(line.target == "coverage" for line in across.content.conclusion.actions)
    assert all(
        "食品经营许可（新办）：" in text for row in across.content.findings for text in row.evidence if "→" in text
    )
    assert "food_license" not in re.sub(r"<code>.*?</code>|<script.*?</script>", "", across.html(), flags=re.DOTALL)
    asked = {str(row[0]): row[1:] for row in table(across, "captured").rows}
    assert asked["法定代表人姓名"][0] == 2
    jsonschema.validate(across.to_data(), schema())
    assert "流程图" not in across.html()


def test_a_portfolio_with_a_run_ranks_by_the_time_of_all_applicants_and_tells_who_is_shared() -> None:
    names = "business_startup", "food_license"
    processes = [load(folder() / "processes" / name / "as_is.yaml") for name in names]
    rates = [{"process": name, "arrivals": "3 per wd"} for name in names]
    run = simulate(processes, Scenario.model_validate({"processes": rates, "days": 60, "replications": 2, "seed": 7}))
    shown = portfolio(processes, run, lang="en")
    totals = [row[3].value for row in table(shown, "ranking").rows]  # type: ignore[union-attr]
    assert totals == sorted(totals, reverse=True)
    (shared,) = table(shown, "shared").rows
    assert "window clerk" in str(shared[0]).lower()
    assert len(shared[2]) == 2  # type: ignore[arg-type]
