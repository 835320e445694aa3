"""The simplest remedy of a redundancy keeps what it must: later reads are satisfied, and every outcome can be reached.

Checked by walking through the process as plain data, not by the analysis that proposed the remedy.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.detection.catalog import INJECTORS, rule_of
from benchmarks.detection.clean import clean
from benchmarks.detection.draft import Draft, scopes, steps
from procflow.analysis.finding import Finding
from procflow.analysis.registry import analyze

WALKS = 40
PROCESSES = 8
LEFT = "left the region"


class Walk:
    """One case through a process: what it has at each step, which reads found nothing, and how it ended."""

    def __init__(self, draft: Draft, seed: int) -> None:
        self.draft, self.rng = draft, random.Random(seed)
        self.at_home = {
            thing["name"]
            for thing in (*draft.catalog["items"], *draft.catalog["materials"])
            if any(system["name"] in thing.get("held_by", ()) for system in draft.organization["systems"])
        }
        self.contents = {m["name"]: m.get("contains", ()) for m in draft.catalog["materials"]}
        self.known: set[str] = set(self.at_home)
        self.visits: dict[str, int] = {}
        self.missing: set[tuple[str, str]] = set()
        self.case = {
            "risk": self.rng.choice(["low", "general", "high"]),
            "urgent": self.rng.random() < 0.5,
            "amount": self.rng.uniform(0, 100),
        }
        self.outcome = self.through(draft.process, "", draft.process["initial"])

    def through(self, scope: dict[str, Any], prefix: str, name: str) -> str:
        """Go on in a scope until one of its final states, or out of it; return that state."""
        while True:
            state = next((s for s in scope["states"] if s["name"] == name), None)
            if state is None or state.get("final"):
                return name
            self.visits[prefix + name] = self.visits.get(prefix + name, 0) + 1
            out = self.inside(state, prefix)
            if out is not None:
                return out
            name = self.leave(scope, prefix, name)

    def inside(self, state: dict[str, Any], prefix: str) -> str | None:
        """Do what a state does; return where it was left for, None where it goes on as usual."""
        name = f"{prefix}{state['name']}/"
        if state.get("states"):
            out = self.through(state, name, state["initial"])
            return None if out == "done" else out
        if state.get("regions"):
            order = self.rng.sample(state["regions"], len(state["regions"]))
            needed = {"all": len(order), "any": 1}.get(str(state["join"])) or state["join"]["at_least"]
            for region in order[:needed]:
                out = self.through(region, f"{name}{region['name']}/", region["initial"])
                if out != "done":
                    return out
            return None
        self.visit(state, prefix)
        return None

    def visit(self, state: dict[str, Any], prefix: str) -> None:
        handed = {ask.get("item") or ask["document"] for ask in state.get("asks", ())}
        if state.get("actor") != "applicant":
            needed = {read["item"] for read in state.get("reads", ()) if not read.get("optional")} - handed
            self.missing |= {(prefix + state["name"], thing) for thing in needed - self.known}
        made = {*handed, *state.get("writes", ()), *state.get("issues", ())}
        self.known |= made | {entry["item"] for entry in state.get("enters", ())}
        self.known |= {item for thing in made for item in self.contents.get(thing, ())}

    def leave(self, scope: dict[str, Any], prefix: str, name: str) -> str:
        """Choose a way out: a guard that holds, else one by chance, the bare one among them."""
        ways = [way for way in scope["transitions"] if way["source"] == name]
        guarded = [way for way in ways if "when" in way and self.holds(way["when"])]
        open_ = guarded or [way for way in ways if "when" not in way and self.possible(way, prefix + name)]
        way = self.rng.choice(open_)
        self.known -= set(way.get("rejects", ()))
        return str(way["dest"])

    def holds(self, guard: str) -> bool:
        return bool(eval(guard, {"__builtins__": {}}, self.case))  # written by this project's own generator

    def possible(self, way: dict[str, Any], place: str) -> bool:
        chance = way.get("probability", {}).get("value", 1.0)
        values = chance if isinstance(chance, list) else [chance]
        return bool(values[min(self.visits[place], len(values)) - 1] > 0)


def walks(draft: Draft) -> list[Walk]:
    return [Walk(draft, seed) for seed in range(WALKS)]


def unsatisfied(draft: Draft) -> set[tuple[str, str]]:
    return {gap for walk in walks(draft) for gap in walk.missing}


def outcomes(draft: Draft) -> set[str]:
    """Return the ends that transitions lead to from the start."""
    following: dict[str, set[str]] = {}
    for prefix, scope in scopes(draft):
        inner = {state["name"]: prefix + state["name"] for state in scope["states"]}
        for way in scope["transitions"]:
            following.setdefault(prefix + way["source"], set()).add(inner.get(way["dest"], way["dest"]))
        for state in scope["states"]:
            name = prefix + state["name"]
            entered = [f"{name}/{r['name']}/{r['initial']}" for r in state.get("regions", ())]
            entered += [f"{name}/{state['initial']}"] if state.get("states") else []
            following.setdefault(name, set()).update(entered)
    seen, waiting = set(), [str(draft.process["initial"])]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += following.get(name, ())
    return seen & {"granted", "refused"}


# --- remedies, as a finding's words say ---


def remedied(draft: Draft, finding: Finding) -> Draft:
    """Return the process with the simplest remedy of a finding applied."""
    mended = draft.copy()
    if finding.remedies[0].operator == "connect_systems":  # the datum has to get there before nobody is asked for it
        for system in mended.organization["systems"]:
            system["shared"] = system.get("shared", False) or system["name"] == "population"
    if (
        finding.rule == "R2"
        and finding.blocked_by == ()
        and "the issuing body may share" in finding.statement.get("en")
    ):
        mended.organization["systems"].append({"name": "extracts", "shared": True})  # it is fetched from its issuer
        for material in mended.catalog["materials"]:
            material |= {"held_by": ["extracts"]} if material["name"] in finding.names("document") else {}
    states = finding.names("state")
    target = states[0] if finding.rule == "R5" else states[-1]
    place = next(p for p in steps(mended) if p.name == target)
    things = {*finding.names("item"), *finding.names("document")}
    if finding.rule in ("R8", "S5"):
        (way,) = place.ways
        for into in place.sources:
            into["dest"] = way["dest"]
        place.scope["transitions"].remove(way)
        place.scope["states"].remove(place.state)
    elif finding.rule == "R6":
        of = finding.names("check")
        place.state["checks"] = [check for check in place.state["checks"] if check["of"] not in of]
    else:
        for field in ("asks", "enters"):
            kept = [e for e in place.state.get(field, ()) if (e.get("item") or e.get("document")) not in things]
            place.state[field] = kept
        place.state["writes"] = [item for item in place.state.get("writes", ()) if item not in things]
    return mended


REMOVABLE = [name for name in INJECTORS if rule_of(name) in ("R1", "R2", "R3", "R6", "R8", "R19", "S5")]


def seeded(name: str) -> Iterator[tuple[Draft, Draft, Finding]]:
    """Yield clean processes, the same with a defect, and the finding that tells it."""
    for seed in range(PROCESSES):
        draft = clean(seed, most=30)
        injected = INJECTORS[name](draft.copy(), random.Random(seed))
        if injected is not None:
            (found,) = [f for f in analyze(injected.draft.build(), rules=[rule_of(name)]) if f.key == injected.place]
            yield draft, injected.draft, found


@pytest.mark.parametrize("name", [*REMOVABLE, "R5 overwritten"])
def test_the_simplest_remedy_keeps_reads_and_outcomes_and_leaves_nothing_to_find(name: str) -> None:
    tried = 0
    for _, defective, finding in seeded(name):
        mended = remedied(defective, finding)
        assert unsatisfied(defective) == set() == unsatisfied(mended)
        assert outcomes(mended) == outcomes(defective) == {"granted", "refused"}
        assert not [f.key for f in analyze(mended.build())]
        tried += 1
    assert tried


def test_walks_miss_what_a_process_lacks() -> None:
    draft = clean(3)
    place = next(p for p in steps(draft) if p.name == "decide")
    place.state["reads"].append({"item": "case.unknown"})
    assert unsatisfied(draft) == {("decide", "case.unknown")}


def test_walks_come_to_every_outcome_and_all_steps_of_clean_processes() -> None:
    for seed in range(10):
        draft = clean(seed, most=20)
        found = walks(draft)
        assert {walk.outcome for walk in found} == {"granted", "refused"}
        assert unsatisfied(draft) == set()


@pytest.mark.parametrize("name", ["R4 captured", "R4 branch"])
def test_what_the_analysis_calls_missing_some_walk_misses(name: str) -> None:
    tried = 0
    for _, defective, finding in seeded(name):
        gaps = unsatisfied(defective)
        expected = {(finding.names("state")[0], item) for item in finding.names("item")}
        assert gaps <= expected
        tried += bool(gaps)
    assert tried
