"""A real browser for the pages that procflow writes; where there is none, these tests are skipped and say so."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from procflow import analyze, compare, simulate
from procflow.analysis.what_if.alternatives import gains
from procflow.analysis.what_if.sensitivity import one_more
from procflow.definition.scenario import Scenario
from procflow.definition.shipped import folder
from procflow.machine.loading import load
from procflow.report.document import report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium that is installed on this machine."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install -y chromium")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def reports(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of the food license before and after its reform, with everything in it, by language."""
    place = tmp_path_factory.mktemp("reports")
    home = folder() / "processes" / "food_license"
    before, after = load(home / "as_is.yaml"), load(home / "to_be.yaml")
    plan = Scenario.model_validate({"arrivals": "3 per wd", "days": 60, "warmup_days": 5, "replications": 2, "seed": 7})
    runs = simulate(before, plan), simulate(after, plan)
    changes = gains(runs[0], list(one_more(runs[0]))[:2])
    found, left = analyze(before, runs[0]), analyze(after, runs[1])
    delta = compare(*runs)
    made = {}
    for lang in ("zh", "en"):
        page = report(
            before, runs[0], found, delta, after=after, after_run=runs[1], after_findings=left, gains=changes, lang=lang
        )
        made[lang] = page.save(place / f"report.{lang}.html")
    return made


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a file of this machine in a page; its ``said`` are messages of the console, its ``asked`` requests."""
    opened = []

    def go(path: Path, *, width: int = 1280, height: int = 900) -> Any:
        page = browser.new_page(viewport={"width": width, "height": height})
        opened.append(page)
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield go
    for page in opened:
        page.close()
