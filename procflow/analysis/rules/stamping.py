"""R7: reviews that hardly ever object, shown by counted decisions and by nothing else."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy
from procflow.analysis.observed import ObservedRun
from procflow.analysis.proportions import upper_bound
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.segments import known_on_entering
from procflow.analysis.spending import of_states
from procflow.definition.citations import cited
from procflow.definition.process import State
from procflow.machine.graph import Edge
from procflow.text import Text

_JUDGING = frozenset({"review", "approval", "decision", "meeting"})
"""Kinds that pass or stop a case on what others have found; who inspects on the spot finds something himself."""


@dataclass(frozen=True)
class Objections:
    """How likely a review objects or changes something; ``sample`` decisions were counted, None if not said."""

    probability: float
    sample: int | None
    source: str | None

    def at_most(self, confidence: float) -> float:
        """Return the upper confidence bound; 1 where nobody counted."""
        if self.sample is None:
            return 1.0
        return upper_bound(math.ceil(self.probability * self.sample - 1e-9), self.sample, confidence=confidence)


def objections(context: Context, name: str) -> Objections | None:
    """Return how likely a review objects, None where it cannot object, or does so by a guard or on a timer.

    Where probabilities depend on the visit the greatest one counts.
    """
    ways = context.graph.out(name)
    if len({edge.dest for edge in ways}) < 2 or any(e.transition.when or e.transition.timeout for e in ways):
        return None
    passing = max(ways, key=partial(_likely, ways))
    others = [edge for edge in ways if edge.dest != passing.dest]
    told = [edge.transition.probability for edge in others if edge.transition.probability]
    if len(told) == len(others):
        samples = {each.sample for each in told}
        probability = min(1.0, math.fsum(max(each.values) for each in told))
        sources = sorted({each.source for each in told if each.source})
        sourced = all(each.source for each in told)
        return Objections(probability, _least(samples), "; ".join(sources) if sourced else None)
    main = passing.transition.probability
    same_end = [edge for edge in ways if edge.dest == passing.dest]
    if main is None or len(same_end) > 1:
        return None
    return Objections(1 - min(main.values), main.sample, main.source)


def counted(context: Context, name: str) -> Objections | None:
    """Return how often a review objected in an event log; None without one, or where it cannot object.

    Whatever did not go the commonest way counts as an objection, a way that the log does not tell, too.
    """
    if not isinstance(context.run, ObservedRun) or len({edge.dest for edge in context.graph.out(name)}) < 2:
        return None
    dests = context.run.events.filter(state=name)["dest"]
    told = dests.drop_nulls().value_counts()["count"]
    if told.is_empty():
        return None
    objected = dests.len() - int(told.to_numpy().max())
    return Objections(objected / dests.len(), dests.len(), "event log 事件日志")


def _likely(ways: tuple[Edge, ...], edge: Edge) -> float:
    """Return how likely a way is at first; one without probability takes what is left."""
    told = [way.transition.probability.at(1) for way in ways if way.transition.probability]
    return edge.transition.probability.at(1) if edge.transition.probability else 1 - math.fsum(told)


def _least(samples: set[int | None]) -> int | None:
    return None if None in samples else min(s for s in samples if s is not None)


def judges(context: Context, name: str) -> bool:
    """Whether a state judges what others found, on no law, deters from nothing, and changes no data itself."""
    state = context.graph.state(name)
    return (
        state.kind in _JUDGING
        and state.who == "staff"
        and state.deters is None
        and not _demanded(state)
        and not state.issues
        and not _may_change(context, name, state)
    )


def _demanded(state: State) -> bool:
    return state.basis is not None or any(check.basis or check.duty != "none" for check in state.checks)


def _may_change(context: Context, name: str, state: State) -> bool:
    """Whether passing it may alter what was there: it writes a known item, or sets an attribute."""
    sets = any(edge.transition.set for edge in context.graph.out(name))
    return sets or bool(known_on_entering(context, name, state.writes))


def uncounted(context: Context) -> list[str]:
    """Return the reviews that a source says hardly ever object, without saying over how many decisions."""
    found = []
    for name in context.graph.leaves:
        seen = objections(context, name) if judges(context, name) else None
        if seen and seen.source and seen.sample is None and seen.probability < context.profile.rubber_stamp:
            found.append(name)
    return found


def _stamps(context: Context) -> Iterator[Finding]:
    profile = context.profile
    for name in context.graph.leaves:
        seen = (counted(context, name) or objections(context, name)) if judges(context, name) else None
        if seen is not None and seen.source and seen.at_most(profile.confidence) < profile.rubber_stamp:
            yield _stamp(context, name, seen)


def _stamp(context: Context, name: str, seen: Objections) -> Finding:
    state, spent = context.graph.state(name), of_states(context, [name])
    share = Text(en="share objected to", zh="不予通过或改动的比例")
    bound = seen.at_most(context.profile.confidence)
    whole = context.process.definition.basis
    return finding(
        context,
        "R7",
        subjects(("state", [name])),
        Text(
            en=f"{state.label('en')} objects in {seen.probability:.2%} of cases ({seen.source}): no law demands it, "
            "and hardly anything ever comes of it",
            zh=f"“{state.label('zh')}”仅对 {seen.probability:.2%} 的办件提出异议（{seen.source}），"
            "且无法律依据，流于形式（走过场）",
        ),
        (Measurement(share, seen.probability, SHARE, 0.0, bound, seen.sample), *spent.evidence),
        cost=spent.costs,
        legal_hook="《优化营商环境条例》第三十五条",
        blocked_by=(
            Text(
                en=f"the process as a whole rests on {whole}: see first whether that demands this step",
                zh=f"流程整体依据为{cited(whole, 'zh')}：须先核实其是否要求本环节",
            ),
        )
        if whole
        else (),
        remedies=(
            Remedy("eliminate", Text(en="drop it, and sample afterwards", zh="取消该环节，改为事后抽查")),
            Remedy("delegate", Text(en="let whoever prepares the case decide", zh="授权承办人直接办结")),
        ),
        thresholds={"rubber_stamp": context.profile.rubber_stamp, "confidence": context.profile.confidence},
        path=context.graph.nodes[name].path,
    )


RULES = (
    Rule(
        "R7",
        Text(en="rubber stamp", zh="走过场"),
        Text(
            en="a review without a legal basis that hardly ever rejects or changes anything, by counted decisions",
            zh="无法律依据、经统计几乎从不否决或改动的审查环节",
        ),
        Text(en="the case waits for a signature that decides nothing", zh="办件为一个不起作用的签字而等待"),
        Text(
            en="one-sided upper confidence bound (Clopper-Pearson) of P(reject or change) < rubber_stamp, from a "
            "probability with source and sample (the greatest one where it depends on the visit), or counted in an "
            "event log",
            zh="否决或改动概率的单侧置信上限（Clopper-Pearson）<rubber_stamp，"
            "概率载明来源与样本量（取最大值）或由日志统计",
        ),
        "Clopper, Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934)",
        Text(
            en="a review that law demands or that deters (`deters`), small samples, assumed probabilities and "
            "simulated runs, which prove nothing; a review without any way to object is a gap in the definition (D17)",
            zh="法律要求的审查、有震慑作用的审查（deters）、小样本；假设的概率与仿真结果不足为凭；没有否决出口的审查属梳理缺口（D17）",
        ),
        _stamps,
    ),
)
