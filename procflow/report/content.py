"""Gathers what a report says: conclusion, drawings, findings, tables, charts, provenance. Writes no format."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from procflow.analysis.finding import Finding
from procflow.analysis.metrics import summary
from procflow.report.basis_tables import assumptions_section
from procflow.report.clocks import limits_section
from procflow.report.comparison_tables import comparison_section, demands_section
from procflow.report.decision_tables import law_section, people_section
from procflow.report.findings import accepted_rows, finding_row, findings_section, natural
from procflow.report.headline import conclusion
from procflow.report.model import Amount, Content, FindingRow, Section, Tile
from procflow.report.places import Folder
from procflow.report.provenance import provenance
from procflow.report.remedies import remedies_section
from procflow.report.replay import replay
from procflow.report.sides import Sides
from procflow.report.time_tables import time_section
from procflow.report.views import views
from procflow.text import Language, Text

_TILES = ("cycle_wd", "cycle_wd_p90", "visits", "documents", "visible_steps", "staff_hours")
_TILE_NAMES = {
    "cycle_wd": Text(en="lead time", zh="全程用时（平均）"),
    "cycle_wd_p90": Text(en="nine in ten cases within", zh="九成件的全程用时不超过"),
}


def content(sides: Sides, lang: Language) -> Content:
    """Return everything that a report says, in one language."""
    findings = tuple(
        finding_row(side, number, finding, sides.folder, lang)
        for side in sides
        for number, finding in enumerate(side.findings or (), start=1)
    )
    runs = [side.run for side in sides if side.run is not None]
    replays: dict[str, Any] = {side.key: found for side in sides if (found := replay(side)) is not None}
    sections = _sections(sides, findings, lang)
    return Content(
        lang=lang,
        title=sides.process.label(lang),
        conclusion=conclusion(sides, lang),
        tiles=tuple(_tiles(sides, lang)),
        views=tuple(views(sides, lang)),
        findings=findings,
        notes=tuple(_note(n, lang, sides.folder) for side in sides for n in getattr(side.findings, "notes", ())),
        skipped=_skipped(sides),
        sections=sections,
        replays=replays,
        provenance=provenance([side.process for side in sides], runs, sides.folder, lang),
        data=plain_findings([side.findings or () for side in sides], sides.folder)
        | {
            "comparison": sides.comparison.to_data() if sides.comparison else None,
            "gains": [gain.to_data() for gain in sides.gains],
        },
    )


def _sections(sides: Sides, findings: tuple[FindingRow, ...], lang: Language) -> tuple[Section, ...]:
    accepted = tuple(row for side in sides for row in accepted_rows(side, sides.folder, lang))
    analyzed = any(side.findings is not None for side in sides)
    found = (
        findings_section(findings, accepted, lang) if analyzed else None,
        time_section(sides, lang),
        comparison_section(sides, lang),
        limits_section(sides, lang),
        demands_section(sides, lang),
        people_section(sides, lang),
        law_section(sides, lang),
        remedies_section(sides, lang),
        assumptions_section(sides, lang),
    )
    return tuple(section for section in found if section is not None)


def _tiles(sides: Sides, lang: Language) -> Iterator[Tile]:
    """Yield the few figures of the first screen."""
    if sides.comparison is not None:
        compared = {found.key: found for found in sides.comparison.differences}
        for key in _TILES:
            if key in compared:
                found = compared[key]
                before, after = (Amount.of(value, found.unit) for value in (found.before, found.after))
                yield Tile(_TILE_NAMES.get(key, found.name).get(lang), before, after)
    elif sides.run is not None:
        measured = {metric.key: metric for metric in summary(sides.run, sides.process)}
        for key in _TILES:
            if key in measured:
                metric = measured[key]
                yield Tile(_TILE_NAMES.get(key, metric.name).get(lang), Amount.of(metric.estimate, metric.unit))


def _note(note: Text, lang: Language, folder: Folder) -> str:
    shown = note.get(lang)
    return shown.replace(f"{folder.path}/", "") if folder.path else shown


def _skipped(sides: Sides) -> tuple[str, ...]:
    return tuple(sorted({rule for side in sides for rule in getattr(side.findings, "skipped", ())}, key=natural))


def plain_findings(every: Iterable[Iterable[Finding]], folder: Folder) -> dict[str, Any]:
    """Return findings and accepted findings as plain data, files named inside the folder."""
    listed = list(every)
    return {
        "findings": [_inside(finding.to_data(), folder) for findings in listed for finding in findings],
        "accepted": [_inside(a.to_data(), folder) for findings in listed for a in getattr(findings, "accepted", ())],
    }


def _inside(data: Mapping[str, Any], folder: Folder) -> dict[str, Any]:
    """Return a finding's data with the files of its places named inside the folder, or by their name alone."""

    def named(place: Mapping[str, Any]) -> dict[str, Any]:
        return {**place, "file": folder.inside(place["file"])}

    found = {**data, "place": named(data["place"])}
    if "accepted" in found:
        found["accepted"] = {**found["accepted"], "place": named(found["accepted"]["place"])}
    return found
