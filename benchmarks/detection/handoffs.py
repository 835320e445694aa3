"""Injectors of handoffs, bounces, returns, visits and authority in the wrong place (H1–H9)."""

import random

from benchmarks.detection.clean import LAW, SOURCE
from benchmarks.detection.draft import Draft, steps
from benchmarks.detection.injection import (
    Injected,
    Injector,
    after_acceptance,
    asked,
    department,
    dispatch,
    done,
    edge_name,
    following,
    is_alone,
    key,
    place_of,
    work,
)

_LEVELS = ("province", "city", "county")


def many_departments(draft: Draft, rng: random.Random) -> Injected:
    """H1: a case goes through four more departments, right after its acceptance."""
    owners = [department(draft, "bureau") for _ in range(4)]
    after_acceptance(draft, *(dispatch(draft, owner, f"hop_{owner}_") for owner in owners))
    return done(draft, "H1", "permit:department")


def many_territories(draft: Draft, rng: random.Random) -> Injected:
    """H1: a case goes to and fro between territories; those are departments, too."""
    here = draft.organization["departments"][0]["region"]
    regions = ["south" if here == "north" else "north", here] * 2
    owners = [department(draft, "office", region=region) for region in regions]
    after_acceptance(draft, *(dispatch(draft, owner, f"hop_{owner}_") for owner in owners))
    return done(draft, "H1", "permit:territory", caused=(key("H1", "permit:department"),))


def ping_pong(draft: Draft, rng: random.Random) -> Injected | None:
    """H2: the acceptance sends cases to another department, which adds nothing and sends them back."""
    if not is_alone(draft):  # more handoffs would be told by H1
        return None
    other, name = department(draft, "bureau"), draft.fresh("comment")
    accept = place_of(draft, "accept")
    state = dispatch(draft, other) | {"name": name, "kind": "other"}
    draft.process["states"].append({k: v for k, v in state.items() if k != "writes"})
    draft.process["transitions"] += [
        {"trigger": "ask", "source": "accept", "dest": name, "probability": {"value": 0.3, "assumed": True}},
        {"trigger": "answer", "source": name, "dest": "accept"},
    ]
    return done(draft, "H2", accept.state["department"], other, name)


def returns(draft: Draft, rng: random.Random) -> Injected | None:
    """H3: three applications in ten are returned for correction, some of them again."""
    items = asked(draft)
    if not items:
        return None
    item, fix = rng.choice(items), "fix_accept"
    draft.process["states"].append(
        {
            "name": fix,
            "actor": "applicant",
            "kind": "correction",
            "delay": {"value": "2 d", "source": SOURCE},
            "asks": [{"item": item, "basis": LAW}],
            "data": "complete",
        }
    )
    chance = {"value": 0.3, "source": SOURCE, "sample": 500}
    way = {"trigger": "return", "source": "accept", "dest": fix, "probability": chance, "rejects": [item]}
    draft.process["transitions"] += [way, {"trigger": "resubmit", "source": fix, "dest": "accept"}]
    return done(draft, "H3", "accept", fix, edge_name(place_of(draft, "accept"), way))


def up_and_down(draft: Draft, rng: random.Random) -> Injected | None:
    """H4: a case goes to another level and back, twice."""
    following_step = following(draft, place_of(draft, "accept"))
    if not is_alone(draft) or following_step is None:
        return None
    other = department(draft, "bureau", level=rng.choice([lv for lv in _LEVELS if lv != draft.level(draft.lead)]))
    there = after_acceptance(
        draft, dispatch(draft, other, "there"), dispatch(draft, draft.lead, "back"), dispatch(draft, other, "again")
    )
    # four changes of department and of level: more than three (H1)
    caused = (key("H1", "permit:department"), key("H1", "permit:level"))
    return done(draft, "H4", *(place.name for place in there), following_step.name, caused=caused)


def no_lead(draft: Draft, rng: random.Random) -> Injected | None:
    """H5: nobody leads departments that work together."""
    if is_alone(draft):
        return None
    del draft.process["lead"]
    return done(draft, "H5", *{p.state["department"] for p in steps(draft) if "department" in p.state})


def visit_more(draft: Draft, rng: random.Random) -> Injected:
    """H7: the applicant has to come to the acceptance as well."""
    for name in ("apply", "accept"):
        place_of(draft, name).state["visits"] = {"value": 1, "source": SOURCE}
    return done(draft, "H7", "apply", "accept")


def decided_elsewhere(draft: Draft, rng: random.Random) -> Injected | None:
    """H9: a level that did nothing else decides, and hardly ever otherwise than it was prepared."""
    if not is_alone(draft):
        return None
    decide = place_of(draft, "decide")
    level = rng.choice([lv for lv in _LEVELS if lv != draft.level(draft.lead)])
    decide.state["department"] = department(draft, "bureau", level=level)
    decide.state["work"] = work(20)
    refusal = next(way for way in decide.ways if way["dest"] == "refused")
    refusal["probability"] = {"value": 0.05, "source": SOURCE, "sample": 500}
    return done(draft, "H9", "decide", decide.state["department"])


INJECTORS: dict[str, Injector] = {
    "H1 departments": many_departments,
    "H1 territories": many_territories,
    "H2": ping_pong,
    "H3": returns,
    "H4": up_and_down,
    "H5": no_lead,
    "H7": visit_more,
    "H9": decided_elsewhere,
}
