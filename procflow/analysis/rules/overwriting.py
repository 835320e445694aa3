"""R5: values that are overwritten before anybody reads them, and that parallel regions write over one another."""

import itertools
from collections.abc import Iterable, Iterator

from procflow.analysis.dataflow import path
from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.flowgraph import concurrent
from procflow.analysis.knowledge import flow, permissions
from procflow.analysis.pricing import cost, visits, weighted
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.analysis.segments import locked_order
from procflow.analysis.uses import liveness, says_all
from procflow.definition.catalog import DataItem
from procflow.text import Text


def _conflicts(context: Context) -> Iterator[Finding]:
    yield from _overwritten(context)
    yield from _raced(context)


def _writers(context: Context) -> dict[str, list[str]]:
    """Return the states that write each item of which a new value replaces the old one."""
    found: dict[str, list[str]] = {}
    for name in context.shared(flow).at:
        for item in context.graph.nodes[name].state.writes:
            entry = context.shared(permissions).entry(item)
            if not (isinstance(entry, DataItem) and entry.append_only):
                found.setdefault(item, []).append(name)
    return found


def _overwritten(context: Context) -> Iterator[Finding]:
    known, points = context.shared(liveness), context.shared(flow)
    for item, writers in context.shared(_writers).items():
        entry = context.shared(permissions).entry(item)
        if isinstance(entry, DataItem) and entry.kept_for is not None:
            continue  # whoever reads it outside may have read each value
        for first in writers:
            later = [second for second in writers if second != first and points.leads(first, second)]
            if later and not known.is_live(first, item) and says_all(context, first):
                yield _lost(context, item, first, later)


def _lost(context: Context, item: str, first: str, later: list[str]) -> Finding:
    points = context.shared(flow)
    ways = [path(points, points.at[first], target) for name in later for target in points.at[name]]
    way = min((steps for steps in ways if steps), key=len)
    what, where, then = named(context, [item]), named(context, [first]), named(context, later)
    return finding(
        context,
        "R5",
        subjects(("state", [first, *later]), ("item", [item])),
        Text(
            en=f"{where.get('en')} writes {what.get('en')}; {then.get('en')} writes it anew before anybody reads it",
            zh=f"“{where.get('zh')}”填写的{what.get('zh')}在被使用之前即由“{then.get('zh')}”覆盖",
        ),
        (
            witness(
                points,
                way,
                {
                    0: Text(en=f"writes {what.get('en')}", zh=f"填写{what.get('zh')}"),
                    -1: Text(en="writes it anew", zh="重新填写（覆盖）"),
                },
            ),
        ),
        cost=cost(context, "keyed_items", weighted(context, {first: 1.0})),
        remedies=(
            Remedy("eliminate", Text(en="write it once, where it is final", zh="仅在最终确定的环节填写")),
            Remedy(
                "", Text(en="or declare it 'append_only', where entries are added", zh="属追加记录的，写明 append_only")
            ),
        ),
        path=(*context.graph.nodes[first].path, "writes"),
    )


def _raced(context: Context) -> Iterator[Finding]:
    if not context.shared(flow).exact or not context.graph.regions:
        return  # whether both can come about is not known
    by_item = _readers(context)
    for item, everywhere in context.shared(_writers).items():
        writers, readers = _in_regions(context, everywhere), _in_regions(context, by_item.get(item, ()))
        told: set[frozenset[str]] = set()
        for a, b in itertools.chain(itertools.combinations(writers, 2), itertools.product(writers, readers)):
            if a != b and frozenset((a, b)) not in told and _at_once(context, a, b):
                told.add(frozenset((a, b)))
                yield _race(context, item, a, b, both_write=b in writers)


def _readers(context: Context) -> dict[str, list[str]]:
    """Return the states that read each item or take it as evidence."""
    found: dict[str, list[str]] = {}
    for name in context.shared(flow).at:
        state = context.graph.nodes[name].state
        for item in {read.item for read in state.reads} | {e for check in state.checks for e in check.evidence}:
            found.setdefault(item, []).append(name)
    return found


def _in_regions(context: Context, names: Iterable[str]) -> list[str]:
    return [name for name in names if context.graph.nodes[name].parent]


def _at_once(context: Context, a: str, b: str) -> bool:
    """Whether one case may be in both states at once: parallel regions, under one valuation, in no order set by law."""
    if not concurrent(context.graph, a, b):
        return False
    points = context.shared(flow)
    rows = [{points.points[point].row for point in points.at[name]} for name in (a, b)]
    return bool(rows[0] & rows[1]) and not locked_order(context, a, b)


def _race(context: Context, item: str, a: str, b: str, *, both_write: bool) -> Finding:
    what, first, second = (named(context, [name]) for name in (item, a, b))
    en, zh = ("write", "填写") if both_write else ("write and read", "读写")
    expected = context.shared(visits)
    name = Text(en="cases concerned, at most", zh="涉及案件比例上限")
    share = () if expected is None else (Measurement(name, min(expected.to(a), expected.to(b), 1.0), SHARE),)
    return finding(
        context,
        "R5",
        subjects(("state", [a, b]), ("item", [item])),
        Text(
            en=f"{first.get('en')} and {second.get('en')} {en} {what.get('en')} at once: who is faster decides",
            zh=f"“{first.get('zh')}”与“{second.get('zh')}”并行{zh}{what.get('zh')}，结果取决于先后（并行冲突）",
        ),
        (Witness((Step(a, _does("writes")), Step(b, _does("writes" if both_write else "reads")))), *share),
        severity=context.profile.unpriced,
        remedies=(
            Remedy(
                "resequence",
                Text(en="let one follow the other, or read after the join", zh="改为先后办理，或汇合后再读取"),
            ),
            Remedy("", Text(en="or give each region an item of its own", zh="或各分支使用各自的数据项")),
        ),
        path=(*context.graph.nodes[a].path, "writes"),
    )


def _does(verb: str) -> Text:
    return Text(en=verb, zh={"writes": "填写", "reads": "读取"}[verb])


RULES = (
    Rule(
        "R5",
        Text(en="overwritten unread, parallel conflict", zh="未用先改、并行冲突"),
        Text(
            en="an item written, and written anew before anybody reads it; or written in one parallel region and "
            "written or read in another",
            zh="填写后未经使用即被覆盖的数据项；在一个并行分支填写、在另一分支填写或读取的数据项",
        ),
        Text(en="work in vain; or a result that depends on who is faster", zh="白做的工作；或结果取决于谁先办完"),
        Text(
            en="the value is not live after the write, another write is reachable, data complete; or two states of "
            "parallel regions, reachable under one valuation of the guards, with a write–write or write–read pair "
            "(Bernstein); cost = expected visits of the write in vain",
            zh="写后不活跃且可达另一次填写，数据声明完整；或同一条件组合下可达的并行分支间存在写写、读写"
            "（Bernstein 条件）；成本=被覆盖填写的期望次数",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.5; Bernstein, IEEE Trans. EC-15 (1966)",
        Text(
            en="append-only items, values kept for readers outside, a value read on some way, regions under guards "
            "that exclude each other, an order set by law",
            zh="追加记录、供外部留存使用的数值、部分路径上已使用的数值、条件互斥的分支、法定先后次序",
        ),
        _conflicts,
    ),
)
