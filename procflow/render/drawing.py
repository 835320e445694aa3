"""Drawings of a process, for people and for other programs. Reads a process, changes nothing in it."""

import dataclasses
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from procflow.definition.expecting import expect, expect_run
from procflow.definition.resolved import Process
from procflow.definition.shown import Shown
from procflow.errors import RenderError, cannot_write
from procflow.machine.diff import diff
from procflow.machine.graph import StateGraph, state_graph
from procflow.render.build import diagram, in_lanes
from procflow.render.changes import merged
from procflow.render.collapse import MOST_STATES, collapsed, detail, linked, parts
from procflow.render.crossing import readable
from procflow.render.dot import to_dot
from procflow.render.dot_matrix import matrix_dot
from procflow.render.engine import Format, draw_dot, lay_out
from procflow.render.frames import framed
from procflow.render.layers import layers
from procflow.render.mermaid import matrix_mermaid, to_mermaid
from procflow.render.model import VIEWS, Diagram, FlowView, Matrix, View
from procflow.render.overlay import Overlay, Quantity
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding
    from procflow.logs.log import EventLog
    from procflow.simulation.run import Run

SUFFIXES = (".svg", ".png", ".pdf", ".dot", ".mmd")
"""The endings of files that a drawing can be written to; ``.mmd`` is Mermaid."""


@dataclass(frozen=True)
class Drawing(Shown):
    """A drawing of a process; ``diagram`` is its content as plain data. Shows itself in a notebook.

    A process of more than 500 states is drawn as its departments; ``parts`` has the drawing of each, by the id that
    it has in this one.
    """

    diagram: Diagram | Matrix
    parts: Mapping[str, "Drawing"] = dataclasses.field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        size = (
            f"{len(self.diagram.rows)} rows" if isinstance(self.diagram, Matrix) else f"{len(self.diagram.nodes)} nodes"
        )
        return f"<Drawing: {size}>"

    def dot(self, *, prefix: str = "") -> str:
        """Return it in the DOT language; ``prefix`` goes before every id."""
        if isinstance(self.diagram, Matrix):
            return matrix_dot(self.diagram, prefix=prefix)
        return to_dot(self.diagram, prefix=prefix)

    def mermaid(self) -> str:
        """Return it as Mermaid text (a flowchart), which GitHub, GitLab and many editors draw; needs no Graphviz."""
        return matrix_mermaid(self.diagram) if isinstance(self.diagram, Matrix) else to_mermaid(self.diagram)

    def svg(self, *, prefix: str = "") -> str:
        """Return it as an SVG element with text as text; the same drawing gives the same text.

        ``prefix`` goes before every id, so that several drawings fit on one page. Raises RenderError where there
        is no Graphviz.
        """
        return self._drawn("svg", prefix).decode()

    def save(self, path: str | Path, *, parts: bool = False) -> Path:
        """Write it to a file, as its suffix says: ``.svg``, ``.png``, ``.pdf``, ``.dot`` or ``.mmd``; return the path.

        With ``parts``, the drawings of its parts are written beside it (``permit.part-1f2e3d4c.svg``), and in an SVG
        both lead to each other. A file of that name is replaced only when the new one is complete.

        Raises RenderError for another suffix,
        where the file cannot be written, or where there is no Graphviz.
        """
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in SUFFIXES:
            raise RenderError(
                Text(
                    en=f"{path.name}: cannot draw {kind or 'without a suffix'}: use {', '.join(SUFFIXES)}",
                    zh=f"{path.name}：不能绘制 {kind or '没有后缀的文件'}：可用 {'、'.join(SUFFIXES)}",
                )
            )
        if not parts:
            replace(path, self._bytes(kind))
            return path
        files = {key: f"{path.stem}.{key}{path.suffix}" for key in self.parts}
        for key, part in self.parts.items():
            replace(path.with_name(files[key]), part._leading(files)._bytes(kind))
        replace(path, self._leading(files)._bytes(kind))
        return path

    def _leading(self, files: Mapping[str, str]) -> "Drawing":
        """Return this drawing with what stands for a part leading to that part's file."""
        addresses = {key: quote(name) for key, name in files.items()}
        return Drawing(linked(self.diagram, addresses))

    def _bytes(self, kind: str) -> bytes:
        if kind == ".dot":
            return self.dot().encode()
        if kind == ".mmd":
            return self.mermaid().encode()
        if kind == ".svg":
            return b'<?xml version="1.0" encoding="UTF-8"?>\n' + self.svg().encode()
        return self._drawn("png" if kind == ".png" else "pdf")

    def _drawn(self, kind: Format, prefix: str = "") -> bytes:
        text = self.dot(prefix=prefix)
        if isinstance(self.diagram, Diagram) and self.diagram.lanes:
            text = framed(lay_out(text), self.diagram, prefix)
        return draw_dot(text, kind)


def draw(
    process: Process,
    *,
    lang: Language = "zh",
    view: View = "swimlane",
    findings: "Iterable[Finding] | None" = None,
    run: "Run | EventLog | Overlay | None" = None,
    overlay: Quantity | None = None,
    after: Process | None = None,
    links: Mapping[str, str] | None = None,
) -> Drawing:
    """Return a drawing of a process.

    Parameters
    ----------
    process : the checked process.
    lang : the language of all words, ``'zh'`` or ``'en'``.
    view : ``'swimlane'``, a lane per department from the highest level to the lowest after the applicant's;
        ``'machine'``, the state machine in the notation of UML; ``'flowchart'``, with the symbols of GB/T 1526.
        Maps: ``'handoffs'`` between departments, ``'levels'`` (handoffs between levels), ``'systems'`` with their
        interfaces, and ``'capture'``, data items against systems.
    findings : flagged by their number, from 1 in their order.
    run : a run or an event log that is laid over the drawing, or an ``Overlay`` of numbers from elsewhere.
    overlay : which quantity: ``'waiting'`` (by default), ``'utilization'``, ``'frequency'`` or ``'lateness'``.
    after : the same process after a reform: one picture of both, with what was added, removed, moved and changed.
        Findings and numbers are those of ``process``; what they are about stands where it is afterwards.
    links : addresses by the qualified name of a state; in an SVG its box leads there.

    Raises
    ------
    RenderError
        ``view`` or ``lang`` is unknown, or options do not go together. Graphviz is needed only when it is drawn.
    ArgumentError
        ``process`` is no process, or the quantity is unknown.

    >>> from procflow.definition import load
    >>> permit = load("process_defs/processes/food_license/as_is.yaml")
    >>> draw(permit, lang="en").mermaid().splitlines()[0]
    'flowchart TB'
    """
    expect(process, Process, argument="process")
    _known("view", view, VIEWS)
    _known("lang", lang, ("zh", "en"))
    graph = state_graph(process)
    given = {"findings": findings, "overlay": overlay, "after": after, "links": links}
    if view == "swimlane" or view == "machine" or view == "flowchart":
        over = _overlay(graph, run, overlay)
        drawn = diagram(graph, lang=lang, view=view, findings=findings, overlay=over, links=links)
        if after is not None:
            drawn = _compared(process, after, drawn, over, lang, view, links)
        count = sum(bool(node.state) for node in drawn.nodes)
        return Drawing(drawn) if count <= MOST_STATES else _collapsed(graph, drawn, lang)
    _refuse(view, {**given, "run": None if view in ("handoffs", "levels") else run})
    return Drawing(_map(graph, view, lang, run))


def _collapsed(graph: StateGraph, drawn: Diagram, lang: Language) -> Drawing:
    whole = drawn if drawn.lanes else in_lanes(graph, drawn, lang)
    found, ranks = parts(whole, lang), layers(whole)
    details = {part.key: Drawing(detail(whole, part, found, ranks, lang)) for part in found}
    return Drawing(readable(collapsed(whole, found, lang), lang), details)


def _compared(
    process: Process,
    after: Process,
    drawn: Diagram,
    over: Overlay | None,
    lang: Language,
    view: FlowView,
    links: Mapping[str, str] | None,
) -> Diagram:
    expect(after, Process, argument="after")
    change = diff(process, after)
    both = merged(change, drawn, diagram(change.after, lang=lang, view=view, links=links), lang)
    return dataclasses.replace(both, legend=(*both.legend, *(over.legend(lang) if over else ())))


def _map(graph: StateGraph, view: View, lang: Language, run: "Run | EventLog | Overlay | None") -> Diagram | Matrix:
    # imported here: the maps count with the analysis, which takes longer to import than to draw
    from procflow.render.capture import capture_matrix
    from procflow.render.maps import handoff_map, system_map

    if view == "capture":
        return capture_matrix(graph, lang)
    if view == "systems":
        return system_map(graph, lang)
    if run is not None:
        expect_run(run, argument="run")
    axis = "department" if view == "handoffs" else "level"
    return readable(handoff_map(graph, axis, lang, cast("Run | None", run)), lang)


def _refuse(view: View, given: Mapping[str, object]) -> None:
    """Raise RenderError for an option that a map does not show."""
    name = next((name for name, value in given.items() if value is not None), None)
    if name is not None:
        flows = "swimlane, machine, flowchart"
        raise RenderError(
            Text(
                en=f"the view {view!r} does not show {name!r}: leave it out, or use one of {flows}",
                zh=f"视图 {view!r} 不支持 {name!r}：请去掉该项，或改用 {flows}",
            )
        )


def _overlay(graph: StateGraph, run: "Run | EventLog | Overlay | None", quantity: Quantity | None) -> Overlay | None:
    if run is None and quantity is not None:
        raise RenderError(
            Text(
                en=f"nothing to take {quantity} from: give a run or an event log beside the overlay",
                zh=f"没有可供叠加 {quantity} 的数据：请同时给出仿真运行或事件日志",
            )
        )
    if run is None or isinstance(run, Overlay):
        return run
    from procflow.render.measures import measured  # imported here: a drawing without a run needs no tables

    return measured(graph, run, quantity or "waiting")


def replace(path: Path, content: bytes) -> None:
    """Write a file under a temporary name beside it, then rename it: it is never half there.

    Raises RenderError, with the path asked for, where it cannot be written.
    """
    try:
        _replace(path, content)
    except OSError as error:
        raise RenderError(cannot_write(path, error)) from error


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _known(name: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise RenderError(
            Text(
                en=f"unknown {name} {value!r}: use {' or '.join(map(repr, values))}",
                zh=f"未知的 {name} {value!r}：可用 {'、'.join(map(repr, values))}",
            )
        )
