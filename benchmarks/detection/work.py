"""Injectors of steps that add nothing, come in a bad order or have no ground in law (R8–R16, R21–R23)."""

import random

from benchmarks.detection.clean import SOURCE
from benchmarks.detection.draft import Draft, Place, after, insert, steps
from benchmarks.detection.injection import (
    Injected,
    Injector,
    Key,
    before_decision,
    department,
    done,
    edge_name,
    is_alone,
    key,
    ordinary,
    pick,
    place_of,
    step,
    sure,
    work,
)

_CHECKING = ("review", "inspection", "consultation", "meeting", "approval")
_LEVELS = ("province", "city", "county")


def pass_through(draft: Draft, rng: random.Random) -> Injected | None:
    """R8: a step that only hands on."""
    place = pick(rng, [p for p in ordinary(draft) if after(draft, p) is not None])
    if place is None:
        return None
    name = draft.fresh("hand")
    owner = place.state["department"]
    state = step(draft, name, [], kind="dispatch", department=owner, work=work(5), writes=None, basis=None)
    if "system" in place.state:
        state["system"] = place.state["system"]
    insert(draft, place, state)
    return done(draft, "R8", place.prefix + name)


def approval_chain(draft: Draft, rng: random.Random) -> Injected | None:
    """R9: three approvals, each above the one before by level or by whom one reports to."""
    if not is_alone(draft):  # more handoffs would be told by H1
        return None
    lead = draft.level(draft.lead)
    above = _LEVELS[: _LEVELS.index(lead)]
    if len(above) == 2 and rng.random() < 0.7:
        second, third = department(draft, "upper", level=above[1]), department(draft, "top", level=above[0])
    else:
        third = department(draft, "top")
        second = department(draft, "upper", reports_to=third)
        draft.organization["departments"][0]["reports_to"] = second
    given, states = sure(place_of(draft, "decide")), []
    for owner in (draft.lead, second, third):
        state = step(draft, draft.fresh(f"approve_{owner}"), given, kind="approval", department=owner)
        states.append(state)
        given = state["writes"]
    before_decision(draft, *states)
    return done(draft, "R9", *(state["name"] for state in states), draft.lead, second, third)


def late_refusal(draft: Draft, rng: random.Random) -> Injected:
    """R12: long work before a short check that often refuses; one expert does both, so that nothing is parallel."""
    long, short = draft.fresh("survey"), draft.fresh("screen")
    given = sure(place_of(draft, "decide"))
    before_decision(
        draft,
        step(draft, long, given, kind="inspection", role="expert", work=work(90)),
        step(draft, short, given, kind="review", role="expert", work=work(20)),
    )
    chance = {"value": 0.3, "source": SOURCE, "sample": 500}
    draft.process["transitions"].append(
        {"trigger": f"{short}_refuse", "source": short, "dest": "refused", "probability": chance}
    )
    return done(draft, "R12", long, short)


def serial(draft: Draft, rng: random.Random) -> Injected:
    """R15: two inspections in a row of which neither needs the other."""
    one, two = draft.fresh("visit"), draft.fresh("measure")
    given = sure(place_of(draft, "decide"))
    before_decision(
        draft,
        step(draft, one, given, kind="inspection", role="clerk"),
        step(draft, two, given, kind="inspection", role="officer"),
    )
    return done(draft, "R15", one, two, draft.lead)


def one_path(draft: Draft, rng: random.Random) -> Injected | None:
    """R16: classes of risk that nothing looks at."""
    checks = [p.name for p in steps(draft) if p.state["kind"] in _CHECKING]
    if "risk_classes" in draft.process or not checks:
        return None
    classes = {"categorical": {"low": 0.7, "high": 0.3}, "source": SOURCE}
    draft.process.setdefault("attributes", {})["hazard"] = classes
    draft.process["risk_classes"] = "hazard"
    return done(draft, "R16", "permit", *checks)


def step_without_basis(draft: Draft, rng: random.Random) -> Injected | None:
    """R21: a review that no law demands, told by silence or in so many words."""
    place = pick(rng, ordinary(draft))
    if place is None:
        return None
    place.state["kind"] = "review"
    place.state.pop("batch", None)
    if "basis" in draft.process:
        place.state["no_basis"] = True
    place.state.pop("basis", None)
    for check in place.state.get("checks", ()):
        check.pop("basis", None)
    return done(draft, "R21", place.name)


def ask_without_basis(draft: Draft, rng: random.Random) -> Injected:
    """R21: an item demanded for which no rule was found."""
    ask = rng.choice(place_of(draft, "apply").state["asks"])
    del ask["basis"]
    ask["no_basis"] = True
    return done(draft, "R21", "apply", ask.get("item") or ask["document"])


def condition_without_basis(draft: Draft, rng: random.Random) -> Injected | None:
    """R21: a condition for which no rule was found."""
    found = [(p, w) for p in ordinary(draft) for w in p.ways if "when" in w]
    if not found:
        return None
    place, way = rng.choice(found)
    way["no_basis"] = True
    return done(draft, "R21", edge_name(place, way), place.name)


def intermediary(draft: Draft, rng: random.Random) -> Injected | None:
    """R22: an expert for whom every case waits, and whom no law demands."""
    found = [p for p in steps(draft) if p.state.get("actor") == "external" and not p.prefix]
    place = pick(rng, found)
    if place is None:
        return None
    del place.state["basis"]
    # no basis of the process covers it either: then it is a step without basis, too
    caused: tuple[Key, ...] = () if "basis" in draft.process else (key("R21", place.name),)
    return done(draft, "R22", place.name, caused=caused)


def two_notices(draft: Draft, rng: random.Random) -> Injected:
    """R23: two notices of one matter to one audience."""
    first, second = draft.fresh("post"), draft.fresh("publish")
    told = {"of": "plan", "to": {"en": "neighbors", "zh": "利害关系人"}}
    one = step(draft, first, sure(place_of(draft, "decide")), kind="notice", notice=told)
    before_decision(draft, one, step(draft, second, one["writes"], kind="notice", notice=told))
    return done(draft, "R23", first, second)


def territorial(draft: Draft, rng: random.Random) -> Injected | None:
    """H10: a step bound to a place without a law."""
    place: Place | None = pick(rng, ordinary(draft))
    if place is None:
        return None
    place.state["territorial"] = {"to": rng.choice(["household", "residence", "registration"])}
    return done(draft, "H10", place.name, place.state["department"])


def inspected_elsewhere(draft: Draft, rng: random.Random) -> Injected | None:
    """H10: paper work bound to the premises, which nobody looks at."""
    place = pick(rng, [p for p in ordinary(draft) if p.state["kind"] != "inspection"])
    if place is None:
        return None
    place.state["territorial"] = {"to": "premises"}
    return done(draft, "H10", place.name, place.state["department"])


INJECTORS: dict[str, Injector] = {
    "R8": pass_through,
    "R9": approval_chain,
    "R12": late_refusal,
    "R15": serial,
    "R16": one_path,
    "R21 step": step_without_basis,
    "R21 ask": ask_without_basis,
    "R21 condition": condition_without_basis,
    "R22": intermediary,
    "R23": two_notices,
    "H10 law": territorial,
    "H10 premises": inspected_elsewhere,
}
