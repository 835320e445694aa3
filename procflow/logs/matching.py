"""Which state of a definition each activity of a log is, guessed by names and titles. A guess is always shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from procflow.definition.resolved import Process
from procflow.errors import LogError
from procflow.logs.columns import plain
from procflow.logs.log import EventLog
from procflow.machine.graph import StateGraph, state_graph
from procflow.text import Text

ALIKE = 0.8
"""How alike two names must be to be taken for one, by the ratio of difflib: 1 is the same."""

How = Literal["given", "same", "similar"]


@dataclass(frozen=True)
class Matching:
    """The state (qualified) of each activity that has one, and how it was found.

    ``strangers`` are activities without a state, ``silent`` the states that no activity is.
    """

    states: Mapping[str, str]
    how: Mapping[str, How]
    strangers: tuple[str, ...]
    silent: tuple[str, ...]


def match_activities(log: EventLog, process: Process, given: Mapping[str, str] | None = None) -> Matching:
    """Return which state each activity is.

    Parameters
    ----------
    log
        Its steps count, not its special procedures.
    process
        The definition.
    given
        The state of an activity; what is not given is guessed: the state of the same name or title in either
        language, case, blanks and signs aside, else the one whose name is most alike. Each state is guessed once.

    Raises
    ------
    LogError
        A given activity is not in the log, or a given state not a state that takes time.
    """
    graph = state_graph(process)
    states = [name for name in graph.leaves if not graph.state(name).final]
    activities = sorted(log.steps["activity"].unique())
    _check(given or {}, activities, states, process)
    found: dict[str, str] = dict(given or {})
    how: dict[str, How] = dict.fromkeys(found, "given")
    names = {state: _names(graph, state) for state in states}
    for activity in activities:
        same = [state for state in states if plain(activity) in names[state] and state not in found.values()]
        if activity not in found and len(same) == 1:
            found[activity], how[activity] = same[0], "same"
    for score, activity, state in sorted(_scores(activities, names), key=lambda each: (-each[0], each[1:])):
        if score >= ALIKE and activity not in found and state not in found.values():
            found[activity], how[activity] = state, "similar"
    strangers = tuple(activity for activity in activities if activity not in found)
    silent = tuple(state for state in states if state not in found.values())
    return Matching(dict(sorted(found.items())), how, strangers, silent)


def _names(graph: StateGraph, state: str) -> set[str]:
    """Return the names of a state as they are compared: its own, the qualified one, its titles."""
    known = graph.state(state)
    titles = [known.label("en"), known.label("zh")]
    return {plain(each) for each in (known.name, state, *titles) if plain(each)}


def _scores(activities: list[str], names: Mapping[str, set[str]]) -> list[tuple[float, str, str]]:
    return [
        (max(SequenceMatcher(None, plain(activity), name).ratio() for name in known), activity, state)
        for activity in activities
        for state, known in names.items()
    ]


def _check(given: Mapping[str, str], activities: list[str], states: list[str], process: Process) -> None:
    for activity, state in given.items():
        if activity not in activities:
            raise LogError(
                Text(
                    en=f"there is no activity {activity!r} in the log; it has {', '.join(activities)}",
                    zh=f"日志中没有环节 {activity!r}；现有：{'、'.join(activities)}",
                )
            )
        if state not in states:
            raise LogError(
                Text(
                    en=f"{process.name} has no state {state!r} that takes time; it has {', '.join(states)}",
                    zh=f"{process.name} 没有占用时间的状态 {state!r}；现有：{'、'.join(states)}",
                )
            )
