"""H1, H2: handoffs along each axis (跨部门、层级、地域、系统), and cases sent to and fro for nothing (踢皮球).

Counts and judges; ``run_handoffs`` and ``expected_handoffs`` say who gives to whom.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from procflow.analysis.bounces import Stay, is_silent, stay
from procflow.analysis.expected_handoffs import Flows
from procflow.analysis.finding import Evidence, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.pricing import cost, elapsed_days, transfer_days, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, label, subjects
from procflow.analysis.run_evidence import cohort, measured, per_case, visits_of
from procflow.analysis.run_handoffs import AXES, handoffs
from procflow.analysis.run_tables import CASE, events_of, process_of
from procflow.text import Text

_AXES = {
    "department": Text(en="departments", zh="部门"),
    "level": Text(en="levels", zh="层级"),
    "territory": Text(en="territories", zh="地域"),
    "system": Text(en="systems", zh="系统"),
}
_SHOWN = 5
_WAY = Text(en="expected handoffs × mean time on the way, queues apart", zh="期望交接次数×平均移送时间，不含排队")


def flows(context: Context) -> Flows | None:
    """Return the expected flows of cases between states, None where the definition does not determine them."""
    expected = context.shared(visits)
    return Flows(context.graph, expected) if expected else None


def axis_value(context: Context, axis: str) -> Callable[[str], str | None]:
    """Return the function that gives a leaf's department, level, territory or system; None where no staff acts."""

    values = context.shared(_axis_values)[axis]
    return lambda name: values[name]


def _axis_values(context: Context) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {axis: dict.fromkeys(context.graph.nodes) for axis in AXES}
    for name, node in context.graph.nodes.items():
        department = context.process.department(node.state)
        if node.state.who == "staff" and department is not None:
            found["department"][name] = department.name
            found["level"][name] = department.level
            found["territory"][name] = department.region
            found["system"][name] = node.state.system
    return found


def run_handoffs(context: Context) -> pl.DataFrame:
    """Return the handoffs of the run's finished cohort."""
    run: Any = context.run
    found = handoffs(context.graph, events_of(run, process_of(run, context.process)))
    return found.join(context.shared(cohort), on=CASE, how="semi")


def _check_axes(context: Context) -> Iterable[Finding]:
    for axis in AXES:
        expected = _expected(context, axis)
        seen = None
        if context.run is not None:
            rows = context.shared(run_handoffs).filter(pl.col("axis") == axis)
            seen = per_case(context, rows, unit="handoffs")
        count = seen.mean if seen else sum(expected.values()) if expected is not None else 0.0
        if count <= context.profile.handoffs_per_case:
            continue
        evidence: list[Evidence] = [measured(Text(en="handoffs per case", zh="每件交接次数"), seen)] if seen else []
        if expected is not None:
            total = sum(expected.values())
            evidence.append(Measurement(Text(en="expected from the definition", zh="按定义推算"), total, "handoffs"))
            evidence += [_pair(context, pair, often) for pair, often in _most(expected)]
        yield _axis_finding(context, axis, count, evidence, _on_the_way(context, axis))


def _on_the_way(context: Context, axis: str) -> float | None:
    """Return the working days per case that handoffs along an axis take on the way, None where that is not known.

    Straight handoffs only, as the definition says: neither past the applicant nor by a courier's round (T3).
    """
    found = context.shared(flows)
    if found is None:
        return None
    value, same = axis_value(context, axis), axis_value(context, "department")
    return math.fsum(
        step.per_case * transfer_days(context.process, context.graph.state(step.source), step.edge.transition)
        for step in found.steps
        if same(step.source) and same(step.dest) and value(step.source) != value(step.dest)
    )


def _expected(context: Context, axis: str) -> dict[tuple[str, str], float] | None:
    found = context.shared(flows)
    if found is None:
        return None
    value, same = axis_value(context, axis), axis_value(context, "department")
    pairs = found.pairs(lambda name: same(name) is not None)
    between: dict[tuple[str, str], float] = {}
    for (giver, taker), often in pairs.items():
        first, second = value(giver), value(taker)
        if first and second and first != second and _other_actor(context, giver, taker):
            between[first, second] = between.get((first, second), 0.0) + often
    return between


def _other_actor(context: Context, giver: str, taker: str) -> bool:
    """Whether another role acts: the same one in another system hands nothing over."""
    first, second = context.graph.state(giver), context.graph.state(taker)
    return (first.department, first.role) != (second.department, second.role)


def _most(between: dict[tuple[str, str], float]) -> list[tuple[tuple[str, str], float]]:
    return sorted(between.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]


def _pair(context: Context, pair: tuple[str, str], often: float) -> Measurement:
    en, zh = (" → ".join(label(context, name, lang) for name in pair) for lang in ("en", "zh"))
    return Measurement(Text(en=en, zh=zh), often, "handoffs")


def _axis_finding(context: Context, axis: str, count: float, evidence: list[Evidence], days: float | None) -> Finding:
    name = _AXES[axis]
    costs = cost(context, "working_days", days, _WAY) if days else ()
    return finding(
        context,
        "H1",
        subjects(("process", [f"{context.process.name}:{axis}"])),
        Text(
            en=f"a case changes hands between {name.get('en')} {count:.1f} times on average",
            zh=f"每件平均跨{name.get('zh')}交接 {count:.1f} 次",
        ),
        tuple(evidence),
        cost=costs,
        severity=None if costs else context.profile.unpriced,
        remedies=(
            Remedy("merge", Text(en="let one owner do adjacent steps", zh="相邻环节归并，由一家办理")),
            Remedy("parallelize", Text(en="ask several departments at once", zh="并联征求意见、并联审批")),
        ),
        thresholds={"handoffs_per_case": context.profile.handoffs_per_case},
    )


def _check_bounces(context: Context) -> Iterable[Finding]:
    found = context.shared(flows)
    for pair, bounces in _bounces(context, found).items():
        expected = bounces.per_case
        counted = per_case(context, _seen(context, *pair), unit="bounces") if context.run is not None else None
        often = counted.mean if counted else expected
        if often is not None and often >= context.profile.bounces_per_case:
            evidence: list[Evidence] = [_bounce_witness(*bounces.stays[0])]
            if counted:
                evidence.append(measured(Text(en="bounces per case", zh="每件往返次数"), counted))
            if expected is not None:
                text = Text(en="expected from the definition", zh="按定义推算")
                evidence.append(Measurement(text, expected, "bounces"))
            yield _bounce_finding(context, pair, bounces, often, evidence)


@dataclass(frozen=True)
class _Bounces:
    """What one department sends to another and gets back: from where to which stays, and how often per case."""

    stays: list[tuple[str, Stay]]
    per_case: float | None


def _bounces(context: Context, found: Flows | None) -> dict[tuple[str, str], _Bounces]:
    """Return by pair of departments the ways to and fro on which nothing is added."""
    department = axis_value(context, "department")
    known: dict[tuple[str, str], Stay | None] = {}
    result: dict[tuple[str, str], _Bounces] = {}
    for edge in context.graph.edges:
        if not (context.graph.is_leaf(edge.source) and context.graph.is_leaf(edge.dest)):
            continue
        giver, taker = department(edge.source), department(edge.dest)
        if giver is None or taker is None or giver == taker:
            continue
        if (edge.dest, giver) not in known:
            known[edge.dest, giver] = stay(context.graph, department, edge.dest, giver, found)
        there = known[edge.dest, giver]
        if there is not None:
            before = result.get((giver, taker), _Bounces([], None if found is None else 0.0))
            often = before.per_case
            if found is not None and often is not None and there.share is not None:
                often += found.expected.edges.get(edge.index, 0.0) * there.share
            result[giver, taker] = _Bounces([*before.stays, (edge.source, there)], often)
    return result


def _seen(context: Context, home: str, other: str) -> pl.DataFrame:
    """Return one row per time that a case of the run went from one department to another and back for nothing."""
    silent = [name for name in context.graph.leaves if is_silent(context.graph.state(name))]
    telling = [(e.source, e.trigger) for e in context.graph.edges if e.transition.rejects or e.transition.set]
    told = pl.concat_str("state", "trigger", separator="\0").is_in(["\0".join(pair) for pair in telling])
    mine = [*CASE, "token", "part"]
    rows = context.shared(visits_of).with_columns(
        silent=pl.col("state").is_in(silent) & ~told.fill_null(False),
        owner=pl.when(pl.col("who") == "staff").then("department").otherwise(pl.lit("")),
    )
    change = (pl.col("owner") != pl.col("owner").shift(1).over(mine)).fill_null(True)
    stays = rows.with_columns(stay=change.cum_sum().over(mine)).group_by(*mine, "stay", maintain_order=True)
    owners = stays.agg(pl.col("owner").first(), pl.col("silent").all())
    before, after = pl.col("owner").shift(1).over(mine), pl.col("owner").shift(-1).over(mine)
    return owners.filter((before == home) & (pl.col("owner") == other) & (after == home) & pl.col("silent"))


def _bounce_witness(source: str, there: Stay) -> Witness:
    nothing = Text(en="adds nothing", zh="未增加任何信息")
    middle = (Step(name, nothing) for name in there.way[:-1])
    return Witness((Step(source), *middle, Step(there.way[-1])))


def _bounce_finding(
    context: Context, pair: tuple[str, str], bounces: _Bounces, often: float, evidence: list[Evidence]
) -> Finding:
    home, other = pair
    process, state = context.process, context.graph.state
    days = max(
        math.fsum(times * elapsed_days(process, state(name)) for name, times in each.visits.items())
        for _, each in bounces.stays
    )
    there = list(dict.fromkeys(name for _, each in bounces.stays for name in each.visits))
    path = context.graph.nodes[bounces.stays[0][1].way[0]].path
    return finding(
        context,
        "H2",
        subjects(("department", pair), ("state", there)),
        Text(
            en=f"{label(context, home, 'en')} sends cases to {label(context, other, 'en')} and gets them back without "
            f"anything new, {often:.2g} times a case",
            zh=f"{label(context, home, 'zh')}转{label(context, other, 'zh')}后未增加任何信息又退回，"
            f"每件 {often:.2g} 次",
        ),
        tuple(evidence),
        cost=cost(
            context,
            "working_days",
            often * days,
            Text(en="bounces × work and delay there, queues apart", zh="往返次数 × 该处办理与停留时间（不含排队）"),
        ),
        remedies=(
            Remedy(
                "eliminate", Text(en="decide where the case is, or ask once with all data", zh="首接负责，一次说清")
            ),
        ),
        thresholds={"bounces_per_case": context.profile.bounces_per_case},
        path=path,
    )


RULES = (
    Rule(
        id="H1",
        name=Text(en="handoffs by axis", zh="跨部门、层级、地域、系统交接"),
        what=Text(en="cases that change hands often, on one axis", zh="在某一维度上频繁交接的流程"),
        why=Text(
            en="each handoff brings a queue, a transfer and a chance of loss", zh="每次交接都带来排队、移送和差错可能"
        ),
        formula=Text(
            en="expected flows between states of staff that differ on the axis; a fork counts once for each region, a "
            "join once; in a run counted case by case",
            zh="相继办理环节在该维度上不同的期望次数；分叉按分支各计一次，汇合计一次；仿真中逐件计数",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., ch. 8",
        trap=Text(
            en="labels that change while the person stays, the applicant (an actor, not a department), steps in which "
            "nobody acts",
            zh="人员未变而名称变化、申请人（是当事人而非部门）、无人办理的状态",
        ),
        check=_check_axes,
    ),
    Rule(
        id="H2",
        name=Text(en="ping-pong", zh="踢皮球"),
        what=Text(
            en="a case that goes from one department to another and back without anything new",
            zh="件在两部门间往返而未产生新信息",
        ),
        why=Text(en="the applicant waits twice for nothing", zh="申请人为此空等两次"),
        formula=Text(
            en="expected uses of the ways to and fro; p/(1−p) where a step sends back with probability p each time; in "
            "a run counted case by case",
            zh="往返路径的期望使用次数；每次以概率 p 退回时为 p/(1−p)；仿真中逐件计数",
        ),
        source="Kemeny, Snell, Finite Markov Chains, 3.2",
        trap=Text(
            en="planned consultation: the other department writes, checks or issues something, or says what it "
            "rejects; states that do not say that their data are complete",
            zh="有计划的征求意见（对方有产出、有核验或说明退回内容）；未声明数据完整的状态",
        ),
        check=_check_bounces,
    ),
)
