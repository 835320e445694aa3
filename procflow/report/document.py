"""The report and the formats that it is written in. Gathers nothing itself: see ``content``."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from procflow.analysis.remembering import remembering
from procflow.definition.expecting import expect
from procflow.definition.resolved import Process
from procflow.errors import RenderError
from procflow.render.drawing import replace
from procflow.report.content import content
from procflow.report.data import report_data, report_json
from procflow.report.model import Content
from procflow.report.page import page
from procflow.report.sides import Sides
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.compare import Comparison
    from procflow.analysis.finding import Finding
    from procflow.analysis.what_if.alternatives import Gain
    from procflow.simulation.run import Run

SUFFIXES = (".html", ".htm", ".xlsx", ".json")
"""The endings of files that a report can be written to."""


@dataclass(frozen=True)
class Report:
    """A finished report; ``content`` is what it says as plain data. Shows itself in a notebook."""

    content: Content

    def __repr__(self) -> str:
        return f"<Report: {self.content.title}, {len(self.content.findings)} findings>"

    @cached_property
    def _page(self) -> str:
        return page(self.content)

    def html(self) -> str:
        """Return the report as one HTML page."""
        return self._page

    def to_data(self) -> dict[str, Any]:
        """Return the report as plain data for JSON; ``procflow.report.schema()`` describes it."""
        return report_data(self.content)

    def xlsx(self) -> bytes:
        """Return the report as an Excel workbook, a sheet a table."""
        from procflow.report.excel import workbook

        return workbook(self.content)

    def save(self, path: str | Path) -> Path:
        """Write the report to a file, whole or not at all, and return the path.

        The suffix says what is written: ``.html``, ``.xlsx`` (Excel, a sheet a table) or ``.json``. Raises RenderError
        for any other, and where the file cannot be written.
        """
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in SUFFIXES:
            raise RenderError(
                Text(
                    en=f"{path.name}: cannot write {kind or 'without a suffix'}: use {', '.join(SUFFIXES)}",
                    zh=f"{path.name}：不能写成{kind or '没有后缀的文件'}：可用 {'、'.join(SUFFIXES)}",
                )
            )
        replace(path, self._bytes(kind))
        return path

    def _bytes(self, kind: str) -> bytes:
        if kind == ".xlsx":
            return self.xlsx()
        return (report_json(self.content) if kind == ".json" else self.html()).encode()

    def _repr_html_(self) -> str:
        # a page of its own: its policy and styles must not reach the notebook's
        return f'<iframe srcdoc="{escape(self.html())}" width="100%" height="800"></iframe>'


def report(
    process: Process,
    run: "Run | None" = None,
    findings: "Sequence[Finding] | None" = None,
    comparison: "Comparison | None" = None,
    *,
    after: Process | None = None,
    after_run: "Run | None" = None,
    after_findings: "Sequence[Finding] | None" = None,
    gains: "Sequence[Gain]" = (),
    lang: Language = "zh",
) -> Report:
    """Return the report about a process, or about a process before and ``after`` a reform.

    Only ``process`` is needed; each part shows what was given: a ``run`` the waiting and the limits, ``findings``
    the problems, a ``comparison`` the gain with its intervals, ``after`` the process as it is to be, with the run
    and the findings of that one; ``gains`` (of ``procflow.analysis.what_if``: ``sensitivity(run) + vanishing(run)``)
    what changes of the process as it is would give. The same input gives the same bytes.

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
    sides = Sides(process, run, findings, comparison, after, after_run, after_findings, tuple(gains))
    with remembering():
        return Report(content(sides, lang))
