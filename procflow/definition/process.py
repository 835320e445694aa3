"""The process file: the state machine with the facts of administration beside it."""

from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, field_validator, model_serializer, model_validator

from procflow.definition.base import (
    Date,
    Flag,
    Fraction,
    Frozen,
    Name,
    PositiveCount,
    Reference,
    Sourced,
    Titled,
    as_tuple,
    one_or_list,
)
from procflow.definition.facts import Ask, Check, Entry, Notice, Read, Territorial
from procflow.definition.limits import Limit, Lock
from procflow.definition.quantities import (
    Amount,
    Distribution,
    Durations,
    IfClosed,
    Probability,
    Recurrence,
    Span,
    Term,
)
from procflow.errors import UnitError
from procflow.text import Text

Kind = Literal[
    "application",
    "intake",
    "registration",
    "dispatch",
    "review",
    "inspection",
    "consultation",
    "meeting",
    "approval",
    "decision",
    "notice",
    "certificate",
    "delivery",
    "payment",
    "correction",
    "rectification",
    "archive",
    "other",
]


class Batch(Frozen):
    """Sittings (批次): cases wait for the next one.

    ``every`` says when; ``max`` how many seats; ``cutoff`` how long before a sitting a case must have entered, on
    the state's calendar where it is in working days; ``if_closed`` what happens to one that falls on a closed day;
    ``joint`` whether the whole sitting is one piece of work.
    """

    every: Recurrence
    max: PositiveCount | None = None
    cutoff: Span | None = None
    if_closed: IfClosed = "next"
    joint: Flag = False
    source: str | None = None
    assumed: Flag = False

    @property
    def is_bare(self) -> bool:
        """Whether it names neither a source nor that it is assumed."""
        return self.source is None and not self.assumed


class Transfer(Frozen):
    """How a case travels along a transition: a ``delay``, or a dispatch ``every`` so often, by some channel."""

    delay: Distribution | None = None
    every: Recurrence | None = None
    if_closed: IfClosed = "next"
    channel: Literal["paper", "file", "system", "interface", "applicant", "courier"] | None = None
    carries: tuple[Reference, ...] = ()
    calendar: Reference | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Transfer":
        if self.delay is not None and self.every is not None:
            raise UnitError(
                Text(
                    en="a transfer has a 'delay' or goes 'every' so often, not both",
                    zh="移送只能写 delay 或 every 之一",
                )
            )
        if self.delay is not None and not self.delay.is_time:
            raise UnitError(Text(en="a transfer's delay needs a unit of time", zh="移送的 delay 需要时间单位"))
        return self


class Timeout(Frozen):
    """A timer on a transition: it fires ``after`` a time from entering its source state.

    It runs on ``calendar`` (``wd``: the department's; otherwise ``always``); ``suspended`` says whether a legal
    suspension stops it.
    """

    after: Span
    calendar: Reference | None = None
    suspended: Flag = False
    basis: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"after": data} if isinstance(data, str) else data


class AtLeast(Frozen):
    """A join that completes when ``at_least`` regions have."""

    at_least: PositiveCount


Join = Literal["all", "any"] | AtLeast


class Call(Frozen):
    """A called process: another process file, attributes passed in and out, and how many instances.

    ``gives`` sets attributes of the called case from ours, ``{theirs: ours}``; ``takes`` sets ours from theirs when
    it ends, ``{ours: theirs}``. The outcome with which it ends is the trigger by which the caller goes on. Of several
    ``instances``, the call is over when as many have ended as ``join`` says, and the trigger is the first one, in the
    order of the caller's ways out, that any of these ended with.
    """

    process: str
    gives: dict[str, str] = {}
    takes: dict[str, str] = {}
    instances: PositiveCount | str = 1
    join: Join = "all"

    @property
    def is_single(self) -> bool:
        """Whether it is one case, whatever the attributes."""
        return self.instances == 1

    def needed(self, instances: int) -> int:
        """Return how many of so many instances must end for the call to be over."""
        if isinstance(self.join, AtLeast):
            return min(self.join.at_least, instances)
        return instances if self.join == "all" else min(1, instances)


class Attribute(Sourced):
    """An attribute of a case, sampled when it arrives.

    ``{categorical: {low: 0.55, general: 0.45}}`` · ``{boolean: 0.3}`` (probability of true) · ``{number:
    {uniform: [0, 100]}}`` · ``{integer: …}`` (rounded). ``{number: 5}`` is a constant, which ``set`` may change later.
    """

    categorical: dict[str, Fraction] | None = None
    boolean: Fraction | None = None
    number: Distribution | None = None
    integer: Distribution | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Attribute":
        given = [f for f in ("categorical", "boolean", "number", "integer") if getattr(self, f) is not None]
        if len(given) != 1:
            raise UnitError(
                Text(
                    en="an attribute is one of categorical, boolean, number, integer",
                    zh="属性须是 categorical、boolean、number、integer 之一",
                )
            )
        if self.categorical is not None and abs(sum(self.categorical.values()) - 1) > 1e-9:
            total = sum(self.categorical.values())
            raise UnitError(
                Text(
                    en=f"the probabilities sum to {total:.12g}, not to 1",
                    zh=f"概率之和为 {total:.12g},不是 1",
                )
            )
        for distribution in (self.number, self.integer):
            if distribution is not None and distribution.is_time:
                raise UnitError(Text(en="an attribute is a plain number, without unit", zh="属性是不带单位的数"))
        return self

    @model_serializer
    def _written(self) -> Any:
        value = getattr(self, self.kind)
        return self._with_source({self.kind: value.model_dump() if isinstance(value, Distribution) else value})

    @property
    def kind(self) -> Literal["categorical", "boolean", "number", "integer"]:
        """Which kind of attribute it is."""
        if self.categorical is not None:
            return "categorical"
        if self.boolean is not None:
            return "boolean"
        return "number" if self.number is not None else "integer"


class Transition(Frozen):
    """A way from one state to another.

    ``source`` and ``dest`` name states of the same scope, or nested ones from the root ('review/fire/check').
    ``when`` is a guard; ``probability`` may depend on how often its source has been visited; ``timeout`` makes it
    a timer's; ``rejects`` lists items whose value it refuses; ``set`` assigns attributes on leaving: a number, true
    or false, the name of a category, or for other attributes an expression as a text.

    An ``emergency`` is rare on purpose; ``instalment`` cites the law by which it repeats what comes in parts;
    ``new_defects``: it returns nothing but what an earlier correction has brought in. ``no_basis``: a rule for this
    condition was looked for and not found. ``cancels``: it is meant to end the parallel regions beside.
    """

    trigger: Name
    source: Annotated[tuple[Reference, ...], PlainSerializer(one_or_list)]
    dest: Reference
    title: Text | None = None
    when: str | None = None
    probability: Probability | None = None
    timeout: Timeout | None = None
    transfer: Transfer | None = None
    rejects: tuple[Reference, ...] = ()
    set: dict[str, Any] = {}
    basis: str | None = None
    no_basis: Flag = False
    cancels: Flag = False
    emergency: Flag = False
    instalment: str | None = None
    new_defects: Flag = False

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_more(cls, data: Any) -> Any:
        return as_tuple(data)

    def label(self, lang: str = "en") -> str:
        """Return the title in ``lang``, or the trigger where there is no title."""
        return self.title.get("zh" if lang == "zh" else "en") if self.title else self.trigger


class ParallelRegion(Titled):
    """One of the parallel regions of a composite state."""

    initial: Reference
    states: Annotated[tuple["State", ...], Field(min_length=1)]
    transitions: tuple[Transition, ...] = ()


class State(Titled):
    """A state: work of a department's staff, elapsed time, or a composite of parallel regions or nested states.

    ``work`` is hands-on time of ``staff`` people of ``role``; ``delay`` is elapsed time that occupies nobody, on
    ``calendar``. A state with neither is passed in no time. ``actor`` other than staff has unlimited people.
    ``deters`` says what would happen if nobody checked here; ``signs_for`` names the department on whose behalf the
    decision is taken (委托); ``territorial`` what binds the step to the office of one region.
    """

    department: Reference | None = None
    role: Reference | None = None
    actor: Literal["staff", "applicant", "external"] | None = None
    kind: Kind = "other"
    work: Durations | None = None
    delay: Durations | None = None
    calendar: Reference | None = None
    staff: PositiveCount = 1
    overtime: Flag = False
    priority: str | float | None = None
    batch: Batch | None = None
    limit: Term | None = None
    asks: tuple[Ask, ...] = ()
    enters: tuple[Entry, ...] = ()
    reads: tuple[Read, ...] = ()
    writes: tuple[Reference, ...] = ()
    issues: tuple[Reference, ...] = ()
    archives: tuple[Reference, ...] = ()
    confirms: tuple[Reference, ...] = ()
    checks: tuple[Check, ...] = ()
    notice: Notice | None = None
    visits: Amount | None = None
    visits_basis: str | None = None
    channel: Literal["window", "online", "mobile", "post", "telephone", "internal"] | None = None
    system: Reference | None = None
    basis: str | None = None
    no_basis: Flag = False
    milestone: Flag = False
    discretion: Flag = False
    deters: str | None = None
    signs_for: Reference | None = None
    territorial: Territorial | None = None
    data: Literal["complete", "partial"] = "partial"
    final: Flag = False
    outcome: Name | None = None
    same_as: Reference | None = None
    initial: Reference | None = None
    states: Annotated[tuple["State", ...], Field(min_length=1)] = ()
    regions: Annotated[tuple[ParallelRegion, ...], Field(min_length=1)] = ()
    transitions: tuple[Transition, ...] = ()
    join: Join = "all"
    call: Call | None = None

    @property
    def is_composite(self) -> bool:
        """Whether it contains states."""
        return bool(self.states or self.regions)

    @property
    def waits_for_some(self) -> bool:
        """Whether its join does not wait for all of its regions."""
        if isinstance(self.join, AtLeast):
            return self.join.at_least < len(self.regions)
        return self.join == "any" and len(self.regions) > 1

    @property
    def who(self) -> Literal["staff", "applicant", "external", "nobody"]:
        """Who acts: as declared; by default staff where there is work or a role, nobody otherwise."""
        if self.actor is not None:
            return self.actor
        return "staff" if self.role is not None or self.work is not None else "nobody"


class ProcessDefinition(Frozen):
    """The content of a process file.

    ``bundle`` names the life event (一件事) that the process is one thing of; ``follows`` the processes of the bundle
    that an applicant has been through before. ``region`` is where this version holds, where others hold elsewhere.
    """

    procflow: Literal[1]
    process: Name
    variant: Name = "as_is"
    title: Text | None = None
    description: Text | None = None
    organization: str
    catalog: Annotated[tuple[str, ...], PlainSerializer(one_or_list)] = ()
    lead: Reference | None = None
    bundle: Name | None = None
    follows: tuple[Name, ...] = ()
    region: Reference | None = None
    basis: str | None = None
    reviewed_on: Date | None = None
    law_changed_on: Date | None = None
    declared_visits: Amount | None = None
    cases_per_year: Amount | None = None
    risk_classes: Reference | None = None
    equal_treatment: str | None = None
    subjects: dict[str, str] = {}
    attributes: dict[str, Attribute] = {}
    priority: str | float | None = None
    limits: dict[str, Limit] = {}
    locks: tuple[Lock, ...] = ()
    initial: Reference
    states: Annotated[tuple[State, ...], Field(min_length=1)]
    transitions: tuple[Transition, ...] = ()

    @field_validator("catalog", mode="before")
    @classmethod
    def _one_or_more(cls, data: Any) -> Any:
        return as_tuple(data)


ParallelRegion.model_rebuild()
