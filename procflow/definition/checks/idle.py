"""Checks for what is written and would have no effect: it is refused, so that nobody believes that it counts."""

from collections.abc import Iterator
from typing import Final

from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, fault
from procflow.definition.checks.facts import Facts
from procflow.definition.process import State, Transfer, Transition

_FACTS: Final = (
    "asks",
    "enters",
    "reads",
    "writes",
    "issues",
    "archives",
    "confirms",
    "checks",
    "notice",
    "visits",
    "visits_basis",
)
"""What happens at the end of a state's work, so that a state without work of its own has none of it."""


def idle_faults(facts: Facts) -> Iterator[Fault]:
    """Yield what a process says in places where it has no effect."""
    for name, (state, path) in facts.states.items():
        yield from _effects(state, path)
        if not state.final:
            yield from _people(state, path)
            yield from _calendar(facts, name, state, path)
    suspends = any(limit.suspend for limit in facts.process.definition.limits.values())
    for way in {way.path: way for way in facts.ways}.values():
        if way.transition.timeout is not None and way.transition.timeout.suspended and not suspends:
            yield fault(
                (*way.path, "timeout", "suspended"),
                "idle_suspended",
                "nothing suspends this time-out: give a limit of the process 'suspend', or remove 'suspended'",
                "没有可使该超时停表的情形:请在时限(limits)中写明 suspend,或删去 suspended",
            )
        if way.transition.transfer is not None:
            yield from _transfer(way.transition.transfer, (*way.path, "transfer"))


def _effects(state: State, path: Path) -> Iterator[Fault]:
    if state.is_composite or state.final:
        for key in _FACTS:
            if getattr(state, key):
                yield _elsewhere(state, key, path)
    if state.who == "applicant" and state.enters:
        yield fault(
            (*path, "enters"),
            "keyed_by_applicant",
            f"'enters' is what staff key in, but {state.name!r} is done by the applicant: write 'asks'",
            f"enters 指工作人员录入,而 {state.name!r} 由申请人办理:请改用 asks",
        )


def _elsewhere(state: State, key: str, path: Path) -> Fault:
    if state.final:
        return fault(
            (*path, key),
            "final_with_effects",
            f"nothing is done in final state {state.name!r}, so no {key!r}: put it into a state before it",
            f"终止状态 {state.name!r} 不办理任何事项,不能有 {key!r}:请放到它之前的状态",
        )
    return fault(
        (*path, key),
        "composite_with_effects",
        f"composite {state.name!r} takes no {key!r}: give it to a state inside",
        f"复合状态 {state.name!r} 不能有 {key!r}:请写在其内部的状态上",
    )


def _people(state: State, path: Path) -> Iterator[Fault]:
    staffed = state.work is not None and state.who == "staff"
    if state.staff > 1 and not staffed:
        yield fault(
            (*path, "staff"),
            "idle_staff",
            f"'staff' is how many people work at once, but no staff work in {state.name!r}: remove it, or give 'work'",
            f"staff 是同时办理的人数,而 {state.name!r} 没有工作人员办理:请删去,或补充 work",
        )
    if state.overtime and state.work is None:
        yield fault(
            (*path, "overtime"),
            "idle_overtime",
            f"'overtime' finishes work after the shift, but {state.name!r} has no 'work': remove it",
            f"overtime 指下班后继续办完,而 {state.name!r} 没有 work:请删去",
        )
    if state.priority is not None and not (staffed or state.batch or state.call or state.is_composite):
        yield fault(
            (*path, "priority"),
            "idle_priority",
            f"'priority' orders those who wait for staff or a sitting, but nobody waits in {state.name!r}: remove it",
            f"priority 决定排队或批次中的先后,而 {state.name!r} 无人等候:请删去",
        )


def _calendar(facts: Facts, name: str, state: State, path: Path) -> Iterator[Fault]:
    timed = state.delay is not None or state.who in ("applicant", "external")
    if state.calendar is None or timed or any(_counts(way.transition) for way in facts.ways if way.source == name):
        return
    yield fault(
        (*path, "calendar"),
        "idle_calendar",
        f"'calendar' is that of a delay, and {state.name!r} has none; staff work on the calendar of their role: "
        "give it there, in the organization",
        f"calendar 用于等待时间(delay),而 {state.name!r} 没有;工作人员按其岗位的日历办理:请写在组织文件的岗位上",
    )


def _counts(transition: Transition) -> bool:
    """Whether a way out counts working days on the calendar of the state that it leaves."""
    timeout, transfer = transition.timeout, transition.transfer
    if timeout is not None and timeout.calendar is None and timeout.after.is_working:
        return True
    return bool(transfer and transfer.calendar is None and transfer.delay and transfer.delay.is_working)


def _transfer(transfer: Transfer, path: Path) -> Iterator[Fault]:
    if transfer.every is None and transfer.if_closed != "next":
        yield fault(
            (*path, "if_closed"),
            "idle_if_closed",
            "'if_closed' is about dispatches that fall on a closed day: give 'every' too",
            "if_closed 针对遇休息日的定时移送:请同时给出 every",
        )
    if transfer.every is None and transfer.delay is None and transfer.calendar is not None:
        yield fault(
            (*path, "calendar"),
            "idle_calendar",
            "this transfer takes no time, so that it needs no 'calendar': give 'delay' or 'every', or remove it",
            "该移送不占时间,无需 calendar:请给出 delay 或 every,或删去 calendar",
        )
