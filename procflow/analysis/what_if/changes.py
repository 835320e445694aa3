"""Changes of a definition and its organization, as new frozen ones. Whether a change is lawful is not asked here."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from procflow.definition.base import Frozen, Path
from procflow.definition.organization import DAYS, Calendar, shift_minutes
from procflow.definition.process import State, Transition
from procflow.definition.quantities import Distribution
from procflow.definition.resolved import Process, nested_states
from procflow.units import Span

Model = TypeVar("Model", bound=Frozen)
_DAY_MINUTES = 24 * 60


def with_state(process: Process, path: Path, change: Callable[[State], State]) -> Process:
    """Return a process in which the state at a path of its definition is changed."""
    return process.with_definition(_changed(process.definition, path, change))


def with_transition(process: Process, path: Path, change: Callable[[Transition], Transition]) -> Process:
    """Return a process in which the transition at a path of its definition is changed."""
    return process.with_definition(_changed(process.definition, path, change))


def with_calendar(
    processes: tuple[Process, ...], name: str, change: Callable[[Calendar], Calendar]
) -> tuple[Process, ...]:
    """Return processes of one organization in which a calendar is changed for all.

    A working day on it becomes as long as its new hours: a delay of 3 wd still takes three office days. Work is what
    it was: where it is given in working days of this calendar, it is written out in minutes.
    """
    organization = processes[0].organization
    calendars = tuple(change(each) if each.name == name else each for each in organization.calendars)
    changed = organization.model_copy(update={"calendars": calendars})
    return tuple(replace(_work_in_minutes(process, name), organization=changed) for process in processes)


def one_hour_longer(calendar: Calendar) -> Calendar:
    """Return a calendar whose last shift of each day is an hour longer, into the evening where the day has room."""
    hours = {day: _longer(shifts) for day, shifts in calendar.hours.items()}
    exceptions = {date: _longer(shifts) for date, shifts in calendar.exceptions.items()}
    day = Span(calendar.nominal_day_seconds() / 60 + 60, "min")
    return calendar.model_copy(update={"hours": hours, "day": day, "exceptions": exceptions})


def never_closed(calendar: Calendar) -> Calendar:
    """Return a calendar that is open day and night."""
    always = dict.fromkeys(DAYS, ("00:00-24:00",))
    return calendar.model_copy(update={"hours": always, "day": None, "holidays": False, "exceptions": {}})


def _work_in_minutes(process: Process, calendar: str) -> Process:
    for _, state, path in nested_states(process.definition.states):
        if state.work is not None and process.work_calendar(state) == calendar:
            minutes = process.nominal_day_seconds(calendar) / 60
            visits = tuple(_in_minutes(each, minutes) for each in state.work.visits)
            work = state.work.model_copy(update={"visits": visits})
            process = with_state(process, path, partial(State.model_copy, update={"work": work}))
    return process


def _in_minutes(distribution: Distribution, day_minutes: float) -> Distribution:
    written = tuple(
        Span(each.amount * day_minutes, "min") if isinstance(each, Span) and each.is_working else each
        for each in distribution.arguments
    )
    return distribution.model_copy(update={"arguments": written})


def _longer(shifts: tuple[str, ...]) -> tuple[str, ...]:
    pairs = list(shift_minutes(shifts))
    if not pairs:
        return ()
    on, off = pairs[-1]
    late = min(off + 60, _DAY_MINUTES)
    pairs[-1] = (on, late)
    early = 60 - (late - off)  # what does not fit before midnight is added in the morning
    first_on, first_off = pairs[0]
    pairs[0] = (max(0, first_on - early), first_off)
    return tuple(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in pairs)


def _changed(model: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(model)
    step, rest = path[0], path[1:]
    if isinstance(model, tuple):
        assert isinstance(step, int)
        return (*model[:step], _changed(model[step], rest, change), *model[step + 1 :])
    return model.model_copy(update={str(step): _changed(getattr(model, str(step)), rest, change)})
