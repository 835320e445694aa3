"""Injectors of what only several processes show (R1p, R2p, R18p): a second process of the same offices beside."""

import random

from benchmarks.detection.clean import LAW
from benchmarks.detection.draft import Data, Draft, Place, steps
from benchmarks.detection.injection import (
    Injected,
    Injector,
    after_acceptance,
    done,
    key,
    on_the_form,
    ordinary,
    pick,
    step,
    work,
)

EARLIER = "earlier"
"""The name of the second process, through which applicants of the first one have been before."""


def with_companion(draft: Draft, department: str | None = None, **fields: object) -> Draft:
    """Add a process of one step, in which a department takes something in; by itself it has nothing to do with others.

    ``fields`` are further ones of its step.
    """
    step: Data = {"name": "take_in", "department": department or draft.lead, "role": "clerk", "kind": "intake"}
    step |= {"work": work(), "data": "complete", "basis": LAW, **fields}
    draft.others.append(
        {
            **{
                field: draft.process[field]
                for field in ("procflow", "organization", "catalog")
                if field in draft.process
            },
            "process": EARLIER,
            "basis": LAW,
            "initial": "take_in",
            "states": [step, {"name": "closed", "final": True}],
            "transitions": [{"trigger": "close", "source": "take_in", "dest": "closed"}],
        }
    )
    return draft


def _asking(draft: Draft, kind: str, thing: str) -> Place:
    """Add a step that every case passes once, and that asks for a thing and uses it."""
    state = step(draft, draft.fresh("ask"), [thing], kind="dispatch", asks=[{kind: thing, "basis": LAW}])
    return after_acceptance(draft, state)[0]


def asked_by_both(draft: Draft, rng: random.Random) -> Injected:
    """R1p: an item on a register that one department asks of applicants in two processes."""
    item = draft.item("person.address", issuer=draft.lead)
    _asking(draft, "item", item)
    with_companion(draft, asks=[{"item": item, "basis": LAW}])
    return done(draft, "R1p", draft.process["process"], EARLIER, draft.lead, item)


def asked_in_bundle(draft: Draft, rng: random.Random) -> Injected:
    """R2p: an item or document that the process before has taken in already, in one bundle."""
    kind = rng.choice(["item", "document"])
    thing = draft.item("person.phone") if kind == "item" else draft.document("lease")
    place = _asking(draft, kind, thing)
    draft.process |= {"bundle": "one_thing", "follows": [EARLIER]}
    with_companion(draft, asks=[{kind: thing, "basis": LAW}]).others[-1]["bundle"] = "one_thing"
    return done(draft, "R2p", EARLIER, place.name, thing)


def keyed_apart(draft: Draft, rng: random.Random) -> Injected | None:
    """R18p: two processes key one item into two systems that nothing joins."""
    place = pick(rng, ordinary(draft))
    if place is None:
        return None
    item = on_the_form(draft, "applicant.k")
    connected = len({p.state.get("system") for p in steps(draft)} - {None}) > 1
    draft.organization["systems"] += [{"name": "a_ledger"}, {"name": "register"}]
    place.state.setdefault("enters", []).append({"item": item, "into": ["a_ledger"]})
    with_companion(draft, asks=[{"item": item, "basis": LAW}], enters=[{"item": item, "into": ["register"]}])
    # the largest group of systems, else the first by name, is the one that the others are told to be apart from
    ledger = key("R18p", draft.process["process"], "a_ledger", item)
    return done(draft, "R18p", EARLIER, "register", item, caused=(ledger,) if connected else ())


INJECTORS: dict[str, Injector] = {
    "R1p": asked_by_both,
    "R2p": asked_in_bundle,
    "R18p": keyed_apart,
}
