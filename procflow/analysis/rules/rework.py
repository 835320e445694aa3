"""R13: steps done again inside the administration (返工)."""

from collections.abc import Iterator

import polars as pl

from procflow.analysis.finding import Finding, Remedy, Step, Witness
from procflow.analysis.loops import repeated_visits, rework_loops
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.analysis.run_evidence import measured, per_case
from procflow.analysis.spending import of_visits
from procflow.simulation.statistics import Estimate
from procflow.text import Text

_SHOWN = 5


def _rework(context: Context) -> Iterator[Finding]:
    for part in rework_loops(context):
        rows = repeated_visits(context, part)
        often = {name: per_case(context, rows.filter(pl.col("state") == name)) for name in part}
        often = {name: estimate for name, estimate in often.items() if estimate.mean > 0}
        if often and max(e.mean for e in often.values()) >= context.profile.rework_per_case:
            yield _loop(context, rows, often)


def _loop(context: Context, rows: pl.DataFrame, often: dict[str, Estimate]) -> Finding:
    most = sorted(often, key=lambda name: -often[name].mean)
    listed, spent = named(context, often), of_visits(context, {}, rows)
    counts = tuple(
        measured(Text(en=f"repetitions of {n.get('en')}", zh=f"“{n.get('zh')}”重复次数"), often[name], "times")
        for name in most[:_SHOWN]
        if (n := named(context, [name]))
    )
    return finding(
        context,
        "R13",
        subjects(("state", often)),
        Text(
            en=f"{listed.get('en')} are done again {often[most[0]].mean:.2g} times a case, other than for corrections",
            zh=f"{listed.get('zh')}每件重复办理 {often[most[0]].mean:.2g} 次（不含补正）",
        ),
        (Witness(tuple(Step(name) for name in often)), *counts, *spent.evidence),
        cost=spent.costs,
        remedies=(
            Remedy("knock_out", Text(en="find what is wrong before the costly steps", zh="将易发现问题的审查前置")),
            Remedy("merge", Text(en="let those who send it back and forth decide together", zh="合并环节，当面会商")),
        ),
        thresholds={"rework_per_case": context.profile.rework_per_case},
        path=context.graph.nodes[next(iter(often))].path,
    )


RULES = (
    Rule(
        "R13",
        Text(en="rework", zh="返工"),
        Text(en="steps that cases go through again inside the administration", zh="在机关内部重复办理的环节"),
        Text(en="work done twice, and the applicant waits twice", zh="同一工作做两遍，申请人等两回"),
        Text(
            en="visits to a state beyond the first, less the corrections and instalments since then, per case of the "
            "run; priced by what these visits took",
            zh="仿真中首次之后的办理次数，减去其间的补正与分期次数；按这些办理的实际耗费计价",
        ),
        "Dumas et al., Fundamentals of Business Process Management, 2nd ed., ch. 7: rework",
        Text(
            en="lawful instalments (`instalment`), and corrections by the applicant, which H3 counts",
            zh="依法分期分批办理（instalment）、申请人补正（由 H3 统计）",
        ),
        _rework,
        needs="run",
    ),
)
