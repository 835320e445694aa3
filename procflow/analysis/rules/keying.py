"""R1b: one item keyed by staff into two or more systems."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from procflow.analysis.dataflow import through
from procflow.analysis.finding import Finding, Measurement, Remedy, Witness
from procflow.analysis.flowgraph import concurrent
from procflow.analysis.knowledge import flow
from procflow.analysis.pricing import basis_of, cost, priced_visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.text import Text


@dataclass(frozen=True)
class _Keying:
    state: str
    system: str


def _double_entry(context: Context) -> Iterator[Finding]:
    groups: dict[tuple[_Keying, ...], list[str]] = {}
    for item, keyings in _keyed(context).items():
        for one_value in _values(context, item, keyings):
            together = _on_one_path(context, one_value)
            if len({keying.system for keying in together}) > 1:
                groups.setdefault(together, []).append(item)
    for together, items in groups.items():
        yield _double(context, together, items)


def _values(context: Context, item: str, keyings: list[_Keying]) -> list[list[_Keying]]:
    """Split keyings by the value keyed: a state that writes the item keys a new one, which is no repetition."""
    split: dict[str, list[_Keying]] = {}
    for keying in keyings:
        anew = item in context.graph.nodes[keying.state].state.writes
        split.setdefault(keying.state if anew else "", []).append(keying)
    return list(split.values())


def _keyed(context: Context) -> dict[str, list[_Keying]]:
    """Return where each item is keyed without a stated reason, in the order in which a case comes there."""
    found: dict[str, list[_Keying]] = {}
    ordered = dict.fromkeys(context.shared(flow).points[point].state for point in context.shared(flow).order)
    for name in ordered:
        for entry in context.graph.nodes[name].state.enters:
            if entry.reason is None:
                known = found.setdefault(entry.item, [])
                known += [k for s in entry.into if (k := _Keying(name, s)) not in known]
    return found


def _on_one_path(context: Context, keyings: list[_Keying]) -> tuple[_Keying, ...]:
    """Return the keyings that one case may all come to, in order: none excludes the one before it."""
    points = context.shared(flow)
    kept: list[_Keying] = []
    for keying in keyings:
        if all(_together(context, k.state, keying.state) or points.leads(k.state, keying.state) for k in kept):
            kept.append(keying)
    return tuple(kept)


def _together(context: Context, a: str, b: str) -> bool:
    """Whether two states are one, or lie in parallel regions of one composite."""
    return a == b or concurrent(context.graph, a, b)


def _double(context: Context, keyings: tuple[_Keying, ...], items: list[str]) -> Finding:
    systems = list(dict.fromkeys(keying.system for keying in keyings))
    states = list(dict.fromkeys(keying.state for keying in keyings))
    shadows = _shadows(context, systems, items)
    listed, into, where = named(context, items), named(context, systems), named(context, states)
    en = f"staff key {listed.get('en')} into {into.get('en')} (at {where.get('en')})"
    zh = f"工作人员将{listed.get('zh')}分别录入{into.get('zh')}（环节：{where.get('zh')}）"
    if shadows:
        pairs_en = ", ".join(f"{a} → {b}" for a, b in shadows)
        en += f", although an interface exists: {pairs_en} (a shadow interface)"
        zh += f"，而系统间已有接口：{pairs_en}（影子接口）"
    return finding(
        context,
        "R1b",
        subjects(("state", states), ("item", items), ("system", systems)),
        Text(en=en, zh=zh),
        (_proof(context, states, listed), _count(len(keyings) * len(items))),
        cost=cost(context, "keyed_items", _repeats(context, keyings, len(items)), basis_of(context, _BASIS)),
        remedies=_REMEDIES if not shadows else _REMEDIES[1:],
        path=(*context.graph.nodes[states[-1]].path, "enters"),
    )


def _shadows(context: Context, systems: list[str], items: list[str]) -> list[tuple[str, str]]:
    return [
        (i.source, i.dest)
        for i in context.process.organization.interfaces
        if i.source in systems and i.dest in systems and (not i.items or set(i.items) & set(items)) and i.coverage > 0
    ]


def _proof(context: Context, states: list[str], listed: Text) -> Witness:
    points = context.shared(flow)
    way = through(points, states)
    keyed = Text(en=f"keys {listed.get('en')}", zh=f"录入{listed.get('zh')}")
    places = [index for index, point in enumerate(way) if points.points[point].state in states]
    return witness(points, way, dict.fromkeys(places, keyed))


def _count(keyings: int) -> Measurement:
    return Measurement(Text(en="keyings along this path", zh="该路径上的录入项次"), float(keyings), "entries")


_BASIS = Text(en="expected keyings beyond the first one", zh="首次录入之外的期望录入项次")


def _repeats(context: Context, keyings: tuple[_Keying, ...], items: int) -> float | None:
    """Return the keyings less one for each case that is keyed at all."""
    expected = context.shared(priced_visits)
    if expected is None:
        return None
    total = math.fsum(expected.to(keying.state) for keying in keyings)
    return items * max(0.0, total - min(1.0, max(expected.to(keying.state) for keying in keyings)))


_REMEDIES = (
    Remedy(
        "connect_systems", Text(en="let the first system pass it on to the others", zh="系统对接，一次录入、自动分发")
    ),
    Remedy(
        "once_only", Text(en="stop the second keying and use what was passed on", zh="取消二次录入，直接使用已推送数据")
    ),
)

RULES = (
    Rule(
        "R1b",
        Text(en="double entry", zh="重复录入"),
        Text(
            en="an item that staff key into two or more systems along one path",
            zh="工作人员在同一路径上将同一数据项录入两个以上系统",
        ),
        Text(en="keying costs staff time and breeds differences", zh="耗费人力且易致数据不一致"),
        Text(
            en="cost = items × (expected keyings − 1 per case that is keyed at all)",
            zh="成本=项数×（期望录入次数-首次录入）",
        ),
        "Sum of expected visits; see expectation.py",
        Text(
            en="keying on purpose (double_keying), outage fallback, systems keyed on exclusive branches",
            zh="有意双录、系统故障时的应急录入、互斥分支上的录入",
        ),
        _double_entry,
    ),
)
