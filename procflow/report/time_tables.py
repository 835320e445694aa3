"""Where the time goes, and how long cases take, as a report shows them. Simulates nothing."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from procflow.analysis.metrics import case_metrics
from procflow.analysis.time_parts import PARTS, time_parts
from procflow.definition.quantities import Term
from procflow.report.clocks import net_times
from procflow.report.figures import ELAPSED, quantity, unit_words
from procflow.report.model import Amount, Cell, Chart, Section, Table
from procflow.report.sides import Side, Sides, columns
from procflow.text import Language, Text

PART_NAMES: dict[str, tuple[Text, str]] = {
    "work": (Text(en="hands-on work", zh="实际办理"), "#009E73"),
    "contention": (Text(en="waiting for busy staff", zh="排队等人"), "#D55E00"),
    "off_duty": (Text(en="outside office hours", zh="非工作时间"), "#BBBBBB"),
    "paused": (Text(en="work interrupted", zh="办理中断"), "#777777"),
    "batch": (Text(en="waiting for a sitting", zh="等待批次"), "#E69F00"),
    "batch_full": (Text(en="sitting full", zh="批次满额"), "#F0E442"),
    "call": (Text(en="in a called process", zh="所调用流程"), "#117733"),
    "transfer": (Text(en="transfer", zh="移送在途"), "#CC79A7"),
    "notice": (Text(en="public notice", zh="公示公告期"), "#999933"),
    "suspended": (Text(en="statutory clock suspended", zh="依法停表"), "#882255"),
    "office": (Text(en="elapsed time at the office", zh="机关历时"), "#56B4E9"),
    "applicant": (Text(en="applicant's own time", zh="申请人用时"), "#0072B2"),
    "external": (Text(en="external parties' time", zh="外部机构用时"), "#004466"),
}
"""Parts of a case's time; colors of Okabe and Ito, Tol and grays, always beside words."""

_PERCENT = (50, 80, 90, 95)
_BINS = 36


def time_section(sides: Sides, lang: Language) -> Section | None:
    """Return where the time goes and how it is distributed; None without a run."""
    ran = [side for side in sides if side.run is not None]
    if not ran:
        return None
    parts = {side.key: time_parts(side.run, side.process) for side in ran if side.run is not None}
    charts = [_waterfall(side, parts[side.key], lang) for side in ran]
    spread = list(_distributions(ran, lang))
    return Section(
        "time",
        Text(en="Where the time goes", zh="时间去向").get(lang),
        (_table(ran, parts, lang), *(_quantiles(each, lang) for each in spread)),
        (
            *charts,
            *(Chart(f"spread-{each['key']}", "distribution", each["title"], _bins(each, lang)) for each in spread),
        ),
        lead=Text(
            en="Mean elapsed time of a finished case, along the path that decided when it ended; the parts sum to the "
            "whole.",
            zh="办结件的平均历时，沿决定办结时间的路径拆分，各部分之和等于全程用时。",
        ).get(lang),
        note=Text(
            en="Elapsed time in which a clock stood still by law counts as suspended, whoever had the case then.",
            zh="法定停表期间的历时一律计入“依法停表”，不论当时件在何处。",
        ).get(lang),
    )


def _table(ran: list[Side], parts: dict[Any, pl.DataFrame], lang: Language) -> Table:
    by_part = {side.key: {p: (h, s) for p, h, s in parts[side.key].iter_rows()} for side in ran}
    used = [part for part in PARTS if any(by_part[side.key][part][0] for side in ran)]
    rows: list[tuple[Cell, ...]] = []
    for part in used:
        cells = [Amount(value, unit) for side in ran for value, unit in _pair(by_part[side.key][part])]
        rows.append((PART_NAMES[part][0].get(lang), *cells))
    sums = [sum(hours for hours, _ in by_part[side.key].values()) for side in ran]
    total = Text(en="whole", zh="合计").get(lang)
    rows.append((total, *(Amount(v, u) for hours in sums for v, u in _pair((hours, 1.0 if hours else 0.0)))))
    share = Text(en="share", zh="占比").get(lang)
    heads = [("part", Text(en="Part", zh="构成"))]
    for side in ran:
        heads += [(f"{side.key}_hours", Text(en=side.name(lang))), (f"{side.key}_share", Text(en=share))]
    title = Text(en="Parts of the time of a case", zh="全程用时构成").get(lang)
    return Table("time_parts", title, columns(lang, *heads), tuple(rows), Text(en="time", zh="时间去向").get(lang))


def _pair(found: tuple[float, float]) -> tuple[tuple[float, str], tuple[float, str]]:
    return (found[0], ELAPSED), (found[1], "")


def _waterfall(side: Side, parts: pl.DataFrame, lang: Language) -> Chart:
    used = [(part, hours) for part, hours in parts.select("part", "hours").iter_rows() if hours > 0]
    steps = [
        {"name": PART_NAMES[p][0].get(lang), "days": hours / 24, "text": Amount(hours, ELAPSED).text(lang),
         "color": PART_NAMES[p][1]}
        for p, hours in used
    ]  # fmt: skip
    data = {"steps": steps, "unit": Text(en="calendar days", zh="自然日").get(lang), "total": _whole(lang),
            "whole": Amount(sum(hours for _, hours in used), ELAPSED).text(lang)}  # fmt: skip
    return Chart(f"waterfall-{side.key}", "waterfall", side.name(lang), data)


def _whole(lang: Language) -> str:
    return Text(en="whole", zh="合计").get(lang)


def _distributions(ran: list[Side], lang: Language) -> Iterator[dict[str, Any]]:
    """Yield the lead time, then the clock of each limit that has cases: values by variant, and the limits as lines."""
    cycle = {
        side.name(lang): case_metrics(side.run, side.process).filter("in_cohort")["cycle_wd"].drop_nulls().to_numpy()
        for side in ran
        if side.run is not None
    }
    title = Text(en="Lead time (application to result)", zh="全程用时（申请至办结）").get(lang)
    yield {"key": "cycle", "title": title, "unit": "wd", "values": cycle, "lines": []}
    limits = dict.fromkeys(name for side in ran for name in side.process.definition.limits)
    clocks = {side.key: net_times(side) for side in ran}
    for name in limits:
        values = {s.name(lang): clocks[s.key][name].values for s in ran if name in clocks[s.key]}
        units = {clocks[s.key][name].unit for s in ran if name in clocks[s.key]}
        if values and len(units) == 1:
            lines = _lines(ran, name, lang)
            title = Text(en="Agency clock: {}", zh="办理时限用时：{}").get(lang).format(limit_title(ran, name, lang))
            yield {"key": name, "title": title, "unit": units.pop(), "values": values, "lines": lines}


def limit_title(sides: list[Side], name: str, lang: Language) -> str:
    """Return what a limit is called in the first variant that has it."""
    limit = next(s.process.definition.limits[name] for s in sides if name in s.process.definition.limits)
    return limit.title.get(lang) if limit.title else name


def _lines(ran: list[Side], name: str, lang: Language) -> list[dict[str, Any]]:
    found: dict[tuple[str, float], dict[str, Any]] = {}
    for side in ran:
        limit = side.process.definition.limits.get(name)
        for kind, en, zh in (("statutory", "statutory", "法定"), ("promised", "promised", "承诺")):
            term: Term | None = getattr(limit, kind) if limit else None
            if term is not None:
                value = term.value.amount
                text = f"{Text(en=en, zh=zh).get(lang)} {quantity(value, term.value.unit, lang)}"
                found.setdefault((kind, value), {"name": text, "value": value, "kind": kind})
    return list(found.values())


def _bins(spread: dict[str, Any], lang: Language) -> dict[str, Any]:
    """Return shares by bin, whole days in the middle of theirs.

    The last bin holds all that is longer, so that a few long cases do not press the rest.
    """
    every = np.concatenate([*spread["values"].values(), [0.0]])
    lines = [line["value"] for line in spread["lines"]]
    top = max([float(np.quantile(every, 0.99)), *(1.1 * value for value in lines), 1.0])
    width = next(w for w in _widths() if top / w <= _BINS)
    edges = width * (np.arange(int(np.ceil(top / width)) + 2) - 0.5)
    series = []
    for name, values in spread["values"].items():
        counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
        series.append({"name": name, "shares": [round(float(c), 5) for c in counts / max(len(values), 1)]})
    return {
        "unit": unit_words(spread["unit"], lang).removeprefix("个"),
        "edges": [round(float(e), 4) for e in edges],
        "series": series,
        "lines": spread["lines"],
    }


def _widths() -> Iterator[float]:
    """Yield 1, 2, 5, 10, 20, …: widths that people can read off an axis."""
    for exponent in range(9):
        yield from (1.0 * 10**exponent, 2.0 * 10**exponent, 5.0 * 10**exponent)


def _quantiles(spread: dict[str, Any], lang: Language) -> Table:
    unit, rows = spread["unit"], []
    for name, values in spread["values"].items():
        if not len(values):
            continue
        points = [Amount(float(np.quantile(values, q / 100, method="inverted_cdf")), unit) for q in _PERCENT]
        rows.append((name, len(values), Amount(float(values.mean()), unit), *points, Amount(float(values.max()), unit)))
    heads = [
        ("variant", Text(en="Variant", zh="方案")),
        ("cases", Text(en="Cases", zh="件数")),
        ("mean", Text(en="Mean", zh="平均")),
        *((f"p{q}", Text(en=f"{q}% of cases within", zh=f"{q}% 的件不超过")) for q in _PERCENT),
        ("longest", Text(en="Longest", zh="最长")),
    ]
    title = spread["title"]
    return Table(f"spread_{spread['key']}", title, columns(lang, *heads), tuple(rows), title)
