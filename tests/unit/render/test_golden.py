"""The shipped definitions are drawn as they were when somebody last looked at them, as DOT, as Mermaid and as SVG.

Of an SVG what Graphviz's version and the fonts of the machine do not decide: every part with its id, kind, colors,
tooltip, words and link, without positions and widths. Look at the pictures, then write the files anew:
``python -m tests.unit.render.test_golden``.
"""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from procflow.definition.shipped import folder
from procflow.machine.loading import load
from procflow.render import draw

PLACE = Path(__file__).parents[2] / "data" / "drawings"
SVG = "{http://www.w3.org/2000/svg}"
FILES = sorted((folder() / "processes").glob("*/*.yaml"))


def drawings(file: Path) -> dict[str, str]:
    process, name = load(file), f"{file.parent.name}-{file.stem}"
    links = {state.name: f"#{state.name}" for state in process.definition.states[:2]}
    return {
        f"{name}.dot": draw(process, lang="zh").dot(),
        f"{name}.mmd": draw(process, lang="en").mermaid(),
        f"{name}.svg.txt": outline(draw(process, lang="zh", links=links).svg()),
    }


def outline(svg: str) -> str:
    """Return what an SVG shows, a line for each part that has an id of its own, in the order of the ids."""
    lines = []
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        name, kind = group.get("id", ""), group.get("class", "")
        if kind in ("", "graph") or re.fullmatch(r"diagram_\w+", name):
            continue
        shapes = [e for e in group.iter() if e.tag.removeprefix(SVG) in ("polygon", "path", "ellipse", "polyline")]
        looks = {f"{e.get('fill')}/{e.get('stroke')}{'/dashed' if e.get('stroke-dasharray') else ''}" for e in shapes}
        tips = dict.fromkeys(str(e.text).replace("\n", " ¶ ") for e in group.iter(f"{SVG}title"))
        said = " ".join("".join(e.itertext()) for e in group.iter(f"{SVG}text"))
        links = dict.fromkeys(str(e.get("href")) for e in group.iter(f"{SVG}a"))
        parts = (" ".join(sorted(looks)), " ".join(tips), said, " ".join(links))
        lines.append(f"{name} [{kind}] {' | '.join(parts)}".rstrip())
    return "\n".join(sorted(lines)).replace("transparent", "none") + "\n"  # which of both, the version decides


def others() -> dict[str, str]:
    """Return one of each other kind of drawing, of the same process."""
    home = folder() / "processes" / "food_license"
    as_is, to_be = (load(home / f"{variant}.yaml") for variant in ("as_is", "to_be"))
    views = ("machine", "flowchart", "handoffs", "systems", "capture")
    drawn = {f"view-{view}.dot": draw(as_is, view=view, lang="en").dot() for view in views}  # type: ignore[arg-type]
    return drawn | {"before-after.dot": draw(as_is, after=to_be, lang="zh").dot()}


def test_an_outline_tells_parts_words_and_links() -> None:
    text = outline(draw(load(FILES[0]), links={load(FILES[0]).definition.states[0].name: "there.html"}).svg())
    assert "lane0 [node lane]" in text
    assert len(re.findall("^arrow-", text, re.MULTILINE)) > 10
    assert "| there.html" in text
    assert not re.search(r"points=|\bd=", text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_shipped_definition_is_drawn_as_before(file: Path) -> None:
    for name, text in drawings(file).items():
        assert text == (PLACE / name).read_text(encoding="utf-8"), f"{name} differs: look at it, then write it anew"


def test_the_other_kinds_of_drawing_are_as_before() -> None:
    for name, text in others().items():
        assert text == (PLACE / name).read_text(encoding="utf-8"), f"{name} differs: look at it, then write it anew"


if __name__ == "__main__":
    for old in PLACE.glob("*"):
        old.unlink()
    for file in FILES:
        for name, text in drawings(file).items():
            (PLACE / name).write_text(text, encoding="utf-8")
    for name, text in others().items():
        (PLACE / name).write_text(text, encoding="utf-8")
