"""Injectors of rare sittings and couriers, stale data, hours that miss, and limits that cannot hold (T3–T9)."""

import random

from benchmarks.detection.clean import LAW, SOURCE
from benchmarks.detection.draft import Data, Draft, Place, insert, steps
from benchmarks.detection.injection import (
    Injected,
    Injector,
    after_acceptance,
    before_decision,
    department,
    dispatch,
    done,
    edge_name,
    is_alone,
    main_line,
    ordinary,
    pairs,
    pick,
    place_of,
    step,
    sure,
)


def rare_sitting(draft: Draft, rng: random.Random) -> Injected | None:
    """T3: a sitting every month."""
    place = pick(rng, _without_sittings(draft))
    if place is None:
        return None
    place.state["batch"] = {"every": "monthly 15 14:00", "source": SOURCE}
    return done(draft, "T3", place.name)


def _without_sittings(draft: Draft) -> list[Place]:
    for place in ordinary(draft):
        place.state.pop("batch", None)
    return ordinary(draft)


def rare_courier(draft: Draft, rng: random.Random) -> Injected | None:
    """T3: a courier every week."""
    place = pick(rng, [p for p in _without_sittings(draft) if p.onward and "transfer" not in p.onward])
    if place is None:
        return None
    assert place.onward is not None
    place.onward["transfer"] = {"every": "weekly wed 09:00"}
    return done(draft, "T3", edge_name(place, place.onward), place.name)


def stale(draft: Draft, rng: random.Random) -> Injected:
    """T4: an item valid for three days is used after a step that takes five."""
    item = draft.item("applicant.balance", validity="3 d")
    place_of(draft, "apply").state["asks"].append({"item": item, "basis": LAW})
    name = draft.fresh("rest")
    given = sure(place_of(draft, "decide"))
    delay = {"value": "5 d", "source": SOURCE}
    before_decision(draft, step(draft, name, given, kind="notice", delay=delay, notice=_notice(name)))
    place_of(draft, "decide").state["reads"].append({"item": item})
    return done(draft, "T4", item, "decide")


def _notice(of: str) -> Data:
    return {"of": of, "to": {"en": "neighbors", "zh": "利害关系人"}}


def evening_desk(draft: Draft, rng: random.Random) -> Injected | None:
    """T5: a step between two others whose people are on duty in the evening only."""
    main = {place.name for place in main_line(draft)}
    found = [(a, b) for a, b in pairs(draft) if "delay" not in a.state and "batch" not in b.state and a.name in main]
    if not found or not is_alone(draft):
        return None
    first, second = rng.choice(found)
    draft.organization["calendars"].append({"name": "evening", "hours": {"mon-fri": ["18:00-21:00"]}})
    owner, name = department(draft, "desk", calendar="evening"), draft.fresh("night")
    state = step(draft, name, [f"case.{first.state['name']}"], department=owner)
    second.state["reads"].append({"item": state["writes"][0]})
    insert(draft, first, state)
    assert first.onward is not None
    # what the evening desk hands over waits until the morning, but no working time: that is no mismatch
    return done(draft, "T5", edge_name(first, first.onward), first.name, name)


def early_cutoff(draft: Draft, rng: random.Random) -> Injected | None:
    """T6: a daily sitting whose list is closed most of half a day before."""
    place = pick(rng, _without_sittings(draft))
    if place is None:
        return None
    place.state["batch"] = {"every": "daily 14:00", "cutoff": "0.4 wd", "source": SOURCE}
    return done(draft, "T6", place.name)


def _alone(draft: Draft) -> Data:
    """Return the limit of the whole, all others removed, those of steps included."""
    draft.process["limits"] = {"whole": draft.process["limits"]["whole"]}
    for place in steps(draft):
        place.state.pop("limit", None)
    limit: Data = draft.process["limits"]["whole"]
    return limit


def impossible(draft: Draft, rng: random.Random) -> Injected:
    """T7: a promise of one day, and a step of six that every case comes to and some end with."""
    limit = _alone(draft)
    limit["promised"] = {"value": "1 wd", "source": LAW}
    state = dispatch(draft, draft.lead, "long", delay={"value": "6 wd", "source": SOURCE})
    after_acceptance(draft, state)
    name = state["name"]
    draft.process["transitions"].append(
        {
            "trigger": f"{name}_refuse",
            "source": name,
            "dest": "refused",
            "probability": {"value": 0.05, "assumed": True},
        }
    )
    return done(draft, "T7", "whole", name)


def promise_over_law(draft: Draft, rng: random.Random) -> Injected:
    """T7: more time promised than the law allows."""
    limit = draft.process["limits"]["whole"]
    days = int(limit["promised"]["value"].split()[0])
    limit["statutory"] = {"value": f"{days - 1} wd", "source": LAW}
    return done(draft, "T7", "whole")


def parts_over_whole(draft: Draft, rng: random.Random) -> Injected:
    """T7: a part that is longer than the whole."""
    whole = draft.process["limits"]["whole"]
    days = int(whole["promised"]["value"].split()[0])
    draft.process["limits"]["deciding"] = {
        "promised": {"value": f"{days + 1} wd", "source": LAW},
        "start": {"enter": "decide"},
        "stop": {"done": "decide"},
        "within": "whole",
    }
    return done(draft, "T7", "whole", "deciding")


def steps_over_whole(draft: Draft, rng: random.Random) -> Injected:
    """T7: a step that may take longer than the whole."""
    limit = _alone(draft)
    days = int(limit["promised"]["value"].split()[0])
    place_of(draft, "decide").state["limit"] = {"value": f"{days + 1} wd", "source": LAW}
    return done(draft, "T7", "whole", "decide")


def units(draft: Draft, rng: random.Random) -> Injected:
    """T7: a promise in calendar days under a law in working days."""
    limit = _alone(draft)
    limit["promised"] = {"value": "2000 d", "source": LAW}
    return done(draft, "T7", "whole")


def no_clock(draft: Draft, rng: random.Random) -> Injected:
    """T9: a limit that does not say when it starts or stops."""
    del draft.process["limits"]["whole"][rng.choice(["start", "stop"])]
    return done(draft, "T9", "whole")


def no_suspension(draft: Draft, rng: random.Random) -> Injected | None:
    """T9: a clock that runs on while the applicant corrects and experts look."""
    suspended = draft.process["limits"]["whole"].pop("suspend", None)
    if suspended is None:
        return None
    return done(draft, "T9", "whole", *(each["in"] for each in suspended))


INJECTORS: dict[str, Injector] = {
    "T3 sitting": rare_sitting,
    "T3 courier": rare_courier,
    "T4": stale,
    "T5": evening_desk,
    "T6": early_cutoff,
    "T7 impossible": impossible,
    "T7 promise": promise_over_law,
    "T7 parts": parts_over_whole,
    "T7 steps": steps_over_whole,
    "T7 units": units,
    "T9 clock": no_clock,
    "T9 suspension": no_suspension,
}
