"""Injectors of unsound structure (S), of gaps in the definition (D17), and of what is old or off the clock."""

import random

from benchmarks.detection.clean import SOURCE
from benchmarks.detection.draft import Data, Draft, Place, insert, scopes, steps
from benchmarks.detection.injection import (
    Injected,
    Injector,
    before_decision,
    done,
    edge_name,
    ordinary,
    pairs,
    pick,
    place_of,
    step,
    sure,
)


def unreachable(draft: Draft, rng: random.Random) -> Injected:
    """S1: a step to which nothing leads."""
    name = draft.fresh("lost")
    draft.process["states"].append(step(draft, name, [], writes=None))
    draft.process["transitions"].append({"trigger": f"{name}_done", "source": name, "dest": "refused"})
    return done(draft, "S1", name)


def dead_end(draft: Draft, rng: random.Random) -> Injected | None:
    """S2: a step that some cases come to and never leave."""
    place = pick(rng, [p for p in ordinary(draft) if p.onward])
    if place is None:
        return None
    name = draft.fresh("stuck")
    place.scope["states"].append(step(draft, name, [], writes=None))
    _aside(place, name)
    return done(draft, "S2", place.prefix + name)


def _aside(place: Place, dest: str, chance: float = 0.01, **fields: object) -> Data:
    way = {
        "trigger": f"{place.state['name']}_to_{dest}",
        "source": place.state["name"],
        "dest": dest,
        "probability": {"value": chance, "assumed": True},
        **fields,
    }
    place.scope["transitions"].append(way)
    return way


def livelock(draft: Draft, rng: random.Random) -> Injected | None:
    """S3: two steps between which some cases go for ever."""
    place = pick(rng, [p for p in ordinary(draft) if p.onward])
    if place is None:
        return None
    one, two = draft.fresh("ring"), draft.fresh("wheel")
    for name, following in ((one, two), (two, one)):
        place.scope["states"].append(step(draft, name, [], writes=None))
        place.scope["transitions"].append({"trigger": f"{name}_done", "source": name, "dest": following})
    _aside(place, one)
    return done(draft, "S3", place.prefix + one, place.prefix + two)


def deadlock(draft: Draft, rng: random.Random) -> Injected | None:
    """S4: a join that waits for more regions than there are, and is left by a timer only."""
    found = _joins(draft)
    if not found:
        return None
    name, composite, after, scope = rng.choice(found)
    composite["join"] = {"at_least": len(composite["regions"]) + 1}
    late = {"trigger": f"{composite['name']}_late", "source": composite["name"], "dest": after.state["name"]}
    scope["transitions"].append({**late, "timeout": "90 d"})
    _spare(draft, name, after)
    return done(draft, "S4", name)


def _joins(draft: Draft, *, without: tuple[object, ...] = ()) -> list[tuple[str, Data, Place, Data]]:
    """Return composites with regions that lead to one step: name, state, that step, and the scope around."""
    found = []
    for prefix, scope in scopes(draft):
        for state in scope["states"]:
            onward = [t for t in scope["transitions"] if t["source"] == state["name"]]
            if state.get("regions") and state["join"] not in without and len(onward) == 1:
                following = [p for p in steps(draft) if p.scope is scope and p.state["name"] == onward[0]["dest"]]
                found += [(prefix + state["name"], state, after, scope) for after in following]
    return found


def _spare(draft: Draft, composite: str, after: Place) -> None:
    """Let a step do without what a composite writes: or else it would read what it may not have (R4)."""
    inside = {w for p in steps(draft) if p.prefix.startswith(f"{composite}/") for w in p.state.get("writes", ())}
    for read in after.state["reads"]:
        if read["item"] in inside:
            read["optional"] = True


def superfluous(draft: Draft, rng: random.Random) -> Injected | None:
    """S5: a state in which nothing happens."""
    place = pick(rng, [p for p in ordinary(draft) if p.onward and p.onward["dest"] != "done"])
    if place is None:
        return None
    name = draft.fresh("idle")
    insert(draft, place, {"name": name, "department": place.state["department"], "data": "complete"})
    return done(draft, "S5", place.prefix + name)


def duplicate(draft: Draft, rng: random.Random) -> Injected | None:
    """S6: two transitions with one source, destination and trigger."""
    place = pick(rng, [p for p in ordinary(draft) if p.onward and len(p.ways) == 1])
    if place is None:
        return None
    assert place.onward is not None
    way = place.onward
    place.scope["transitions"].append(dict(way))
    return done(draft, "S6", place.name, edge_name(place, way))


def false_join(draft: Draft, rng: random.Random) -> Injected | None:
    """S7: a step of a region that leads past the join to what follows it; that one can do without the results."""
    found = [
        (name, after, place)
        for name, _, after, _ in _joins(draft, without=("any",))
        for place in ordinary(draft)
        if place.prefix.startswith(f"{name}/") and place.prefix.count("/") == name.count("/") + 2 and place.onward
    ]
    if not found:
        return None
    composite, after, place = rng.choice(found)
    _spare(draft, composite, after)
    way = _aside(place, after.state["name"])
    return done(draft, "S7", composite, place.name, f"{place.name} --{way['trigger']}→ {after.name}")


def unconditioned(draft: Draft, rng: random.Random) -> Injected | None:
    """S8: two ways out and nothing that says which."""
    place = pick(rng, [p for p in ordinary(draft) if p.onward and len(p.ways) == 1])
    if place is None:
        return None
    name = place.state["name"]
    way = {"trigger": f"{name}_or", "source": name, "dest": "refused"} | ({"cancels": True} if place.prefix else {})
    onward = edge_name(place, place.ways[0])
    place.scope["transitions"].append(way)
    return done(draft, "S8", place.name, onward, f"{place.name} --{name}_or→ refused")


def no_department(draft: Draft, rng: random.Random) -> Injected | None:
    """D17: a step of staff of nobody's."""
    place = pick(rng, ordinary(draft))
    if place is None:
        return None
    del place.state["department"], place.state["role"]
    return done(draft, "D17", "department", place.name)


def no_limit(draft: Draft, rng: random.Random) -> Injected:
    """D17: no time limit anywhere."""
    draft.process["limits"] = {}
    staffed = [p for p in steps(draft) if "role" in p.state]
    for place in staffed:
        place.state.pop("limit", None)
    return done(draft, "D17", "limit", *(p.name for p in staffed))


def no_time(draft: Draft, rng: random.Random) -> Injected | None:
    """D17: a step of staff that takes no time."""
    place = pick(rng, [p for p in ordinary(draft) if "batch" not in p.state])
    if place is None:
        return None
    del place.state["work"]
    place.state.pop("delay", None)
    return done(draft, "D17", "time", place.name)


def no_basis(draft: Draft, rng: random.Random) -> Injected | None:
    """D17: a decision without legal basis, of which it is not said that all is told (else R21 tells it)."""
    if "basis" in draft.process:
        return None
    decide = place_of(draft, "decide")
    decide.state.pop("basis")
    decide.state["checks"][0].pop("basis")
    decide.state["data"] = "partial"
    return done(draft, "D17", "basis", "decide")


def no_exception(draft: Draft, rng: random.Random) -> Injected:
    """D17: a review with one way out that writes nothing."""
    name = draft.fresh("look")
    check = {"of": "plan", "criteria": [f"criterion of {name}"]}
    given = sure(place_of(draft, "decide"))
    before_decision(draft, step(draft, name, given, kind="review", checks=[check], writes=None))
    return done(draft, "D17", "exception", name)


def no_source(draft: Draft, rng: random.Random) -> Injected | None:
    """D17: a number that names no source."""
    place = pick(rng, ordinary(draft))
    if place is None:
        return None
    place.state["work"] = "40 min"
    return done(draft, "D17", "source")


def no_sample(draft: Draft, rng: random.Random) -> Injected | None:
    """D17: a review that hardly ever objects, by a source that does not say how much it counted."""
    place = _stamp(draft, rng, {"value": 0.002, "source": SOURCE})
    return None if place is None else done(draft, "D17", "sample", place.name)


def rubber_stamp(draft: Draft, rng: random.Random) -> Injected | None:
    """R7: a review without basis that hardly ever objects, by a large sample."""
    place = _stamp(draft, rng, {"value": 0.002, "source": SOURCE, "sample": 20_000})
    return None if place is None else done(draft, "R7", place.name)


def _stamp(draft: Draft, rng: random.Random, chance: Data) -> Place | None:
    if "basis" not in draft.process:  # a step without basis would be R21's
        return None
    place = pick(rng, [p for p in ordinary(draft) if len(p.ways) == 1 and p.onward])
    if place is None:
        return None
    for field in ("basis", "checks", "batch"):
        place.state.pop(field, None)
    place.state["kind"] = "review"
    name = place.state["name"]
    way = {"trigger": f"{name}_refuse", "source": name, "dest": "refused", "probability": chance}
    place.scope["transitions"].append(way | ({"cancels": True} if place.prefix else {}))
    return place


def silent_data(draft: Draft, rng: random.Random) -> Injected | None:
    """D17: a step that does not say that its data are complete, beside one that it might be done at once with."""
    found = [pair for pair in pairs(draft) if all(_is_movable(place) for place in pair)]
    if not found:
        return None
    place = rng.choice(found)[rng.randrange(2)]
    place.state["data"] = "partial"
    return done(draft, "D17", "data", place.name)


def _is_movable(place: Place) -> bool:
    """Whether a step has no place of its own in the order, and nothing but refusals in its scope beside its way on."""
    others = {way["dest"] for way in place.ways if str(way["dest"]).startswith("s")}
    fix = f"fix_{place.state['name']}"
    timed = any("timeout" in way for way in place.scope["transitions"] if way["source"] == fix)
    leaves = bool(place.prefix) and any(way["dest"] == "refused" for way in place.ways)
    return place.state["kind"] != "notice" and len(others) == 1 and not (timed or leaves) and place.onward is not None


def no_notice(draft: Draft, rng: random.Random) -> Injected:
    """D17: of two notices in series one does not say what it announces."""
    first, second = draft.fresh("post"), draft.fresh("publish")
    told = {"of": "case", "to": {"en": "neighbors", "zh": "利害关系人"}}
    one = step(draft, first, sure(place_of(draft, "decide")), kind="notice", notice=told)
    two = step(draft, second, one["writes"], kind="notice")
    before_decision(draft, one, two)
    return done(draft, "D17", "notice", second)


def intricate_guard(draft: Draft, rng: random.Random) -> Injected | None:
    """D17: a guard with more cases than are told apart."""
    guarded = [(prefix, t) for prefix, scope in scopes(draft) for t in scope["transitions"] if "when" in t]
    numbers = [(prefix, t) for prefix, t in guarded if "amount" in t["when"]]
    if not numbers:
        return None
    way = rng.choice(numbers)[1]
    way["when"] = f"{way['when']} or amount in {list(range(80))}"
    return done(draft, "D17", "guards", *(prefix + t["source"] for prefix, t in guarded))


def stale_definition(draft: Draft, rng: random.Random) -> Injected:
    """D18: the law changed after the review."""
    draft.process["law_changed_on"] = "2025-06-02"
    return done(draft, "D18", "permit")


def off_the_clock(draft: Draft, rng: random.Random) -> Injected:
    """D24: a review before the acceptance from which the clock runs."""
    name = draft.fresh("early")
    first = place_of(draft, "apply")
    item = first.state["asks"][0]["item"]
    state = step(draft, name, [item], kind=rng.choice(["review", "inspection", "consultation"]))
    insert(draft, first, state)
    place_of(draft, "accept").state["reads"].append({"item": state["writes"][0]})
    return done(draft, "D24", name)


INJECTORS: dict[str, Injector] = {
    "S1": unreachable,
    "S2": dead_end,
    "S3": livelock,
    "S4": deadlock,
    "S5": superfluous,
    "S6": duplicate,
    "S7": false_join,
    "S8": unconditioned,
    "D17 department": no_department,
    "D17 limit": no_limit,
    "D17 time": no_time,
    "D17 basis": no_basis,
    "D17 exception": no_exception,
    "D17 source": no_source,
    "D17 sample": no_sample,
    "D17 data": silent_data,
    "D17 notice": no_notice,
    "D17 guards": intricate_guard,
    "D18": stale_definition,
    "D24": off_the_clock,
    "R7": rubber_stamp,
}
