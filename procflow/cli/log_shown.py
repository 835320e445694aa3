"""What people and programs see of the log verbs: figures and tables of a log, and of a log beside a definition."""

import math
from typing import TYPE_CHECKING, Any

import typer

from procflow.cli.output import print_table, say
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.log_lateness import LogLateness
    from procflow.analysis.log_measure import Measured
    from procflow.logs import EventLog
    from procflow.logs.fitness import Fitness
    from procflow.logs.matching import Matching

_SHOWN = 10
"""Rows of a table that are shown; JSON has all."""

Facts = list[tuple[str, Text, float]]


def facts(log: "EventLog") -> Facts:
    """Return the figures of a log: key, name, value."""
    from procflow.logs.handoffs import handoffs_per_case
    from procflow.logs.variants import cases_with_rework, variants

    cases = max(log.cases.height, 1)
    return [
        ("cases", Text(en="cases", zh="办件"), log.cases.height),
        ("events", Text(en="events", zh="环节记录"), log.steps.height),
        ("activities", Text(en="activities", zh="环节种类"), len(log.activities)),
        ("people", Text(en="people", zh="人员"), log.steps["resource"].drop_nulls().n_unique()),
        ("groups", Text(en="groups", zh="岗位（组）"), log.steps["role"].drop_nulls().n_unique()),
        ("variants", Text(en="variants", zh="路径种类"), variants(log).height),
        ("rework_share", Text(en="share of cases with rework", zh="有返工的办件占比"), cases_with_rework(log) / cases),
        ("handoffs_people", Text(en="handoffs a case, by person", zh="件均交接次数（按人）"), handoffs_per_case(log)),
        (
            "handoffs_groups",
            Text(en="handoffs a case, by group", zh="件均交接次数（按岗位）"),
            handoffs_per_case(log, by="role"),
        ),
        (
            "label_changes_groups",
            Text(en="changes of the group's label a case", zh="件均岗位标签变化次数"),
            handoffs_per_case(log, by="role", labels=True),
        ),
    ]


def lateness(log: "EventLog", deadline: str, end: str) -> "LogLateness | None":
    """Return lateness where the cases have the times; a name that was not the usual one must be there."""
    from procflow.analysis.log_lateness import end_attribute, log_lateness

    usual = (deadline, end) == ("deadline", "enddate")
    end = end_attribute(log, deadline, end)
    if usual and not {"case_deadline", f"case_{end}"} <= set(log.cases.columns):
        return None
    return log_lateness(log, deadline=deadline, end=end)


def data(log: "EventLog", facts: Facts, late: "LogLateness | None") -> dict[str, Any]:
    """Return what a log holds as plain data."""
    from procflow.logs.variants import directly_follows, rework, variants

    found: dict[str, Any] = {key: None if math.isnan(value) else value for key, _, value in facts}
    found |= {"zone": log.zone, "notes": [{"en": note.get("en"), "zh": note.get("zh")} for note in log.notes]}
    found |= {
        "top_variants": variants(log).head(_SHOWN).to_dicts(),
        "directly_follows": directly_follows(log).to_dicts(),
        "rework": rework(log).to_dicts(),
    }
    if late is not None:
        names = ("ended", "late", "open_cases", "open_late", "undated")
        shares = {name: _estimate(getattr(late, name)) for name in ("share", "estimate")}
        found["lateness"] = {name: getattr(late, name) for name in names} | shares
    return found


def _estimate(found: Any) -> dict[str, float | None]:
    return {name: _finite(getattr(found, name)) for name in ("mean", "low", "high")}


def print_facts(facts: Facts, lang: Language) -> None:
    """Print the figures of a log."""
    heads = {"en": ("what", "value"), "zh": ("内容", "数值")}[lang]
    print_table(heads, [(text.get(lang), _number(value)) for _, text, value in facts])


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}"


def told(log: "EventLog") -> str:
    """Return a log in a line of Chinese."""
    return f"{log.cases.height} 件，{log.events.height} 条环节记录，时区 {log.zone}"


def print_late(late: "LogLateness | None", lang: Language) -> None:
    """Print how many cases end late, where that is known."""
    if late is None:
        return
    share, estimate = _percent(late.share), _percent(late.estimate)
    typer.echo(
        Text(
            en=f"late: {late.late} of {late.ended} ended cases ({share}); {late.open_cases} are open, {late.open_late} "
            f"of them past the deadline; all cases taken, {estimate} end late",
            zh=f"超期：已办结 {late.ended} 件中 {late.late} 件（{share}）；在办 {late.open_cases} 件，其中 "
            f"{late.open_late} 件已超期；计入在办件估计，超期概率为 {estimate}",
        ).get(lang)
    )


def _percent(found: Any) -> str:
    interval = "" if math.isnan(found.low) else f", {100 * found.low:.1f} – {100 * found.high:.1f} %"
    return f"{100 * found.mean:.1f} %{interval}"


def print_tables(log: "EventLog", lang: Language) -> None:
    """Print the commonest variants, and what is done again."""
    from procflow.logs.variants import ARROW, rework, variants

    heads = {"en": ("cases", "share", "variant"), "zh": ("办件", "占比", "路径")}[lang]
    rows = [(str(n), f"{100 * share:.1f} %", ARROW.join(way)) for way, n, share, _ in variants(log).head(_SHOWN).rows()]
    print_table(heads, rows)
    again = rework(log).filter(rework(log)["repeats"] > 0).head(_SHOWN)
    if again.height:
        heads = {"en": ("done again", "repeats", "in cases"), "zh": ("返工环节", "重复次数", "涉及办件")}[lang]
        kept = again.select("activity", "repeats", "repeating_cases").rows()
        print_table(heads, [(name, str(repeats), str(cases)) for name, repeats, cases in kept])


def matching_data(matching: "Matching") -> dict[str, Any]:
    """Return which state each activity was taken for."""
    states = [{"activity": each, "state": state, "how": matching.how[each]} for each, state in matching.states.items()]
    return {"matched": states, "without_state": list(matching.strangers), "not_in_log": list(matching.silent)}


def print_matching(matching: "Matching", lang: Language) -> None:
    """Show which state each activity was taken for; guesses are for people to judge."""
    heads = {"en": ("activity", "state", "taken by"), "zh": ("日志环节", "流程状态", "依据")}[lang]
    how = {
        "given": Text(en="given", zh="指定"),
        "same": Text(en="same name", zh="同名"),
        "similar": Text(en="similar name", zh="名称相近"),
    }
    print_table(heads, [(each, state, how[matching.how[each]].get(lang)) for each, state in matching.states.items()])
    comma = "、" if lang == "zh" else ", "
    if matching.strangers:
        names = comma.join(matching.strangers)
        say(
            Text(en=f"activities without a state, left out: {names}", zh=f"没有对应状态的环节（未计入）：{names}"), lang
        )
    if matching.silent:
        names = comma.join(matching.silent)
        say(Text(en=f"states that are not in the log: {names}", zh=f"日志中没有的状态：{names}"), lang)


def fitness_data(fits: "Fitness") -> dict[str, Any]:
    """Return how the cases fit as plain data."""
    names = ("cases", "fitting", "ended", "unknown", "left_out")
    return {name: getattr(fits, name) for name in names} | {"deviations": fits.deviations.to_dicts()}


def print_fitness(fits: "Fitness", lang: Language) -> None:
    """Print how many cases fit, and where the others part from the definition."""
    from procflow.simulation.statistics import wilson

    share = _percent(wilson(fits.fitting, fits.cases)) if fits.cases else "–"
    typer.echo(
        Text(
            en=f"{fits.fitting} of {fits.cases} cases fit the definition ({share}); "
            f"{fits.ended} of them may have ended",
            zh=f"{fits.cases} 件中 {fits.fitting} 件符合流程定义（{share}），其中 {fits.ended} 件可能已办结",
        ).get(lang)
    )
    if fits.unknown:
        say(Text(en=f"unknown, too many ways: {fits.unknown} cases", zh=f"路径过多、无法判定：{fits.unknown} 件"), lang)
    heads = {
        "en": ("cases", "after", "the log has", "the definition expects", "such as case"),
        "zh": ("办件", "此前", "日志中为", "流程定义应为", "例如办件"),
    }[lang]
    rows = [
        (str(row["cases"]), row["after"] or "–", row["found"], ", ".join(row["expected"]) or "–", row["first"])
        for row in fits.deviations.head(_SHOWN).iter_rows(named=True)
    ]
    if rows:
        print_table(heads, rows)


def _time(seconds: float | None, wd_seconds: float | None, lang: Language) -> str:
    """Return a length of time in words, in working days where it is counted in them."""
    from procflow.definition.words import amount, elapsed

    if seconds is None:
        return "–"
    return amount(seconds / wd_seconds, "wd", lang) if wd_seconds else elapsed(seconds, lang)


def print_measured(measured: list["Measured"], lang: Language) -> None:
    """Print measured times beside the assumed ones."""
    heads = {
        "en": ("state", "what", "n", "measured mean", "median", "90 %", "assumed mean", "fitted", "distance"),
        "zh": ("状态", "项目", "次数", "实测均值", "中位数", "90 % 分位", "假定均值", "拟合分布", "KS 距离"),
    }[lang]
    what = {"work": Text(en="work", zh="办理"), "delay": Text(en="delay", zh="等候")}
    rows = []
    for each in measured:
        values = (each.mean_s, each.median_s, each.p90_s, each.assumed_s)
        *times, assumed = (_time(value, each.wd_seconds, lang) for value in values)
        fitted = ("–", "–") if each.fit is None else (each.fit.kind, f"{each.fit.ks:.2f}")
        kind = what[each.quantity].get(lang) + ("" if each.visits == "all" else f" ({each.visits})")
        rows.append((each.state, kind, str(each.n), *times, assumed, *fitted))
    print_table(heads, rows)
    off = [each.state for each in measured if each.elapsed]
    if off:
        names = ", ".join(off)
        say(
            Text(
                en=f"mostly off duty on the definition's calendar, so elapsed time was taken: {names}",
                zh=f"多数时间落在流程日历的非工作时段，故按实际经过时间计：{names}",
            ),
            lang,
        )
