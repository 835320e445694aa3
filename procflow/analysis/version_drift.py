"""D18 across regions: versions of one process that differ from region to region (版本漂移)."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from procflow.analysis.finding import Finding, Measurement, Remedy, Subject
from procflow.analysis.registry import Context
from procflow.analysis.rules.wording import finding
from procflow.machine.diff import Diff, diff
from procflow.text import Text


def drift(contexts: Sequence[Context]) -> Iterator[Finding]:
    """Yield a finding for each regional version of a process that differs from the one that was reviewed last.

    Where the dates are alike or missing, the first one given is what the others are compared with.
    """

    def key(context: Context) -> tuple[str, str]:
        return context.process.name, context.process.variant

    for _, versions in groupby(sorted(contexts, key=key), key=key):
        listed = list(versions)
        newest = max(listed, key=lambda each: str(each.process.definition.reviewed_on or ""))
        for context in listed:
            if context is not newest:
                yield from _compared(context, newest)


def _compared(context: Context, newest: Context) -> Iterator[Finding]:
    changes = diff(context.process, newest.process)
    mine, theirs = context.process.definition, newest.process.definition
    limits = [name for name in {**mine.limits, **theirs.limits} if mine.limits.get(name) != theirs.limits.get(name)]
    if changes.is_empty and not limits:
        return
    states = tuple(change.before for change in changes.states if change.kind != "same" and change.before is not None)
    parts = _parts(changes, len(limits))
    yield finding(
        context,
        "D18",
        (Subject("process", mine.process), *(Subject("state", name) for name in states)),
        Text(
            en=f"the version of {mine.region} differs from that of {theirs.region}, which was reviewed last: "
            + ", ".join(f"{each.value:g} {each.name.get('en')}" for each in parts),
            zh=f"{mine.region} 的版本与最近梳理的 {theirs.region} 版本不一致："
            + "，".join(f"{each.name.get('zh')} {each.value:g} 处" for each in parts),
        ),
        parts,
        severity="medium",
        remedies=(
            Remedy(
                "",
                Text(
                    en="write one version for all regions, or say which law lets them differ",
                    zh="统一各地版本，或载明允许差异的依据",
                ),
            ),
        ),
        path=("region",),
    )


def _parts(changes: Diff, limits: int) -> tuple[Measurement, ...]:
    counted = (
        (Text(en="steps that differ", zh="环节差异"), sum(each.kind != "same" for each in changes.states), "steps"),
        (Text(en="ways that differ", zh="流转差异"), sum(each.kind != "same" for each in changes.transitions), "items"),
        (Text(en="limits that differ", zh="时限差异"), limits, "items"),
    )
    return tuple(Measurement(name, float(count), unit) for name, count, unit in counted if count)
