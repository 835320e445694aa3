"""T5, the calendar mismatch (窗口错位): the office hours of two neighboring steps hardly overlap."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from procflow.analysis.finding import Finding, Measurement, Remedy
from procflow.analysis.frequency_gap import week_clock
from procflow.analysis.pricing import cost, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_tables import DAY_US
from procflow.analysis.working_clock import Ints, WorkingClock, ordinary_weeks
from procflow.definition.process import State
from procflow.definition.resolved import ALWAYS
from procflow.machine.graph import Edge
from procflow.text import Text

_DAYS = 4 * 7
_MEASURED_US = 2 * 7 * DAY_US
"""Whole weeks, and long before the known ones end: what is handed over last still finds the taker's next hours."""


@dataclass(frozen=True)
class Overlap:
    """How the hours of a giver and a taker meet: the share in common, and the wait of a case handed over.

    ``share`` is the time on duty of both ÷ the time on duty of either (Jaccard). ``wait_wd`` is the mean wait, in
    working days of the organization, until the taker is on duty, of a case that the giver may finish at any of its
    own working times, all alike likely.
    """

    share: float
    wait_wd: float


def overlap(giver: WorkingClock, taker: WorkingClock, day: WorkingClock) -> Overlap:
    """Return how the hours of two calendars meet in ordinary weeks, counted exactly; waits on the clock ``day``.

    Wrong by what holidays add, and where the giver's work ends at hours of its own (after sittings, at a day's end).

    Between two instants at which either begins or ends its duty the wait for the taker falls by what passes on the
    clock ``day``, which is why its mean over an interval is that of the interval's ends.
    """
    cuts = np.unique(np.concatenate([c for clock in (giver, taker, day) for c in (clock.on, clock.off)]))
    cuts = np.unique(np.append(cuts[cuts < _MEASURED_US], (0, _MEASURED_US)))
    begin, end = cuts[:-1], cuts[1:]
    gives, takes = _on(giver, begin), _on(taker, begin)
    length = (end - begin).astype(np.float64)
    either = float(length[gives | takes].sum())
    following = taker.on[np.searchsorted(taker.on, begin, side="right")]
    waits = np.where(takes, 0.0, (day.days_between(begin, following) + day.days_between(end, following)) / 2)
    given = float(length[gives].sum())
    return Overlap(
        float(length[gives & takes].sum()) / either if either else 1.0,
        float((waits * length)[gives].sum()) / given if given else 0.0,
    )


def _on(clock: WorkingClock, times: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.searchsorted(clock.on, times, side="right") > np.searchsorted(clock.off, times, side="right")


def _check(context: Context) -> Iterable[Finding]:
    for edge in context.graph.edges:
        calendars = _calendars(context, edge)
        if calendars is None:
            continue
        found = _meeting(context, *calendars)
        if found.share < context.profile.hours_overlap and found.wait_wd > 0:
            yield _finding(context, edge, calendars, found)


def _calendars(context: Context, edge: Edge) -> tuple[str, str] | None:
    """Return the calendars of both ends where staff of different hours hand over directly, else None.

    Whoever is always on duty (a hotline, a machine) is no neighbor whose hours could be moved, and a sitting has its
    own hours (T3).
    """
    if edge.source in context.graph.regions or edge.dest in context.graph.regions:
        return None
    giver, taker = context.graph.nodes[edge.source].state, context.graph.nodes[edge.dest].state
    if not _works(giver) or not _works(taker) or taker.batch is not None or giver.delay is not None:
        return None
    transfer = edge.transition.transfer
    if transfer is not None and (transfer.delay is not None or transfer.every is not None):
        return None
    pair = context.process.work_calendar(giver), context.process.work_calendar(taker)
    return None if pair[0] == pair[1] or ALWAYS in pair else pair


def _works(state: State) -> bool:
    return state.who == "staff" and state.work is not None and not state.is_composite


def _meeting(context: Context, giver: str, taker: str) -> Overlap:
    first, second = (ordinary_weeks(context.process.organization, name, _DAYS) for name in (giver, taker))
    return overlap(first, second, context.shared(week_clock))


def _finding(context: Context, edge: Edge, calendars: tuple[str, str], found: Overlap) -> Finding:
    giver, taker = (context.graph.nodes[name] for name in (edge.source, edge.dest))
    expected = context.shared(visits)
    times = expected.edges.get(edge.index, 0.0) if expected else None
    return finding(
        context,
        "T5",
        subjects(("transition", [edge.name]), ("state", [edge.source, edge.dest])),
        Text(
            en=f"{giver.label('en')} ({calendars[0]}) and {taker.label('en')} ({calendars[1]}) are on duty together "
            f"for {found.share:.0%} of the hours of either: a case handed over waits {found.wait_wd:.2f} working days "
            "for the taker's hours",
            zh=f"{giver.label('zh')}（{calendars[0]}）与{taker.label('zh')}（{calendars[1]}）的办公时段仅重合"
            f" {found.share:.0%}：移交后平均等待对方上班 {found.wait_wd:.2f} 个工作日",
        ),
        (
            Measurement(Text(en="hours in common", zh="重合时段占比"), 100 * found.share, "%"),
            Measurement(
                Text(en="expected wait for the taker's hours", zh="等待对方上班的期望时间"), found.wait_wd, "wd"
            ),
        ),
        cost=cost(context, "working_days", None if times is None else times * found.wait_wd),
        remedies=(Remedy("shift_hours", Text(en="let the hours of both meet", zh="调整办公时段，使前后环节衔接")),),
        thresholds={"hours_overlap": context.profile.hours_overlap},
        path=edge.path,
    )


RULES = (
    Rule(
        id="T5",
        name=Text(en="calendar mismatch", zh="窗口错位"),
        what=Text(
            en="two steps that hand over to each other, whose people are seldom on duty at the same time",
            zh="前后衔接的两个环节，办公时段很少重合",
        ),
        why=Text(
            en="what one finishes lies until the other comes; moving hours costs no staff",
            zh="前一环节办结后只能等后一环节上班；错峰调整无需增加人手",
        ),
        formula=Text(
            en="time on duty of both ÷ time on duty of either, in ordinary weeks; wait = mean over the giver's working "
            "times of the working time until the taker is on duty",
            zh="双方同时在岗时间 ÷ 任一方在岗时间（按普通周计）；等待 = "
            "在移交方工作时间上对“距接收方上班的工作时间”取平均",
        ),
        source="procflow's own rule; the overlap is Jaccard's (1912)",
        trap=Text(
            en="people on call round the clock, holidays, sittings and couriers (T3), a taker who is on duty whenever "
            "the giver is, the applicant's own hours",
            zh="全天候值守、节假日、批次与定时移送（见 T3）、接收方时段完全覆盖移交方、申请人自身时间",
        ),
        check=_check,
    ),
)
