"""The rules over event logs, and running them all over a log. A rule itself knows nothing of the others.

A rule over a log has the id and name of the rule over definitions or runs that finds the same thing there.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from procflow.analysis.finding import Cost, Evidence, Finding, Findings, Place, Remedy, Severity, Subject
from procflow.analysis.profile import Profile
from procflow.analysis.registry import Description, in_order
from procflow.definition.expecting import expect
from procflow.errors import AnalysisError
from procflow.logs.log import EventLog
from procflow.text import Text

T = TypeVar("T")

LOG_MODULES: tuple[str, ...] = (
    "procflow.analysis.log_rules.waiting",
    "procflow.analysis.log_rules.lateness",
    "procflow.analysis.log_rules.hoarding",
    "procflow.analysis.log_rules.handoffs",
    "procflow.analysis.log_rules.ways",
    "procflow.analysis.log_rules.off_clock",
    "procflow.analysis.log_rules.joining",
)
"""The modules that define rules over logs, each with a tuple ``RULES``."""


@dataclass(frozen=True)
class LogContext:
    """What a rule over a log may look at: the log, how its cases name their times, and the thresholds.

    ``begin``, ``deadline`` and ``end`` are attributes of cases. ``shared(compute)`` returns ``compute(context)``,
    computed once for all rules of one analysis.
    """

    log: EventLog
    name: str = "log"
    begin: str = "startdate"
    deadline: str = "deadline"
    end: str = "enddate"
    profile: Profile = field(default_factory=Profile)
    _memo: dict[Callable[["LogContext"], Any], Any] = field(default_factory=dict, repr=False, compare=False)

    def shared(self, compute: Callable[["LogContext"], T]) -> T:
        """Return ``compute(self)``; a second call with the same function returns the same object."""
        if compute not in self._memo:
            self._memo[compute] = compute(self)
        result: T = self._memo[compute]
        return result

    def finding(
        self,
        rule: str,
        about: tuple[Subject, ...],
        statement: Text,
        evidence: tuple[Evidence, ...],
        *,
        cost: tuple[Cost, ...] = (),
        severity: Severity | None = None,
        blocked_by: tuple[Text, ...] = (),
        remedies: tuple[Remedy, ...] = (),
        thresholds: Mapping[str, float] | None = None,
    ) -> Finding:
        """Return a finding of this log; its severity follows its cost unless given."""
        return Finding(
            rule,
            self.name,
            "",
            severity or self.profile.severity(cost),
            about,
            statement,
            evidence,
            cost,
            None,
            blocked_by,
            remedies,
            thresholds or {},
            Place(self.name),
        )


@dataclass(frozen=True)
class LogRule(Description):
    """A rule over an event log; ``lacks`` says what a log lacks for it, None where it has everything."""

    check: Callable[[LogContext], Iterable[Finding]]
    lacks: Callable[[LogContext], Text | None]


@lru_cache(maxsize=1)
def log_rules() -> tuple[LogRule, ...]:
    """Return all rules over logs, in the order of their ids' letters and numbers."""
    found = [rule for name in LOG_MODULES for rule in importlib.import_module(name).RULES]
    return tuple(sorted(found, key=lambda rule: in_order(rule.id)))


def analyze_log(
    log: EventLog,
    *,
    rules: Sequence[str] | None = None,
    profile: Profile | None = None,
    name: str = "log",
    begin: str = "startdate",
    deadline: str = "deadline",
    end: str = "enddate",
) -> Findings:
    """Return what the rules find in the event log of real cases, the costliest first; no definition is needed.

    Parameters
    ----------
    log
        Of ``procflow.read_log``.
    rules
        Ids of the rules to apply, all over logs by default.
    profile
        Thresholds, by default ``Profile()``.
    name
        What to call the process in the findings.
    begin, deadline, end
        The attributes of cases that hold when they began (their first event where there is no such attribute), when
        they must end, and when they did (null while open).

    The result's ``skipped`` names the rules for which the log lacks something, ``reasons`` says what.

    Raises
    ------
    AnalysisError
        For a rule that does not look at logs.
    ArgumentError
        Where ``log`` is none.

    >>> import datetime as dt
    >>> import polars as pl
    >>> from procflow.logs import event_log
    >>> at = [dt.datetime(2025, 3, day) for day in (3, 4, 5)]
    >>> log = event_log(pl.DataFrame({"case": "1", "activity": ["accept", "review", "review"], "end": at}))
    >>> found = analyze_log(log)
    >>> [finding.rule for finding in found], "T8" in found.skipped
    (['R13'], True)
    """
    expect(log, EventLog, argument="log")
    context = LogContext(log, name, begin, deadline, end, profile or Profile())
    chosen = log_rules() if rules is None else tuple(log_rule(each) for each in rules)
    reasons = {rule.id: lack for rule in chosen if (lack := rule.lacks(context)) is not None}
    found = (finding for rule in chosen if rule.id not in reasons for finding in rule.check(context))
    return Findings(found, skipped=tuple(reasons), reasons=reasons)


def log_rule(rule_id: str) -> LogRule:
    """Return a rule over logs by its id, such as ``T8``; raise AnalysisError where there is none."""
    for known in log_rules():
        if known.id == rule_id:
            return known
    ids = [known.id for known in log_rules()]
    raise AnalysisError(
        Text(
            en=f"no rule {rule_id!r} looks at logs; those that do are {', '.join(ids)}",
            zh=f"规则 {rule_id!r} 不适用于日志；适用于日志的规则：{'、'.join(ids)}",
        )
    )
