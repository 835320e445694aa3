"""T14, the synchronization wait (等齐): regions done long ago wait at a join for the slowest one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from procflow.analysis.finding import Evidence, Finding, Measurement, Remedy
from procflow.analysis.pricing import cost
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import each, measured, per_case, visits_of, with_days
from procflow.analysis.run_tables import CASE
from procflow.text import Text


@dataclass(frozen=True)
class Join:
    """The joins of a composite in a run: ``rows`` has one row per join with ``last``, the region that finished last,
    and ``lead_wd``, the working days by which it was later than the one before; ``waits`` has one row per region."""

    composite: str
    rows: pl.DataFrame
    waits: pl.DataFrame


def joins(context: Context) -> Iterator[Join]:
    """Yield the joins of all composites that wait for each of their regions, where a case came through."""
    for composite, regions in context.graph.regions.items():
        if len(regions) > 1 and context.graph.needed(composite) == len(regions):
            waits = _ends(context, composite, [f"{composite}/{region.name}" for region in regions])
            if waits.height:
                yield Join(composite, _last(context, waits), waits)


def _ends(context: Context, composite: str, tokens: list[str]) -> pl.DataFrame:
    """Return the end of each region of each completed join: ``token``, ``over_us``, ``join_us``, ``round``."""
    rows = context.shared(visits_of).filter(pl.col("token").is_in(tokens))
    finals = [name for name, node in context.graph.nodes.items() if node.parent == composite and node.state.final]
    ended = rows.filter(pl.col("dest").is_in(finals) & (pl.col("end") == "completed"))
    ended = ended.with_columns(join_us=pl.col("arrive_us") + pl.col("sync_us"), over_us=pl.col("arrive_us"))
    key = [*CASE, "join_us"]
    complete = ended.group_by(key).agg(pl.col("token").n_unique()).filter(pl.col("token") == len(tokens))
    found = ended.join(complete.select(key), on=key, how="semi", maintain_order="left")
    return found.select(*key, "token", "over_us", "sync_us")


def _last(context: Context, waits: pl.DataFrame) -> pl.DataFrame:
    """Return of each join the region that came last, and by how much; of several at once the first by name."""
    ordered = waits.sort([*CASE, "join_us", "over_us", "token"], descending=[False, False, False, True, False])
    found = ordered.group_by([*CASE, "join_us"], maintain_order=True).agg(
        last="token", over_us=pl.col("over_us").first(), before_us=pl.col("over_us").slice(1).first()
    )
    return with_days(context, found.with_columns(pl.col("last").list.first()), "before_us", "over_us", "lead_wd")


def _check(context: Context) -> Iterable[Finding]:
    for join in context.shared(_all):
        slowest = join.rows.group_by("last").agg(pl.len(), pl.col("lead_wd").sum())
        token, count, _ = slowest.sort(["lead_wd", "last"], descending=[True, False]).row(0)
        mine = join.rows.filter(pl.col("last") == token)
        lead = per_case(context, mine, "lead_wd", unit="wd")
        if lead.mean >= context.profile.join_wd:
            yield _finding(context, join, token, int(count), mine)


def _all(context: Context) -> tuple[Join, ...]:
    return tuple(joins(context))


def _finding(context: Context, join: Join, token: str, count: int, mine: pl.DataFrame) -> Finding:
    node = context.graph.nodes[join.composite]
    region = token.removeprefix(f"{join.composite}/")
    lead, share = each(mine, "lead_wd", unit="wd"), count / join.rows.height
    waits = with_days(context, join.waits, "over_us", "join_us")
    evidence: list[Evidence] = [
        Measurement(
            Text(en=f"{region} is the last", zh=f"{region} 最后完成的比例"), 100 * share, "%", n=join.rows.height
        ),
        measured(Text(en="later than the one before it", zh="比次慢分支晚"), lead),
    ]
    for (name,), rows in waits.sort("token").group_by("token", maintain_order=True):
        short = str(name).removeprefix(f"{join.composite}/")
        evidence.append(
            measured(Text(en=f"{short} waits for the others", zh=f"{short} 等待其他分支"), each(rows, "wd", unit="wd"))
        )
    return finding(
        context,
        "T14",
        subjects(("state", [join.composite])),
        Text(
            en=f"{node.label('en')}: {region} is the last in {share:.0%} of the cases, and then "
            f"{lead.mean:.1f} working "
            "days later than the others: they wait for it alone",
            zh=f"{node.label('zh')}：{share:.0%} 的件由分支「{region}」最后完成，平均比其他分支晚 "
            f"{lead.mean:.1f} 个工作日，"
            "其余分支只在等它",
        ),
        tuple(evidence),
        cost=cost(
            context,
            "working_days",
            per_case(context, mine, "lead_wd").mean,
            Text(en="what is saved if it were as quick as the next one", zh="若与次慢分支同速可节省的时间"),
        ),
        remedies=(
            Remedy(
                "restaff",
                Text(en="move people or an earlier start to the slowest region", zh="向最慢分支调配人员或提前启动"),
            ),
            Remedy(
                "parallelize",
                Text(en="let what does not need its result go on before the join", zh="不依赖其结果的后续工作先行办理"),
            ),
        ),
        thresholds={"join_wd": context.profile.join_wd},
        path=node.path,
    )


RULES = (
    Rule(
        id="T14",
        name=Text(en="synchronization wait", zh="等齐"),
        what=Text(en="parallel regions that mostly wait for one and the same", zh="并联分支总在等同一个分支"),
        why=Text(
            en="the lead time is that of the slowest region: effort spent on the others shortens nothing",
            zh="总时长取决于最慢分支：压缩其他分支不起作用",
        ),
        formula=Text(
            en="working time between the end of the last region and that of the one before it, over the joins at which "
            "that region is the last",
            zh="最后完成分支与次慢分支完成时刻之间的工作时间，取该分支最后完成的各次汇合",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., 7.1.2",
        trap=Text(
            en="joins that do not wait for every region, regions of like speed, nights and holidays",
            zh="无需等齐的汇合、速度相近的分支、夜间与节假日",
        ),
        check=_check,
        needs="run",
    ),
)
