"""Numbers of states and transitions laid over a drawing as grades: waiting, utilization, frequency, lateness.

Takes means, wherever they come from (``measures`` takes them from a run or a log), and measures nothing itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, get_args

from procflow.definition import words
from procflow.definition.expecting import expect_one_of
from procflow.render.model import Heat, LegendEntry
from procflow.text import Language, Text

Quantity = Literal["waiting", "utilization", "frequency", "lateness"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)

_NAMES = {
    "waiting": Text(en="mean wait per visit (arrows: mean time of transfer)", zh="每次平均等待（箭头：平均移送用时）"),
    "utilization": Text(
        en="utilization: share of time on duty that staff are busy", zh="负荷率：人员在岗时间中用于办理的比例"
    ),
    "frequency": Text(en="how often per case", zh="每件平均次数"),
    "lateness": Text(
        en="lateness: share of visits over the limit of the step, or of cases over the limit that ends there",
        zh="超期率：超过环节时限的办理占比，或超过在此止算的时限的办件占比",
    ),
}
_SHARES = (0.05, 0.25, 0.5, 0.75)
"""The bounds between the grades, as shares of the largest number of the drawing."""

_LATE = (0.01, 0.05, 0.2, 0.5)
"""The bounds for lateness, the same in every drawing."""

_BUSY = (0.5, 0.7, 0.85, 0.95)
"""The bounds for utilization, which means the same in every drawing; above 0.85 queues grow fast (M/M/1: ρ/(1−ρ))."""

_FIXED: dict[str, tuple[float, ...]] = {"utilization": _BUSY, "lateness": _LATE}


@dataclass(frozen=True)
class Overlay:
    """A quantity by state (qualified name) and by transition (index of the graph's edge).

    ``waiting`` is in seconds per visit (of a transition: per transfer), ``frequency`` in times per case,
    ``utilization`` and ``lateness`` are shares from 0 to 1. What was not measured is left out.

    Raises ArgumentError for an unknown quantity.

    >>> Overlay("waiting", {"review": 7200.0}).heat("review", "en")
    Heat(grade=4, text='mean wait 2 hours')
    """

    quantity: Quantity
    states: Mapping[str, float]
    transitions: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expect_one_of(self.quantity, QUANTITIES, argument="quantity")

    def heat(self, place: str | int, lang: Language) -> Heat | None:
        """Return how a state (by name) or a transition (by index) is to look, None where nothing is known of it."""
        value = self.transitions.get(place) if isinstance(place, int) else self.states.get(place)
        if value is None:
            return None
        text = _TEXTS[self.quantity](value, lang, isinstance(place, int))
        return Heat(sum(value > bound for bound in self._bounds), text)

    def legend(self, lang: Language) -> tuple[LegendEntry, ...]:
        """Return the scale: what is shown, then each grade with its bounds and unit."""
        shown = [_amount(self.quantity, bound, lang) for bound in self._bounds]
        spans = [f"≤ {shown[0]}", *(f"{low} – {high}" for low, high in pairwise(shown)), f"> {shown[-1]}"]
        if not any((*self.states.values(), *self.transitions.values())):
            spans = spans[:1]
        entries = [LegendEntry("", text, grade=grade) for grade, text in enumerate(spans)]
        return (LegendEntry("▇", _NAMES[self.quantity].get(lang)), *entries)

    @property
    def _bounds(self) -> tuple[float, ...]:
        if self.quantity in _FIXED:
            return _FIXED[self.quantity]
        largest = max((*self.states.values(), *self.transitions.values()), default=0.0)
        return tuple(share * largest for share in _SHARES)


def _amount(quantity: Quantity, value: float, lang: Language) -> str:
    if quantity == "waiting":
        return words.elapsed(value, lang)
    if quantity == "frequency":
        return f"{words.number(value)} 次" if lang == "zh" else f"{words.number(value)} times"
    return f"{words.number(100 * value)}%"


def _waiting(seconds: float, lang: Language, transfer: bool) -> str:
    if transfer:
        shown = words.elapsed(seconds, lang)
        return f"平均移送 {shown}" if lang == "zh" else f"mean transfer {shown}"
    if seconds < 30:
        return "几乎无等待" if lang == "zh" else "hardly any wait"
    shown = words.elapsed(seconds, lang)
    return f"平均等待 {shown}" if lang == "zh" else f"mean wait {shown}"


def _utilization(share: float, lang: Language, _transfer: bool) -> str:
    shown = _amount("utilization", share, lang)
    return f"人员负荷率 {shown}" if lang == "zh" else f"staff {shown} busy"


def _frequency(times: float, lang: Language, _transfer: bool) -> str:
    shown = words.number(times)
    return f"每件 {shown} 次" if lang == "zh" else f"{shown} per case"


def _lateness(share: float, lang: Language, _transfer: bool) -> str:
    shown = _amount("lateness", share, lang)
    return f"超期 {shown}" if lang == "zh" else f"{shown} late"


_TEXTS: dict[str, Callable[[float, Language, bool], str]] = {
    "waiting": _waiting,
    "utilization": _utilization,
    "frequency": _frequency,
    "lateness": _lateness,
}
