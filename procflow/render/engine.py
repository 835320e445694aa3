"""Lays out and draws DOT text, by Graphviz's own command or by the library inside pygraphviz. Writes no DOT itself."""

import re
import shutil
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType
from typing import Literal

from procflow.errors import RenderError
from procflow.render.look import FONTS
from procflow.text import Text

Format = Literal["svg", "png", "pdf"]
_STACK = ",".join(name if name == "sans-serif" else f"'{name}'" for name in FONTS.split(","))


def draw_dot(text: str, kind: Format) -> bytes:
    """Return DOT text as an SVG, PNG or PDF.

    The command ``dot`` is used where it is on the PATH, else, or where that fails (old ones stumble over labels now and
    then), the Graphviz inside pygraphviz. Raises RenderError where there is neither, or where Graphviz fails.
    """
    drawn = _run(text, kind)
    return _tidied(drawn.decode()).encode() if kind == "svg" else drawn


def lay_out(text: str) -> str:
    """Return DOT text with the position of everything. Raises RenderError as ``draw_dot`` does."""
    return _run(text, "dot").decode().replace("\r\n", "\n")


def _run(text: str, kind: str) -> bytes:
    if not shutil.which("dot"):
        return _by_library(text, kind)
    try:
        return _by_command(text, kind)
    except RenderError:
        if not find_spec("pygraphviz"):
            raise
        return _by_library(text, kind)


def _by_command(text: str, kind: str) -> bytes:
    import graphviz

    try:
        return bytes(graphviz.Source(text).pipe(format=kind, quiet=True))
    except (graphviz.CalledProcessError, graphviz.ExecutableNotFound, OSError) as error:
        raise _failed(kind, str(error)) from error


def _by_library(text: str, kind: str) -> bytes:
    graph = _library().AGraph(string=text)
    try:
        return bytes(graph.draw(format=kind, prog="dot"))
    except (ValueError, OSError) as error:
        raise _failed(kind, str(error)) from error
    finally:
        graph.close()


@lru_cache(maxsize=1)
def _library() -> ModuleType:
    try:
        import pygraphviz
    except ImportError as error:
        raise RenderError(
            Text(
                en="a drawing needs Graphviz: install it so that 'dot' is on the PATH (apt install graphviz, "
                "brew install graphviz, winget install graphviz), or use 'pip install \"pygraphviz>=2.0\"', "
                "which brings it",
                zh="绘图需要 Graphviz：请安装并使 dot 命令位于 PATH（apt install graphviz、brew install graphviz 或 "
                'winget install graphviz），或执行 pip install "pygraphviz>=2.0"（自带 Graphviz）',
            )
        ) from error
    library: ModuleType = pygraphviz
    return library


def _failed(kind: str, reason: str) -> RenderError:
    return RenderError(
        Text(
            en=f"Graphviz could not draw the {kind}: {reason}; update Graphviz to version 8 or later",
            zh=f"Graphviz 未能绘制 {kind}：{reason}；请将 Graphviz 升级到 8 或更高版本",
        )
    )


def _with_titles(svg: str) -> str:
    """Make the tooltip of every link a title; drop the link unless it leads somewhere ('#' only holds a tooltip)."""
    kept: list[bool] = []

    def replaced(match: re.Match[str]) -> str:
        if match.group(0).startswith("</a>"):
            return match.group(0) if kept.pop() else ""
        address, title = match.group("href") or "#", match.group("title") or ""
        kept.append(address != "#")
        link = f'<a href="{address}" xlink:href="{address}">' if kept[-1] else ""
        return link + (f"<title>{title}</title>" if title.strip() else "")

    pattern = r'<a(?: xlink:href="(?P<href>[^"]*)")?(?: xlink:title="(?P<title>[^"]*)")?>\n?|</a>\n?'
    return re.sub(pattern, replaced, svg)


def _tidied(svg: str) -> str:
    """Drop what names the generator or its names, make tooltips titles, and quote the fonts for CSS."""
    svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<\?xml.*?\?>\s*|<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<title>[^<]*</title>\n?", "", svg)
    svg = _with_titles(svg)
    svg = re.sub(r'<g id="[^"]*" class="node(?: invisible)?">\s*</g>\n?', "", svg)
    return svg.replace(f'font-family="{FONTS}"', f'font-family="{_STACK}"').strip() + "\n"
