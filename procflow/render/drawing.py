"""Drawings of a process, for people and for other programs. Reads a process, changes nothing in it."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from procflow.definition.expecting import expect
from procflow.definition.resolved import Process
from procflow.errors import RenderError, cannot_write
from procflow.machine.graph import StateGraph, state_graph
from procflow.render.build import diagram
from procflow.render.dot import to_dot
from procflow.render.engine import Format, draw_dot, lay_out
from procflow.render.frames import framed, pieces
from procflow.render.mermaid import to_mermaid
from procflow.render.model import Diagram, View
from procflow.render.overlay import Overlay, Quantity
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding
    from procflow.logs.log import EventLog
    from procflow.simulation.run import Run

VIEWS: tuple[View, ...] = ("swimlane", "machine", "flowchart")
SUFFIXES = (".svg", ".png", ".pdf", ".dot", ".mmd")
"""The endings of files that a drawing can be written to; ``.mmd`` is Mermaid."""


@dataclass(frozen=True)
class Drawing:
    """A drawing of a process; ``diagram`` is its content as plain data. Shows itself in a notebook."""

    diagram: Diagram

    def __repr__(self) -> str:
        return f"<Drawing: {len(self.diagram.nodes)} nodes>"

    def dot(self, *, prefix: str = "") -> str:
        """Return it in the DOT language; ``prefix`` goes before every id."""
        return to_dot(self.diagram, prefix=prefix)

    def mermaid(self) -> str:
        """Return it as Mermaid text (a flowchart), which GitHub, GitLab and many editors draw; needs no Graphviz."""
        return to_mermaid(self.diagram)

    def svg(self, *, prefix: str = "") -> str:
        """Return it as an SVG element with text as text; the same drawing gives the same text.

        ``prefix`` goes before every id, so that several drawings fit on one page. Raises RenderError where there
        is no Graphviz.
        """
        return self._drawn("svg", prefix).decode()

    def save(self, path: str | Path) -> Path:
        """Write it to a file, as its suffix says: ``.svg``, ``.png``, ``.pdf``, ``.dot`` or ``.mmd``; return the path.

        A file of that name is replaced only when the new one is complete. Raises RenderError for another suffix,
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
        replace(path, self._bytes(kind))
        return path

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
        if pieces(self.diagram):
            text = framed(lay_out(text), self.diagram, prefix)
        return draw_dot(text, kind)

    def _repr_svg_(self) -> str:
        return self.svg()


def draw(
    process: Process,
    *,
    lang: Language = "zh",
    view: View = "swimlane",
    findings: "Iterable[Finding] | None" = None,
    run: "Run | EventLog | Overlay | None" = None,
    overlay: Quantity | None = None,
    links: Mapping[str, str] | None = None,
) -> Drawing:
    """Return a drawing of a process.

    Parameters
    ----------
    process : the checked process.
    lang : the language of all words, ``'zh'`` or ``'en'``.
    view : ``'swimlane'``, a lane per department from the highest level to the lowest after the applicant's;
        ``'machine'``, the state machine in the notation of UML; ``'flowchart'``, with the symbols of GB/T 1526.
    findings : flagged by their number, from 1 in their order.
    run : a run or an event log that is laid over the drawing, or an ``Overlay`` of numbers from elsewhere.
    overlay : which quantity: ``'waiting'`` (by default), ``'utilization'``, ``'frequency'`` or ``'lateness'``.
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
    over = _overlay(graph, run, overlay)
    return Drawing(diagram(graph, lang=lang, view=view, findings=findings, overlay=over, links=links))


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
