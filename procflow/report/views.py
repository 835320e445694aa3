"""The drawings of a report: before and after in one picture, each variant under each overlay, and its maps."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from procflow.analysis.finding import Finding
from procflow.render import draw
from procflow.render.facts import flagged_states
from procflow.render.overlay import QUANTITIES
from procflow.report.model import View
from procflow.report.sides import Side, Sides
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.render.overlay import Quantity

Map = Literal["handoffs", "levels", "systems", "capture"]

_OVERLAYS = {
    "": Text(en="steps", zh="环节"),
    "waiting": Text(en="waiting", zh="等待"),
    "utilization": Text(en="utilization", zh="负荷率"),
    "frequency": Text(en="frequency", zh="频次"),
    "lateness": Text(en="lateness", zh="超期"),
}


_MAPS: dict[Map, Text] = {
    "handoffs": Text(en="handoffs between departments", zh="部门间移交"),
    "levels": Text(en="handoffs between levels", zh="层级间移交"),
    "systems": Text(en="IT systems and islands", zh="系统关系与信息孤岛"),
    "capture": Text(en="data items and systems", zh="数据项采集矩阵"),
}


def finding_id(side: Side, finding: Finding) -> str:
    """Return the id of a finding in the page."""
    return f"{side.key}-finding-{finding.id}"


def views(sides: Sides, lang: Language) -> Iterator[View]:
    """Yield the drawings, that of both variants first, maps last; the ids of a variant's first begin with its key."""
    if sides.after is not None:
        name = Text(en="before and after in one picture", zh="再造前后对照").get(lang)
        drawing = draw(sides.process, after=sides.after, findings=sides.findings, lang=lang)
        yield View("both-", "both", name, "", drawing)
    for side in sides:
        quantities: tuple[Quantity | None, ...] = (None,) if side.run is None else QUANTITIES
        for index, quantity in enumerate(quantities):
            overlay = quantity or ""
            drawing = draw(
                side.process, lang=lang, findings=side.findings, run=side.run, overlay=quantity, links=_links(side)
            )
            prefix = f"{side.key}-" if index == 0 else f"{side.key}-{overlay}-"
            yield View(prefix, side.key, f"{side.name(lang)} · {_OVERLAYS[overlay].get(lang)}", overlay, drawing)
    for side in sides:
        for name in _MAPS:
            drawing = draw(side.process, lang=lang, view=name, run=side.run if name in ("handoffs", "levels") else None)
            yield View(f"{side.key}-{name}-", "map", f"{side.name(lang)} · {_MAPS[name].get(lang)}", name, drawing)


def _links(side: Side) -> dict[str, str]:
    """Return where the box of each flagged state leads: to the first finding about it."""
    found: dict[str, str] = {}
    for finding in side.findings or ():
        for state in flagged_states(side.graph, finding):
            found.setdefault(state, f"#{finding_id(side, finding)}")
    return found
