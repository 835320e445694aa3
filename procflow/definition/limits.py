"""Time limits (时限) and what moves their clocks, and the precedence that law demands; all told by instants."""

from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, field_validator, model_serializer, model_validator

from procflow.definition.base import Flag, Frozen, PositiveCount, Reference, as_tuple, one_or_list
from procflow.definition.quantities import Span, Term
from procflow.errors import UnitError
from procflow.text import Text


class Instant(Frozen):
    """An instant of a case: ``{enter: state}``, ``{done: state}``, ``{exit: state}`` or ``{fire: trigger}``."""

    event: Literal["enter", "done", "exit", "fire"]
    name: Reference

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, dict) and len(data) == 1 and "event" not in data:
            (event, name), *_ = data.items()
            return {"event": event, "name": name}
        return data

    @model_serializer
    def _written(self) -> dict[str, str]:
        return {self.event: self.name}


class Suspension(Frozen):
    """When a limit's clock stops: while a case is ``in`` a state, or ``since`` one instant ``until`` another."""

    in_state: Reference | None = Field(default=None, alias="in")
    since: Instant | None = None
    until: Instant | None = None
    cause: str
    basis: str | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "Suspension":
        if (self.in_state is None) == (self.since is None) or (self.since is None) != (self.until is None):
            raise UnitError(
                Text(
                    en="a suspension is either 'in' a state, or 'since' one instant 'until' another",
                    zh="停表要么写 in(某状态期间),要么同时写 since 和 until(起止时点)",
                )
            )
        return self


class DeemedAcceptance(Frozen):
    """Silence counts as acceptance: if nothing is said within ``if_silent``, the clock starts at ``since``."""

    if_silent: Span
    since: Instant
    basis: str


class Extension(Frozen):
    """A lawful extension of a limit, used at most ``max`` times, when trigger ``on`` fires."""

    by: Span
    on: Reference
    max: PositiveCount = 1
    basis: str | None = None


class Limit(Frozen):
    """A time limit (时限) with its clock: what starts, stops and suspends it.

    ``statutory`` is the law's limit, ``promised`` the office's own. ``within`` names the wider limit of which this
    one is a part. ``restart``: whether a later start restarts the clock (by default the first start counts).
    ``roll``: whether a last day that is no working day moves on to the next one (民法典 art. 203), which some laws do
    not grant long limits.
    """

    title: Text | None = None
    statutory: Term | None = None
    promised: Term | None = None
    start: Annotated[tuple[Instant, ...], PlainSerializer(one_or_list)] = ()
    stop: Annotated[tuple[Instant, ...], PlainSerializer(one_or_list)] = ()
    suspend: tuple[Suspension, ...] = ()
    deemed: DeemedAcceptance | None = None
    extend: Extension | None = None
    restart: Flag = False
    roll: Flag = True
    within: Reference | None = None

    @field_validator("start", "stop", mode="before")
    @classmethod
    def _one_or_more(cls, data: Any) -> Any:
        return as_tuple(data)


def clock_keys(name: str, limit: Limit) -> tuple[str, ...]:
    """Return the keys of the three times of a limit: what was lived through in days, the others in its unit.

    >>> clock_keys("decision", Limit.model_validate({"statutory": "20 wd"}))
    ('lived_d:decision', 'net_wd:decision', 'suspended_wd:decision')
    """
    term = limit.statutory or limit.promised
    unit = term.value.unit if term else ""
    return (f"lived_d:{name}", f"net_{unit}:{name}", f"suspended_{unit}:{name}") if term else ()


class LockInstant(Instant):
    """An instant of a precedence: of a clock's, or ``{start: state}``, when work in a state begins.

    No clock runs by the start of work: it would stand still while nobody has time.
    """

    event: Literal["enter", "start", "done", "exit", "fire"]  # type: ignore[assignment]


class Lock(Frozen):
    """A precedence that law demands: ``first`` before ``then``; forbids reforms that would break it."""

    first: LockInstant
    then: LockInstant
    basis: str
