"""Helpers of the rules: names in both languages, witness paths, and findings put together. Judges nothing."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from procflow.analysis.finding import (
    Cost,
    Evidence,
    Finding,
    Remedy,
    Severity,
    Step,
    Subject,
    SubjectKind,
    Witness,
    place,
)
from procflow.analysis.flowgraph import FlowGraph
from procflow.analysis.registry import Context
from procflow.definition.base import Path
from procflow.text import Text

_SHOWN = 8


def label(context: Context, name: str, lang: str) -> str:
    """Return a state, item, document, system or department by its title, or by its name."""
    process = context.process
    if name in context.graph.nodes:
        return context.graph.nodes[name].label(lang)
    organization = process.organization
    known = process.material(name) or process.item(name) or organization.system(name) or organization.department(name)
    return known.label(lang) if known else name


def named(context: Context, names: Iterable[str]) -> Text:
    """Return names as a list in both languages, cut off after a few."""
    every = list(names)
    shown = every[:_SHOWN]
    rest = len(every) - len(shown)
    en, zh = ", ".join(label(context, n, "en") for n in shown), "、".join(label(context, n, "zh") for n in shown)
    return Text(en=en + (f" and {rest} more" if rest else ""), zh=zh + (f"等 {len(every)} 项" if rest else ""))


def subjects(*groups: tuple[SubjectKind, Iterable[str]]) -> tuple[Subject, ...]:
    """Return subjects of several kinds, in order."""
    return tuple(Subject(kind, name) for kind, names in groups for name in names)


def witness(flow: FlowGraph, points: Sequence[int], remarks: Mapping[int, Text]) -> Witness:
    """Return a path of points as a witness; ``remarks`` are by position, negative ones from the end."""
    size = len(points)
    at = {position % size: remark for position, remark in remarks.items()}
    steps = list(map(_step, map(flow.states.__getitem__, points)))  # ways may be long, and many findings have one
    for position, remark in at.items():
        steps[position] = Step(steps[position].state, remark)
    return Witness(tuple(steps))


@lru_cache(maxsize=10_000)
def _step(state: str) -> Step:
    """Return a step without remark: long ways share theirs."""
    return Step(state)


def finding(
    context: Context,
    rule: str,
    about: tuple[Subject, ...],
    statement: Text,
    evidence: tuple[Evidence, ...],
    *,
    cost: tuple[Cost, ...] = (),
    severity: Severity | None = None,
    legal_hook: str | None = None,
    blocked_by: tuple[Text, ...] = (),
    remedies: tuple[Remedy, ...] = (),
    thresholds: Mapping[str, float] | None = None,
    path: Path = (),
) -> Finding:
    """Return a finding of this process; its severity follows its cost unless given."""
    return Finding(
        rule,
        context.process.name,
        context.process.variant,
        severity or context.profile.severity(cost),
        about,
        statement,
        evidence,
        cost,
        legal_hook,
        blocked_by,
        remedies,
        thresholds or {},
        place(context.process, path),
    )
