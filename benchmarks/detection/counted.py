"""Injectors of what only a run shows (R10, R13), and the run in which it must be found."""

import random
import warnings
from typing import TYPE_CHECKING

from benchmarks.detection.clean import SOURCE
from benchmarks.detection.draft import Data, Draft, after
from benchmarks.detection.injection import (
    Injected,
    Injector,
    dispatch,
    done,
    edge_name,
    following,
    main_line,
    pairs,
    pick,
    place_of,
    step,
)
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario

if TYPE_CHECKING:
    from procflow.simulation.run import Run

RULES = ("R10", "R13")
"""The rules that are looked at in a run."""
_CASES = 2_500
"""Enough for R10 to be sure: where 600 cases come by and none goes a way, the upper bound of its share is 0.5 %."""


def simulated(process: Process) -> "Run":
    """Return a run of a process in which hardly anybody waits."""
    from procflow import simulate

    with warnings.catch_warnings():  # a step of a random process may be offered more than its people can do
        warnings.simplefilter("ignore")
        return simulate(process, Scenario(arrivals="1 per wd", cases=_CASES, replications=1, seed=7))


def constant_branch(draft: Draft, rng: random.Random) -> Injected | None:
    """R10: a step that sorts out what hardly ever comes, and the special step for it."""
    places = [p for p in main_line(draft) if following(draft, p) is not None and "department" in p.state]
    place = pick(rng, places)
    if place is None or place.onward is None:
        return None
    owner, special = place.state["department"], draft.fresh("special")
    onward = place.onward["dest"]
    placed = dispatch(draft, owner, "sort", reads=[])
    rare: Data = step(draft, special, [placed["writes"][0]], department=owner)
    for state in (placed, rare):
        if "system" in place.state:
            state["system"] = place.state["system"]
    place.onward["dest"] = placed["name"]
    way = {
        "trigger": f"{special}_sort",
        "source": placed["name"],
        "dest": special,
        "probability": {"value": 0.00001, "source": SOURCE},
    }
    draft.process["states"] += [placed, rare]
    draft.process["transitions"] += [
        way,
        {"trigger": f"{placed['name']}_done", "source": placed["name"], "dest": onward},
        {"trigger": f"{special}_done", "source": special, "dest": onward},
    ]
    decide = place_of(draft, "decide")
    decide.state["reads"] += [
        {"item": placed["writes"][0]},
        {"item": rare["writes"][0], "optional": True},
    ]
    sort = place_of(draft, placed["name"])
    return done(draft, "R10", sort.name, edge_name(sort, way))


def rework(draft: Draft, rng: random.Random) -> Injected | None:
    """R13: a step whose result often makes the one before start again."""
    looping = _in_loops(draft)
    found = [
        (first, second)
        for first, second in pairs(draft)
        if len(first.ways) == len(second.ways) == 1 and not second.prefix and not {first.name, second.name} & looping
    ]
    if not found:
        return None
    first, second = rng.choice(found)
    chance = {"value": [0.3, 0.0], "source": SOURCE, "sample": 900}
    second.scope["transitions"].append(
        {
            "trigger": f"{second.state['name']}_anew",
            "source": second.state["name"],
            "dest": first.state["name"],
            "probability": chance,
        }
    )
    return done(draft, "R13", first.name, second.name)


def _in_loops(draft: Draft) -> set[str]:
    """Return the steps of the main line that cases may already come to again."""
    found = set()
    for back in draft.process["transitions"]:
        if back["trigger"].endswith("_again"):
            place = place_of(draft, back["dest"])
            while place.name != back["source"]:
                found.add(place.name)
                step_after = after(draft, place)
                assert step_after is not None
                place = step_after
            found.add(place.name)
    return found


INJECTORS: dict[str, Injector] = {"R10": constant_branch, "R13": rework}
