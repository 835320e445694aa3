"""Injectors of redundancy in data (R1–R6, R18, R19): asked, keyed, written, checked without need; or missing."""

import random

from benchmarks.detection.clean import LAW
from benchmarks.detection.draft import Draft, scopes, steps
from benchmarks.detection.injection import (
    Injected,
    Injector,
    asked,
    cancellable,
    done,
    key,
    main_line,
    on_the_form,
    ordinary,
    pairs,
    pick,
    place_of,
)


def asked_again(draft: Draft, rng: random.Random) -> Injected | None:
    """R1: a step that asks for an item of the application, and uses it."""
    place, items = pick(rng, ordinary(draft)), asked(draft)
    if place is None or not items:
        return None
    item = rng.choice(items)
    place.state.setdefault("asks", []).append({"item": item, "basis": LAW})
    place.state["reads"].append({"item": item})
    return done(draft, "R1", place.name, item)


def obtainable(draft: Draft, rng: random.Random) -> Injected:
    """R1: an item that a public body holds and may share."""
    draft.organization["systems"].append({"name": "population", "owner": draft.lead})
    share = {"mode": "api", "basis": LAW}
    item = on_the_form(draft, "person.id", issuer=draft.lead, held_by=["population"], share=share)
    return done(draft, "R1", "apply", item)


def keyed_twice(draft: Draft, rng: random.Random) -> Injected | None:
    """R1b: an item keyed into two systems by one step."""
    place = pick(rng, ordinary(draft))
    if place is None:
        return None
    item = on_the_form(draft, "applicant.k")
    draft.organization["systems"] += [{"name": "ledger"}, {"name": "register"}]
    place.state.setdefault("enters", []).append({"item": item, "into": ["ledger", "register"]})
    # what is keyed into the second one stands in the first one already, and no interface leads there
    retyped = key("R18", "register", "ledger", place.name, item)
    return done(draft, "R1b", place.name, item, "ledger", "register", caused=(retyped,))


def whole_form_again(draft: Draft, rng: random.Random) -> Injected | None:
    """R1c: a correction that asks for what was not rejected too."""
    found, items = [p for p in steps(draft) if p.state["name"].startswith("fix_")], asked(draft)
    place = pick(rng, found)
    if place is None or not items:
        return None
    item = rng.choice(items)
    place.state["asks"].append({"item": item, "basis": LAW})
    return done(draft, "R1c", place.name, item)


def asked_at_each_visit(draft: Draft, rng: random.Random) -> Injected | None:
    """R1c: a step to which cases return asks for an item of its own each time."""
    found = [p for p in ordinary(draft) if any(t["dest"] == f"fix_{p.state['name']}" for t in p.ways)]
    place = pick(rng, found)
    if place is None:
        return None
    item = draft.item("applicant.own")
    place.state.setdefault("asks", []).append({"item": item, "basis": LAW})
    place.state["reads"].append({"item": item})
    return done(draft, "R1c", place.name, item)


def paper_again(draft: Draft, rng: random.Random) -> Injected | None:
    """R2: a step that demands a paper that was handed in with the application."""
    place = pick(rng, ordinary(draft))
    if place is None:
        return None
    paper = draft.document("plan")
    place_of(draft, "apply").state["asks"].append({"document": paper, "basis": LAW})
    place.state.setdefault("asks", []).append({"document": paper, "basis": LAW})
    place.state["reads"].append({"item": paper})
    return done(draft, "R2", place.name, paper)


def obtainable_paper(draft: Draft, rng: random.Random) -> Injected:
    """R2: a paper that a public body issues and may share."""
    paper = draft.document("extract", issuer="water", share={"mode": "api", "basis": LAW})
    place_of(draft, "apply").state["asks"].append({"document": paper, "basis": LAW})
    place_of(draft, "decide").state["reads"].append({"item": paper})
    return done(draft, "R2", "apply", paper)


def never_read(draft: Draft, rng: random.Random) -> Injected:
    """R3: an item that the acceptance asks for and nobody uses."""
    item = draft.item("applicant.z")
    place_of(draft, "accept").state.setdefault("asks", []).append({"item": item})
    return done(draft, "R3", "accept", item)


def written_in_vain(draft: Draft, rng: random.Random) -> Injected | None:
    """R3: an item that a step writes and nobody uses."""
    place = pick(rng, ordinary(draft))
    if place is None:
        return None
    item = draft.item("case.note")
    place.state["writes"].append(item)
    return done(draft, "R3", place.name, item)


def never_captured(draft: Draft, rng: random.Random) -> Injected | None:
    """R4: a step that reads what nobody captures."""
    place = pick(rng, ordinary(draft))
    if place is None:
        return None
    item = draft.item("case.unknown")
    place.state["reads"].append({"item": item})
    return done(draft, "R4", place.name, item)


def other_branch(draft: Draft, rng: random.Random) -> Injected | None:
    """R4: what is read behind a choice is written on one of its branches only."""
    found = []
    for _, scope in scopes(draft):
        chosen = {t["source"] for t in scope["transitions"] if "when" in t}
        branches = {t["dest"] for t in scope["transitions"] if t["source"] in chosen}
        results = {f"case.{branch}" for branch in branches}
        for place in (p for p in steps(draft) if p.scope is scope and p.state.get("department")):
            found += [(place, r) for r in place.state["reads"] if r.get("optional") and r["item"] in results]
    if not found:
        return None
    place, read = rng.choice(found)
    del read["optional"]
    return done(draft, "R4", place.name, read["item"])


def overwritten(draft: Draft, rng: random.Random) -> Injected | None:
    """R5: an item that the next step writes anew before anybody read it."""
    # a region for which no join waits may be cancelled between the two: then the first value is the one that is read
    found = [pair for pair in pairs(draft) if not any(pair[0].prefix.startswith(name) for name in cancellable(draft))]
    if not found:
        return None
    first, second = rng.choice(found)
    item = draft.item("case.draft")
    for place in (first, second):
        place.state["writes"].append(item)
    place_of(draft, "decide").state["reads"].append({"item": item, "optional": True})
    return done(draft, "R5", first.name, second.name, item)


def raced(draft: Draft, rng: random.Random) -> Injected | None:
    """R5: steps of two regions of which one writes what the other writes or reads."""
    found = []
    for _, scope in scopes(draft):
        for state in scope["states"]:
            for one, other in zip(state.get("regions", ()), state.get("regions", ())[1:], strict=False):
                a, b = ([p for p in ordinary(draft) if p.scope is r] for r in (one, other))
                found += [(x, y) for x in a for y in b]
    if not found:
        return None
    first, second = rng.choice(found)
    item = draft.item("case.tally")
    first.state["writes"].append(item)
    if rng.random() < 0.5:
        second.state["writes"].append(item)
    else:
        second.state["reads"].append({"item": item, "optional": True})
    place_of(draft, "decide").state["reads"].append({"item": item, "optional": True})
    return done(draft, "R5", first.name, second.name, item)


def checked_twice(draft: Draft, rng: random.Random) -> Injected | None:
    """R6: two steps in a row check one thing by the same criteria, and the second one never objects."""
    found = [(a, b) for a, b in pairs(draft) if len(b.ways) == 1]
    items = asked(draft)
    if not found or not items:
        return None
    first, second = rng.choice(found)
    check = {"of": "site", "criteria": ["complete"], "evidence": [rng.choice(items)]}
    for place in (first, second):
        place.state["checks"] = [*place.state.get("checks", ()), dict(check)]
    return done(draft, "R6", first.name, second.name, "site")


def island(draft: Draft, rng: random.Random) -> Injected | None:
    """R18: an item is keyed into a system though another one holds it, and no interface joins them."""
    place = pick(rng, ordinary(draft))
    return None if place is None else done(draft, "R18", "ledger", "register", place.name, _keyed(draft, place.name))


def shadow(draft: Draft, rng: random.Random) -> Injected | None:
    """R19: an item is keyed into a system to which an interface brings it."""
    place = pick(rng, main_line(draft))
    if place is None:
        return None
    item = _keyed(draft, place.name)
    draft.organization["interfaces"].append({"source": "register", "dest": "ledger", "items": [item]})
    return done(draft, "R19", "ledger", "register", place.name, item)


def _keyed(draft: Draft, name: str) -> str:
    """Have a step key into a ledger an item that is at home in a register."""
    item = draft.item("land.area", held_by=["register"])
    draft.organization["systems"] += [{"name": "ledger"}, {"name": "register"}]
    next(p for p in steps(draft) if p.name == name).state.setdefault("enters", []).append(
        {"item": item, "into": ["ledger"]}
    )
    place_of(draft, "decide").state["reads"].append({"item": item, "optional": True})
    return item


INJECTORS: dict[str, Injector] = {
    "R1 again": asked_again,
    "R1 obtainable": obtainable,
    "R1b": keyed_twice,
    "R1c form": whole_form_again,
    "R1c step": asked_at_each_visit,
    "R2 again": paper_again,
    "R2 obtainable": obtainable_paper,
    "R3 asked": never_read,
    "R3 written": written_in_vain,
    "R4 captured": never_captured,
    "R4 branch": other_branch,
    "R5 overwritten": overwritten,
    "R5 raced": raced,
    "R6": checked_twice,
    "R18": island,
    "R19": shadow,
}
