"""The first screen says in plain words what to do, why, what to settle first and what it rests on; links lead on."""

import re

import pytest

from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from procflow.analysis.threshold_words import WORDS, thresholds_text
from procflow.definition import Process
from procflow.definition.scenario import Scenario
from procflow.definition.shipped import folder
from procflow.machine.loading import load
from procflow.report import Report, report
from procflow.simulation import simulate
from procflow.text import Language
from tests.examples import PERMIT, make_process

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def shipped(path: str) -> Process:
    return load(folder() / "processes" / path)


@pytest.fixture(scope="module")
def reformed() -> dict[Language, Report]:
    before, after = (shipped(f"food_license/{variant}.yaml") for variant in ("as_is", "to_be"))
    found = analyze(before)
    return {lang: report(before, findings=found, after=after, lang=lang) for lang in LANGUAGES}


def test_a_reform_is_told_as_what_to_do(reformed: dict[Language, Report]) -> None:
    said = [line.text for line in reformed["zh"].content.conclusion.actions]
    assert "取消 4 个环节：申请人补正、派发现场核查任务、出具核查合格意见、审核" in said
    assert "新增 1 个环节：告知承诺" in said
    assert "改由乡镇市场监督管理所办理：审批决定（下放市场监管所）、不予许可并书面说明理由" in said
    assert "随到随办（原每周三 09:00）：预约（视频）核查（两人）、视频复查" in said
    assert "免交材料 4 种：营业执照、居民身份证、经营场所使用证明、从业人员健康证明" in said
    assert "“作出许可决定”承诺时限由 15 个工作日改为 5 个工作日" in said


def test_what_is_made_parallel_is_told() -> None:
    before, after = (shipped(f"business_startup/{variant}.yaml") for variant in ("as_is", "to_be"))
    said = [line.text for line in report(before, after=after, lang="zh").content.conclusion.actions]
    assert "串联改并联：公章、税务、社保医保、公积金等 5 项" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_link_of_the_conclusion_leads_to_something_on_the_page(
    reformed: dict[Language, Report], lang: Language
) -> None:
    html = reformed[lang].html()
    ids = {name.replace("&#45;", "-") for name in re.findall(r'\sid="([^"]+)"', html)}
    lines = [line for part in reformed[lang].content.conclusion.parts().values() for line in part if line.target]
    assert len(lines) > 8
    assert {line.target for line in lines} <= ids
    shown = html[html.index('<section id="conclusion">') : html.index('<section id="diagrams">')]
    assert all(f'href="#{line.target}"' in shown for line in lines)


def test_without_a_reform_the_first_remedies_are_told_with_their_findings() -> None:
    before = shipped("food_license/as_is.yaml")
    found = analyze(before)
    lines = report(before, findings=found, lang="zh").content.conclusion.actions
    assert 3 <= len(lines) <= 6
    assert len({line.text for line in lines}) == len(lines)
    assert len({line.label for line in lines}) == len(lines)  # remedies of the same findings stand on one line
    texts = {remedy.text.get("zh") for finding in found for remedy in finding.remedies}
    assert all(any(line.text.startswith(text) for text in texts) for line in lines)
    assert any("（申请与材料审核）" in line.text for line in lines)


def test_of_the_findings_one_of_each_rule_is_told_by_its_name(reformed: dict[Language, Report]) -> None:
    lines = reformed["zh"].content.conclusion.largest
    names = [line.text.partition("（")[0] for line in lines]
    assert len(set(names)) == len(names) > 2
    assert not any(re.match(r"[A-Z]+\d", line.text) for line in lines)


def test_without_a_comparison_the_conclusion_says_how_long_cases_take_and_how_little_of_it_is_work() -> None:
    process = make_process(PERMIT)
    run = simulate(process, Scenario.model_validate({"arrivals": "4 per wd", "days": 60, "replications": 3, "seed": 1}))
    (line, *_) = report(process, run, lang="zh").content.conclusion.main
    assert re.fullmatch(
        r"目前全程用时平均约 [\d.]+ 个工作日，每十件有一件超过 [\d.]+ 个工作日；其中实际办理仅约 .*）。", line.text
    )


def test_the_conclusion_counts_the_numbers_without_a_source(reformed: dict[Language, Report]) -> None:
    (line,) = reformed["en"].content.conclusion.rests_on
    every, bare = map(int, re.findall(r"\d+", line.text))
    tables = {table.key: len(table.rows) for table in reformed["en"].content.tables}
    assert bare == tables["numbers_before_unsourced"] + tables["numbers_after_unsourced"]
    assert every - bare == tables["numbers_before_sourced"] + tables["numbers_after_sourced"]


def test_every_threshold_has_words_with_a_unit() -> None:
    numbers = {name for name, value in Profile() if isinstance(value, int | float) and not isinstance(value, bool)}
    assert set(WORDS) == numbers
    assert all(text.get("zh") != text.get("en") and unit for text, unit in WORDS.values())
    assert thresholds_text({"return_share": 0.2}, "zh") == ("退回补正的件占比超过 20%",)


def test_no_finding_shows_a_code_to_those_who_read_chinese(reformed: dict[Language, Report]) -> None:
    html = reformed["zh"].html()
    table = html[html.index('<table class="findings">') :]
    shown = re.sub(r"<code>.*?</code>|<[^>]+>", " ", table[: table.index("</table>")])
    known = {"APP", "share", "outage_fallback", "kept_for"}  # an app by its name; fields to fill in the file
    assert set(re.findall(r"[A-Za-z]{3,}[\w.]*", shown)) <= known
