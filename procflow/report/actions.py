"""What there is to do, in plain words, for the first screen: what a reform changes, or which remedies findings name."""

from collections.abc import Iterable, Iterator
from itertools import islice

from procflow.analysis.materials_list import materials_list
from procflow.definition import words
from procflow.definition.limits import Limit
from procflow.definition.quantities import Term
from procflow.machine.diff import Diff, StateChange, diff
from procflow.render import state_id
from procflow.render.facts import flagged_states
from procflow.report.figures import rounded
from procflow.report.model import Line
from procflow.report.remedies import Ranked, ranked
from procflow.report.sides import Sides
from procflow.report.views import finding_id
from procflow.text import Language, Text

_SHOWN = 4
"""How many names a line lists before it only counts the rest."""

_REMEDIES, _PLACES = 6, 2
_DIAGRAM = Text(en="diagram", zh="看图")
_TABLE = Text(en="table", zh="看表")
_APPLICANT = Text(en="the applicant", zh="申请人")
_SYSTEM = Text(en="an external party or a system", zh="外部机构或系统")


def actions(sides: Sides, lang: Language) -> tuple[Line, ...]:
    """Return what to do: with a reform what it changes, each leading to its place; without one the first remedies."""
    if sides.after is not None:
        return tuple(_reform(sides, lang))
    return tuple(_remedies(sides, lang))


def _reform(sides: Sides, lang: Language) -> Iterator[Line]:
    assert sides.after is not None
    change = diff(sides.process, sides.after)
    yield from _steps(change, lang)
    yield from _owners(change, lang)
    yield from _parallel(change, lang)
    yield from _sittings(change, lang)
    dropped = [row.title.get(lang) for row in materials_list(sides.process, sides.after) if row.change == "dropped"]
    if dropped:
        text = Text(en="No longer ask for {n} {things}: {names}", zh="免交材料 {n} 种：{names}")
        said = _filled(text, dropped, lang, "material", "materials")
        yield Line(said, "table-materials", _TABLE.get(lang))
    yield from _limits(sides, lang)


def _steps(change: Diff, lang: Language) -> Iterator[Line]:
    removed = [
        s.before for s in change.states if s.kind == "removed" and s.before and _works(change.before.state(s.before))
    ]
    if removed:
        text = Text(en="Drop {n} {things}: {names}", zh="取消 {n} 个环节：{names}")
        names = [change.before.nodes[name].label(lang) for name in removed]
        yield _see(_filled(text, names, lang, "step", "steps"), f"both-removed-{state_id(removed[0])}", lang)
    added = [s.after for s in change.states if s.kind == "added" and s.after and _works(change.after.state(s.after))]
    if added:
        text = Text(en="Add {n} {things}: {names}", zh="新增 {n} 个环节：{names}")
        names = [change.after.nodes[name].label(lang) for name in added]
        yield _see(_filled(text, names, lang, "step", "steps"), f"both-{state_id(added[0])}", lang)


def _see(text: str, target: str, lang: Language) -> Line:
    return Line(text, target, _DIAGRAM.get(lang))


def _works(state: object) -> bool:
    """Whether something is done or waited for in a state: it is neither an end nor a composite."""
    return not (getattr(state, "final", False) or getattr(state, "regions", ()) or getattr(state, "states", ()))


def _owners(change: Diff, lang: Language) -> Iterator[Line]:
    """Yield who does now what somebody else did, a line for each who took something over."""
    taken: dict[str, list[str]] = {}
    for each in change.states:
        if each.before and each.after and not {"department", "actor"}.isdisjoint(each.fields):
            taken.setdefault(_owner(change, each.after, lang), []).append(each.after)
    for owner, names in taken.items():
        titles = [change.after.nodes[name].label(lang) for name in names]
        text = Text(en="Now done by {owner}: {names}", zh="改由{owner}办理：{names}")
        yield _see(text.get(lang).format(owner=owner, names=_listed(titles, lang)), f"both-{state_id(names[0])}", lang)


def _owner(change: Diff, name: str, lang: Language) -> str:
    state = change.after.state(name)
    department = change.after.process.department(state)
    if department is not None:
        return department.label(lang)
    return (_APPLICANT if state.who == "applicant" else _SYSTEM).get(lang)


def _parallel(change: Diff, lang: Language) -> Iterator[Line]:
    known = {s.after for s in change.states if s.before and len(change.before.regions.get(s.before, ())) > 1}
    for name, regions in change.after.regions.items():
        if len(regions) > 1 and name not in known:
            titles = [region.label(lang) for region in change.after.state(name).regions]
            text = Text(en="Do at once what was done in turn: {names}", zh="串联改并联：{names}")
            yield _see(text.get(lang).format(names=_listed(titles, lang)), f"both-{state_id(name)}", lang)


def _sittings(change: Diff, lang: Language) -> Iterator[Line]:
    """Yield which steps are done in other sittings than before, a line for each way in which that changed."""
    changed: dict[str, list[str]] = {}
    for each in change.states:
        if "batch" in each.fields and each.before and each.after:
            changed.setdefault(_sitting(change, each, lang), []).append(each.after)
    for text, names in changed.items():
        titles = [change.after.nodes[name].label(lang) for name in names]
        yield _see(text.format(names=_listed(titles, lang)), f"both-{state_id(names[0])}", lang)


def _sitting(change: Diff, each: StateChange, lang: Language) -> str:
    before, after = change.before.state(str(each.before)).batch, change.after.state(str(each.after)).batch
    was = words.recurrence(before.every, lang) if before else ""
    now = words.recurrence(after.every, lang) if after else ""
    if not now:
        text = Text(en="As cases come, no longer {was}: {{names}}", zh="随到随办（原{was}）：{{names}}")
    elif not was:
        text = Text(en="In sittings, {now}: {{names}}", zh="集中办理（{now}）：{{names}}")
    else:
        text = Text(en="{now} instead of {was}: {{names}}", zh="由{was}改为{now}：{{names}}")
    return text.get(lang).format(was=was, now=now)


def _limits(sides: Sides, lang: Language) -> Iterator[Line]:
    assert sides.after is not None
    later = sides.after.definition.limits
    for name, limit in sides.process.definition.limits.items():
        if name not in later:
            continue
        title = limit.title.get(lang) if limit.title else name
        for kind, said in (
            ("promised", Text(en="promised", zh="承诺")),
            ("statutory", Text(en="statutory", zh="法定")),
        ):
            before, after = _term(limit, kind), _term(later[name], kind)
            if before is not None and after is not None and before.value != after.value:
                text = Text(en="{title}: {kind} limit from {a} to {b}", zh="“{title}”{kind}时限由 {a}改为 {b}")
                a, b = words.span(before.value, lang), words.span(after.value, lang)
                shown = text.get(lang).format(title=title, kind=said.get(lang), a=a, b=b)
                yield Line(shown, "limits", _TABLE.get(lang))
                break


def _term(limit: Limit, kind: str) -> Term | None:
    found: Term | None = getattr(limit, kind)
    return found


def _remedies(sides: Sides, lang: Language) -> Iterator[Line]:
    """Yield the first remedies with their places and the findings that they mend; of the same ones as a choice."""
    choices: dict[tuple[int, ...], list[Ranked]] = {}
    for each in ranked(sides, lang):
        if each.severity != "info":
            choices.setdefault(tuple(number for number, _ in each.findings), []).append(each)
    for numbers, options in islice(choices.items(), _REMEDIES):
        flags = " ".join(f"⚑{number}" for number in numbers[:_SHOWN])
        text = ("；或" if lang == "zh" else "; ").join(option.text for option in options)
        first = options[0]
        yield Line(_told(sides, text, first, lang), finding_id(sides.before_side, first.findings[0][1]), flags)


def _told(sides: Sides, text: str, each: Ranked, lang: Language) -> str:
    """Return a remedy with where it mends something, and what it gains at most where that was simulated."""
    graph = sides.before_side.graph
    states = dict.fromkeys(name for _, finding in each.findings for name in flagged_states(graph, finding))
    listed = [graph.nodes[name].label(lang) for name in states]
    where = ("、" if lang == "zh" else ", ").join(listed[:_PLACES])
    if len(listed) > _PLACES:
        where += f"等 {len(listed)} 处" if lang == "zh" else f" and {len(listed) - _PLACES} more"
    if each.gain is not None and each.gain.clear:
        less = rounded(abs(each.gain.difference.mean), "d", lang)
        gained = f"全程至多缩短约 {less}" if lang == "zh" else f"up to {less} of lead time"
        where = ("；" if lang == "zh" else "; ").join(filter(None, (where, gained)))
    if not where:
        return text
    return f"{text}（{where}）" if lang == "zh" else f"{text} ({where})"


def _filled(text: Text, names: list[str], lang: Language, one: str, many: str) -> str:
    things = one if len(names) == 1 else many
    return text.get(lang).format(n=len(names), things=things, names=_listed(names, lang))


def _listed(names: Iterable[str], lang: Language) -> str:
    every = list(names)
    shown = ("、" if lang == "zh" else ", ").join(every[:_SHOWN])
    if len(every) <= _SHOWN:
        return shown
    return f"{shown}等 {len(every)} 项" if lang == "zh" else f"{shown} and {len(every) - _SHOWN} more"
