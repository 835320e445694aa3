"""Drawings of a process, for people and for other programs. Reads a process, changes nothing in it."""

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from procflow.definition.expecting import expect
from procflow.definition.resolved import Process
from procflow.errors import RenderError, cannot_write
from procflow.machine.graph import state_graph
from procflow.render.build import View, diagram
from procflow.render.dot import to_dot
from procflow.render.engine import draw_dot
from procflow.render.model import Diagram
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding
    from procflow.simulation.run import Run

_SUFFIXES = (".svg", ".png", ".pdf", ".dot")


@dataclass(frozen=True)
class Drawing:
    """A drawing of a process; ``diagram`` is its content as plain data. Shows itself in a notebook."""

    diagram: Diagram

    def __repr__(self) -> str:
        return f"<Drawing: {len(self.diagram.nodes)} nodes>"

    def dot(self, *, prefix: str = "") -> str:
        """Return it in the DOT language; ``prefix`` goes before every id."""
        return to_dot(self.diagram, prefix=prefix)

    def svg(self, *, prefix: str = "") -> str:
        """Return it as an SVG element with text as text; the same drawing gives the same text.

        ``prefix`` goes before every id, so that several drawings fit on one page. Raises RenderError where there
        is no Graphviz.
        """
        return draw_dot(self.dot(prefix=prefix), "svg").decode()

    def save(self, path: str | Path) -> Path:
        """Write it to a file, as its suffix says: ``.svg``, ``.png``, ``.pdf`` or ``.dot``; return the path.

        A file of that name is replaced only when the new one is complete. Raises RenderError for another suffix,
        where the file cannot be written, or where there is no Graphviz.
        """
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in _SUFFIXES:
            raise RenderError(
                Text(
                    en=f"{path.name}: cannot draw {kind or 'without a suffix'}: use {', '.join(_SUFFIXES)}",
                    zh=f"{path.name}：不能绘制 {kind or '没有后缀的文件'}：可用 {'、'.join(_SUFFIXES)}",
                )
            )
        replace(path, self._bytes(kind))
        return path

    def _bytes(self, kind: str) -> bytes:
        if kind == ".dot":
            return self.dot().encode()
        if kind == ".svg":
            return b'<?xml version="1.0" encoding="UTF-8"?>\n' + self.svg().encode()
        return draw_dot(self.dot(), "png" if kind == ".png" else "pdf")

    def _repr_svg_(self) -> str:
        return self.svg()


def draw(
    process: Process,
    *,
    lang: Language = "zh",
    view: View = "swimlane",
    findings: "Iterable[Finding] | None" = None,
    run: "Run | None" = None,
) -> Drawing:
    """Return a drawing of a process.

    ``view`` is ``'swimlane'``, a lane per department from the highest level to the lowest after the applicant's,
    or ``'machine'``, the plain state machine. ``findings`` are flagged by their number, from 1 in their order.
    With a ``run``, states are shaded by how long cases wait at them.

    Raises RenderError where ``view`` or ``lang`` is unknown; Graphviz is needed only when it is drawn.
    """
    expect(process, Process, argument="process")
    _known("view", view, ("swimlane", "machine"))
    _known("lang", lang, ("zh", "en"))
    return Drawing(diagram(state_graph(process), lang=lang, view=view, findings=findings, run=run))


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
