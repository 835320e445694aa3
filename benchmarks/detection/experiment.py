"""Analyze clean processes and those with one defect each, and count what was found, missed and told without cause."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmarks.detection.across import with_companion
from benchmarks.detection.catalog import INJECTORS, rule_of
from benchmarks.detection.clean import clean
from benchmarks.detection.counted import RULES as COUNTED
from benchmarks.detection.counted import simulated
from benchmarks.detection.draft import Draft, steps
from benchmarks.detection.injection import Injected, Key
from benchmarks.detection.spares import EXCUSES, spared
from procflow.analysis.portfolio import analyze_portfolio
from procflow.analysis.registry import analyze

_BLOCK = 100
_RUN_EVERY = 10
"""One in so many clean processes is simulated, too; all with a defect that only a run shows are."""


@dataclass
class Tally:
    """What came of the injections of one rule's defects; ``false`` counts findings that nothing caused, anywhere."""

    injected: int = 0
    found: int = 0
    false: int = 0

    def row(self) -> dict[str, Any]:
        """Return the counts with recall and precision; null where nothing was injected or told."""
        told = self.found + self.false
        return {
            "injected": self.injected,
            "found": self.found,
            "false": self.false,
            "recall": self.found / self.injected if self.injected else None,
            "precision": self.found / told if told else None,
        }


@dataclass
class Result:
    """The tallies by rule, sizes of the processes, and the first disagreements word for word."""

    processes: int = 0
    clean: int = 0
    analyses: int = 0
    sizes: list[int] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    disagreements: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the table: a row for each rule."""
        return {rule: self.tallies[rule].row() for rule in sorted(self.tallies)}

    def add(self, other: "Result") -> None:
        """Add what came of other processes."""
        self.processes += other.processes
        self.clean += other.clean
        self.analyses += other.analyses
        self.sizes += other.sizes
        self.disagreements += other.disagreements
        self.seconds += other.seconds
        for rule, tally in other.tallies.items():
            mine = self.tallies.setdefault(rule, Tally())
            mine.injected += tally.injected
            mine.found += tally.found
            mine.false += tally.false


def found_in(draft: Draft, *, in_run: bool = False) -> set[Key]:
    """Return the keys of all that is found in the definition, in it and those beside it, and in a run if asked."""
    process = draft.build()
    found = {finding.key for finding in analyze(process)}
    if draft.others:
        found |= {finding.key for finding in analyze_portfolio(draft.build_all())}
    if in_run:
        found |= {finding.key for finding in analyze(process, simulated(process), rules=COUNTED)}
    return found


def run(processes: int, *, first: int = 0, each: int = 2, least: int = 6, most: int = 60) -> Result:
    """Analyze ``processes`` clean processes and ``each`` injections into every one of them."""
    result = Result(processes=processes)
    begin = time.process_time()
    names = list(INJECTORS)
    made: Counter[str] = Counter()
    for seed in range(first, first + processes):
        draft = clean(seed, least=least, most=most)
        result.sizes.append(sum(1 for _ in steps(draft)))
        alarms = found_in(with_companion(draft.copy()), in_run=seed % _RUN_EVERY == 0)
        result.clean += not alarms
        _blame(result, f"clean process {seed}", alarms)
        rarest = sorted(names, key=lambda name: made[name])  # so that rules that seldom have a place get their turn
        for name, injected in _chosen(draft, seed, rarest, each):
            made[name] += 1
            _count(result, f"{name} in process {seed}", rule_of(name), injected)
    result.analyses = processes + sum(made.values())
    result.seconds = time.process_time() - begin
    return result


def run_spared(processes: int, *, most: int = 60) -> tuple[Counter[str], list[str]]:
    """Return how many excused defects were made by rule, and what was found in them although nothing is to be found.

    Every process gets the one excused defect that was made least often so far and has a place in it.
    """
    made: Counter[str] = Counter(dict.fromkeys(EXCUSES, 0))
    alarms = []
    for seed in range(processes):
        for name in sorted(made, key=lambda name: made[name]):
            injected = INJECTORS[name](clean(seed, most=most), random.Random(f"{seed} {name}"))
            draft = None if injected is None else spared(name, injected)
            if draft is not None:
                made[name] += 1
                found = sorted(found_in(draft), key=str)
                alarms += [f"{name} with its excuse in process {seed}: {_shown(alarm)} found" for alarm in found]
                break
    by_rule: Counter[str] = Counter()
    for name, count in made.items():
        by_rule[rule_of(name)] += count
    return by_rule, alarms


def run_blocks(processes: int, *, each: int = 2, jobs: int | None = None) -> Result:
    """Do the same in blocks of 100 processes, several at a time; the result does not depend on how many.

    A block has enough processes for every injector to have its turn.
    """
    firsts = range(0, processes, _BLOCK)
    sizes = [min(_BLOCK, processes - first) for first in firsts]
    result = Result()
    with ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(partial(_block, each=each), firsts, sizes):
            result.add(part)
    return result


def _block(first: int, processes: int, *, each: int) -> Result:
    return run(processes, first=first, each=each)


def _chosen(draft: Draft, seed: int, names: list[str], count: int) -> Iterator[tuple[str, Injected]]:
    """Yield ``count`` injections into copies of a process, by the first injectors that have a place in it."""
    left = count
    for name in names:
        if not left:
            return
        injected = INJECTORS[name](draft.copy(), random.Random(f"{seed} {name}"))
        if injected is not None:
            left -= 1
            yield name, injected


def _count(result: Result, where: str, rule: str, injected: Injected) -> None:
    found = found_in(injected.draft, in_run=rule in COUNTED)
    tally = result.tallies.setdefault(rule, Tally())
    tally.injected += 1
    tally.found += injected.place in found
    for missed in sorted(injected.expected - found, key=str):
        result.disagreements.append(f"{where}: {_shown(missed)} not found")
    _blame(result, where, found - injected.expected)


def _blame(result: Result, where: str, alarms: set[Key]) -> None:
    for alarm in sorted(alarms, key=str):
        result.tallies.setdefault(alarm[0], Tally()).false += 1
        result.disagreements.append(f"{where}: {_shown(alarm)} found without cause")


def _shown(key: Key) -> str:
    return f"{key[0]} ({', '.join(sorted(key[1]))})"
