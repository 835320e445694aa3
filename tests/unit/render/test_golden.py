"""The shipped definitions are drawn as they were when somebody last looked at them, as DOT and as Mermaid.

Not as SVG: there positions and widths follow Graphviz's version and the fonts of the machine. What procflow decides
stands in the DOT. Look at the pictures, then write the files anew: ``python -m tests.unit.render.test_golden``.
"""

from pathlib import Path

import pytest

from procflow.definition.shipped import folder
from procflow.machine.loading import load
from procflow.render import draw

PLACE = Path(__file__).parents[2] / "data" / "drawings"
FILES = sorted((folder() / "processes").glob("*/*.yaml"))


def drawings(file: Path) -> dict[str, str]:
    process, name = load(file), f"{file.parent.name}-{file.stem}"
    return {f"{name}.dot": draw(process, lang="zh").dot(), f"{name}.mmd": draw(process, lang="en").mermaid()}


def others() -> dict[str, str]:
    """Return one of each other kind of drawing, of the same process."""
    home = folder() / "processes" / "food_license"
    as_is, to_be = (load(home / f"{variant}.yaml") for variant in ("as_is", "to_be"))
    views = ("machine", "flowchart", "handoffs", "systems", "capture")
    drawn = {f"view-{view}.dot": draw(as_is, view=view, lang="en").dot() for view in views}  # type: ignore[arg-type]
    return drawn | {"before-after.dot": draw(as_is, after=to_be, lang="zh").dot()}


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
