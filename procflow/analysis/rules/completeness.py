"""D17: what a definition leaves out, one finding for each kind of gap."""

from collections.abc import Callable, Iterable, Iterator

from procflow.analysis.finding import Finding, Measurement, Remedy, Subject, SubjectKind
from procflow.analysis.knowledge import flow, values
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.bases import is_step_without_basis
from procflow.analysis.rules.idle_states import looks_idle
from procflow.analysis.rules.notices import serial_notices
from procflow.analysis.rules.parallel import candidates, is_complete
from procflow.analysis.rules.passing import hands_on
from procflow.analysis.rules.stamping import uncounted
from procflow.analysis.rules.unread import seem_unread
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.analysis.uses import silent_after
from procflow.definition.base import Path, Sourced, walk
from procflow.definition.process import State
from procflow.text import Text

_DECIDING = frozenset({"review", "inspection", "approval", "decision"})
_CHECKING = frozenset({"review", "inspection", "approval"})
_SHOWN = 12


def _gaps(context: Context) -> Iterator[Finding]:
    for look in (
        _departments,
        _limits,
        _times,
        _bases,
        _exceptions,
        _sources,
        _samples,
        _conclusions,
        _notices,
        _guards,
    ):
        yield from look(context)


def _states(context: Context, lacks: Callable[[str, State], bool]) -> list[str]:
    return [name for name in context.graph.leaves if lacks(name, context.graph.nodes[name].state)]


def _departments(context: Context) -> Iterator[Finding]:
    lacking = _states(context, lambda _, state: state.who == "staff" and state.department is None)
    of = _states(context, lambda _, state: state.who == "staff")
    if lacking:
        yield _gap(
            context,
            "department",
            lacking,
            len(of),
            Text(en="steps of staff without a department", zh="未标明责任部门的环节"),
            Text(en="write 'department'", zh="请写明 department"),
        )


def _limits(context: Context) -> Iterator[Finding]:
    definition = context.process.definition
    staffed = _states(context, lambda _, state: state.who == "staff")
    if staffed and not definition.limits and not any(context.graph.nodes[n].state.limit for n in staffed):
        yield _gap(
            context,
            "limit",
            staffed,
            len(staffed),
            Text(en="no time limit, neither of the whole nor of a step", zh="整体及各环节均未载明办理时限"),
            Text(en="write 'limits' with start and stop", zh="请写明 limits 及其起止"),
        )


def _times(context: Context) -> Iterator[Finding]:
    """Tell steps of staff that take no time at all: nobody works there, and nothing waits."""
    staffed = _states(context, lambda _, state: state.who == "staff" and not state.final)
    lacking = [name for name in staffed if _timeless(context.graph.nodes[name].state)]
    if lacking:
        yield _gap(
            context,
            "time",
            lacking,
            len(staffed),
            Text(en="steps of staff that say neither work nor delay", zh="未载明办理时间或等待时间的环节"),
            Text(en="write 'work' and 'delay'", zh="请写明 work、delay"),
        )


def _timeless(state: State) -> bool:
    return state.work is None and state.delay is None and state.batch is None and state.call is None


def _bases(context: Context) -> Iterator[Finding]:
    deciding = _states(context, lambda _, state: state.kind in _DECIDING)
    lacking = [
        n
        for n in deciding
        if not _has_basis(context.graph.nodes[n].state) and not is_step_without_basis(context, n)  # R21 tells these
    ]
    if lacking and context.process.definition.basis is None:
        yield _gap(
            context,
            "basis",
            lacking,
            len(deciding),
            Text(en="reviews and decisions without a legal basis", zh="未载明法律依据的审查、决定环节"),
            Text(en="write 'basis', or drop the step", zh="请写明 basis；无依据的应取消"),
        )


def _has_basis(state: State) -> bool:
    return state.basis is not None or any(check.basis for check in state.checks)


def _exceptions(context: Context) -> Iterator[Finding]:
    checking = _states(context, lambda _, state: state.kind in _CHECKING)
    lacking = [name for name in checking if not _may_object(context, name)]
    if lacking:
        yield _gap(
            context,
            "exception",
            lacking,
            len(checking),
            Text(en="checks without any way to reject or return", zh="没有不予通过或退回出口的审查环节"),
            Text(
                en="add the refusing or returning exit: without it, nothing says what the check can change",
                zh="请补充不予通过或退回的出口：否则无从判断该审查的作用",
            ),
        )


def _may_object(context: Context, name: str) -> bool:
    """Whether a check has two different outcomes: two ways out, or something it writes that others decide on."""
    if len({(edge.dest, edge.trigger) for edge in context.graph.out(name) if edge.transition.timeout is None}) > 1:
        return True
    state = context.graph.nodes[name].state
    return bool(set(state.writes) & context.shared(_looked_at)) or any(
        e.transition.set for e in context.graph.out(name)
    )


def _looked_at(context: Context) -> frozenset[str]:
    """Return what some state reads or takes as evidence."""
    states = [context.graph.nodes[name].state for name in context.graph.leaves]
    read = {read.item for state in states for read in state.reads}
    return frozenset(read | {e for state in states for check in state.checks for e in check.evidence})


def _sources(context: Context) -> Iterator[Finding]:
    numbers = _whole(context.process.numbers())
    bare = [path for path, number in numbers.items() if _is_bare(number)]
    if not bare:
        return
    origin = context.process.origin.process
    lines = [str(line) for path in bare[:_SHOWN] if (line := origin.locate(path)[0])]
    places = lines or [".".join(map(str, path)) for path in bare[:_SHOWN]]
    shown = ", ".join(places) + ("…" if len(bare) > _SHOWN else "")
    where = Text(en=f"lines {shown}", zh=f"第 {shown} 行") if lines else Text(en=shown, zh=shown)
    yield finding(
        context,
        "D17",
        (Subject("process", "source"),),
        Text(
            en=f"{len(bare)} numbers name neither a source nor that they are assumed ({where.get('en')})",
            zh=f"{len(bare)} 个数值既无来源也未标明为假设（{where.get('zh')}）",
        ),
        (_measured(len(bare), len(numbers)),),
        severity="info",
        remedies=(Remedy("", Text(en="add 'source' or 'assumed: true'", zh="请补充 source 或 assumed: true")),),
        path=bare[0],
    )


def _samples(context: Context) -> Iterator[Finding]:
    """Tell where a rubber stamp might be found, did the source say how many decisions it counted."""
    lacking = uncounted(context)
    if lacking:
        yield _gap(
            context,
            "sample",
            lacking,
            len(context.graph.leaves),
            Text(
                en="reviews that hardly ever object by a source that does not say how many decisions it counted, so "
                "that nothing is concluded (R7)",
                zh="来源显示几乎从不否决、但未载明统计样本量的审查，无法据此作出结论（R7）",
            ),
            Text(en="write 'sample' beside 'source'", zh="请在 source 之外写明 sample"),
        )


def _is_bare(number: Sourced) -> bool:
    """Whether neither a number as a whole nor each of its parts says where it comes from."""
    if not number.is_bare:
        return False
    parts = [part for path, part in walk(number) if path and isinstance(part, Sourced)]
    return not parts or any(part.is_bare for part in parts)


def _whole(numbers: Iterable[tuple[Path, Sourced]]) -> dict[Path, Sourced]:
    """Return the numbers that are no part of another one, which names the source for all its parts.

    A number comes right before its parts.
    """
    found: dict[Path, Sourced] = {}
    whole: Path | None = None
    for path, number in numbers:
        if whole is None or path[: len(whole)] != whole:
            found[path], whole = number, path
    return found


def _conclusions(context: Context) -> Iterator[Finding]:
    """Tell where a rule that concludes from silence would find something, were the data declared complete."""
    points = context.shared(flow)
    lacking = [
        name
        for name in context.graph.leaves
        if name in points.at
        and context.graph.nodes[name].state.data != "complete"
        and (hands_on(context, name) or looks_idle(context, name))
    ]
    lacking += _hiding_readers(context)
    for pair in candidates(context):
        for unit in pair:
            if not is_complete(context, unit):
                lacking += [n for n in unit.states if context.graph.nodes[n].state.data != "complete"]
    if lacking:
        yield _gap(
            context,
            "data",
            list(dict.fromkeys(lacking)),
            len(context.graph.leaves),
            Text(
                en="the data of steps are not declared complete, so that nothing is concluded from what they do not "
                "say (R3, R5, R8, R15, S5)",
                zh="环节数据未声明完整，无法据此作出结论（R3、R5、R8、R15、S5）",
            ),
            Text(en="list all data and write 'data: complete'", zh="补全数据后写明 data: complete"),
        )


def _hiding_readers(context: Context) -> list[str]:
    """Return the states that may read what seems unread, and do not say that their data are complete."""
    takers = context.shared(seem_unread)
    return list(dict.fromkeys(silent for name in takers for silent in silent_after(context, name)))


def _notices(context: Context) -> Iterator[Finding]:
    """Tell notices in series of which it is not said what they are about and for whom (R23)."""
    serial = dict.fromkeys(name for pair in serial_notices(context) for name in pair)
    lacking = [name for name in serial if context.graph.nodes[name].state.notice is None]
    if lacking:
        yield _gap(
            context,
            "notice",
            lacking,
            len(serial),
            Text(en="notices in series that do not say what they announce to whom", zh="先后公示未载明公示事项和对象"),
            Text(en="write 'notice' with 'of' and 'to'", zh="请写明 notice 的 of（事项）和 to（对象）"),
        )


def _guards(context: Context) -> Iterator[Finding]:
    if context.shared(values).exact:
        return
    guarded = list(dict.fromkeys(e.source for e in context.graph.edges if e.transition.when is not None))
    yield _gap(
        context,
        "guards",
        guarded,
        len(context.graph.leaves),
        Text(
            en="guards too many or too intricate to tell cases apart, so that missing data (R4) are not looked for",
            zh="条件过多或过于复杂，无法逐一区分，未检查数据缺失（R4）",
        ),
        Text(
            en="compare attributes with constants, or raise guard_atoms and valuations",
            zh="请以属性与常量比较，或调高 guard_atoms、valuations",
        ),
    )


def _gap(context: Context, kind: str, names: list[str], total: int, what: Text, mend: Text) -> Finding:
    listed = named(context, names)
    state: SubjectKind = "state"
    return finding(
        context,
        "D17",
        (Subject("process", kind), *subjects((state, names))),
        Text(en=f"{what.get('en')}: {listed.get('en')}", zh=f"{what.get('zh')}:{listed.get('zh')}"),
        (_measured(len(names), total),),
        severity="info",
        remedies=(Remedy("", mend),),
        thresholds={"guard_atoms": context.profile.guard_atoms, "valuations": context.profile.valuations}
        if kind == "guards"
        else {},
        path=context.graph.nodes[names[0]].path,
    )


def _measured(count: int, total: int) -> Measurement:
    return Measurement(Text(en="places concerned", zh="涉及处数"), float(count), "places", n=total)


RULES = (
    Rule(
        "D17",
        Text(en="incomplete definition", zh="梳理不全"),
        Text(
            en="no department, limit, time, legal basis, exception path or source for a number; data not declared "
            "complete where a rule would conclude from them",
            zh="缺少责任部门、时限、用时、法律依据、例外路径或数值来源；需据以下结论处数据未声明完整",
        ),
        Text(en="a gap in the definition looks like a virtue of the process", zh="梳理的缺口会被误当作流程的优点"),
        Text(en="one finding for each kind of gap, with all its places", zh="每类缺口一条，列出全部位置"),
        "procflow's own rule",
        Text(
            en="a check that writes an opinion on which others decide; a basis cited for the whole process",
            zh="出具意见供后续决定的审查；已载明整体依据的流程",
        ),
        _gaps,
    ),
)
