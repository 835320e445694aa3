"""Makes the pictures of the documentation anew: ``python -m tests.browser.images``. Look at them before they go in.

Not a test: fonts and Graphviz decide how they come out. Needs Chromium and a font with Chinese.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

import procflow as pf
from procflow.analysis.what_if.sensitivity import sensitivity
from procflow.cli.demo import LICENSES, PLAN, POST_CHECKS
from procflow.definition.shipped import folder
from procflow.report import report
from procflow.text import Language

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LANGUAGES: tuple[tuple[Language, str], ...] = (("en", ""), ("zh", ".zh"))


def shipped(path: str) -> pf.Process:
    return pf.load(folder() / "processes" / f"{path}.yaml")


def runs(today: pf.Process, reformed: pf.Process, post_check: pf.Process) -> tuple[pf.Run, pf.Run]:
    """Simulate what ``procflow demo`` does."""

    def plan(*arrivals: tuple[pf.Process, str]) -> pf.Scenario:
        listed = [{"process": process.name, "arrivals": rate} for process, rate in arrivals]
        return pf.Scenario.model_validate({**PLAN, "processes": listed})

    before = pf.simulate(today, plan((today, LICENSES)))
    after = pf.simulate([reformed, post_check], plan((reformed, LICENSES), (post_check, POST_CHECKS)))
    return before, after


def drawings(today: pf.Process, reformed: pf.Process, before: pf.Run) -> None:
    """Draw the diagrams of the documentation."""
    business = shipped("business_startup/as_is")
    for lang, ending in LANGUAGES:
        made = {
            "food_license_as_is": pf.draw(today, lang=lang),
            "food_license_flowchart": pf.draw(today, lang=lang, view="flowchart"),
            "food_license_before_after": pf.draw(today, lang=lang, after=reformed),
            "food_license_waiting": pf.draw(today, lang=lang, run=before, overlay="waiting"),
            "business_startup_systems": pf.draw(business, lang=lang, view="systems"),
        }
        for name, drawing in made.items():
            drawing.save(IMAGES / f"{name}{ending}.svg")


def screenshots(pages: dict[Language, Path]) -> None:
    """Take the pictures of the report: its first screen, findings, a replay under way, on a phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for lang, page in pages.items():
            shown = browser.new_page(viewport={"width": 1280, "height": 900})
            shown.goto(page.as_uri())
            shown.screenshot(path=IMAGES / f"report_conclusion.{lang}.png")
            shown.locator("#findings").scroll_into_view_if_needed()
            shown.evaluate("document.getElementById('findings').scrollIntoView()")
            shown.screenshot(path=IMAGES / f"report_findings.{lang}.png")
            replay(shown)
            shown.screenshot(path=IMAGES / f"report_replay.{lang}.png")
        phone = browser.new_page(viewport={"width": 390, "height": 844})
        phone.goto(pages["zh"].as_uri())
        phone.screenshot(path=IMAGES / "report_phone.zh.png")
        browser.close()


def replay(page: Any) -> None:
    """Show the process as it is while cases are under way."""
    page.select_option("#view", "before-")
    page.evaluate("clock.value = Number(clock.min) + 30360; clock.dispatchEvent(new Event('input'))")
    page.evaluate("document.getElementById('diagrams').scrollIntoView()")


def main() -> None:
    """Write all of them."""
    today, reformed, post_check = map(
        shipped, ("food_license/as_is", "food_license/to_be", "food_license_post_check/to_be")
    )
    before, after = runs(today, reformed, post_check)
    drawings(today, reformed, before)
    found, left = pf.analyze(today, before), pf.analyze(reformed, after)
    pages: dict[Language, Path] = {}
    for lang, _ in LANGUAGES:
        made = report(
            today, before, found, pf.compare(before, after, process=today), after=reformed, after_run=after,
            after_findings=left, gains=sensitivity(before), lang=lang,
        )  # fmt: skip
        pages[lang] = made.save(Path(tempfile.gettempdir()) / f"report.{lang}.html")
    screenshots(pages)


if __name__ == "__main__":
    main()
