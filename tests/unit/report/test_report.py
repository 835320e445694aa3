"""The report says what the figures say, needs no network, and shows every name as it is written."""

import base64
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

import procflow.report as report_package
from procflow.analysis.compare import compare
from procflow.analysis.finding import Cost, Finding, Findings, Measurement, Remedy, Step, Subject, Witness, place
from procflow.definition import Process
from procflow.definition.scenario import Scenario
from procflow.definition.shipped import folder
from procflow.errors import RenderError
from procflow.machine.loading import load
from procflow.render import state_id
from procflow.report import Report, report
from procflow.report.compile_texts import FOLDER, compiled, read_po, template_messages
from procflow.report.numbers import number_rows
from procflow.report.page import safe_json
from procflow.report.translation import translations
from procflow.simulation import Run, simulate
from procflow.text import Language, Text
from tests.examples import PERMIT, make_process

LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Page(HTMLParser):
    """A page's ids, links, addresses and text; fails on an element that is closed without having been opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [str(found["id"])] if "id" in found else []
        self.links += [str(found["href"])] if "href" in found else []
        self.addresses += [str(value) for key, value in attrs if key in ("src", "srcset", "action", "data", "poster")]
        assert not any(key.startswith("on") or key == "style" for key in found), (tag, attrs)
        if tag not in ("meta", "br", "input", "link", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "li", "option") and tag not in self.open:
            return
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def variant(name: str) -> Process:
    return load(folder() / "processes" / "food_license" / f"{name}.yaml")


@pytest.fixture(scope="module")
def before() -> Process:
    return variant("as_is")


@pytest.fixture(scope="module")
def after() -> Process:
    return variant("to_be")


PLAN = Scenario.model_validate({"arrivals": "4 per wd", "days": 90, "warmup_days": 10, "replications": 3, "seed": 7})


@pytest.fixture(scope="module")
def runs(before: Process, after: Process) -> tuple[Run, Run]:
    return simulate(before, PLAN), simulate(after, PLAN)


def finding(process: Process, rule: str, severity: str, *subjects: Subject, zh: str = "问题") -> Finding:
    return Finding(
        rule=rule,
        process=process.name,
        variant=process.variant,
        severity=severity,  # type: ignore[arg-type]
        subjects=subjects,
        statement=Text(en=f"{rule} is here", zh=zh),
        evidence=(
            Witness((Step("application"), Step("inspection", Text(en="asks", zh="索要")))),
            Measurement(Text(en="wait", zh="等待"), 2.5, "wd", 2.0, 3.0, 40),
        ),
        cost=(Cost("visits", 1.5, 3000, Text(en="counted", zh="计数")),),
        legal_hook="行政许可法 art. 32",
        blocked_by=(Text(en="a lock", zh="法定先后"),),
        remedies=(Remedy("merge", Text(en="merge them", zh="合并办理")),),
        thresholds={"epsilon": 0.02},
        place=place(process, ("states", 3)),
    )


@pytest.fixture(scope="module")
def findings(before: Process) -> Findings:
    return Findings(
        [
            finding(before, "R1", "high", Subject("state", "inspection"), zh="<script>alert(1)</script>"),
            finding(before, "T3", "low", Subject("transition", "accept")),
        ]
    )


@pytest.fixture(scope="module")
def full(before: Process, after: Process, runs: tuple[Run, Run], findings: Findings) -> dict[Language, str]:
    delta = compare(*runs)
    given = {"after": after, "after_run": runs[1], "after_findings": Findings([])}
    return {lang: report(before, runs[0], findings, delta, lang=lang, **given).html() for lang in LANGUAGES}  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_sound_and_every_link_leads_somewhere(full: dict[Language, str], lang: Language) -> None:
    page = Page(full[lang])
    assert {name: count for name, count in Counter(page.ids).items() if count > 1} == {}
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_asks_for_nothing_outside_and_allows_only_its_own_script_and_style(
    full: dict[Language, str], lang: Language
) -> None:
    html = full[lang]
    assert Page(html).addresses == []
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe" not in policy[1]
    for tag, source, count in (("style", "style-src", 1), ("script", "script-src", 2)):
        allowed = next(part for part in policy[1].split(";") if part.split()[:1] == [source])
        insides = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(insides) == count
        for inside in insides:
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in allowed
    own = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)  # the library names its license's address
    addresses = set(re.findall(r"https?://[^\s\"'<]+", own))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_the_sections_come_in_the_order_in_which_they_are_read(full: dict[Language, str]) -> None:
    ids = [name for name in Page(full["zh"]).ids if "-" not in name]
    order = ["conclusion", "diagrams", "findings", "time", "comparison", "limits", "assumptions", "provenance"]
    assert [name for name in ids if name in order] == order


def test_the_headline_gives_lead_time_from_to_with_interval_and_what_is_left(
    full: dict[Language, str], runs: tuple[Run, Run]
) -> None:
    cycle = compare(*runs)["cycle_wd"]
    words = Page(full["en"]).text
    assert f"falls from {cycle.before.mean:.1f} to {cycle.after.mean:.1f} working days" in words
    assert f"95% interval {-cycle.difference.high:.3g} to {-cycle.difference.low:.3g}" in words
    assert "2 findings: 1 high, 1 low." in words
    assert "After the reform none are found." in words
    assert f"约 {cycle.before.mean:.1f} 个工作日缩短到约 {cycle.after.mean:.1f} 个工作日" in Page(full["zh"]).text


def test_a_change_that_may_be_nothing_is_not_called_a_gain(before: Process, runs: tuple[Run, Run]) -> None:
    words = Page(report(before, runs[0], None, compare(runs[0], runs[0]), lang="zh").html()).text
    assert "差异未能与零区分" in words
    assert "缩短" not in words


MEASURED = {"zh": "2.5 个工作日（区间 2 至 3，样本 40）", "en": "2.5 working days (interval 2 to 3, sample 40)"}
SHOWN: dict[Language, tuple[str, ...]] = {
    "zh": (
        "索要",
        "2.5 个工作日（区间 2 至 3，样本 40）",
        "《行政许可法》第32条",
        "法定先后",
        "合并办理",
        "epsilon = 0.02",
    ),
    "en": (
        "asks",
        "2.5 working days (interval 2 to 3, sample 40)",
        "行政许可法 art. 32",
        "a lock",
        "merge them",
        "epsilon = 0.02",
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finding_shows_its_evidence_price_law_block_remedy_threshold_and_place(
    full: dict[Language, str], findings: Findings, lang: Language
) -> None:
    row = re.search(rf'<tr id="before-finding-{findings[0].id}".*?</tr>', full[lang], re.DOTALL)
    assert row is not None
    words = Page(row[0]).text
    assert all(text in words for text in SHOWN[lang])
    assert f"processes/food_license/as_is.yaml:{findings[0].place.line}" in words
    assert findings[0].place.file not in words
    assert f"#before-{state_id('inspection')}" in Page(row[0]).links


def test_a_finding_is_filed_under_rule_severity_and_department(full: dict[Language, str]) -> None:
    assert 'data-rule="R1"' in full["zh"]
    assert 'data-severity="high"' in full["zh"]
    assert "<option>乡镇市场监督管理所</option>" in full["zh"]


def test_a_text_from_a_definition_never_becomes_markup(full: dict[Language, str]) -> None:
    assert "<script>alert(1)" not in full["zh"]
    assert "&lt;script&gt;alert(1)" in full["zh"]


def test_json_in_the_page_cannot_close_its_element() -> None:
    data = {"text": "</script><!-- & \u2028"}
    text = safe_json(data)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == data


def test_the_data_of_the_page_are_those_of_the_findings_and_the_comparison(
    full: dict[Language, str], findings: Findings
) -> None:
    found = re.search(r'id="data">(.*?)</script>', full["en"])
    assert found is not None
    data = json.loads(found[1])
    assert [f["id"] for f in data["findings"]] == [f.id for f in findings]
    assert {d["key"] for d in data["comparison"]["differences"]} >= {"cycle_wd", "visits"}


def test_the_parts_of_the_time_sum_to_the_mean_cycle_time(before: Process, runs: tuple[Run, Run]) -> None:
    table = next(t for t in report(before, runs[0]).content.tables if t.key == "time_parts")
    hours = [row[1].value for row in table.rows]  # type: ignore[union-attr]
    cases = runs[0].cases.filter("in_cohort").drop_nulls("outcome")
    assert hours[-1] == pytest.approx(sum(hours[:-1]))
    assert hours[-1] == pytest.approx(cases["cycle_us"].mean() / 3.6e9)  # type: ignore[operator]


def test_the_four_reductions_are_shown_as_official_figures_are(
    full: dict[Language, str], runs: tuple[Run, Run]
) -> None:
    words = Page(full["zh"]).text
    for reduction in compare(*runs).reductions:
        assert reduction.name.get("zh") in words
        assert reduction.share is None or f"{100 * reduction.share:.1f}%" in words


def test_people_go_by_their_titles_and_those_of_other_processes_are_left_out(full: dict[Language, str]) -> None:
    section = full["zh"].partition('<section id="comparison">')[2].partition("</section>")[0]
    words = Page(section).text
    assert "负荷率：县市场监督管理局 · 窗口受理人员" in words
    assert "window_clerk" not in words
    assert "负荷率：商业银行网点" not in words


def test_limits_show_lived_time_agency_clock_and_suspension(full: dict[Language, str]) -> None:
    section = full["zh"].partition('<section id="limits">')[2].partition("</section>")[0]
    words = Page(section).text
    assert "作出许可决定" in words
    assert "20 个工作日" in words
    assert "停表" in words
    assert "个自然日" in words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_of_the_definition_is_listed_with_its_place(
    full: dict[Language, str], before: Process, lang: Language
) -> None:
    words = Page(full[lang]).text
    rows = number_rows(before, lang)
    assert len(rows) > 40
    for row in rows:
        assert Path(row.file).name in words
        assert row.value in words
    cited = {"en": "行政许可法 art. 42", "zh": "《行政许可法》第42条"}[lang]
    assert any(row.source == cited and row.value in ("20 个工作日", "20 working days") for row in rows)


def test_a_number_without_word_about_its_source_is_told_apart_from_an_assumed_one() -> None:
    states = (
        "{name: application, delay: 2 wd}, {name: check, delay: {value: 3 d, assumed: true}}, {name: end, final: true}"
    )
    ways = "{trigger: go, source: application, dest: check}, {trigger: stop, source: check, dest: end}"
    process = make_process(f"initial: application\nstates: [{states}]\ntransitions: [{ways}]\n")
    rows = [(row.where, row.value, row.assumed, row.source) for row in number_rows(process, "en")]
    assert rows == [
        ("application · delay", "2 working days", False, ""),
        ("check · delay", "3 calendar days", True, ""),
    ]
    page = Page(report(process, lang="en").html()).text
    assert "no source" in page
    assert "assumed" in page


def test_provenance_names_files_digests_seed_version_and_a_command(
    full: dict[Language, str], before: Process, after: Process
) -> None:
    words = Page(full["en"]).text
    for process in (before, after):
        assert process.origin.process.digest in words
        assert f"processes/food_license/{process.variant}.yaml" in words
    assert str(folder()) in words
    assert "--seed 7" in words
    assert "--arrivals '4 per wd'" in words
    assert "2025年1月1日" in Page(full["zh"]).text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_process_alone_is_enough_and_the_same_input_gives_the_same_bytes(permit: Process, lang: Language) -> None:
    html = report(permit, lang=lang).html()
    assert html == report(permit, lang=lang).html()
    page = Page(html)
    assert "findings" not in page.ids
    assert "comparison" not in page.ids
    assert f"before-{state_id('review')}" in page.ids


def test_names_that_look_like_markup_are_shown_as_they_are() -> None:
    process = make_process(PERMIT.replace("name: review,", "name: review, title: '<i>\"&审查',"))
    page = Page(report(process).html())
    assert '<i>"&审查' in page.text
    assert "i" not in page.open


def test_the_package_itself_can_be_called(permit: Process, tmp_path: Path) -> None:
    made = report_package(permit)  # type: ignore[operator]
    assert isinstance(made, Report)
    path = made.save(tmp_path / "report.html")
    assert path.read_text(encoding="utf-8") == made.html()
    assert list(tmp_path.iterdir()) == [path]


def test_a_notebook_shows_the_page_in_a_frame_of_its_own(permit: Process) -> None:
    shown = report(permit)._repr_html_()
    assert shown.startswith("<iframe")
    assert "<script" not in shown


def test_what_cannot_be_reported_is_refused(permit: Process) -> None:
    with pytest.raises(RenderError, match="'fr'"):
        report(permit, lang="fr")  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="after=") as error:
        report(permit, after_findings=Findings([]))
    assert "再造后" in error.value.text("zh")


def test_every_text_of_the_templates_has_a_chinese_translation_and_no_other_is_kept() -> None:
    messages = read_po()
    assert [message for message in template_messages() if not messages.get(message)] == []
    assert sorted(set(messages) - set(template_messages())) == [""]
    assert all(re.search("[\u4e00-\u9fff：，；]", text) for key, text in messages.items() if key)


def test_the_compiled_translations_are_those_of_the_text_file() -> None:
    assert (FOLDER / "report.mo").read_bytes() == compiled(read_po())
    assert translations("zh").gettext("Conclusion") == read_po()["Conclusion"] == "结论"


def test_a_chinese_page_has_no_english_text_of_the_template_left(full: dict[Language, str]) -> None:
    words = re.sub(r"<(svg|script|code|style)\b.*?</\1>", "", full["zh"], flags=re.DOTALL)
    left = [message for message in template_messages() if re.search(rf">\s*{re.escape(message)}\s*<", words)]
    assert left == []
