"""What must hold before steps may change their order, and the reasons where it does not. Changes no process."""

from collections.abc import Iterable, Iterator, Sequence

from procflow.analysis.knock_out import precedence
from procflow.analysis.registry import Context
from procflow.analysis.rules.parallel import ORDERED, is_complete, limits_crossed, times_out
from procflow.analysis.rules.wording import named
from procflow.analysis.segments import (
    Effects,
    Unit,
    chains,
    depends,
    effects,
    limits_between,
    locks_between,
    scarce,
)
from procflow.definition.citations import cited
from procflow.definition.limits import Instant, Limit
from procflow.errors import RedesignError
from procflow.machine.graph import Edge
from procflow.text import Text


def segment(context: Context, states: Sequence[str]) -> tuple[Unit, ...]:
    """Return the steps of ``states`` in today's order; raise RedesignError where they are no stretch of one chain."""
    wanted = set(states)
    unknown = sorted(wanted - context.graph.nodes.keys())
    if unknown:
        name = context.process.name
        raise RedesignError(Text(en=f"no state {unknown[0]!r} in {name}", zh=f"{name} 没有状态 {unknown[0]!r}"))
    if len(wanted) < 2 or len(wanted) < len(states):
        shown = ", ".join(states) or "–"
        raise RedesignError(
            Text(
                en=f"name two or more different states, not: {shown}", zh=f"请写两个以上互不相同的状态，而不是：{shown}"
            )
        )
    for chain in chains(context):
        places = [place for place, unit in enumerate(chain) if unit.state in wanted]
        if len(places) == len(wanted) == places[-1] - places[0] + 1:
            return chain[places[0] : places[-1] + 1]
    listed = named(context, states)
    raise RedesignError(
        Text(
            en=f"{listed.get('en')} are not one segment: each must be followed by the next alone, which is entered "
            "from nowhere else, all other ways being its own corrections or refusals that end the case",
            zh=f"{listed.get('zh')}不构成单入口单出口的连续环节：每个环节除自身补正和终结办件的不予通过外，"
            "只能转入下一环节，且下一环节不得由他处进入",
        )
    )


def refuse(reasons: Iterable[Text]) -> None:
    """Raise RedesignError with all reasons, if there are any."""
    found = list(dict.fromkeys(reasons))
    if found:
        lines = {lang: "\n".join(reason.get(lang) for reason in found) for lang in ("en", "zh")}
        raise RedesignError(Text(en=lines["en"], zh=lines["zh"]))


def against_parallel(context: Context, units: Sequence[Unit]) -> Iterator[Text]:
    """Yield what forbids doing steps at once."""
    for unit in units:
        yield from _fixed(context, unit)
        if len(passing(unit)) != 1:
            yield _no_way_on(context, unit)
    for place, first in enumerate(units):
        for second in units[place + 1 :]:
            yield from _between(context, first, second)
            if scarce(context, first, second):
                yield _scarce(context, first, second)
    yield from limits_crossed(context, tuple(units))
    yield from _limits_moved(context, units, units[1:], ending=frozenset(limits_ended(context, units)))


def against_order(context: Context, units: Sequence[Unit], order: Sequence[int]) -> Iterator[Text]:
    """Yield what forbids doing steps in another order, given by their indices in today's."""
    moved = [units[index] for place, index in enumerate(order) if place != index]
    for unit in moved:
        yield from _fixed(context, unit)
    for unit in units:
        if unit in moved and len(passing(unit)) != 1:
            yield _no_way_on(context, unit)
    before = precedence(context, units)
    for place, index in enumerate(order):
        for later in order[place + 1 :]:
            if later in before[index]:
                reasons = list(_between(context, units[later], units[index]))
                yield from reasons or [_authority(context, units[later], units[index])]
    yield from limits_crossed(context, tuple(moved))
    yield from _limits_moved(context, units, moved)


def passing(unit: Unit) -> list[str]:
    """Return the states to which a step passes a case on, by qualified name; more than one inside a composite."""
    return list(dict.fromkeys(edge.dest for edge in unit.ways if passes(unit, edge))) if unit.main else []


def passes(unit: Unit, edge: Edge) -> bool:
    """Whether a transition of a step leads on, neither to its corrections nor to a refusal."""
    return edge.dest not in unit.states and all(edge.index != refusal.index for refusal in unit.refusals)


def _fixed(context: Context, unit: Unit) -> Iterator[Text]:
    state, shown = context.graph.state(unit.state), named(context, [unit.state])
    reasons = (
        (
            state.kind in ORDERED or state.milestone,
            "has a place of its own in the order (its kind, or milestone)",
            "的次序由其性质（kind 或 milestone）决定，不得移动",
        ),
        (
            state.who == "applicant",
            "is the applicant's, whom no office can schedule",
            "由申请人办理，机关无法安排其先后",
        ),
        (
            state.call is not None,
            "calls a process, of whose data nothing is known here",
            "调用其他流程，其数据影响不明",
        ),
        (times_out(unit), "may be ended by a timer, which is nobody's refusal", "设有超时去向，并非不予通过"),
        (
            not is_complete(context, unit),
            "does not say that its data are complete: silence is no independence; add 'data: complete' where it is so",
            "（含其补正环节）未声明数据完整，不能据此认定互不依赖：确认无遗漏后请写 'data: complete'",
        ),
    )
    for applies, en, zh in reasons:
        if applies:
            yield Text(en=f"{shown.get('en')} {en}", zh=f"{shown.get('zh')}{zh}")


def _between(context: Context, first: Unit, second: Unit) -> Iterator[Text]:
    """Yield what keeps two steps in their order, by data and by law."""
    listed = named(context, [first.state, second.state])
    one, other = effects(context, first), effects(context, second)
    if depends(context, one, other, first.state):
        things = named(context, sorted(_shared(one, other)))
        yield Text(
            en=f"{listed.get('en')} depend on each other by their data: {things.get('en')}",
            zh=f"{listed.get('zh')}之间有数据依赖：{things.get('zh')}",
        )
    for lock in locks_between(context, first, second):
        yield Text(
            en=f"law sets the order of {listed.get('en')}: {lock.basis}",
            zh=f"{listed.get('zh')}有法定先后次序：{cited(lock.basis, 'zh')}",
        )


def _shared(one: Effects, other: Effects) -> frozenset[str]:
    """Return what one of two steps changes and the other one uses or changes."""
    found: frozenset[str] = frozenset()
    for a, b in ((one, other), (other, one)):
        found |= (
            (a.makes & (b.needs | b.makes)) | (a.captures & b.reads) | (a.rejects & (b.needs | b.makes | b.captures))
        )
        found |= (a.sets & (b.tests | b.sets)) | {t for t, _ in a.keyed & b.looked_up}
    return found


def _scarce(context: Context, first: Unit, second: Unit) -> Text:
    listed = named(context, [first.state, second.state])
    return Text(
        en=f"{listed.get('en')} are done by the same too few people, who cannot do both at once",
        zh=f"{listed.get('zh')}由同一稀缺人员兼办，无法同时进行",
    )


def _authority(context: Context, first: Unit, second: Unit) -> Text:
    before, after = named(context, [first.state]), named(context, [second.state])
    return Text(
        en=f"{after.get('en')} must stay after {before.get('en')}: it looks at the same again with a duty or at a "
        "higher level, or its refusal reads what that one makes",
        zh=f"“{after.get('zh')}”须在“{before.get('zh')}”之后：前者负有复核职责或层级更高，或其不予通过时须读取后者的结果",
    )


def _no_way_on(context: Context, unit: Unit) -> Text:
    shown = named(context, [unit.state])
    return Text(
        en=f"{shown.get('en')} leads on to no single state, so that nothing says which way passes it",
        zh=f"{shown.get('zh')}没有唯一的后续状态，无法判定何为通过",
    )


def limits_ended(context: Context, units: Sequence[Unit]) -> dict[str, tuple[Instant, ...]]:
    """Return the limits that stop as the last step ends, with these stops: of steps at once, as all have ended.

    Only where no step refuses: what a refusal of another one is to such a clock, the definition does not say.
    """
    if any(unit.refusals for unit in units):
        return {}
    last = units[-1].state
    stops = {
        name: tuple(i for i in limit.stop if i.event in ("done", "exit") and i.name == last)
        for name, limit in context.process.definition.limits.items()
        if not any(_at(context, unit, limit.start) for unit in units)
    }
    return {name: found for name, found in stops.items() if found}


def _limits_moved(
    context: Context, units: Sequence[Unit], moved: Sequence[Unit], *, ending: frozenset[str] = frozenset()
) -> Iterator[Text]:
    """Yield limits whose clock has one end at a step that moves and the other one elsewhere, those ``ending`` apart."""
    passed_over = ending | limits_between(context, units).keys()
    for name, limit in context.process.definition.limits.items():
        if name not in passed_over and any(_tied(context, limit, unit) for unit in moved):
            title = limit.title or Text(en=name, zh=name)
            yield Text(
                en=f"the clock of limit {title.get('en')} counts from or to one of these steps, which would move: say "
                "first between which instants it counts then",
                zh=f"时限“{title.get('zh')}”以上述环节为起止点，环节移动后所计时间随之改变，须先重新规定其起止节点",
            )


def _tied(context: Context, limit: Limit, unit: Unit) -> bool:
    """Whether a clock, or a stop of it, has exactly one of its ends at a step."""
    since = limit.start + ((limit.deemed.since,) if limit.deemed is not None else ())
    spans = [(since, limit.stop)]
    spans += [((s.since,), (s.until,)) for s in limit.suspend if s.since is not None and s.until is not None]
    return any(
        bool(start) and bool(stop) and _at(context, unit, start) != _at(context, unit, stop) for start, stop in spans
    )


def _at(context: Context, unit: Unit, instants: Iterable[Instant]) -> bool:
    """Whether one of some instants is a step's own; the firing of a refusal ends the case wherever it stands."""
    own = {edge.trigger for name in unit.states for edge in context.graph.out(name)}
    own -= {edge.trigger for edge in unit.refusals}
    return any(i.name in (own if i.event == "fire" else unit.states) for i in instants)
