"""Checks of a process in its organization and catalog: the head of the file, limits, locks; the rest by its parts."""

import keyword
import unicodedata
from collections.abc import Iterator

from procflow.definition.base import Path
from procflow.definition.checks.choices import choice_faults
from procflow.definition.checks.common import Fault, Names, fault, located
from procflow.definition.checks.excuses import excuse_faults
from procflow.definition.checks.facts import Facts
from procflow.definition.checks.idle import idle_faults
from procflow.definition.checks.states import state_faults
from procflow.definition.checks.structure import structure_faults
from procflow.definition.checks.transitions import transition_faults
from procflow.definition.facts import Ask
from procflow.definition.limits import Instant, Limit
from procflow.definition.process import State, Transition
from procflow.definition.resolved import Process
from procflow.errors import Problem


def check_process(process: Process) -> list[Problem]:
    """Return what is wrong in a process."""
    facts = Facts(process)
    faults = [
        *_head(facts),
        *_bundle(facts),
        *_bases(facts),
        *_attributes(facts),
        *_limits(facts),
        *_locks(facts),
        *structure_faults(facts),
        *state_faults(facts),
        *transition_faults(facts),
        *choice_faults(facts),
        *idle_faults(facts),
        *excuse_faults(facts),
    ]
    return located(faults, process.origin.process)


def _head(facts: Facts) -> Iterator[Fault]:
    definition = facts.process.definition
    yield from facts.departments.unknown(("lead",), definition.lead)
    regions = Names("region", "region", "区域", [region.name for region in facts.process.organization.regions])
    yield from regions.unknown(("region",), definition.region)
    attributes = Names("attribute", "attribute", "属性", list(facts.attributes))
    yield from attributes.unknown(("risk_classes",), definition.risk_classes)
    subjects = Names("subject", "subject", "数据主体", sorted({n.partition(".")[0] for n in facts.items.known}))
    for word, subject in definition.subjects.items():
        yield from subjects.unknown(("subjects", word), subject)
    if isinstance(definition.priority, str):
        yield from facts.wrong_expression(("priority",), definition.priority, "number")


def _bundle(facts: Facts) -> Iterator[Fault]:
    definition = facts.process.definition
    if definition.follows and definition.bundle is None:
        yield fault(
            ("follows",),
            "follows_without_bundle",
            "'follows' orders the processes of a bundle, but none is named: add 'bundle'",
            "follows 用于一件事中各流程的先后,但未写明所属的一件事:请补充 bundle",
        )
    if definition.process in definition.follows:
        yield fault(
            ("follows", definition.follows.index(definition.process)),
            "follows_itself",
            f"process {definition.process!r} cannot follow itself: name the processes before it",
            f"流程 {definition.process!r} 不能排在自身之后:请写其前序流程",
        )


def _bases(facts: Facts) -> Iterator[Fault]:
    """Yield places that cite a basis and say that there is none."""
    found: list[tuple[Path, State | Ask | Transition]] = []
    for state, path in facts.states.values():
        found += [(path, state), *(((*path, "asks", i), ask) for i, ask in enumerate(state.asks))]
    found += [(path, way) for path, way in {way.path: way.transition for way in facts.ways}.items()]
    for path, model in found:
        if model.no_basis and model.basis is not None:
            yield fault(
                (*path, "no_basis"),
                "basis_and_no_basis",
                f"{model.basis!r} is cited here as basis and 'no_basis' says that there is none: remove one of the two",
                f"此处已引用依据({model.basis!r}),又以 no_basis 标明无依据:请删去其一",
            )


def _attributes(facts: Facts) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name in facts.attributes:
        plain = unicodedata.normalize("NFKC", name)
        if not plain.isidentifier() or keyword.iskeyword(plain) or plain in ("true", "false"):
            yield fault(
                ("attributes", name),
                "attribute_name",
                f"{name!r} cannot name an attribute: use letters, digits and '_', and no word such as 'in' or 'true'",
                f"{name!r} 不能用作属性名:请用文字、数字和下划线,且不用 in、true 等保留字",
            )
        elif plain in seen:
            yield fault(
                ("attributes", name),
                "duplicate",
                f"attribute {name!r} cannot be told from {seen[plain]!r}: rename one of them",
                f"属性 {name!r} 与 {seen[plain]!r} 无法区分:请改名",
            )
        seen.setdefault(plain, name)


def _limits(facts: Facts) -> Iterator[Fault]:
    limits = facts.process.definition.limits
    names = Names("limit", "limit", "时限", list(limits))
    for name, limit in limits.items():
        path: Path = ("limits", name)
        yield from _limit(facts, limit, path)
        yield from names.unknown((*path, "within"), limit.within)
        wider, seen = limit.within, {name}
        while wider in limits and wider not in seen:
            seen.add(wider)
            wider = limits[wider].within
        if wider == name:
            yield fault(
                (*path, "within"),
                "circle",
                f"limit {name!r} is a part of itself: end the chain of 'within' somewhere",
                f"时限 {name!r} 的 within 关系形成循环:请在某处断开",
            )


def _limit(facts: Facts, limit: Limit, path: Path) -> Iterator[Fault]:
    for key in ("start", "stop"):
        instants: tuple[Instant, ...] = getattr(limit, key)
        for index, instant in enumerate(instants):
            yield from _instant(facts, instant, (*path, key, index))
    for index, suspension in enumerate(limit.suspend):
        place = (*path, "suspend", index)
        yield from facts.state_names.unknown((*place, "in"), suspension.in_state)
        for side, end in (("since", suspension.since), ("until", suspension.until)):
            if end is not None:
                yield from _instant(facts, end, (*place, side))
    if limit.deemed is not None:
        yield from _instant(facts, limit.deemed.since, (*path, "deemed", "since"))
    if limit.extend is not None:
        yield from facts.triggers.unknown((*path, "extend", "on"), limit.extend.on)


def _instant(facts: Facts, instant: Instant, path: Path) -> Iterator[Fault]:
    names = facts.triggers if instant.event == "fire" else facts.state_names
    yield from names.unknown((*path, instant.event), instant.name)


def _locks(facts: Facts) -> Iterator[Fault]:
    for index, lock in enumerate(facts.process.definition.locks):
        for side, instant in (("first", lock.first), ("then", lock.then)):
            path = ("locks", index, side)
            yield from _instant(facts, instant, path)
            if instant.event == "start":
                yield from _start(facts, instant.name, (*path, "start"))


def _start(facts: Facts, name: str, path: Path) -> Iterator[Fault]:
    """Yield a fault where an instant is the start of work in what nobody works in itself."""
    state, _ = facts.states.get(name, (None, ()))
    if state is not None and (state.final or state.is_composite):
        kind_en, kind_zh = ("final", "结束环节") if state.final else ("a composite", "复合环节")
        yield fault(
            path,
            "no_work",
            f"no work begins in {name!r}, which is {kind_en}: write 'enter', or name the step in which work begins",
            f"{name!r} 是{kind_zh},其中没有开始办理的时点:请改用 enter,或写明开始办理的具体环节",
        )
