"""A visit's row: the instants that it reached, and the segments between them (rules 7, 8, 10, 11, 17)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.oracle.calendar import Calendar

SEGMENTS = ("batch", "batch_full", "off_duty", "contention", "work", "paused", "delay", "call", "transfer", "sync")


def no_time() -> dict[str, int]:
    return dict.fromkeys(SEGMENTS, 0)


@dataclass
class Row:
    """One visit to a leaf state; instants are None until they are reached."""

    process: str
    case: int
    token: str
    state: str
    visit: int
    enter: int
    office: str
    ready: int | None = None
    start: int | None = None
    done: int | None = None
    exit: int | None = None
    arrive: int | None = None
    trigger: str | None = None
    dest: str | None = None
    end: str = "completed"
    group: str = ""
    people: str = ""
    first_sitting: int | None = None
    off_duty: Callable[[int, int], int] = lambda since, until: 0
    calls: bool = False  # whether what lies between start and done is a call
    work_calendar: Calendar | None = None  # on which the work is paused; None where it never is
    segments: dict[str, int] = field(default_factory=no_time)

    def close(self, until: int) -> None:
        """Write the segments of a row whose visit, or transfer, ends at ``until``."""
        left = until if self.exit is None else self.exit
        self._split_batch(self.enter, _first(self.ready, left))
        if self.ready is not None:
            self._split_queue(self.ready, _first(self.start, left))
        if self.start is not None and self.calls:
            self.segments["call"] = _first(self.done, left) - self.start
        elif self.start is not None:
            self._split_work(self.start, _first(self.done, left))
        if self.done is not None:
            self.segments["delay"] = left - self.done
        if self.exit is not None:
            self.segments["transfer"] = until - self.exit

    def _split_batch(self, since: int, until: int) -> None:
        """Before the first sitting that the case may take it is ``batch``, beyond it ``batch_full`` (rule 8)."""
        first = until if self.first_sitting is None else min(self.first_sitting, until)
        self.segments["batch"] = first - since
        self.segments["batch_full"] = until - first

    def _split_queue(self, since: int, until: int) -> None:
        """Time without enough people on schedule is ``off_duty``, the rest ``contention`` (rule 11)."""
        self.segments["off_duty"] = self.off_duty(since, until)
        self.segments["contention"] = until - since - self.segments["off_duty"]

    def _split_work(self, since: int, until: int) -> None:
        """Time off the calendar is ``paused`` (rule 11)."""
        worked = until - since
        if self.work_calendar is not None:
            worked = self.work_calendar.duty(until) - self.work_calendar.duty(since)
        self.segments["work"] = worked
        self.segments["paused"] = until - since - worked

    def record(self) -> dict[str, object]:
        """Return the row with the columns of the events table."""
        names = ("process", "case", "token", "state", "visit")
        instants = ("enter", "ready", "start", "done", "exit", "arrive")
        others = ("trigger", "dest", "end", "office", "group", "people")
        return {
            **{name: getattr(self, name) for name in names},
            **{f"{name}_us": getattr(self, name) for name in instants},
            **{name: getattr(self, name) for name in others},
            **{f"{name}_us": value for name, value in self.segments.items()},
        }


def _first(reached: int | None, left: int) -> int:
    return left if reached is None else reached
