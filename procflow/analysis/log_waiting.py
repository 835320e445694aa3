"""T1, T2 and T13 from a log: how much of the time is waiting, between which steps, and for which batches.

Reads a waiting split; needs no definition. Times are on the working clock of all the people together, so that nights
and holidays price nothing; the shares of the causes are of elapsed time.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from procflow.analysis.finding import Cost, Finding, Findings, Measurement, Place, Remedy, Subject
from procflow.analysis.profile import Profile
from procflow.logs.batches import Batch
from procflow.logs.staffing import Steps
from procflow.logs.waiting import CAUSES, WaitingSplit
from procflow.logs.work_calendars import WeekCalendar, duty_intervals
from procflow.text import Text

CAUSE_TEXTS = {
    "transfer": Text(en="on the way between departments", zh="部门间移送"),
    "batch": Text(en="waiting for a sitting or round", zh="等候批次"),
    "priority": Text(en="overtaken by later work", zh="被后到件插队"),
    "contention": Text(en="waiting for people who are busy", zh="人员忙碌排队"),
    "off_duty": Text(en="waiting for people off duty", zh="人员不在岗"),
    "suspended": Text(en="with the applicant or an outside body", zh="停表（由申请人或外部机构办理）"),
    "extraneous": Text(en="lying still though somebody was free", zh="有人空闲仍未办理（外部等待）"),
}
_REMEDIES = {
    "transfer": Remedy("connect_systems", Text(en="hand over by an interface", zh="系统对接，数据直达")),
    "batch": Remedy("on_demand", Text(en="work on cases as they come", zh="即来即办，取消批次")),
    "priority": Remedy("triage", Text(en="a way of its own for urgent cases", zh="急件单独设通道")),
    "contention": Remedy("restaff", Text(en="move people to where the queue is", zh="向排队环节调配人员")),
    "off_duty": Remedy("shift_hours", Text(en="let the hours of both overlap", zh="调整办公时段，使前后环节衔接")),
    "extraneous": Remedy(
        "automate", Text(en="find what the case waits for; let it go on by itself", zh="查明等待原因，自动流转")
    ),
}
_BASIS = Text(en="measured in the log, on the working clock", zh="按日志实测（工作时间）")


def waiting_findings(split: WaitingSplit, *, name: str = "log", profile: Profile | None = None) -> Findings:
    """Return what the waiting of a log costs: all of it (T1), between two steps (T2), and for each batch (T13).

    Parameters
    ----------
    split
        Of ``procflow.logs.waiting_split``.
    name
        What to call the process in the findings.
    profile
        ``waiting_share`` of the lead time from which waiting is told, ``time_gap_wd`` the mean wait between two steps
        (transfers and batches apart), ``frequency_gap_wd`` that for a batch, both in working days. Waits that are
        suspended count in none.

    The costliest come first. What a log cannot show they do not know: waits before the first activity of a case.
    """
    profile = profile or Profile()
    rows = _on_the_clock(split)
    if not split.events.height:
        return Findings(())
    found = [*_whole(rows, split, name, profile), *_gaps(rows, name, profile), *_batches(rows, split, name, profile)]
    return Findings(found)


def working_clock(split: WaitingSplit, last_us: int | None = None) -> tuple[Steps, float]:
    """Return the working time of all the people of a log together as a function of time, and that of a day, both µs.

    It is known from the first instant of the split up to ``last_us``, by default the last start of work.
    """
    calendar = _usual(split)
    enabled, start = (split.events[each].cast(pl.Int64).to_numpy() for each in ("enabled", "start"))
    since, until = int(enabled.min()), int(start.max()) if last_us is None else last_us
    hours = duty_intervals(calendar, split.calendars.zone, since, until + 1)
    clock = Steps.of(hours.reshape(-1), np.tile(np.array([1, -1]), len(hours)))
    days = sum(1 for each in calendar.week if each)
    return clock, max(calendar.minutes_per_week * 60_000_000 / max(days, 1), 1.0)


def _on_the_clock(split: WaitingSplit) -> pl.DataFrame:
    """Return the events with their waits in working days, batches and transfers apart, and those for batches."""
    enabled, start = (split.events[each].cast(pl.Int64).to_numpy() for each in ("enabled", "start"))
    if not len(start):
        return split.events.with_columns(gap_wd=pl.lit(0.0), batch_wd=pl.lit(0.0))
    clock, day_us = working_clock(split)
    batch, transfer = (split.events[each].to_numpy() for each in ("batch_us", "transfer_us"))
    waits = {
        "gap_wd": clock.until(start) - clock.until(np.minimum(enabled + batch + transfer, start)),
        "batch_wd": clock.until(enabled + batch) - clock.until(enabled),
    }
    return split.events.with_columns(pl.Series(key, wait / day_us) for key, wait in waits.items())


def _usual(split: WaitingSplit) -> WeekCalendar:
    """Return the calendar of all together, or, where calendars were given, that with the longest week below 24/7."""
    if split.calendars.usual is not None:
        return split.calendars.usual
    office = [each for each in split.calendars.of.values() if each.minutes_per_week < 7 * 24 * 60]
    return max(office or split.calendars.of.values(), key=lambda each: each.minutes_per_week)


def _whole(rows: pl.DataFrame, split: WaitingSplit, name: str, profile: Profile) -> Iterator[Finding]:
    """Tell of a log most of whose lead time is waiting: time in which nothing of a case is under way."""
    cases = _idle(rows, split)
    lead, idle = float(cases["lead_wd"].sum()), float(cases["idle_wd"].sum())
    total = int(rows["wait_us"].sum()) - int(rows["suspended_us"].sum())
    if not lead or not total or idle / lead < profile.waiting_share:
        return
    causes = [cause for cause in CAUSES if cause != "suspended"]
    shares = {cause: int(rows[f"{cause}_us"].sum()) / total for cause in causes}
    main = max(shares, key=lambda cause: shares[cause])
    cost = Cost("working_days", idle / cases.height, None, _BASIS)
    parts = [Measurement(CAUSE_TEXTS[each], 100 * share, "%") for each, share in shares.items() if share > 0.005]
    yield Finding(
        "T1",
        name,
        "",
        profile.severity((cost,)),
        (Subject("process", name),),
        Text(
            en=f"{idle / lead:.0%} of the {lead / cases.height:.1f} working days that a case takes are waiting, "
            f"{shares[main]:.0%} of that {CAUSE_TEXTS[main].get('en')}",
            zh=f"每件用时 {lead / cases.height:.1f} 个工作日，其中 {idle / lead:.0%} 在等待；"
            f"等待中 {shares[main]:.0%} 为{CAUSE_TEXTS[main].get('zh')}",
        ),
        (
            Measurement(Text(en="lead time", zh="全程用时"), lead / cases.height, "wd", n=cases.height),
            Measurement(Text(en="of this waiting", zh="其中等待"), idle / cases.height, "wd", n=cases.height),
            *parts,
        ),
        (cost,),
        remedies=(_REMEDIES[main],),
        thresholds={"waiting_share": profile.waiting_share},
        place=Place(name),
    )


def _idle(rows: pl.DataFrame, split: WaitingSplit) -> pl.DataFrame:
    """Return per case its lead time, and the part of it in which nothing was under way, nor with the applicant."""
    clock, day_us = working_clock(split, int(rows.select(pl.col("end").cast(pl.Int64).max()).item()))
    start, end, enabled = (rows[each].cast(pl.Int64).to_numpy() for each in ("start", "end", "enabled"))
    suspended = rows["suspended_us"].to_numpy()
    timed = rows.select("case").with_columns(
        begin=pl.Series(clock.until(enabled)),
        start=pl.Series(clock.until(start - suspended)),
        end=pl.Series(clock.until(end)),
        at=pl.Series(start),
    )
    timed = timed.sort("case", "at", "end")
    over = pl.max_horizontal(pl.col("end").cum_max().shift(1).over("case"), pl.col("begin").first().over("case"))
    timed = timed.with_columns(idle=(pl.col("start") - over).clip(lower_bound=0))
    return timed.group_by("case").agg(
        lead_wd=(pl.col("end").max() - pl.col("begin").min()) / day_us, idle_wd=pl.col("idle").sum() / day_us
    )


def _gaps(rows: pl.DataFrame, name: str, profile: Profile) -> Iterator[Finding]:
    """Tell of pairs of steps between which cases lie long: transfers, batches and the applicant's time apart."""
    cases = max(rows["case"].n_unique(), 1)
    causes = [cause for cause in CAUSES if cause not in ("transfer", "batch", "suspended")]
    waited = rows.filter(pl.col("suspended_us") == 0, pl.col("from_activity").is_not_null())
    for (before, after), mine in waited.group_by(["from_activity", "activity"], maintain_order=True):
        mean = float(mine["gap_wd"].sum()) / mine.height
        total = sum(int(mine[f"{cause}_us"].sum()) for cause in causes)
        if mean < profile.time_gap_wd or not total:
            continue
        shares = {cause: int(mine[f"{cause}_us"].sum()) / total for cause in causes}
        main = max(shares, key=lambda cause: shares[cause])
        median, late = (float(mine["gap_wd"].quantile(q, "linear") or 0.0) for q in (0.5, 0.9))
        cost = Cost("working_days", float(mine["gap_wd"].sum()) / cases, None, _BASIS)
        parts = [Measurement(CAUSE_TEXTS[each], 100 * share, "%") for each, share in shares.items() if share > 0.005]
        yield Finding(
            "T2",
            name,
            "",
            profile.severity((cost,)),
            (Subject("transition", f"{before} → {after}"), Subject("state", str(before)), Subject("state", str(after))),
            Text(
                en=f"between {before} and {after} a case waits {mean:.1f} working days (median {median:.1f}, P90 "
                f"{late:.1f}), {100 * shares[main]:.0f} % of that time {CAUSE_TEXTS[main].get('en')}",
                zh=f"“{before}”与“{after}”之间平均等待 {mean:.1f} 个工作日（中位数 {median:.1f}，P90 {late:.1f}），"
                f"其中 {100 * shares[main]:.0f} % 为{CAUSE_TEXTS[main].get('zh')}",
            ),
            (
                Measurement(Text(en="mean wait", zh="平均等待"), mean, "wd", n=mine.height),
                Measurement(Text(en="median wait", zh="等待中位数"), median, "wd", n=mine.height),
                Measurement(Text(en="wait of one case in ten, at least", zh="等待 P90"), late, "wd", n=mine.height),
                *parts,
            ),
            (cost,),
            remedies=(_REMEDIES[main],),
            thresholds={"time_gap_wd": profile.time_gap_wd},
            place=Place(name),
        )


def _batches(rows: pl.DataFrame, split: WaitingSplit, name: str, profile: Profile) -> Iterator[Finding]:
    cases = max(rows["case"].n_unique(), 1)
    for batch in split.batches:
        mine = rows.filter(pl.col("activity") == batch.activity, pl.col("batch_us") > 0)
        if not mine.height or (mean := float(mine["batch_wd"].sum()) / mine.height) < profile.frequency_gap_wd:
            continue
        cost = Cost("working_days", float(mine["batch_wd"].sum()) / cases, None, _BASIS)
        yield Finding(
            "T13",
            name,
            "",
            profile.severity((cost,)),
            (Subject("state", batch.activity),),
            Text(
                en=f"cases wait {mean:.1f} working days for {batch.activity}, which takes them up together"
                f"{_when(batch).get('en')}",
                zh=f"“{batch.activity}”成批办理{_when(batch).get('zh')}，每件平均等待 {mean:.1f} 个工作日",
            ),
            (
                Measurement(Text(en="mean wait for the batch", zh="平均等待批次"), mean, "wd", n=mine.height),
                Measurement(Text(en="batches", zh="批次"), float(batch.sessions), "batches"),
                Measurement(Text(en="cases of a batch", zh="每批件数"), batch.cases / batch.sessions, "cases"),
                Measurement(Text(en="from batch to batch", zh="批次间隔"), batch.median_gap_us / 3.6e9, "h"),
            ),
            (cost,),
            remedies=(_REMEDIES["batch"], Remedy("align_cadence", Text(en="more often", zh="提高批次频率"))),
            thresholds={"frequency_gap_wd": profile.frequency_gap_wd},
            place=Place(name),
        )


def _when(batch: Batch) -> Text:
    """Return the times of day at which batches begin, if they keep to some."""
    if not batch.at_minutes:
        return Text(en=", on no schedule", zh="（无固定时间）")
    clocks = [f"{at // 60:02}:{at % 60:02}" for at in batch.at_minutes]
    return Text(en=f", at {', '.join(clocks)}", zh=f"（{'、'.join(clocks)}）")
