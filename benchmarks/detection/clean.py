"""Random processes in which, by the way they are written, there is nothing to find.

Nothing is filtered: every rule's condition is excluded where a process is written, as the comments say. Every step
reads what the one before wrote and writes something that the next one reads, so that no step is idle, unread,
repeated or independent of its neighbors.
"""

import itertools
import math
import random
from dataclasses import dataclass, field
from typing import Any

from benchmarks.detection.draft import Data, Draft

SOURCE = "register 2025"
LAW = "Licensing Act art. 12"
_DAY_MINUTES = 420
_KINDS = ("review", "inspection", "consultation", "approval", "meeting", "other")
_LEVELS = ("province", "city", "county")


def clean(seed: int, *, least: int = 6, most: int = 60) -> Draft:
    """Return a process of ``least`` to ``most`` leaf states, final ones apart, as plain data."""
    rng = random.Random(seed)
    size = round(math.exp(rng.uniform(math.log(least), math.log(most))))  # as many small ones as large ones
    return _Writer(rng, _organization(rng)).write(size)


@dataclass
class _Block:
    """States in a row: the first one, the ways out that still lead nowhere, and what the next step must read."""

    first: str
    ends: list[Data]
    gives: list[Any]


@dataclass
class _Mode:
    """How departments work together: the route among them, and how data get from one to another."""

    route: str
    systems: str


def _organization(rng: random.Random) -> Data:
    """Return three departments. Hours that differ overlap by 7/8, so that no hand-over misses them (T5)."""
    lead, other = rng.choice(_LEVELS), rng.choice(_LEVELS)  # two levels only: no chain of approvals (R9), one turn (H4)
    regions = [rng.choice(["north", "south"]) for _ in range(3)]
    departments = [
        {
            "name": name,
            "level": level,
            "region": region,
            "calendar": rng.choice(["office", "long"]),
            "roles": [
                {"name": "clerk", "staff": {"value": rng.randint(2, 6), "source": SOURCE}},
                {"name": "officer", "staff": {"value": rng.randint(2, 4), "source": SOURCE}},
                {"name": "expert", "staff": {"value": 1, "source": SOURCE}},
            ],
        }
        for name, level, region in zip(("planning", "housing", "water"), (lead, other, other), regions, strict=True)
    ]
    return {
        "procflow": 1,
        "organization": "county",
        "calendars": [
            {"name": "office", "hours": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}},
            {"name": "long", "hours": {"mon-fri": ["08:30-12:00", "13:00-17:30"]}},
        ],
        "working_calendar": "office",
        "levels": [{"name": level} for level in _LEVELS],
        "regions": [{"name": "north"}, {"name": "south"}],
        "departments": departments,
        "systems": [],
        "interfaces": [],
    }


@dataclass
class _Writer:
    rng: random.Random
    organization: Data
    items: list[Data] = field(default_factory=list)
    materials: list[Data] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    suspended: list[str] = field(default_factory=list)
    count: int = 0
    composites: int = 0
    corrections: int = 0
    notices: int = 0
    guarded: list[str] = field(default_factory=list)
    under_guard: dict[str, str] = field(default_factory=dict)
    sat: bool = False
    whole_basis: bool = True
    mode: _Mode = field(default_factory=lambda: _Mode("alone", "paper"))
    systems: dict[str, str] = field(default_factory=dict)

    def write(self, size: int) -> Draft:
        rng = self.rng
        self.mode = _Mode(
            rng.choice(["alone", "excursion", "route", "joint"]), rng.choice(["paper", "shared", "connected"])
        )
        if size < 12:
            self.mode.route = "alone"
        self._connect()
        self.whole_basis = rng.random() < 0.6
        root: Data = {"states": [], "transitions": []}
        begin = self._begin(root)
        body = self._body(root, begin.gives, max(size - 5, 1))
        self._link(begin, body.first)
        ending = self._decide(root, body.gives)
        self._link(body, ending)
        return Draft(self.organization, self._catalog(), self._definition(root, begin.first))

    # data and people -------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Set up systems: none at all, one that all share, or one each with interfaces for all they hold (R18)."""
        names = [d["name"] for d in self.organization["departments"]]
        if self.mode.systems == "shared":
            self.systems = dict.fromkeys(names, "platform")
            self.organization["systems"] = [{"name": "platform", "shared": True}]
        if self.mode.systems == "connected":
            self.systems = {name: f"{name}_system" for name in names}
            self.organization["systems"] = [{"name": self.systems[n], "owner": n} for n in names]
            self.organization["interfaces"] = [
                {"source": self.systems[a], "dest": self.systems[b]} for a in names for b in names if a != b
            ]

    def _catalog(self) -> Data:
        return {"procflow": 1, "catalog": "county", "items": self.items, "materials": self.materials}

    def _item(self, name: str, **fields: Any) -> str:
        # nobody is said to hold it and to share it: whoever asks the applicant asks for what only he has (R1)
        self.items.append({"name": name, **fields})
        return name

    def _document(self, name: str) -> str:
        # papers of the applicant's own, or originals, or not to be shared by law: none is obtainable (R2)
        about: Data = self.rng.choice(
            [{}, {"original_required": LAW}, {"issuer": "water", "share": {"mode": "api", "refused": "legal"}}]
        )
        self.materials.append({"name": name, **about})
        return name

    def _number(self, value: Any) -> Any:
        """Every number names a source or says that it is assumed (D17)."""
        return {"value": value, **self.rng.choice([{"source": SOURCE}, {"assumed": True}])}

    def _minutes(self) -> Any:
        low = self.rng.choice([20, 30, 45, 60])  # more than a pass-through's (R8)
        if self.rng.random() < 0.4:
            return {"triangular": [f"{low} min", f"{low + 10} min", f"{low + 30} min"], "source": SOURCE}
        return self._number(f"{low} min")

    def _chance(self, low: float, high: float) -> float:
        return round(self.rng.uniform(low, high), 3)

    # blocks ----------------------------------------------------------------------------------------------------

    def _begin(self, root: Data) -> _Block:
        """Write the application and the acceptance, from which the clock runs (D24)."""
        rng = self.rng
        asked = [self._item(f"applicant.x{n + 1}") for n in range(rng.randint(1, 6))]
        papers = [self._document(f"paper{n + 1}") for n in range(rng.randint(0, 3))]
        keyed = asked if self.systems and rng.random() < 0.5 else []
        form: list[Any] = [{"item": item, "basis": LAW} for item in asked]
        form += [{"document": paper, "basis": LAW} for paper in papers]
        apply: Data = {
            "name": "apply",
            "actor": "applicant",
            "kind": "application",
            "delay": self._number("1 h"),
            "asks": form,
            "data": "complete",
        }
        if rng.random() < 0.5:
            apply["visits"] = {"value": 1, "source": SOURCE}
        root["states"].append(apply)
        lead = self.organization["departments"][0]["name"]
        accept = self._state(root, "accept", "intake", lead, [])
        self.unread += asked + papers
        if keyed:  # from the applicant's paper into the one system of the lead: nobody had it there before (R18, R1b)
            accept["enters"] = [{"item": item, "into": self.systems[lead]} for item in keyed]
        accept["reads"] = [{"item": asked[0]}]
        root["transitions"].append({"trigger": "apply_done", "source": "apply", "dest": "accept"})
        return _Block("apply", [self._onward(root, "accept")], [{"item": "case.accept"}])

    def _decide(self, root: Data, given: list[Any]) -> str:
        """Write the decision, which refuses at least one in six (H9), the certificate and the files."""
        lead = self.organization["departments"][0]["name"]
        papers = [thing for thing in self.unread if thing.startswith("paper")]
        decide = self._state(root, "decide", "decision", lead, [*given, *({"item": thing} for thing in self.unread)])
        decide["checks"] = [{"of": "plan", "criteria": ["lawful"], "evidence": papers, "basis": LAW}]
        self.unread = []
        root["transitions"].append(
            {
                "trigger": "refuse",
                "source": "decide",
                "dest": "refused",
                "probability": self._number(self._chance(0.16, 0.3)),
            }
        )
        self.materials.append({"name": "certificate", "contains": ["case.decide"], "issuer": lead})
        certify = self._state(root, "certify", "certificate", lead, [{"item": "case.decide"}], writes=False)
        certify["issues"] = ["certificate"]
        file = self._state(root, "file", "archive", lead, [], writes=False)
        file["archives"] = ["certificate"]
        for source, dest in (("decide", "certify"), ("certify", "file"), ("file", "granted")):
            root["transitions"].append({"trigger": f"{source}_done", "source": source, "dest": dest})
        root["states"].append({"name": "granted", "final": True, "outcome": "granted"})
        root["states"].append({"name": "refused", "final": True, "outcome": "refused"})
        return "decide"

    def _body(self, root: Data, given: list[Any], size: int) -> _Block:
        """Write what lies between acceptance and decision: at most three handoffs, whatever the route (H1)."""
        lead, second, third = (d["name"] for d in self.organization["departments"])
        if self.mode.route == "alone":
            return self._run(root, "", given, size, lead)
        if self.mode.route == "joint":
            part = max(size // 4, 1)
            return self._row(
                [
                    lambda g: self._run(root, "", g, part, lead),
                    lambda g: self._parallel(root, "", g, max(2 * part, 3), [second, third, lead]),
                    lambda g: self._stay(root, "", g, part, lead),
                ],
                given,
            )
        stops = [lead, second, third] if self.mode.route == "route" else [lead, second]
        share = max(size // (len(stops) + 1), 1)
        return self._row(
            [lambda g, d=d: self._stay(root, "", g, share, d) for d in (*stops, lead)],  # type: ignore[misc]
            given,
        )

    def _stay(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        """Write a run that begins with one step, so that a case comes to the department once and not to regions."""
        first = [lambda g: self._step(scope, prefix, g, 1, department)]
        rest = [lambda g: self._run(scope, prefix, g, size - 1, department)] if size > 1 else []
        return self._row([*first, *rest], given)

    def _row(self, parts: list[Any], given: list[Any]) -> _Block:
        """Write blocks one after the other, each reading what the one before gives."""
        found: _Block | None = None
        first = ""
        for part in parts:
            block = part(found.gives if found else given)
            if found:
                self._link(found, block.first)
            first, found = first or block.first, block
        assert found is not None
        return _Block(first, found.ends, found.gives)

    def _run(
        self, scope: Data, prefix: str, given: list[Any], size: int, department: str, *, loops: bool = True
    ) -> _Block:
        """Write blocks of one department until ``size`` leaves are written."""
        parts, left = [], size
        while left > 0:
            kind, takes = self._kind(left, loops, prefix)
            parts.append(
                lambda g, kind=kind, takes=takes: getattr(self, f"_{kind}")(scope, prefix, g, takes, department)
            )
            left -= takes
        return self._row(parts, given)

    def _kind(self, left: int, loops: bool, prefix: str) -> tuple[str, int]:
        kinds = ["step"] * 4
        kinds += ["corrected"] * 2 if left >= 2 and loops else []
        kinds += ["choice"] * 2 if left >= 3 else []
        kinds += ["outside"] if left >= 2 else []
        kinds += ["notice"] if self.notices < 2 else []
        kinds += ["rework"] if left >= 3 and loops else []
        kinds += ["together"] * 2 if left >= 5 else []
        kinds += ["nested"] if left >= 3 and prefix.count("/") < 4 else []
        kind = self.rng.choice(kinds)
        most = {"step": 1, "corrected": 2, "outside": 2, "notice": 1, "choice": 3}.get(kind)
        if kind == "notice":
            self.notices += 1
        if most is not None:
            return kind, most
        return kind, self.rng.randint(5 if kind == "together" else 3, min(left, 14))

    def _step(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        name = self._name()
        state = self._state(scope, name, self.rng.choice(_KINDS), department, self._reading(given))
        self._embellish(state)
        if self.rng.random() < 0.15:
            self._refusal(scope, prefix, name)
        return _Block(name, [self._onward(scope, name)], [{"item": f"case.{name}"}])

    def _corrected(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        """Write a review that sends back once at most (H3) what it rejects, and the correction that asks only that."""
        name = self._name()
        state = self._state(scope, name, "review", department, list(given))
        self.corrections += 1
        item = self._item(f"applicant.c{self.corrections}")
        first = next(s for s in scope["states"] if s["name"] == name)
        assert first is state
        fix = f"fix_{name}"
        self.asked_first.append(item)
        state["reads"].append({"item": item})
        scope["states"].append(
            {
                "name": fix,
                "actor": "applicant",
                "kind": "correction",
                "delay": self._number("2 d"),
                "asks": [{"item": item, "basis": LAW}],
                "data": "complete",
            }
        )
        self.suspended.append(prefix + fix)
        chance = {"value": [self._chance(0.03, 0.15), 0.0], "source": SOURCE, "sample": 800}
        scope["transitions"] += [
            {"trigger": f"{name}_return", "source": name, "dest": fix, "probability": chance, "rejects": [item]},
            {"trigger": f"{fix}_done", "source": fix, "dest": name},
        ]
        if self.rng.random() < 0.3:
            scope["transitions"].append(
                {"trigger": f"{fix}_late", "source": fix, "dest": "refused", "timeout": "30 d"}
                | ({"cancels": True} if prefix else {})
            )
        return _Block(name, [self._onward(scope, name)], [{"item": f"case.{name}"}])

    asked_first: list[str] = field(default_factory=list)

    def _choice(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        """Write a step with two ways by a guard and a step on each; one reads under a guard what was written so."""
        name = self._name()
        self._state(scope, name, "other", department, self._reading(given))
        attribute, guard = self.rng.choice([("risk", 'risk == "low"'), ("urgent", "urgent"), ("amount", "amount > 50")])
        self.guarded.append(attribute)
        branches = []
        for number in range(2):
            branch = self._name()
            state = self._state(scope, branch, self.rng.choice(_KINDS), department, [{"item": f"case.{name}"}])
            earlier = self.under_guard.get(guard)
            if number == 0 and earlier and not prefix:
                state["reads"].append({"item": earlier})  # written under this guard: it is there (R4)
            if number == 0 and not prefix:
                self.under_guard[guard] = f"case.{branch}"
            way = {"trigger": f"{name}_{number + 1}", "source": name, "dest": branch}
            scope["transitions"].append(way | ({"when": guard} if number == 0 else {}))
            branches.append(branch)
        gives = [{"item": f"case.{name}"}, *({"item": f"case.{b}", "optional": True} for b in branches)]
        return _Block(name, [self._onward(scope, branch) for branch in branches], gives)

    def _outside(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        """Write an expert's step that a law demands (R22); what he reads goes with the file (R4)."""
        name = self._name()
        state: Data = {
            "name": name,
            "actor": "external",
            "kind": self.rng.choice(["consultation", "inspection"]),
            "delay": self._number(self.rng.choice(["2 d", "3 d"])),
            "reads": [dict(read, optional=True) if read.get("optional") else read for read in given],
            "writes": [self._item(f"case.{name}")],
            "basis": LAW,
            "data": "complete",
        }
        scope["states"].append(state)
        self.suspended.append(prefix + name)
        block = _Block(name, [self._onward(scope, name)], [{"item": f"case.{name}"}])
        return self._row([lambda g: self._sent(scope, g, department, name), lambda _: block], given)

    def _sent(self, scope: Data, given: list[Any], department: str, dest: str) -> _Block:
        """Write a step that sends the file to ``dest``."""
        name = self._name()
        self._state(scope, name, "other", department, self._reading(given))
        expert = next(s for s in scope["states"] if s["name"] == dest)
        expert["reads"] = [{"item": f"case.{name}"}]
        way = self._onward(scope, name)
        way["transfer"] = {"channel": "file"}
        return _Block(name, [way], [{"item": f"case.{name}"}])

    def _notice(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        """Write a public notice; no two are of one matter (R23)."""
        name = self._name()
        state = self._state(scope, name, "notice", department, self._reading(given))
        state["notice"] = {"of": f"case.{name}", "to": {"en": "neighbors", "zh": "利害关系人"}}
        return _Block(name, [self._onward(scope, name)], [{"item": f"case.{name}"}])

    def _rework(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        """Write steps, and a way back to the first of them that is taken once at most, and seldom."""
        names = [self._name() for _ in range(min(size, 4))]
        for before, name in zip([None, *names], names, strict=False):
            self._state(scope, name, "review", department, [{"item": f"case.{before}"}] if before else list(given))
        for a, b in itertools.pairwise(names):
            scope["transitions"].append({"trigger": f"{a}_done", "source": a, "dest": b})
        chance = {"value": [self._chance(0.03, 0.06), 0.0], "source": SOURCE, "sample": 900}
        scope["transitions"].append(
            {"trigger": f"{names[-1]}_again", "source": names[-1], "dest": names[0], "probability": chance}
        )
        rest = size - len(names)
        block = _Block(names[0], [self._onward(scope, names[-1])], [{"item": f"case.{names[-1]}"}])
        if rest <= 0:
            return block
        return self._row([lambda _: block, lambda g: self._run(scope, prefix, g, rest, department)], given)

    def _together(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        return self._parallel(scope, prefix, given, size, [department] * (3 if size >= 8 else 2))

    def _parallel(self, scope: Data, prefix: str, given: list[Any], size: int, departments: list[str]) -> _Block:
        """Write regions beside each other; what follows the join needs what all of them give, or may do without."""
        name = self._composite()
        join: Any = self.rng.choice(["all", "all", "any", {"at_least": 2}])
        regions, gives = [], []
        for index, department in enumerate(departments):
            region: Data = {"name": f"r{index + 1}", "states": [], "transitions": []}
            inside = f"{prefix}{name}/r{index + 1}/"
            kept, self.unread = self.unread, []  # what is left to be read is read on the main line
            block = self._stay(region, inside, given, max(size // len(departments), 1), department)
            self.unread = kept + self.unread
            region["initial"] = block.first
            region["states"].append({"name": "done", "final": True})
            self._link(block, "done")
            regions.append(region)
            gives += [dict(read, optional=True) if join != "all" else read for read in block.gives]
        scope["states"].append({"name": name, "regions": regions, "join": join})
        # of a join that does not wait for all nothing is sure but what was known at the fork
        return _Block(name, [self._onward(scope, name)], gives + ([] if join == "all" else list(given)))

    def _nested(self, scope: Data, prefix: str, given: list[Any], size: int, department: str) -> _Block:
        name = self._composite()
        inner: Data = {"name": name, "states": [], "transitions": []}
        block = self._run(inner, f"{prefix}{name}/", given, size, department)
        inner["initial"] = block.first
        inner["states"].append({"name": "done", "final": True})
        self._link(block, "done")
        scope["states"].append(inner)
        return _Block(name, [self._onward(scope, name)], block.gives)

    # pieces ----------------------------------------------------------------------------------------------------

    def _name(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def _composite(self) -> str:
        self.composites += 1
        return f"part{self.composites}"

    def _state(
        self, scope: Data, name: str, kind: str, department: str, given: list[Any], *, writes: bool = True
    ) -> Data:
        state: Data = {
            "name": name,
            "department": department,
            "role": self.rng.choice(["clerk", "officer"]),
            "kind": kind,
            "work": self._minutes(),
            "reads": list(given),
            "data": "complete",
        }
        if writes:
            state["writes"] = [self._item(f"case.{name}")]
        if self.systems:
            state["system"] = self.systems[department]
        if not self.whole_basis or self.rng.random() < 0.3:
            state["basis"] = LAW
        scope["states"].append(state)
        return state

    def _reading(self, given: list[Any]) -> list[Any]:
        """Return what a step reads: what the one before gives, and perhaps something that the applicant gave."""
        found = list(given)
        if self.unread and self.rng.random() < 0.5:
            found.append({"item": self.unread.pop(0)})
        return found

    def _embellish(self, state: Data) -> None:
        rng = self.rng
        if rng.random() < 0.3:  # each check has criteria of its own: none covers another (R6)
            state["checks"] = [{"of": "plan", "criteria": [f"criterion of {state['name']}"], "basis": LAW}]
        if rng.random() < 0.15:
            state["delay"] = self._number(rng.choice(["2 h", "4 h", "1 d"]))
        if rng.random() < 0.15:
            state["limit"] = self._number("2 wd")
        if rng.random() < 0.1:
            state["discretion"] = True
        if rng.random() < 0.1:
            state["territorial"] = {"to": "premises", "basis": LAW}
        if state["kind"] == "meeting" and not self.sat and rng.random() < 0.5:
            self.sat = True  # daily: a case waits half a day (T3, T6)
            state["batch"] = {"every": "daily 14:00", "cutoff": "30 min", "source": SOURCE}

    def _refusal(self, scope: Data, prefix: str, name: str) -> None:
        chance = {"value": self._chance(0.03, 0.08), "source": SOURCE, "sample": 600}
        way: Data = {"trigger": f"{name}_refuse", "source": name, "dest": "refused", "probability": chance}
        scope["transitions"].append(way | ({"cancels": True} if prefix else {}))

    def _onward(self, scope: Data, name: str) -> Data:
        way: Data = {"trigger": f"{name}_done", "source": name, "dest": ""}
        scope["transitions"].append(way)
        return way

    @staticmethod
    def _link(block: _Block, dest: str) -> None:
        for way in block.ends:
            way["dest"] = dest

    # the whole -------------------------------------------------------------------------------------------------

    def _definition(self, root: Data, initial: str) -> Data:
        asks = root["states"][0]["asks"]
        asks += [{"item": item, "basis": LAW} for item in self.asked_first]
        data: Data = {
            "procflow": 1,
            "process": "permit",
            "organization": "organization.yaml",
            "lead": self.organization["departments"][0]["name"],
            "cases_per_year": {"value": 100, "source": SOURCE},
            "declared_visits": {"value": 1, "source": SOURCE},
            "reviewed_on": "2025-06-01",
            "law_changed_on": self.rng.choice(["2024-01-01", "2025-06-01"]),
            "limits": self._limits(root),
            "initial": initial,
            **root,
        }
        if self.whole_basis:
            data["basis"] = LAW
        if self.guarded:
            data["attributes"] = self._attributes()
        if "risk" in self.guarded:
            data["risk_classes"] = "risk"
        return data

    def _attributes(self) -> Data:
        known: Data = {
            "risk": {"categorical": {"low": 0.5, "general": 0.375, "high": 0.125}, "source": SOURCE},
            "urgent": {"boolean": 0.25, "assumed": True},
            "amount": {"number": {"uniform": [0, 100]}, "source": SOURCE},
        }
        return {name: known[name] for name in known if name in self.guarded}

    def _limits(self, root: Data) -> Data:
        """Promise more than all steps together take, and less than the law allows (T7); stop for outsiders (T9)."""
        days = math.ceil(_longest_days(root)) + 5
        whole: Data = {
            "promised": self._number(f"{days} wd"),
            "statutory": {"value": f"{days + 10} wd", "source": LAW},
            "start": {"fire": "accept_done"},
            "stop": [{"enter": "granted"}, {"enter": "refused"}],
        }
        if self.suspended:
            whole["suspend"] = [{"in": name, "cause": "outside", "basis": LAW} for name in self.suspended]
        limits = {"whole": whole}
        if self.rng.random() < 0.4:
            limits["deciding"] = {
                "promised": self._number("3 wd"),
                "start": {"enter": "decide"},
                "stop": {"done": "decide"},
                "within": "whole",
            }
        return limits


def _longest_days(scope: Data) -> float:
    """Return an upper bound of what all states of a scope take, in working days, their own limits added."""
    total = 0.0
    for state in scope["states"]:
        total += 0.5 * ("work" in state) + 3.0 * ("delay" in state) + 1.0 * ("batch" in state)
        total += 2.0 * ("limit" in state)
        total += _longest_days(state) if state.get("states") else 0.0
        total += sum(_longest_days(region) for region in state.get("regions", ()))
    return total
