"""A report as one HTML page that asks for nothing outside of itself. Gathers nothing and computes nothing."""

import base64
import hashlib
import json
import re
from functools import lru_cache, partial
from html import unescape
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from procflow.analysis.finding import SEVERITIES
from procflow.report.findings import natural
from procflow.report.model import Amount, Content, Link
from procflow.report.translation import translations
from procflow.report.whiskers import whisker
from procflow.text import Language


def page(report: Content) -> str:
    """Return the page of a report."""
    # the text is Graphviz's and every label in it was escaped by procflow.render
    svgs = [Markup(view.drawing.svg(prefix=view.prefix)) for view in report.views]
    found = rendered(
        "report.html",
        report.lang,
        report=report,
        svgs=svgs,
        rules=sorted({(row.rule, row.rule_name) for row in report.findings}, key=lambda rule: natural(rule[0])),
        departments=sorted({name for row in report.findings for name in row.departments}),
        severities=_severities(report),
        whisker=partial(whisker, lang=report.lang),
        data_json=safe_json(report.data),
        page_json=safe_json(_for_script(report)),
        charts=any(section.charts for section in report.sections),
    )
    return without_dead_links(found)


def rendered(template: str, lang: Language, *, charts: bool, **names: Any) -> str:
    """Return a page of a template with the style and the scripts, each named by its digest in the page's policy."""
    style, script = _asset("report.css"), _asset("page.js")
    library = _asset("vendor/echarts.common.min.js") if charts else ""
    return (
        _environment(lang)
        .get_template(template)
        .render(
            **names,
            lang=lang,
            style=style,
            script=script,
            charts_script=library,
            style_hash=_hash(style),
            script_hashes=[_hash(each) for each in (library, script) if each],
        )
    )


def safe_json(data: Any) -> str:
    """Return JSON that may stand inside an HTML script element: it cannot close it."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def without_dead_links(html: str) -> str:
    """Return a page whose links into what it does not hold are plain text: a diagram may show departments only."""
    ids = {unescape(name) for name in re.findall(r'\sid="([^"]+)"', html)}  # Graphviz writes - as &#45;
    return re.sub(r'<a href="#([^"]+)">([^<]*)</a>', lambda found: found[0] if found[1] in ids else found[2], html)


def _severities(report: Content) -> list[tuple[str, str]]:
    names = {row.severity: row.severity_name for row in report.findings}
    return [(severity, names[severity]) for severity in reversed(SEVERITIES) if severity in names]


def _for_script(report: Content) -> dict[str, Any]:
    charts = {chart.key: {"kind": chart.kind, **chart.data} for section in report.sections for chart in section.charts}
    return {"lang": report.lang, "charts": charts, "replays": dict(report.replays)}


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
    environment.tests["amount"] = lambda value: isinstance(value, Amount)
    environment.tests["link"] = lambda value: isinstance(value, Link)
    environment.tests["lines"] = lambda value: isinstance(value, tuple)
    environment.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
    return environment


@lru_cache(maxsize=4)
def _asset(name: str) -> str:
    return (files("procflow.report") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
