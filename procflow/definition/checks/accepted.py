"""Checks of a file of accepted findings by itself; whether they are still found only an analysis says."""

from collections.abc import Iterator

from procflow.definition.accepted import AcceptedFindings
from procflow.definition.checks.common import Fault, fault, located
from procflow.definition.source import SourceMap
from procflow.errors import Problem


def check_accepted(accepted: AcceptedFindings, source: SourceMap) -> list[Problem]:
    """Return what is wrong in a file of accepted findings."""
    return located(_twice(accepted), source)


def _twice(accepted: AcceptedFindings) -> Iterator[Fault]:
    seen: set[tuple[str, frozenset[str]]] = set()
    for index, entry in enumerate(accepted.findings):
        if entry.key in seen:
            about_en, about_zh = ", ".join(sorted(set(entry.about))), "、".join(sorted(set(entry.about)))
            yield fault(
                ("findings", index, "rule"),
                "duplicate",
                f"{entry.rule} about {about_en} is accepted twice: keep one of the two",
                f"{entry.rule}({about_zh})重复接受:请保留其一",
            )
        seen.add(entry.key)
