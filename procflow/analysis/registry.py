"""The rules, what each means, and running them all over a process. A rule itself knows nothing of the others."""

import datetime as dt
import gc
import importlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from procflow.analysis.finding import Finding, Findings
from procflow.analysis.profile import Profile
from procflow.definition.expecting import expect, expect_run
from procflow.definition.holidays import UnpublishedHolidaysError
from procflow.definition.resolved import Process
from procflow.errors import AnalysisError
from procflow.machine.graph import StateGraph, state_graph
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.acceptance import Accepted
    from procflow.simulation.run import Run

T = TypeVar("T")
U = TypeVar("U")

MODULES: tuple[str, ...] = (
    "procflow.analysis.rules.capture",
    "procflow.analysis.rules.keying",
    "procflow.analysis.rules.materials",
    "procflow.analysis.rules.missing",
    "procflow.analysis.rules.parallel",
    "procflow.analysis.rules.passing",
    "procflow.analysis.rules.presence",
    "procflow.analysis.rules.ownership",
    "procflow.analysis.rules.idle_states",
    "procflow.analysis.rules.meeting",
    "procflow.analysis.rules.unread",
    "procflow.analysis.rules.overwriting",
    "procflow.analysis.rules.repeating",
    "procflow.analysis.rules.chain_of_approvals",
    "procflow.analysis.rules.systems",
    "procflow.analysis.rules.bases",
    "procflow.analysis.rules.notices",
    "procflow.analysis.rules.completeness",
    "procflow.analysis.rules.soundness",
    "procflow.analysis.rules.ordering",
    "procflow.analysis.rules.stamping",
    "procflow.analysis.rules.branches",
    "procflow.analysis.rules.rework",
    "procflow.analysis.rules.risks",
    "procflow.analysis.rules.intermediaries",
    "procflow.analysis.rules.returns",
    "procflow.analysis.rules.levels",
    "procflow.analysis.rules.territory",
    "procflow.analysis.handoffs",
    "procflow.analysis.time_gap",
    "procflow.analysis.frequency_gap",
    "procflow.analysis.limit_checks",
    "procflow.analysis.bottleneck",
    "procflow.analysis.timing.office_hours",
    "procflow.analysis.timing.cutoff",
    "procflow.analysis.timing.full_sittings",
    "procflow.analysis.timing.waiting",
    "procflow.analysis.timing.lateness",
    "procflow.analysis.timing.clock_gaps",
    "procflow.analysis.timing.joining",
    "procflow.analysis.timing.balance",
    "procflow.analysis.timing.stability",
    "procflow.analysis.timing.revision",
    "procflow.analysis.timing.staleness",
)
"""The modules that define rules, each with a tuple ``RULES``; they are imported when an analysis first asks."""


@dataclass(frozen=True)
class Context:
    """What a rule may look at: the process, its graph, the run where there is one, and the thresholds.

    ``shared(compute)`` returns ``compute(context)``, computed once for all rules of one analysis.
    """

    process: Process
    run: "Run | None" = None
    profile: Profile = field(default_factory=Profile)
    _memo: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def graph(self) -> StateGraph:
        """The state graph of the process."""
        return state_graph(self.process)

    def shared(self, compute: Callable[["Context"], T]) -> T:
        """Return ``compute(self)``; a second call with the same function returns the same object."""
        if compute not in self._memo:
            self._memo[compute] = compute(self)
        result: T = self._memo[compute]
        return result

    def shared_of(self, compute: Callable[["Context", U], T], thing: U, key: Hashable) -> T:
        """Return ``compute(self, thing)``, computed once for all things of one ``key``."""
        known: dict[Hashable, T] = self._memo.setdefault(compute, {})
        if key not in known:
            known[key] = compute(self, thing)
        return known[key]


@dataclass(frozen=True)
class Description:
    """What a rule is: ``what`` it flags and ``why`` that matters, its ``formula`` and ``source``, and the ``trap``.

    The trap is what it must not flag.
    """

    id: str
    name: Text
    what: Text
    why: Text
    formula: Text
    source: str
    trap: Text


@dataclass(frozen=True)
class Rule(Description):
    """A rule of the analysis; ``needs`` says whether the definition is enough or a run is needed."""

    check: Callable[[Context], Iterable[Finding]]
    needs: Literal["definition", "run"] = "definition"


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Return all rules, in the order of their ids' letters and numbers."""
    found = [rule for name in MODULES for rule in importlib.import_module(name).RULES]
    return tuple(sorted(found, key=lambda rule: in_order(rule.id)))


def rule(rule_id: str) -> Rule:
    """Return a rule by its id, such as ``R1``; raise AnalysisError where there is none."""
    for known in rules():
        if known.id == rule_id:
            return known
    raise _unknown(rule_id, tuple(known.id for known in rules()))


def _unknown(rule_id: str, ids: Sequence[str]) -> AnalysisError:
    return AnalysisError(
        Text(
            en=f"no rule {rule_id!r}; the rules are {', '.join(ids)}",
            zh=f"没有规则 {rule_id!r}；现有规则：{'、'.join(ids)}",
        )
    )


def descriptions() -> dict[str, tuple[Description, ...]]:
    """Return what there is to say of each rule by id: over definitions and runs, over several processes, over logs."""
    from procflow.analysis.log_registry import log_rules
    from procflow.analysis.portfolio import PORTFOLIO_RULES

    found: dict[str, tuple[Description, ...]] = {}
    for each in (*rules(), *PORTFOLIO_RULES, *log_rules()):
        found[each.id] = (*found.get(each.id, ()), each)
    return dict(sorted(found.items(), key=lambda item: in_order(item[0])))


def needs(described: Description) -> Text:
    """Return what a rule needs to speak."""
    return _NEEDS[looks_at(described)]


def looks_at(described: Description) -> Literal["definition", "run", "processes", "log"]:
    """Return what a rule looks at, as a word: a definition, a run, several processes of an organization, or a log."""
    if isinstance(described, Rule):
        return described.needs
    return "processes" if type(described) is Description else "log"


_NEEDS = {
    "definition": Text(en="the definition", zh="流程定义"),
    "run": Text(en="a run", zh="仿真运行"),
    "processes": Text(en="the definitions of several processes", zh="多个流程的定义"),
    "log": Text(en="an event log", zh="事件日志"),
}


def explain(rule_id: str, lang: Language = "en") -> str:
    """Return what a rule flags, why, by what formula, from what source, what it takes care not to flag, and an example.

    A rule that looks at definitions or runs and at logs explains both. Raises AnalysisError for an unknown id.
    """
    known = descriptions()
    if rule_id not in known:
        raise _unknown(rule_id, tuple(known))
    from procflow.analysis.examples.collection import EXAMPLES

    shown = [_explained(each, lang) for each in known[rule_id]]
    if rule_id in EXAMPLES:
        shown.append({"en": "Example: ", "zh": "示例："}[lang] + EXAMPLES[rule_id].shown(lang))
    return "\n\n".join(shown)


def _explained(known: Description, lang: Language) -> str:
    head = f"{known.id} {known.name.get(lang)}"
    colon = ": " if lang == "en" else "："
    return "\n".join([head, *(title + colon + body for title, body in said_of(known, needs(known), lang))])


def said_of(known: Description, needed: Text, lang: Language) -> list[tuple[str, str]]:
    """Return what there is to say of a rule, each with its title; ``needed`` is what the rule looks at."""
    titles = {
        "en": ("What", "Why", "Formula", "Source", "Never flags", "Needs"),
        "zh": ("内容", "意义", "算法", "来源", "不予提示", "所需"),
    }[lang]
    source = Text(en=known.source, zh=known.source.replace("procflow's own rule", "procflow 自定规则"))
    bodies = (known.what, known.why, known.formula, source, known.trap, needed)
    return [(title, body.get(lang)) for title, body in zip(titles, bodies, strict=True)]


def analyze(
    process: Process,
    run: "Run | None" = None,
    *,
    rules: Sequence[str] | None = None,
    profile: Profile | None = None,
    accepted: "Accepted | None" = None,
    today: dt.date | None = None,
) -> Findings:
    """Return what the rules find in a process, the costliest first.

    Parameters
    ----------
    process : the checked process.
    run : a run of it, or what a log shows of it (``procflow.analysis.observed.observed_run``); rules that need one are
        skipped without, and named in the result's ``skipped``, as are those for which a log lacks something.
    rules : ids of the rules to apply, all by default.
    profile : thresholds, by default ``Profile()``.
    accepted : findings that somebody has accepted, as ``procflow.analysis.acceptance.load_accepted`` reads them; they
        are kept apart in the result's ``accepted``.
    today : the day by which acceptances have expired or not, by default today.

    Rules that count dates of law are skipped, with that reason, where a run reaches into years whose holidays are not
    known. Raises AnalysisError for an unknown rule, ArgumentError where ``process`` or ``run`` is something else.

    >>> from procflow.definition import load
    >>> permit = load("process_defs/processes/food_license/as_is.yaml")
    >>> [finding.names("state") for finding in analyze(permit, rules=["R8"])]
    [('dispatch',)]
    """
    expect(process, Process, argument="process")
    if run is not None:
        expect_run(run, argument="run")
    chosen = _all_rules() if rules is None else tuple(rule(name) for name in rules)
    context = Context(process, run, profile or Profile())
    lacks: dict[str, Text] = {**getattr(run, "lacks", {})}
    skipped = [r.id for r in chosen if (r.needs == "run" and run is None) or r.id in lacks]
    found: list[Finding] = []
    with _uncollected():
        for each in chosen:
            try:
                found += each.check(context) if each.id not in skipped else ()
            except UnpublishedHolidaysError as error:  # dates of law cannot be counted there; all else can be told
                skipped.append(each.id)
                lacks[each.id] = error.message
    findings = Findings(found, skipped=skipped, reasons={name: lacks[name] for name in skipped if name in lacks})
    if accepted is None:
        return findings
    from procflow.analysis.acceptance import settle

    applied = {r.id for r in chosen} - set(skipped)
    return settle(findings, accepted, applied=applied, today=today or dt.date.today())


_all_rules = rules


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles meanwhile.

    An analysis makes many objects at once and hardly a cycle: a sixth of its time would go into walking through them,
    and through all that the caller holds, in vain.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def in_order(rule_id: str) -> tuple[str, int, str]:
    """Return by what rules are ordered: the letters of the id, its number, what follows."""
    digits = "".join(c for c in rule_id if c.isdigit())
    head, _, tail = rule_id.partition(digits)
    return head, int(digits or 0), tail
