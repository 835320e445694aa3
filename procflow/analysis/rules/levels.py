"""H4, H9: cases that go up and down between levels (上下级往返), and decisions taken far from the work (责权错位)."""

import math
from collections.abc import Iterator

import polars as pl

from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.handoffs import flows
from procflow.analysis.levels import counted_turns, expected_turns
from procflow.analysis.loops import reachable
from procflow.analysis.pricing import cost, visits, work_minutes
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, label, subjects
from procflow.analysis.run_evidence import measured, per_case, visits_of, with_days
from procflow.analysis.spending import of_states
from procflow.definition.citations import cited
from procflow.definition.process import State
from procflow.text import Text

_SHOWN = 5
_Turns = dict[tuple[str, str], float]


def _bounces(context: Context) -> Iterator[Finding]:
    known = context.shared(flows)
    turns: _Turns = expected_turns(context, known) if known else {}
    total = math.fsum(turns.values())
    days = math.fsum(_transfer_days(context, pair) * often for pair, often in turns.items())
    evidence: list[Evidence] = []
    if context.run is not None:
        rows = counted_turns(context)
        seen = per_case(context, rows)
        pairs = rows.group_by("from_state", "to_state").len().sort("len", "from_state", descending=[True, False])
        turns = {(r["from_state"], r["to_state"]): seen.mean * r["len"] / max(rows.height, 1) for r in pairs.to_dicts()}
        evidence.append(measured(Text(en="turns between levels per case", zh="每件上下级折返次数"), seen, "times"))
        total = seen.mean
        days = per_case(context, with_days(context, rows, "left_us", "arrived_us"), "wd").mean
    elif turns:
        evidence.append(Measurement(Text(en="turns between levels per case", zh="每件上下级折返次数"), total, "times"))
    if total > context.profile.level_reversals:
        yield _bounce(context, turns, total, days, evidence)


def _bounce(context: Context, turns: _Turns, total: float, days: float, evidence: list[Evidence]) -> Finding:
    most = sorted(turns, key=lambda pair: (-turns[pair], pair))[:_SHOWN]
    for pair in most:
        en, zh = (" → ".join(label(context, name, lang) for name in pair) for lang in ("en", "zh"))
        evidence.append(Measurement(Text(en=en, zh=zh), turns[pair], "times"))
    involved = list(dict.fromkeys(name for pair in turns for name in pair))
    takers = list(dict.fromkeys(taker for _, taker in turns))
    basis = Text(en="turns × mean time on the way", zh="折返次数×平均移送时间")
    return finding(
        context,
        "H4",
        subjects(("state", sorted(involved))),
        Text(
            en=f"a case turns {total:.2g} times between going up and going down the levels",
            zh=f"每件在上下级之间折返 {total:.2g} 次",
        ),
        tuple(evidence),
        cost=cost(context, "working_days", days, basis) if days > 0 else (),
        remedies=(
            Remedy("direct", Text(en="skip the level that only passes on", zh="减少中间层级，直达办理")),
            Remedy("delegate", Text(en="let the level that works sign", zh="委托承办层级签署")),
        ),
        thresholds={"level_reversals": context.profile.level_reversals},
        path=context.graph.nodes[takers[0]].path,
    )


def _transfer_days(context: Context, pair: tuple[str, str]) -> float:
    """Return the mean working days that a case is on its way between two states, straight ones only."""
    giver, taker = pair
    for edge in context.graph.out(giver):
        transfer = edge.transition.transfer
        if taker in context.graph.entered(edge.dest) and transfer is not None and transfer.delay is not None:
            process = context.process
            day = process.nominal_day_seconds(transfer.calendar or process.organization.default_calendar) or 86_400.0
            return transfer.delay.mean(day) / (day if transfer.delay.is_working or transfer.calendar else 86_400.0)
    return 0.0


def _mismatches(context: Context) -> Iterator[Finding]:
    for name in _decisions(context):
        department = context.process.department(context.graph.state(name))
        shares, agreed = work_shares(context, name), agreement(context, name)
        if department is None or not shares or agreed is None:
            continue
        level, share = max(shares.items(), key=lambda pair: pair[1])
        heavy = share >= context.profile.authority_share and level != department.level
        if heavy and agreed[0] >= context.profile.agreement:
            yield _mismatch(context, name, level, shares, agreed)


def work_shares(context: Context, decision: str) -> dict[str, float]:
    """Return each level's share of the work of staff up to a decision and in it, empty where it is not known."""
    amounts: dict[str, float] = {}
    known = context.shared(visits)
    measured_us = _worked(context) if context.run is not None else {}
    for name in context.graph.leaves:
        state = context.graph.state(name)
        department = context.process.department(state)
        if state.who != "staff" or department is None or not context.shared(reachable).leads(name, decision):
            continue
        if context.run is not None:
            minutes = measured_us.get(name, 0.0)
        elif known is not None:
            minutes = known.to(name) * work_minutes(context.process, state)
        else:
            return {}
        amounts[department.level] = amounts.get(department.level, 0.0) + minutes
    total = math.fsum(amounts.values())
    return {level: amount / total for level, amount in amounts.items()} if total > 0 else {}


def _worked(context: Context) -> dict[str, float]:
    """Return the person-time worked in each state of the run."""
    people = pl.col("people").fill_null("").str.count_matches(",").cast(pl.Float64) + 1
    rows = context.shared(visits_of).filter(pl.col("who") == "staff")
    sums = rows.group_by("state").agg(worked=(pl.col("work_us") * people).sum())
    return {row["state"]: row["worked"] for row in sums.to_dicts()}


def _decisions(context: Context) -> list[str]:
    """Return the states that decide and can decide otherwise: of kind decision, without such ones of kind approval."""

    def of_kind(kind: str) -> list[str]:
        leaves = context.graph.leaves
        return [
            n for n in leaves if context.graph.state(n).kind == kind and len({e.dest for e in context.graph.out(n)}) > 1
        ]

    return of_kind("decision") or of_kind("approval")


def _reserved(state: State) -> tuple[Text, ...]:
    """Return what law says of the level that decides: that it is this one, or perhaps."""
    statutory = [check.basis for check in state.checks if check.duty == "statutory_level" and check.basis]
    if statutory:
        listed = "; ".join(dict.fromkeys(statutory))
        return (
            Text(
                en=f"law reserves the decision to this level: {listed}",
                zh=f"法律规定由该层级决定：{cited(listed, 'zh')}",
            ),
        )
    if state.basis is None:
        return ()
    return (
        Text(
            en=f"{state.basis}: see whether it names the level that decides",
            zh=f"{cited(state.basis, 'zh')}：须核实其是否限定决定层级",
        ),
    )


def agreement(context: Context, name: str) -> tuple[float, int | None] | None:
    """Return how often a decision goes its usual way, with the sample where a run counted; None where not known."""
    if context.run is not None:
        rows = context.shared(visits_of).filter((pl.col("state") == name) & (pl.col("end") == "completed"))
        counts = rows["dest"].drop_nulls().value_counts()["count"] if rows.height else None
        return (int(counts.max()) / int(counts.sum()), int(counts.sum())) if counts is not None else None  # type: ignore[arg-type]
    known = context.shared(visits)
    if known is None or not known.to(name):
        return None
    by_dest: dict[str, float] = {}
    for edge in context.graph.out(name):
        by_dest[edge.dest] = by_dest.get(edge.dest, 0.0) + known.edges.get(edge.index, 0.0)
    return max(by_dest.values()) / known.to(name), None


def _mismatch(
    context: Context, name: str, level: str, shares: dict[str, float], agreed: tuple[float, int | None]
) -> Finding:
    state, spent = context.graph.state(name), of_states(context, [name])
    titles = {known.name: known for known in context.process.organization.levels}
    department = context.process.department(state)
    decides = titles[department.level] if department else titles[level]
    share_en = f"share of the work up to the decision that {titles[level].label('en')} does"
    share_zh = f"{titles[level].label('zh')}承担的决定前工作占比"
    return finding(
        context,
        "H9",
        subjects(("state", [name]), ("department", [state.department or ""])),
        Text(
            en=f"{titles[level].label('en')} does {shares[level]:.0%} of the work up to the decision, but "
            f"{decides.label('en')} decides ({state.label('en')}), and {agreed[0]:.0%} of its decisions go the same "
            "way",
            zh=f"{titles[level].label('zh')}承担 {shares[level]:.0%} 的工作，决定权却在{decides.label('zh')}"
            f"（“{state.label('zh')}”），且 {agreed[0]:.0%} 的决定结果相同（责权错位）",
        ),
        (
            Witness((Step(name),)),
            Measurement(Text(en=share_en, zh=share_zh), shares[level], SHARE),
            Measurement(
                Text(en="decisions that go the usual way", zh="决定结果一致的比例"), agreed[0], SHARE, n=agreed[1]
            ),
            *spent.evidence,
        ),
        cost=spent.costs,
        legal_hook="《行政许可法》第二十四条",
        blocked_by=_reserved(state),
        remedies=(
            Remedy("delegate", Text(en="let the level that works decide, and sample", zh="下放决定权，事后抽查")),
        ),
        thresholds={
            "authority_share": context.profile.authority_share,
            "agreement": context.profile.agreement,
        },
        path=context.graph.nodes[name].path,
    )


RULES = (
    Rule(
        "H4",
        Text(en="up-and-down bounce", zh="上下级往返"),
        Text(
            en="cases that go up and down between levels again and again",
            zh="在上下级之间多次折返的办件",
        ),
        Text(en="each turn waits for a courier and a queue", zh="每折返一次，多等一次移送和排队"),
        Text(
            en="moves to another level against the direction of the move before, per case, along each token; expected "
            "from flows of cases (as if a case went on alike however it came), counted exactly in a run; > "
            "level_reversals",
            zh="与前一次跨级方向相反的跨级移送次数（逐条线计）；由期望流量推算（假定后续走向与来路无关），仿真中逐件精确计数；>level_reversals",
        ),
        "procflow's own rule",
        Text(
            en="delegated signing (`signs_for`: the step counts at the level for which it signs), steps without staff, "
            "one check ordered from below and reported back",
            zh="委托签署（signs_for：按委托层级计）、无工作人员的环节、一次派下核查并上报",
        ),
        _bounces,
    ),
    Rule(
        "H9",
        Text(en="authority mismatch", zh="责权错位"),
        Text(
            en="the level that does most of the work up to a decision is not the one that decides, and the decisions "
            "nearly always agree",
            zh="承担大部分工作的层级并非决定层级，而决定几乎总是一致",
        ),
        Text(en="the case travels to be signed by somebody who did not see it", zh="办件须送未参与办理者签署"),
        Text(
            en="a level's share of the work of staff in states that lead to the decision ≥ authority_share, another "
            "one decides, and the usual way out of the decision is taken with p ≥ agreement",
            zh="决定前各环节中某层级工作量占比≥authority_share，而由另一层级决定，且决定走向同一结果的概率≥agreement",
        ),
        "procflow's own rule",
        Text(
            en="decisions delegated to the level that works, work that does not lead to the decision, decisions "
            "without another way out; a law that names the level (duty statutory_level) blocks the remedy",
            zh="已委托承办层级决定的、与该决定无关的工作、没有其他出口的决定；法律明定层级的（statutory_level）列为受制事项",
        ),
        _mismatches,
    ),
)
