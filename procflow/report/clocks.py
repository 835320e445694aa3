"""The three clocks of each limit (lived, agency, suspended), and the limits beside each other. Simulates nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from procflow.analysis.clocks import BOUNDARY_TEXTS
from procflow.analysis.compare import reduction_share
from procflow.analysis.limit_times import suspended_by_cause
from procflow.analysis.run_tables import DAY_US
from procflow.definition.citations import cited
from procflow.definition.quantities import Term
from procflow.report.model import Amount, Cell, Section, Table
from procflow.report.sides import Side, Sides, columns
from procflow.text import Language, Text

_CLOCKS = (
    ("limit", Text(en="Limit", zh="时限")),
    ("variant", Text(en="Variant", zh="方案")),
    ("statutory", Text(en="Statutory", zh="法定时限")),
    ("promised", Text(en="Promised", zh="承诺时限")),
    ("lived", Text(en="Whole way (application to result)", zh="全程（申请至办结）")),
    ("clock", Text(en="Agency clock", zh="机关用时")),
    ("suspended", Text(en="Suspended", zh="停表时间")),
    ("statutory_kept", Text(en="Statutory limit kept", zh="法定时限内办结")),
    ("promised_kept", Text(en="Promise kept", zh="承诺时限内办结")),
    ("cases", Text(en="Cases", zh="件数")),
)
_STOPPED = (
    ("limit", Text(en="Limit", zh="时限")),
    ("variant", Text(en="Variant", zh="方案")),
    ("cause", Text(en="Cause", zh="事由")),
    ("suspended", Text(en="Suspended per case", zh="每件停表")),
    ("basis", Text(en="Basis", zh="依据")),
)
_COMPARED = (
    ("limit", Text(en="Limit", zh="时限")),
    ("kind", Text(en="Kind", zh="性质")),
    ("before", Text(en="Before", zh="再造前")),
    ("after", Text(en="After", zh="再造后")),
    ("less", Text(en="Less by", zh="压减比例")),
    ("source", Text(en="Source", zh="依据")),
)
_KINDS = (("statutory", Text(en="statutory", zh="法定")), ("promised", Text(en="promised", zh="承诺")))


@dataclass(frozen=True)
class NetTimes:
    """The agency's clock of the finished cases of one limit, in a unit."""

    values: np.ndarray[Any, np.dtype[np.float64]]
    unit: str


def limits_section(sides: Sides, lang: Language) -> Section:
    """Return the limits with their three clocks, and before and after beside each other."""
    title = Text(en="Time limits", zh="时限").get(lang)
    rows = tuple(row for side in sides for row in _rows(side, lang))
    if not rows:
        nothing = Text(en="The definition states no time limits.", zh="定义中没有时限。").get(lang)
        return Section("limits", title, (), lead=nothing)
    three = Text(en="Three clocks", zh="三种计时：群众感受、机关用时、停表").get(lang)
    sheet = Text(en="clocks", zh="三种计时").get(lang)
    tables = [Table("clocks", three, columns(lang, *_CLOCKS), rows, sheet)]
    causes = tuple(row for side in sides for row in _cause_rows(side, lang))
    if causes:
        stopped = Text(en="What stopped the clocks", zh="停表事由").get(lang)
        tables.append(Table("suspensions", stopped, columns(lang, *_STOPPED), causes, stopped))
    if sides.after_side is not None:
        tables.append(_compared(sides.before_side, sides.after_side, lang))
    lead = Text(
        en="What the applicant lives through runs from application to result, in calendar days; the agency clock "
        "leaves out what the law suspends.",
        zh="“全程”为申请人的实际感受，自申请至办结，按自然日计；“机关用时”扣除依法停表的时间。",
    )
    convention = Text(
        en=f" Of a suspension {_convention(sides).get('en')}." if causes else "",
        zh=f"{_convention(sides).get('zh')}。" if causes else "",
    )
    return Section("limits", title, tuple(tables), lead=lead.get(lang) + convention.get(lang))


def _convention(sides: Sides) -> Text:
    return BOUNDARY_TEXTS[sides.process.organization.suspension_days]


def _cause_rows(side: Side, lang: Language) -> Iterator[tuple[Cell, ...]]:
    """Yield what stops each limit, with its basis, and for how long in the mean of the cases that ended."""
    times, run = side.limit_times, side.run
    found = suspended_by_cause(run, side.process) if run is not None and times is not None else None
    for name, limit in side.process.definition.limits.items():
        for cause in dict.fromkeys(each.cause for each in limit.suspend):
            bases = dict.fromkeys(each.basis for each in limit.suspend if each.cause == cause and each.basis)
            mean = None
            if found is not None and times is not None:
                mine = found.filter((pl.col("limit") == name) & (pl.col("cause") == cause))
                mine = mine.join(times.filter(pl.col("limit") == name), on=["replication", "case"], how="semi")
                mean = _mean(mine["suspended"], mine["unit"][0]) if mine.height else None
            title = limit.title.get(lang) if limit.title else name
            yield title, side.name(lang), cause, mean, "; ".join(cited(basis, lang) for basis in bases)


def net_times(side: Side) -> dict[str, NetTimes]:
    """Return the agency's clock by limit, of those that ran in finished cases of the cohort."""
    times = side.limit_times
    if times is None:
        return {}
    ran = times.filter(pl.col("net").is_not_null() & pl.col("stopped_us").is_not_null())
    return {
        str(name): NetTimes(rows["net"].to_numpy(), rows["unit"][0])
        for (name,), rows in ran.partition_by("limit", as_dict=True).items()
    }


def _rows(side: Side, lang: Language) -> Iterator[tuple[Cell, ...]]:
    times = side.limit_times
    for name, limit in side.process.definition.limits.items():
        title = limit.title.get(lang) if limit.title else name
        head = (title, side.name(lang), _term(limit.statutory), _term(limit.promised))
        found = times.filter(pl.col("limit") == name) if times is not None else None
        yield (*head, *(_measured(found) if found is not None and found.height else (None,) * 6))


def _measured(found: pl.DataFrame) -> tuple[Cell, ...]:
    unit = found["unit"][0] or "d"
    ran = found.filter(pl.col("started_us").is_not_null())
    shares = [_mean(found[f"{kind}_kept"].drop_nulls().cast(pl.Float64), "") for kind, _ in _KINDS]
    lived = Amount(float(ran["lived_us"].mean() or 0) / DAY_US, "d") if ran.height else None  # type: ignore[arg-type]
    return lived, _mean(ran["net"], unit), _mean(ran["suspended"], unit), *shares, ran.height


def _compared(before: Side, after: Side, lang: Language) -> Table:
    rows: list[tuple[Cell, ...]] = []
    names = dict.fromkeys([*before.process.definition.limits, *after.process.definition.limits])
    for name in names:
        old, new = (side.process.definition.limits.get(name) for side in (before, after))
        first = old or new
        assert first is not None
        title = first.title.get(lang) if first.title else name
        for kind, label in _KINDS:
            one, other = (getattr(limit, kind) if limit else None for limit in (old, new))
            if one is None and other is None:
                continue
            source = (other.source if other is not None and other.source else None) or (one.source if one else None)
            rows.append(
                (title, label.get(lang), _term(one), _term(other), _less(one, other), cited(source or "", lang))
            )
    title = Text(en="Limits before and after", zh="时限对比表").get(lang)
    sheet = Text(en="limits", zh="时限对比").get(lang)
    return Table("limits_compared", title, columns(lang, *_COMPARED), tuple(rows), sheet)


def _less(before: Term | None, after: Term | None) -> Amount | None:
    if before is None or after is None or before.value.unit != after.value.unit:
        return None
    share = reduction_share(before.value.amount, after.value.amount)
    return None if share is None else Amount(share, official=True)


def _term(term: Term | None) -> Amount | None:
    return None if term is None else Amount(term.value.amount, term.value.unit)


def _mean(values: pl.Series, unit: str) -> Amount | None:
    mean = values.mean()
    return Amount(float(mean), unit) if isinstance(mean, int | float) else None
