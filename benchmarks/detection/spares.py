"""What looks like a defect and is none: injections with the excuse that law or the definition gives for them.

Each changes an injected process, so that nothing is to be found at the place of the defect any more.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.detection.clean import LAW
from benchmarks.detection.draft import Data, Draft, Place, scopes, steps
from benchmarks.detection.injection import Injected

Excuse = Callable[[Injected], None]
"""Excuses a defect in place."""


def _places(injected: Injected) -> list[Place]:
    """Return the steps that the defect's finding names, in the order of the process."""
    return [place for place in steps(injected.draft) if place.name in injected.place[1]]


def _catalog(injected: Injected) -> Data:
    """Return the catalog's entry for what the defect's finding names."""
    known = [*injected.draft.catalog["items"], *injected.draft.catalog["materials"]]
    return next(entry for entry in known if entry["name"] in injected.place[1])


def _of_each(injected: Injected, field: str, **excuse: Any) -> None:
    """Excuse what the named steps ask, key or read of the named things."""
    for place in _places(injected):
        for entry in place.state.get(field, ()):
            if {entry.get("item"), entry.get("document")} & injected.place[1]:
                entry |= excuse


def _may_have_changed(injected: Injected) -> None:
    _of_each(injected, "asks", reason="value_may_have_changed")


def _in_an_outage(injected: Injected) -> None:
    _of_each(injected, "enters", reason="outage_fallback")


def _optional(injected: Injected) -> None:
    _of_each(injected, "reads", optional=True)


def _rejected(injected: Injected) -> None:
    item = _catalog(injected)["name"]
    for _, scope in scopes(injected.draft):
        for way in scope["transitions"]:
            if any(place.scope is scope and way["dest"] == place.state["name"] for place in _places(injected)):
                way["rejects"] = [*way.get("rejects", ()), item]


def _entry(**fields: Any) -> Excuse:
    return lambda injected: _catalog(injected).update(fields)


def _step(**fields: Any) -> Excuse:
    return lambda injected: _places(injected)[-1].state.update(fields)


def _process(**fields: Any) -> Excuse:
    return lambda injected: injected.draft.process.update(fields)


def _four_eyes(injected: Injected) -> None:
    for place in _places(injected):
        place.state["checks"][-1] |= {"duty": "four_eyes", "basis": LAW}


def _statutory(injected: Injected) -> None:
    for place in _places(injected):
        check = {"of": "plan", "criteria": [f"criterion of {place.name}"], "duty": "statutory_level", "basis": LAW}
        place.state["checks"] = [check]


def _small_sample(injected: Injected) -> None:
    for way in _places(injected)[0].ways:
        if "probability" in way:
            way["probability"]["sample"] = 200


def _lock(injected: Injected) -> None:
    first, second = _places(injected)
    lock = {"first": {"done": first.name}, "then": {"enter": second.name}, "basis": LAW}
    injected.draft.process["locks"] = [lock]


def _other_right(injected: Injected) -> None:
    place = _places(injected)[-1]
    place.state["notice"] = {**place.state["notice"], "objection": "appeal"}


def _consulted(injected: Injected) -> None:
    place = next(p for p in _places(injected) if p.name != "accept")
    item = injected.draft.item("case.opinion")
    place.state["writes"] = [item]
    decide = next(p for p in steps(injected.draft) if p.name == "decide")
    decide.state["reads"].append({"item": item, "optional": True})


def _lawful_place(injected: Injected) -> None:
    _places(injected)[0].state["territorial"]["basis"] = LAW


def _cancels(injected: Injected) -> None:
    for place in _places(injected):
        for way in place.ways:
            if f"{place.name} --{way['trigger']}→" in " ".join(sorted(injected.place[1])):
                way["cancels"] = True


EXCUSES: dict[str, Excuse] = {
    "R1 again": _may_have_changed,
    "R1c form": _rejected,
    "R1p": _entry(validity="6 month"),
    "R2p": _entry(validity="6 month"),
    "R18p": _entry(sensitivity="classified"),
    "R2 again": _entry(original_required=LAW),
    "R3 asked": _entry(kept_for="statistics"),
    "R3 written": _entry(kept_for="archive"),
    "R4 captured": _optional,
    "R4 branch": _optional,
    "R5 overwritten": _entry(append_only=True),
    "R5 raced": _entry(append_only=True),
    "R6": _four_eyes,
    "R7": _small_sample,
    "R8": _step(milestone=True),
    "R9": _statutory,
    "R12": _lock,
    "R16": _process(equal_treatment=LAW),
    "R18": _in_an_outage,
    "R19": _in_an_outage,
    "R22": _step(basis=LAW),
    "R23": _other_right,
    "H2": _consulted,
    "H7": _step(visits_basis=LAW),
    "H10 law": _lawful_place,
    "S5": _step(milestone=True),
    "S7": _cancels,
    "T4": _entry(immutable=True),
    "D24": _step(kind="intake"),
}


def spared(name: str, injected: Injected) -> Draft | None:
    """Return an injected process with its excuse, None where the defect has none or what it causes stays."""
    excuse = EXCUSES.get(name)
    if excuse is None or (injected.caused and name != "R22"):
        return None
    excuse(injected)
    return injected.draft
