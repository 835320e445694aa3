"""T7, incoherent limits (时限不自洽): limits that contradict each other, the law, or the work itself."""

import math
from collections.abc import Iterable, Iterator

from procflow.analysis.finding import Finding, Measurement, Severity, Step, Witness
from procflow.analysis.limit_paths import Way, greatest_node_sum, least_days, node_limit
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.definition import words
from procflow.definition.limits import Instant, Limit
from procflow.machine.graph import resolve
from procflow.text import Text
from procflow.units import SECONDS, Span

_HOOK = "行政许可法 art. 42, 82"


def _check(context: Context) -> Iterable[Finding]:
    for name, limit in context.process.definition.limits.items():
        yield from _promise(context, name, limit)
        yield from _parts(context, name, limit)
        yield from _nodes(context, name, limit)
        yield from _impossible(context, name, limit)


def comparable(first: Span, second: Span) -> tuple[float, float] | None:
    """Return two spans as numbers in one unit, None where nobody can tell which is longer.

    Working days, months and elapsed time have no common length; a year's calendar decides.

    >>> comparable(Span(2, "week"), Span(10, "d")) == (1209600.0, 864000.0)
    True
    >>> comparable(Span(10, "wd"), Span(10, "d")) is None
    True
    """
    if first.unit == second.unit:
        return first.amount, second.amount
    if first.unit in SECONDS and second.unit in SECONDS:
        return first.seconds(), second.seconds()
    return None


def _promise(context: Context, name: str, limit: Limit) -> Iterator[Finding]:
    if limit.statutory is None or limit.promised is None:
        return
    law, promise = limit.statutory.value, limit.promised.value
    both = comparable(promise, law)
    evidence = (_span(Text(en="promised", zh="承诺时限"), promise), _span(Text(en="statutory", zh="法定时限"), law))
    if both is None:
        yield _finding(
            context,
            name,
            Text(
                en=f"{_title(name, limit, 'en')}: the promise ({promise}) and the statutory limit ({law}) have units "
                "that cannot be compared: write both in the law's unit",
                zh=f"{_title(name, limit, 'zh')}：承诺时限（{words.span(promise, 'zh')}）"
                f"与法定时限（{words.span(law, 'zh')}）单位不同，无法比较："
                "请统一为法定单位",
            ),
            evidence,
            "low",
        )
    elif both[0] > both[1]:
        yield _finding(
            context,
            name,
            Text(
                en=f"{_title(name, limit, 'en')}: the promise ({promise}) is longer than the statutory limit ({law})",
                zh=f"{_title(name, limit, 'zh')}：承诺时限（{words.span(promise, 'zh')}）"
                f"超过法定时限（{words.span(law, 'zh')}）",
            ),
            evidence,
            "high",
        )


def _parts(context: Context, name: str, limit: Limit) -> Iterator[Finding]:
    inner = {n: part for n, part in context.process.definition.limits.items() if part.within == name}
    for kind in ("statutory", "promised") if inner else ():
        whole = getattr(limit, kind)
        spans = {n: term.value for n, part in inner.items() if (term := getattr(part, kind)) is not None}
        if whole is None or not spans:
            continue
        strange = [n for n, span in spans.items() if comparable(span, whole.value) is None]
        if strange:
            yield _mixed(context, name, limit, whole.value, {n: spans[n] for n in strange})
            continue
        total = _in_sequence(context, inner, {n: _as(span, whole.value) for n, span in spans.items()})
        if total > whole.value.amount:
            yield _too_long(context, name, limit, whole.value, total, tuple(spans))


def _as(span: Span, unit_of: Span) -> float:
    """Return a span in the unit of another with which it can be compared."""
    return span.amount if span.unit == unit_of.unit else span.seconds() / SECONDS[unit_of.unit]


def _in_sequence(context: Context, parts: dict[str, Limit], amounts: dict[str, float]) -> float:
    """Return what parts take together: those of regions that run beside each other as the longest region."""
    serial, beside = 0.0, dict[str, dict[int, float]]()
    for name, amount in amounts.items():
        composite, region = _region(context, parts[name].start)
        if composite:
            lanes = beside.setdefault(composite, {})
            lanes[region] = lanes.get(region, 0.0) + amount
        else:
            serial += amount
    return serial + math.fsum(max(lanes.values()) for lanes in beside.values())


def _region(context: Context, start: tuple[Instant, ...]) -> tuple[str, int]:
    """Return the outermost composite with regions in which a limit starts, and the region; ('', 0) for none."""
    graph, found = context.graph, ("", 0)
    for instant in start[:1]:
        sources = [e.source for e in graph.edges if e.trigger == instant.name]
        name = (sources[0] if sources else None) if instant.event == "fire" else resolve(instant.name, "", graph.nodes)
        while name and graph.nodes[name].parent:
            node = graph.nodes[name]
            if len(graph.regions[node.parent]) > 1:
                found = node.parent, node.region
            name = node.parent
    return found


def _mixed(context: Context, name: str, limit: Limit, whole: Span, parts: dict[str, Span]) -> Finding:
    en = ", ".join(f"{n}: {span}" for n, span in parts.items())
    zh = "、".join(f"{n} {words.span(span, 'zh')}" for n, span in parts.items())
    return _finding(
        context,
        name,
        Text(
            en=f"{_title(name, limit, 'en')} ({whole}) has parts in units that cannot be compared with it: {en}",
            zh=f"{_title(name, limit, 'zh')}（{words.span(whole, 'zh')}）的分项时限单位不可比：{zh}",
        ),
        tuple(_span(Text(en=n, zh=n), span) for n, span in parts.items()),
        "low",
        parts=tuple(parts),
    )


def _too_long(context: Context, name: str, limit: Limit, whole: Span, total: float, parts: tuple[str, ...]) -> Finding:
    return _finding(
        context,
        name,
        Text(
            en=f"{_title(name, limit, 'en')}: its parts sum to {total:g} {whole.unit}, more than the whole of {whole}",
            zh=f"{_title(name, limit, 'zh')}：分项时限合计 {words.amount(total, whole.unit, 'zh')}，"
            f"超过总时限 {words.span(whole, 'zh')}",
        ),
        (Measurement(Text(en="sum of the parts", zh="分项合计"), total, whole.unit),),
        "high",
        parts=parts,
    )


def _nodes(context: Context, name: str, limit: Limit) -> Iterator[Finding]:
    term = limit.promised or limit.statutory
    if term is None:
        return
    way = greatest_node_sum(context.graph, limit, term.value.unit)
    if way is None or way.length <= term.value.amount:
        return
    limited = [s for s in way.states if node_limit(context.graph, s, term.value.unit)]
    calls = any(context.graph.state(s).limit is None for s in limited)
    of_en, of_zh = ("the steps and of what they call", "环节及所调用事项的") if calls else ("the steps", "环节")
    yield _finding(
        context,
        name,
        Text(
            en=f"{_title(name, limit, 'en')}: the limits of {of_en} sum to {way.length:g} {term.value.unit} on one "
            f"way, more than the promise of {term.value}: every step may be in time and the whole late",
            zh=f"{_title(name, limit, 'zh')}：{of_zh}时限沿一条路径合计 "
            f"{words.amount(way.length, term.value.unit, 'zh')}，"
            f"超过承诺的 {words.span(term.value, 'zh')}：各环节均未超时，总时限仍可能超期",
        ),
        (Measurement(Text(en="sum of node limits", zh="环节时限合计"), way.length, term.value.unit), _witness(way)),
        "medium",
        states=tuple(limited),
    )


def _impossible(context: Context, name: str, limit: Limit) -> Iterator[Finding]:
    for kind in ("promised", "statutory"):
        term = getattr(limit, kind)
        if term is None or term.value.unit not in ("wd", "d", "week"):
            continue
        unit = "wd" if term.value.unit == "wd" else "d"
        amount = (term.value.amount + _extensions(limit, term.value)) * (7 if term.value.unit == "week" else 1)
        way = least_days(context.graph, limit, unit)
        # the day of the start is not counted: what takes n days of work is over on the (n−1)-th day at the earliest
        if way is None or math.ceil(way.length - 1e-9) - 1 <= amount:
            continue
        zh, en = ("承诺", "promise") if kind == "promised" else ("法定时限", "statutory limit")
        yield _finding(
            context,
            name,
            Text(
                en=f"{_title(name, limit, 'en')}: even the quickest way takes {way.length:.3g} {unit} net, "
                f"the {en} is {term.value}: it cannot be kept",
                zh=f"{_title(name, limit, 'zh')}：最快路径净用时也需 {words.amount(way.length, unit, 'zh')}，"
                f"{zh}为 {words.span(term.value, 'zh')}，无法做到",
            ),
            (Measurement(Text(en="least net time", zh="最短净用时"), way.length, unit), _witness(way)),
            "high",
            states=way.states[-1:],
        )
        return


def _extensions(limit: Limit, term: Span) -> float:
    """Return what the lawful extensions of a limit add at most, in the limit's unit; no end where units differ."""
    if limit.extend is None:
        return 0.0
    return _as(limit.extend.by, term) * limit.extend.max if comparable(limit.extend.by, term) else math.inf


def _finding(
    context: Context,
    name: str,
    statement: Text,
    evidence: tuple[Measurement | Witness, ...],
    severity: Severity,
    *,
    parts: tuple[str, ...] = (),
    states: tuple[str, ...] = (),
) -> Finding:
    return finding(
        context,
        "T7",
        subjects(("limit", (name, *parts)), ("state", states)),
        statement,
        evidence,
        severity=severity,
        legal_hook=_HOOK if context.process.organization.holidays == "CN" else None,
        path=("limits", name),
    )


def _witness(way: Way) -> Witness:
    return Witness(tuple(Step(state) for state in way.states))


def _span(name: Text, span: Span) -> Measurement:
    return Measurement(name, span.amount, span.unit)


def _title(name: str, limit: Limit, lang: str) -> str:
    return limit.title.get("zh" if lang == "zh" else "en") if limit.title else name


RULES = (
    Rule(
        id="T7",
        name=Text(en="incoherent limits", zh="时限不自洽"),
        what=Text(
            en="a promise longer than the law's limit, parts or node limits that sum to more than the whole, limits "
            "that the quickest way cannot keep, units that cannot be compared",
            zh="承诺超过法定、分项或环节时限合计超过总时限、最快也无法做到的时限、单位不可比",
        ),
        why=Text(
            en="each step can keep its limit while the applicant's is broken, and nobody is late on paper",
            zh="各环节都不超时而总时限超期，账面上无人逾期",
        ),
        formula=Text(
            en="least net time = shortest path of least work, delay and transfer; node limits along the longest path "
            "that returns nowhere; regions beside each other count once, the longest",
            zh="最短净用时 = 各环节最少用时的最短路径；环节时限取无回路最长路径之和；并联分支取最长者",
        ),
        source="中华人民共和国行政许可法 art. 42, 45, 82; Cormen et al., Introduction to Algorithms, ch. 24",
        trap=Text(
            en="time that a suspension excludes by law or an extension adds, node limits of alternative branches, "
            "parts of parallel regions",
            zh="依法不计入的停表时间、依法延长的时间、互斥分支的环节时限、并联分支的分项时限",
        ),
        check=_check,
    ),
)
