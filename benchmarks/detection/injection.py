"""What an injector is, and the pieces that several of them put into a process."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.detection.clean import LAW, SOURCE
from benchmarks.detection.draft import Data, Draft, Place, after, insert, reads, scopes, steps

Key = tuple[str, frozenset[str]]
"""By which a finding is known: its rule, and the names of its subjects."""


@dataclass(frozen=True)
class Injected:
    """A process with a defect: where it must be found, and what else follows from it, nothing more."""

    draft: Draft
    place: Key
    caused: frozenset[Key] = frozenset()

    @property
    def expected(self) -> frozenset[Key]:
        """All that an analysis must find."""
        return self.caused | {self.place}


Injector = Callable[[Draft, random.Random], Injected | None]
"""Changes a process, which is its own copy; None where that process has no place for the defect."""


def key(rule: str, *names: str) -> Key:
    """Return the key of a finding."""
    return rule, frozenset(names)


def done(draft: Draft, rule: str, *names: str, caused: tuple[Key, ...] = ()) -> Injected:
    """Return a finished injection."""
    return Injected(draft, key(rule, *names), frozenset(caused))


def work(minutes: int = 30) -> Data:
    """Return a duration with its source."""
    return {"value": f"{minutes} min", "source": SOURCE}


def pick(rng: random.Random, places: list[Place]) -> Place | None:
    """Return one of the places, None where there is none."""
    return rng.choice(places) if places else None


def ordinary(draft: Draft) -> list[Place]:
    """Return the steps of staff between acceptance and decision."""
    return [p for p in steps(draft) if p.state.get("department") and p.state["name"].startswith("s")]


def main_line(draft: Draft) -> list[Place]:
    """Return the steps of staff that every case that is not refused comes to: no branches, no regions."""
    branches = {t["dest"] for t in draft.process["transitions"] if "when" in t}
    beside = {t["source"] for t in draft.process["transitions"] if "when" in t}
    branches |= {t["dest"] for t in draft.process["transitions"] if t["source"] in beside}
    return [p for p in ordinary(draft) if not p.prefix and p.state["name"] not in branches]


def pairs(draft: Draft) -> list[tuple[Place, Place]]:
    """Return steps of staff of one department that follow each other, the second entered from nowhere else."""
    found = []
    for first in ordinary(draft):
        second = after(draft, first)
        if second is None or not second.state["name"].startswith("s") or "department" not in second.state:
            continue
        alone = [t for t in second.sources if not str(t["source"]).startswith("fix_")]
        if len(alone) == 1 and second.state["department"] == first.state["department"] and "transfer" not in alone[0]:
            found.append((first, second))
    return found


def cancellable(draft: Draft) -> list[str]:
    """Return the prefixes of composites whose join does not wait for every region."""
    found = []
    for prefix, scope in scopes(draft):
        for state in scope["states"]:
            join, count = state.get("join", "all"), len(state.get("regions", ()))
            if count and join != "all" and (join == "any" or join["at_least"] < count):
                found.append(f"{prefix}{state['name']}/")
    return found


def is_alone(draft: Draft) -> bool:
    """Whether one department does all the work."""
    return len({p.state["department"] for p in steps(draft) if "department" in p.state}) == 1


def place_of(draft: Draft, name: str) -> Place:
    """Return the place of a state of the main line."""
    return next(p for p in steps(draft) if p.name == name)


def sure(place: Place) -> list[str]:
    """Return the results of steps that a state must have."""
    listed = [read for read in place.state["reads"] if not read.get("optional")]
    return [read["item"] for read in listed if read["item"].startswith("case.")]


def step(draft: Draft, name: str, given: list[str], **fields: Any) -> Data:
    """Return a step of the lead that reads what is given and writes a result of its own, which is to be read."""
    state: Data = {
        "name": name,
        "department": draft.lead,
        "role": "clerk",
        "kind": "other",
        "work": work(),
        "reads": [{"item": item} for item in given],
        "writes": [draft.item(f"case.{name}_")],
        "data": "complete",
        "basis": LAW,
    }
    system = draft.system(draft.lead)
    state |= {"system": system} if system else {}
    return {k: v for k, v in (state | fields).items() if v is not None}


def before_decision(draft: Draft, *states: Data) -> list[Place]:
    """Put states in a row right before the decision, on every way to it; the decision reads what they write."""
    decide = place_of(draft, "decide")
    for way in decide.sources:
        way["dest"] = states[0]["name"]
    names = [*(state["name"] for state in states), "decide"]
    for state, following in zip(states, names[1:], strict=True):
        draft.process["states"].append(state)
        draft.process["transitions"].append(
            {"trigger": f"{state['name']}_done", "source": state["name"], "dest": following}
        )
        decide.state["reads"] += [{"item": item} for item in state.get("writes", ())]
    return [place_of(draft, name) for name in names[:-1]]


def department(draft: Draft, name: str, **fields: Any) -> str:
    """Add a department like the lead, with other fields; return its name."""
    lead = draft.organization["departments"][0]
    fresh = draft.fresh(name)
    draft.organization["departments"].append({**lead, "name": fresh, **fields})
    return fresh


def asked(draft: Draft) -> list[str]:
    """Return the items that the application asks for and nothing returns or asks again."""
    rejected = {item for p in steps(draft) for way in p.ways for item in way.get("rejects", ())}
    form = place_of(draft, "apply").state["asks"]
    return [ask["item"] for ask in form if "item" in ask and ask["item"] not in rejected]


def on_the_form(draft: Draft, stem: str, **fields: Any) -> str:
    """Add an item to the catalog for which the application asks and which the decision reads; return its name."""
    item = draft.item(stem, **fields)
    place_of(draft, "apply").state["asks"].append({"item": item, "basis": LAW})
    place_of(draft, "decide").state["reads"].append({"item": item})
    return item


def is_read(draft: Draft, item: str) -> bool:
    """Whether a step reads an item."""
    return any(item in reads(place) for place in steps(draft))


def edge_name(place: Place, way: Data) -> str:
    """Return what a transition is called that leads from a state to another one of the same scope."""
    return f"{place.name} --{way['trigger']}→ {place.prefix}{way['dest']}"


def after_acceptance(draft: Draft, *states: Data) -> list[Place]:
    """Put states in a row behind the acceptance, where every case comes by once; the decision reads what they write.

    They should be dispatches, whose place in the order is their meaning: they are no steps that could be done at once
    with what follows (R15).
    """
    decide, before = place_of(draft, "decide"), place_of(draft, "accept")
    placed = []
    for state in states:
        before = insert(draft, before, state)
        decide.state["reads"] += [{"item": item} for item in state.get("writes", ())]
        placed.append(before)
    return placed


def following(draft: Draft, place: Place) -> Place | None:
    """Return the step of staff to which a state leads, None where it leads to something else."""
    found = after(draft, place)
    return found if found is not None and "department" in found.state else None


def dispatch(draft: Draft, owner: str, stem: str = "hop", **fields: Any) -> Data:
    """Return a step by which a department hands on, and writes down that it did."""
    return step(draft, draft.fresh(stem), [], kind="dispatch", department=owner, **fields)
