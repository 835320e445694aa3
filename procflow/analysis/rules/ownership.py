"""H5: several departments share a process and nobody leads it."""

from collections.abc import Iterator

from procflow.analysis.finding import Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.text import Text


def _no_lead(context: Context) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name in context.graph.leaves:
        state = context.graph.nodes[name].state
        if state.who == "staff" and state.department is not None:
            first.setdefault(state.department, name)
    if context.process.definition.lead is not None or len(first) < 2:
        return
    listed = named(context, first)
    yield finding(
        context,
        "H5",
        subjects(("department", first)),
        Text(
            en=f"{len(first)} departments work in the process and none leads it: {listed.get('en')}",
            zh=f"{len(first)} 个部门参与办理，未明确牵头部门：{listed.get('zh')}",
        ),
        (
            Witness(tuple(Step(name, Text(en=department, zh=department)) for department, name in first.items())),
            Measurement(Text(en="departments", zh="参与部门数"), float(len(first)), "departments"),
        ),
        severity=context.profile.unpriced,
        remedies=(
            Remedy(
                "",
                Text(en="name the department that answers for the whole: lead", zh="明确牵头部门（lead），对全程负责"),
            ),
        ),
        path=("process",),
    )


RULES = (
    Rule(
        id="H5",
        name=Text(en="no lead, two owners", zh="无牵头部门"),
        what=Text(en="a process of several departments that names no lead", zh="多部门参与而未明确牵头部门的流程"),
        why=Text(
            en="what nobody answers for as a whole waits between desks, and nobody may change it",
            zh="无人对全程负责，环节之间便无人推动，也无人有权优化",
        ),
        formula=Text(
            en="departments whose staff act in a state, two or more, and no lead",
            zh="有工作人员办理环节的部门数 ≥ 2 且未写 lead",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., 1.3 (process owner)",
        trap=Text(
            en="outsiders and applicants, several offices of one department",
            zh="申请人与外部机构、同一部门的多个分支机构",
        ),
        check=_no_lead,
    ),
)
