"""The report in a real browser: it opens without a word, filters, leads into diagrams, replays cases and prints."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

LANGUAGES = ("zh", "en")
A4_WIDTH = 703  # pixels between the margins of the page: 210 mm − 2 × 12 mm, at 96 pixels an inch

Visit = Callable[..., Any]


def positions(page: Any) -> list[tuple[str, str]]:
    found = page.locator("circle.token").evaluate_all(
        "all => all.map(c => [c.getAttribute('cx'), c.getAttribute('cy')])"
    )
    return [tuple(each) for each in found]


def until(page: Any, true: str) -> None:
    """Wait until an expression holds; the page's policy forbids the polling that playwright would do inside of it."""
    for _ in range(200):
        if page.evaluate(true):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came: {true}")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_opens_without_a_message_and_asks_for_nothing(
    reports: dict[str, Path], visit: Visit, lang: str
) -> None:
    page = visit(reports[lang])
    until(page, "document.querySelectorAll('.plot canvas').length > 3")
    assert page.said == []
    assert page.asked == [reports[lang].as_uri()]


def test_the_policy_of_the_page_stops_foreign_scripts_and_requests(reports: dict[str, Path], visit: Visit) -> None:
    page = visit(reports["en"])
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.bad = 1'}))"
    )
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://localhost:9/x.png'}))")
    assert page.evaluate("window.bad") is None
    assert any("Content Security Policy" in text for text in page.said)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_never_wider_than_the_screen(reports: dict[str, Path], visit: Visit, lang: str, width: int) -> None:
    page = visit(reports[lang], width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tiles = page.locator(".tiles div").evaluate_all("all => all.map(t => t.scrollWidth > t.clientWidth)")
    assert tiles
    assert not any(tiles)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_conclusion_fits_on_one_screen(reports: dict[str, Path], visit: Visit, lang: str) -> None:
    page = visit(reports[lang])
    box = page.locator("#conclusion").bounding_box()
    assert box["y"] + box["height"] <= 900


@pytest.mark.parametrize("lang", LANGUAGES)
def test_filters_leave_what_fits_all_of_them(reports: dict[str, Path], visit: Visit, lang: str) -> None:
    page = visit(reports[lang])
    rows = page.locator("table.findings tbody tr")
    whole = rows.count()
    page.select_option("select[data-filter=severity]", "high")
    high = page.locator("table.findings tbody tr:visible")
    assert 0 < high.count() < whole
    assert set(high.evaluate_all("all => all.map(r => r.dataset.severity)")) == {"high"}
    assert page.text_content("#shown") == str(high.count())
    rule = high.first.get_attribute("data-rule")
    page.select_option("select[data-filter=rule]", rule)
    shown = page.locator("table.findings tbody tr:visible")
    assert set(shown.evaluate_all("all => all.map(r => r.dataset.rule + r.dataset.severity)")) == {f"{rule}high"}
    page.select_option("select[data-filter=rule]", "")
    page.select_option("select[data-filter=severity]", "")
    department = page.locator("select[data-filter=departments] option").nth(1).text_content()
    page.select_option("select[data-filter=departments]", label=department)
    kept = page.locator("table.findings tbody tr:visible").evaluate_all(
        "all => all.map(r => JSON.parse(r.dataset.departments))"
    )
    assert kept
    assert all(department in departments for departments in kept)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finding_leads_to_its_place_in_a_diagram_that_was_not_shown(
    reports: dict[str, Path], visit: Visit, lang: str
) -> None:
    page = visit(reports[lang])
    assert page.locator("figure.diagram:visible").get_attribute("data-prefix") == "both-"
    link = page.locator("table.findings dd a").first
    target = link.get_attribute("href").removeprefix("#")
    link.click()
    until(page, "document.querySelector('.arrived') !== null")
    assert page.locator("figure.diagram:visible").get_attribute("data-prefix") == "before-"
    assert page.input_value("#view") == "before-"
    assert "arrived" in page.locator(f"[id='{target}']").get_attribute("class")
    box = page.locator(f"[id='{target}']").bounding_box()
    assert 0 <= box["y"] < 900


def test_a_flagged_box_of_a_diagram_leads_to_its_finding_even_where_it_was_filtered_away(
    reports: dict[str, Path], visit: Visit
) -> None:
    page = visit(reports["zh"])
    page.select_option("#view", "before-")
    page.select_option("select[data-filter=severity]", "info")
    box = page.locator("figure.diagram:visible g.node a[*|href^='#before-finding-']").first
    target = box.evaluate("a => a.getAttribute('xlink:href').slice(1)")
    box.click()
    until(page, "document.querySelector('.arrived') !== null")
    assert page.locator(f"[id='{target}']").is_visible()
    assert page.evaluate("location.hash") == f"#{target}"


def test_each_overlay_is_a_diagram_of_its_own(reports: dict[str, Path], visit: Visit) -> None:
    page = visit(reports["zh"])
    prefixes = page.locator("#view option").evaluate_all("all => all.map(o => o.value)")
    assert len(prefixes) == 9 + 8  # both, four overlays and none of each variant, then four maps of each
    for prefix in prefixes[:9]:
        page.select_option("#view", prefix)
        assert page.locator("figure.diagram:visible").count() == 1
        assert page.locator("figure.diagram:visible svg").bounding_box()["height"] > 300
    for prefix in prefixes[9:]:
        page.select_option("#view", prefix)
        assert page.locator("figure.diagram:visible svg").bounding_box()["height"] > 100
        assert page.locator("circle.token").count() == 0


def test_who_is_led_into_a_diagram_can_read_it_and_choose_another_size(reports: dict[str, Path], visit: Visit) -> None:
    page = visit(reports["zh"])
    width = "document.querySelector('figure.diagram:not([hidden]) svg').getBoundingClientRect().width"
    fitting = page.evaluate(width)
    page.locator("#conclusion a", has_text="看图").first.click()
    until(page, "document.querySelector('.arrived') !== null")
    assert page.input_value("#zoom") == "100"
    assert page.evaluate(width) > 1.3 * fitting
    box = page.locator(".arrived").first.bounding_box()
    assert 0 <= box["y"] < 900
    assert 0 <= box["x"] < 1280
    page.select_option("#zoom", "50")
    half = page.evaluate(width)
    page.select_option("#zoom", "200")
    assert page.evaluate(width) == pytest.approx(4 * half, rel=0.01)
    page.select_option("#zoom", "fit")
    assert page.evaluate(width) == pytest.approx(fitting, rel=0.01)
    assert page.said == []


def test_every_link_of_the_first_screen_leads_to_something_that_can_be_seen(
    reports: dict[str, Path], visit: Visit
) -> None:
    page = visit(reports["zh"])
    links = page.locator("#conclusion a")
    assert links.count() > 10
    for index in range(links.count()):
        target = links.nth(index).get_attribute("href").removeprefix("#")
        links.nth(index).click()
        place = page.locator(f"[id='{target}']")
        assert place.is_visible(), target
        box = place.bounding_box()
        assert box["y"] < 900
        assert box["y"] + box["height"] > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_replay_moves_cases_through_the_diagram(reports: dict[str, Path], visit: Visit, lang: str) -> None:
    page = visit(reports[lang])
    page.select_option("#speed", "10080")
    page.click("#play")
    assert page.get_attribute("#play", "aria-pressed") == "true"
    assert page.locator("figure.diagram:visible").get_attribute("data-prefix") == "before-"
    until(page, "document.querySelectorAll('circle.token').length > 1")
    first, clock, said = positions(page), page.input_value("#clock"), page.text_content("#now")
    until(page, f"Number(document.getElementById('clock').value) > {clock} + 1440")
    page.click("#play")
    assert positions(page) != first
    assert page.text_content("#now") != said
    assert re.search("2025年" if lang == "zh" else r"\w+ 2025", page.text_content("#now"))
    stopped = page.input_value("#clock")
    page.wait_for_timeout(150)
    assert page.input_value("#clock") == stopped


def test_a_case_on_the_way_sets_out_from_where_it_was_whichever_way_the_arrow_is_drawn(
    reports: dict[str, Path], visit: Visit
) -> None:
    page = visit(reports["zh"])
    page.select_option("#view", "before-")
    found = page.evaluate(
        """() => {
          const data = JSON.parse(document.getElementById("page").textContent).replays.before;
          const box = (id) => document.getElementById(id).getBBox();
          const away = (x, y, b) => Math.hypot(x - b.x - b.width / 2, y - b.y - b.height / 2);
          const seen = new Set(), all = [];
          for (const [who, state, , , , left, , edge] of data.rows) {
            const path = document.querySelector(`#before-arrow-${edge} path`);
            if (edge < 0 || !path || seen.has(edge)) continue;
            clock.value = left + 1;
            clock.dispatchEvent(new Event("input"));
            const token = [...document.querySelectorAll("circle.token.moves")]
              .find((c) => c.textContent === `#${who + 1}`);
            if (!token) continue;
            seen.add(edge);
            const [start, end] = [path.getPointAtLength(0), path.getPointAtLength(path.getTotalLength())];
            const home = box(`before-${data.states[state]}`);
            const near = [start, end].sort((a, b) => away(a.x, a.y, home) - away(b.x, b.y, home))[0];
            const at = [Number(token.getAttribute("cx")), Number(token.getAttribute("cy"))];
            const gone = Math.hypot(at[0] - near.x, at[1] - near.y);
            all.push({ edge, upwards: away(start.x, start.y, home) > away(end.x, end.y, home),
                       share: gone / path.getTotalLength() });
          }
          return all;
        }"""
    )
    assert len(found) > 6
    assert any(each["upwards"] for each in found)
    assert all(each["share"] < 0.25 for each in found), found


def test_the_slider_shows_one_moment_and_the_same_one_again(reports: dict[str, Path], visit: Visit) -> None:
    page = visit(reports["zh"])
    page.select_option("#view", "after-")
    middle = page.evaluate("(Number(clock.min) + Number(clock.max)) / 2")
    move = "value => { clock.value = value; clock.dispatchEvent(new Event('input')); }"
    page.evaluate(move, middle)
    there = sorted(positions(page))
    assert there
    page.evaluate(move, middle + 3000)
    assert sorted(positions(page)) != there
    page.evaluate(move, middle)
    assert sorted(positions(page)) == there


def test_everything_can_be_reached_and_worked_by_keyboard(reports: dict[str, Path], visit: Visit) -> None:
    page = visit(reports["zh"])
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.filter || ''"))
        if reached[-1] == "play":
            page.keyboard.press("Enter")
            assert page.get_attribute("#play", "aria-pressed") == "true"
            page.keyboard.press("Enter")
            assert page.get_attribute("#play", "aria-pressed") == "false"
        if reached[-1] == "clock":
            before = page.input_value("#clock")
            page.keyboard.press("End")
            assert page.input_value("#clock") != before
            break
    assert [each for each in reached if each in ("view", "zoom", "play", "clock")] == ["view", "zoom", "play", "clock"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_table_and_no_diagram_is_cut_off_in_print(reports: dict[str, Path], visit: Visit, lang: str) -> None:
    page = visit(reports[lang], width=A4_WIDTH)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    wide = "all => all.filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.id || e.className)"
    assert page.locator("table, figure:visible, canvas, pre, svg:visible").evaluate_all(wide) == []
    cut = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 40))"
    assert page.locator("th, td").evaluate_all(cut) == []
    assert page.locator("details:not([open])").count() == 0
    boxes = page.locator("figure.chart, #time table").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(b => [b.top, b.bottom])"
    )
    assert all(above[1] <= below[0] for above, below in pairwise(boxes))
    assert min(page.locator(".plot canvas").evaluate_all("all => all.map(c => c.clientHeight)")) > 100
    assert page.locator("figure.diagram:visible").count() == 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_conclusion_takes_one_page_of_paper(reports: dict[str, Path], visit: Visit, lang: str) -> None:
    page = visit(reports[lang], width=A4_WIDTH)
    page.emulate_media(media="print")
    box = page.locator("#conclusion").bounding_box()
    assert box["y"] + box["height"] <= 1031  # 297 mm − 2 × 12 mm
    tops = page.locator("#conclusion .parts > div").evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
    assert len(tops) == 3
    assert len(set(tops)) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_prints_to_pdf(reports: dict[str, Path], visit: Visit, lang: str) -> None:
    made = visit(reports[lang]).pdf(format="A4")
    assert made.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) > 5
