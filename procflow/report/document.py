"""The report as one HTML file without any outside resource. Gathers nothing itself: see ``content``."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import escape

from procflow.definition.expecting import expect
from procflow.definition.resolved import Process
from procflow.errors import RenderError
from procflow.render.drawing import replace
from procflow.report.content import Sides, content
from procflow.report.translation import translations
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.compare import Comparison
    from procflow.analysis.finding import Finding
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class Report:
    """A finished report. Shows itself in a notebook."""

    text: str

    def __repr__(self) -> str:
        return f"<Report: {len(self.text):,} characters of HTML>"

    def html(self) -> str:
        """Return the report as one HTML page."""
        return self.text

    def save(self, path: str | Path) -> Path:
        """Write the report to a file, whole or not at all, and return the path.

        Raises RenderError where the file cannot be written.
        """
        path = Path(path)
        replace(path, self.text.encode())
        return path

    def _repr_html_(self) -> str:
        # a page of its own: its policy and styles must not reach the notebook's
        return f'<iframe srcdoc="{escape(self.text)}" width="100%" height="800"></iframe>'


def report(
    process: Process,
    run: "Run | None" = None,
    findings: "Sequence[Finding] | None" = None,
    comparison: "Comparison | None" = None,
    *,
    after: Process | None = None,
    after_run: "Run | None" = None,
    after_findings: "Sequence[Finding] | None" = None,
    lang: Language = "zh",
) -> Report:
    """Return the report about a process, or about a process before and ``after`` a reform.

    Only ``process`` is needed; each part shows what was given: a ``run`` the waiting and the limits, ``findings``
    the problems, a ``comparison`` the gain with its intervals, ``after`` the process as it is to be, with the run
    and the findings of that one. The same input gives the same bytes.

    Raises RenderError where ``lang`` is unknown, where something is given about an ``after`` that is missing, or
    where there is no Graphviz.

    >>> from procflow.definition.shipped import folder
    >>> from procflow.machine.loading import load
    >>> page = report(load(folder() / "processes" / "food_license" / "as_is.yaml"), lang="en").html()
    >>> "Content-Security-Policy" in page
    True
    """
    expect(process, Process, argument="process")
    if lang not in ("zh", "en"):
        raise RenderError(
            Text(en=f"unknown lang {lang!r}: use 'zh' or 'en'", zh=f"未知的 lang {lang!r}：可用 'zh'、'en'")
        )
    if after is None and (after_run is not None or after_findings is not None):
        raise RenderError(
            Text(
                en="a run or findings of the reformed process need the process: pass after=…",
                zh="提供了再造后的仿真或问题清单，须同时提供再造后的流程：after=…",
            )
        )
    sides = Sides(process, run, findings, comparison, after, after_run, after_findings)
    return Report(_page(content(sides, lang), lang))


def _page(found: dict[str, Any], lang: Language) -> str:
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment(lang)
        .get_template("report.html")
        .render(
            **found,
            lang=lang,
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
            data_json=safe_json(found["data"]),
        )
    )


def safe_json(data: Any) -> str:
    """Return JSON that may stand inside an HTML script element: it cannot close it."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


@lru_cache(maxsize=2)
def _environment(lang: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("procflow.report", "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
    return environment


def _asset(name: str) -> str:
    return (files("procflow.report") / "assets" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
