"""The thresholds of an analysis in words, each with its unit: what a finding depends on, for those who read no code."""

from collections.abc import Mapping

from procflow.definition import words
from procflow.text import Language, Text

_SHARE, _PER_CASE = "share", "times"

WORDS: dict[str, tuple[Text, str]] = {
    "pass_through_minutes": (Text(en="work of a pass-through, at most", zh="二传手办理用时上限"), "min"),
    "pass_through_delay_wd": (Text(en="delay of a pass-through, at most", zh="二传手历时上限"), "wd"),
    "probability_tail": (Text(en="remaining probability left out", zh="忽略的剩余概率"), _SHARE),
    "guard_atoms": (Text(en="conditions told apart, at most", zh="区分条件的上限"), "items"),
    "valuations": (Text(en="combinations of conditions, at most", zh="条件组合的上限"), "items"),
    "visits_tolerance": (Text(en="visits beyond those declared, more than", zh="超出公布跑动次数"), "visits"),
    "validity_margin": (
        Text(en="validity over expected time of a case, at least", zh="有效期不短于预计用时的倍数"),
        "fold",
    ),
    "frequency_gap_wd": (Text(en="wait for a sitting or courier, from", zh="等待批次或定时移送，不少于"), "wd"),
    "time_gap_wd": (Text(en="wait between two steps, from", zh="环节间等待，不少于"), "wd"),
    "utilization_high": (Text(en="utilization of a bottleneck, from", zh="瓶颈负荷率，不低于"), _SHARE),
    "handoffs_per_case": (Text(en="handoffs per case, more than", zh="每件交接超过"), "handoffs"),
    "bounces_per_case": (Text(en="bounces per case, from", zh="每件往返不少于"), "bounces"),
    "hours_overlap": (Text(en="office hours in common, less than", zh="共同办公时段低于"), _SHARE),
    "cutoff_wd": (Text(en="wait after a missed cut-off, from", zh="错过截止的等待，不少于"), "wd"),
    "late_share": (Text(en="late cases, more than", zh="超期件占比超过"), _SHARE),
    "warning_share": (Text(en="part of the limit used up at the warning", zh="预警时已用时限"), _SHARE),
    "warned_share": (Text(en="cases warned about, more than", zh="触发预警的件占比超过"), _SHARE),
    "suspended_share": (Text(en="clock suspended, more than", zh="停表时间占比超过"), _SHARE),
    "join_wd": (Text(en="slowest region behind the next, from", zh="最慢分支滞后不少于"), "wd"),
    "waiting_share": (Text(en="waiting in the lead time, from", zh="等待占全程用时不低于"), _SHARE),
    "slack_window": (Text(en="last part of the limit", zh="期限末段"), _SHARE),
    "slack_share": (Text(en="cases ending in it, more than", zh="末段办结的件占比超过"), _SHARE),
    "utilization_overload": (Text(en="overload, from", zh="超负荷，不低于"), _SHARE),
    "utilization_low": (Text(en="underload, below", zh="低负荷，低于"), _SHARE),
    "stale_share": (Text(en="uses of expired data, more than", zh="使用过期数据占比超过"), _SHARE),
    "rubber_stamp": (Text(en="objections, fewer than", zh="否决或改动比例低于"), _SHARE),
    "constant_branch": (Text(en="cases that go this way, fewer than", zh="走该分支的件占比低于"), _SHARE),
    "confidence": (Text(en="confidence", zh="置信水平"), _SHARE),
    "rework_per_case": (Text(en="repetitions per case, more than", zh="每件重复超过"), _PER_CASE),
    "return_share": (Text(en="cases returned, more than", zh="退回补正的件占比超过"), _SHARE),
    "further_returns": (Text(en="further returns per case, more than", zh="每件再次退回超过"), "returns"),
    "knock_out_minutes": (Text(en="work saved per case, from", zh="每件可省工作不少于"), "min"),
    "level_reversals": (Text(en="turns between levels per case, more than", zh="每件上下级折返超过"), _PER_CASE),
    "authority_share": (Text(en="part of the work at another level, from", zh="他级承担工作不低于"), _SHARE),
    "agreement": (Text(en="decisions that agree, from", zh="决定一致的比例不低于"), _SHARE),
    "critical_share": (Text(en="cases that wait for it, from", zh="须等待的件占比不低于"), _SHARE),
    "approvals_in_chain": (Text(en="approvals in a chain, from", zh="连续审批不少于"), "approvals"),
    "objections_of_repetition": (
        Text(en="objections of the repeated check, at most", zh="重复审查否决比例上限"),
        _SHARE,
    ),
    "keyed_by_fallback": (
        Text(en="keying beyond what no interface serves, at most", zh="接口未覆盖之外的录入上限"),
        _SHARE,
    ),
}


def thresholds_text(thresholds: Mapping[str, float], lang: Language) -> tuple[str, ...]:
    """Return thresholds in words, in the order of their names; one that is not known as it is written.

    >>> thresholds_text({"late_share": 0.05}, "zh"), thresholds_text({"cutoff_wd": 0.25}, "en")
    (('超期件占比超过 5%',), ('wait after a missed cut-off, from 0.25 working days',))
    """
    return tuple(_text(name, value, lang) for name, value in sorted(thresholds.items()))


def _text(name: str, value: float, lang: Language) -> str:
    if name not in WORDS:
        return f"{name} = {value:g}"
    said, unit = WORDS[name]
    if unit == _SHARE:
        return f"{said.get(lang)} {words.number(100 * value)}%"
    return f"{said.get(lang)} {words.number(value)} {words.unit(unit, lang)}"
