"""T18, the load imbalance (负荷失衡): some people overloaded beside others who could do the same work."""

from collections.abc import Iterable, Iterator

from procflow.analysis.bottleneck import Load, loads
from procflow.analysis.finding import SHARE, Finding, Remedy
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import measured
from procflow.definition.organization import Department
from procflow.text import Text


def pairs(context: Context) -> Iterator[tuple[Load, Load]]:
    """Yield each overloaded group with the idlest one of like work, where one is."""
    high, low = context.profile.utilization_overload, context.profile.utilization_low
    known = context.shared(loads)
    for busy in known:
        if busy.utilization.mean < high:
            continue
        idle = [each for each in known if each.utilization.mean < low and _alike(context, busy, each)]
        if idle:
            yield busy, min(idle, key=lambda load: (load.utilization.mean, load.name))


def _alike(context: Context, one: Load, other: Load) -> bool:
    """Whether two groups do like work: offices of one department with the same group, or groups that share a role.

    Departments have different powers, and a group whose roles are its own is a specialist's duty roster.
    """
    if one.department != other.department:
        return False
    if one.group == other.group:
        return one.office != other.office
    department = context.process.organization.department(one.department)
    return department is not None and bool(_roles(department, one.group) & _roles(department, other.group))


def _roles(department: Department, group: str) -> frozenset[str]:
    name = group.removeprefix(f"{department.name}.")
    held = next((each.roles for each in department.staff if each.name == name), (name,))
    return frozenset(held)


def _check(context: Context) -> Iterable[Finding]:
    for busy, idle in pairs(context):
        high, low = context.profile.utilization_overload, context.profile.utilization_low
        yield finding(
            context,
            "T18",
            subjects(("role", [busy.name, idle.name]), ("department", [busy.department])),
            Text(
                en=f"{busy.name} is busy {busy.utilization.mean:.0%} of the time on duty, {idle.name}, which does like "
                f"work, {idle.utilization.mean:.0%}",
                zh=f"{busy.name} 负荷率 {busy.utilization.mean:.0%}，而从事同类工作的 {idle.name} 仅 "
                f"{idle.utilization.mean:.0%}",
            ),
            (
                measured(Text(en=f"utilization of {busy.name}", zh=f"{busy.name} 负荷率"), busy.utilization, SHARE),
                measured(Text(en=f"utilization of {idle.name}", zh=f"{idle.name} 负荷率"), idle.utilization, SHARE),
            ),
            severity="medium",
            remedies=(
                Remedy(
                    "restaff", Text(en="let both share one queue, or move people", zh="统一派件（共享队列）或调剂人员")
                ),
            ),
            thresholds={"utilization_overload": high, "utilization_low": low},
        )


RULES = (
    Rule(
        id="T18",
        name=Text(en="load imbalance", zh="负荷失衡"),
        what=Text(
            en="people who are overloaded beside others with like work who are not",
            zh="从事同类工作的人员忙闲不均",
        ),
        why=Text(
            en="waiting grows without bound near full load: sharing the work costs nobody and saves the most",
            zh="接近满负荷时等待急剧增长：分摊工作无需增人，收效最大",
        ),
        formula=Text(
            en="utilization of a group at or above utilization_overload beside one below utilization_low, in offices "
            "of one department or with a role in common",
            zh="同一部门各分支机构或共有岗位的人员组中，负荷率 ≥ utilization_overload 与 < utilization_low 并存",
        ),
        source="Kleinrock, Queueing Systems II, 5.1 (pooling of servers)",
        trap=Text(
            en="specialists on a duty roster: groups of other departments or without a role in common",
            zh="专业值班：不同部门或无共同岗位的人员组",
        ),
        check=_check,
        needs="run",
    ),
)
