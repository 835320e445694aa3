"""Checks of single states: who works there, when, with what data and documents."""

from collections.abc import Iterator

from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, Names, fault
from procflow.definition.checks.facts import Facts
from procflow.definition.organization import Department
from procflow.definition.process import AtLeast, Call, State


def state_faults(facts: Facts) -> Iterator[Fault]:
    """Yield what is wrong in the states of a process."""
    for name, (state, path) in facts.states.items():
        yield from _owner(facts, state, path)
        yield from _time(facts, state, path)
        yield from _end(state, path)
        yield from _call(facts, state, path)
        yield from _data(facts, state, path)
        yield from facts.systems.unknown((*path, "system"), state.system)
        yield from _notice(facts, state, path)
        yield from _same_as(facts, name, state, path)


def _owner(facts: Facts, state: State, path: Path) -> Iterator[Fault]:
    yield from facts.departments.unknown((*path, "department"), state.department)
    department = facts.process.department(state)
    if state.who in ("applicant", "external"):
        if state.role is not None:
            yield fault(
                (*path, "role"),
                "actor_with_role",
                f"a role is held by staff, but the actor of {state.name!r} is {state.who!r}: remove one of the two",
                f"岗位属于工作人员,而 {state.name!r} 的办理主体是 {state.who!r}:请删去其一",
            )
        return
    if state.work is not None and not state.is_composite and (state.department is None or state.role is None):
        missing = "department" if state.department is None else "role"
        yield fault(
            (*path, "work"),
            "no_owner",
            f"work in {state.name!r} needs somebody to do it: add {missing!r} (or 'actor: applicant')",
            f"{state.name!r} 有工作却没有办理人:请补充 {missing!r}(或写 'actor: applicant')",
        )
    if state.role is not None and department is not None:
        yield from _role(facts, department, state, path)
    elif state.role is not None and state.department is None and state.work is None:
        yield fault(
            (*path, "role"),
            "no_owner",
            f"role {state.role!r} of which department? add 'department'",
            f"岗位 {state.role!r} 属于哪个部门?请补充 department",
        )


def _role(facts: Facts, department: Department, state: State, path: Path) -> Iterator[Fault]:
    role = department.role(state.role or "")
    if role is None:
        elsewhere = [d.name for d in facts.process.organization.departments if d.role(state.role or "")]
        if elsewhere:
            yield fault(
                (*path, "role"),
                "unknown_role",
                f"role {state.role!r} belongs to {elsewhere[0]!r}, not to {department.name!r}",
                f"岗位 {state.role!r} 属于 {elsewhere[0]!r},不属于 {department.name!r}",
            )
            return
        roles = Names(
            "role", "role", "岗位", [r.name for r in department.roles], repr(department.name), f"{department.name!r} "
        )
        yield from roles.unknown((*path, "role"), state.role)
        return
    own = role.staff.value if role.staff else 0
    held = own + sum(group.count.value for group in department.staff if role.name in group.roles)
    if held == 0 and state.work is not None:
        yield fault(
            (*path, "role"),
            "nobody",
            f"nobody holds role {role.name!r} of {department.name!r}: give it 'staff' in the organization",
            f"{department.name!r} 的岗位 {role.name!r} 没有人员:请在组织文件中给出 staff",
        )
    elif state.staff > held and state.work is not None:
        yield fault(
            (*path, "staff"),
            "too_few_staff",
            f"{state.staff} people are needed at once, but only {held} hold role {role.name!r} of {department.name!r}",
            f"需要同时 {state.staff} 人,但 {department.name!r} 的岗位 {role.name!r} 只有 {held} 人",
        )


def _time(facts: Facts, state: State, path: Path) -> Iterator[Fault]:
    yield from facts.calendars.unknown((*path, "calendar"), state.calendar)
    if isinstance(state.priority, str):
        yield from facts.wrong_expression((*path, "priority"), state.priority, "number")
    if state.batch is not None and state.batch.joint and state.work is None and not state.is_composite:
        yield fault(
            (*path, "batch", "joint"),
            "joint_without_work",
            f"{state.name!r} is done jointly but has no 'work': give the duration of a whole sitting",
            f"{state.name!r} 写明整批共同办理,却没有 work:请给出整批的办理时间",
        )
    if state.batch is not None and state.batch.joint and state.work is not None and len(state.work.visits) > 1:
        yield fault(
            (*path, "work"),
            "joint_by_visit",
            f"{state.name!r} is done jointly for cases at different visits: give 'work' one duration for all",
            f"{state.name!r} 整批共同办理,各件到达次数不同:work 只能给出一个时间",
        )


def _end(state: State, path: Path) -> Iterator[Fault]:
    if state.outcome is not None and not state.final:
        yield fault(
            (*path, "outcome"),
            "outcome",
            f"state {state.name!r} has an outcome but is not final: add 'final: true'",
            f"状态 {state.name!r} 有结果(outcome)但不是终止状态:请补充 'final: true'",
        )
    for key in ("work", "delay", "batch", "call") if state.final and not state.is_composite else ():
        if getattr(state, key) is not None:
            yield fault(
                (*path, key),
                "final_with_work",
                f"final state {state.name!r} takes no time, so no {key!r}: put it into a state before it",
                f"终止状态 {state.name!r} 不占时间,不能有 {key!r}:请放到它之前的状态",
            )


def _call(facts: Facts, state: State, path: Path) -> Iterator[Fault]:
    call = state.call
    if call is None:
        return
    attributes = Names("attribute", "attribute", "属性", list(facts.attributes))
    for theirs, ours in call.gives.items():
        yield from attributes.unknown((*path, "call", "gives", theirs), ours)
    for ours in call.takes:
        yield from attributes.unknown((*path, "call", "takes", ours), ours)
    if isinstance(call.instances, str):
        yield from facts.wrong_expression((*path, "call", "instances"), call.instances, "number")
    yield from _instances(state.name, call, path)
    for key in ("work", "delay", "batch"):
        if getattr(state, key) is not None:
            yield fault(
                (*path, key),
                "call_with_work",
                f"state {state.name!r} calls a process, so that it takes no {key!r}: use a state of its own",
                f"状态 {state.name!r} 调用其他流程,不能有 {key!r}:请另设状态",
            )


def _instances(name: str, call: Call, path: Path) -> Iterator[Fault]:
    """Yield what only one called case can do, or only several."""
    if not call.is_single:
        for ours in call.takes:
            yield fault(
                (*path, "call", "takes", ours),
                "takes_of_several",
                f"{name!r} calls several cases, which may differ: of which one should {ours!r} be taken? leave it out",
                f"{name!r} 调用多个办件,结果可能不一:{ours!r} 应取自哪一件?请删去",
            )
    elif "join" in call.model_fields_set:
        yield fault(
            (*path, "call", "join"),
            "idle_join",
            f"'join' is about several called cases, and {name!r} calls one: give 'instances', or remove it",
            f"join 用于调用多个办件,而 {name!r} 只调用一个:请给出 instances,或删去",
        )
    if isinstance(call.join, AtLeast) and isinstance(call.instances, int) and call.join.at_least > call.instances:
        yield fault(
            (*path, "call", "join", "at_least"),
            "join",
            f"the join waits for {call.join.at_least} cases, but {call.instances} are called: lower the number",
            f"汇合要求办结 {call.join.at_least} 件,但只调用 {call.instances} 件:请改小",
        )


def _data(facts: Facts, state: State, path: Path) -> Iterator[Fault]:
    for index, ask in enumerate(state.asks):
        if ask.item is not None:
            yield from facts.unknown_item((*path, "asks", index, "item"), ask.item)
        elif ask.document is not None:
            yield from facts.unknown_document((*path, "asks", index, "document"), ask.document)
    for index, entry in enumerate(state.enters):
        yield from facts.unknown_item((*path, "enters", index, "item"), entry.item)
        yield from facts.systems.each_unknown((*path, "enters", index, "into"), entry.into)
    for index, read in enumerate(state.reads):
        yield from facts.unknown_thing((*path, "reads", index, "item"), read.item)
    for index, name in enumerate(state.writes):
        yield from facts.unknown_item((*path, "writes", index), name)
    for index, name in enumerate(state.issues):
        yield from facts.unknown_document((*path, "issues", index), name)
    for key in ("archives", "confirms"):
        for index, name in enumerate(getattr(state, key)):
            yield from facts.unknown_thing((*path, key, index), name)
    for index, check in enumerate(state.checks):
        place = (*path, "checks", index)
        yield from facts.unknown_thing((*place, "of"), check.of, subject=True)
        for number, name in enumerate(check.evidence):
            yield from facts.unknown_thing((*place, "evidence", number), name, subject=True)


def _notice(facts: Facts, state: State, path: Path) -> Iterator[Fault]:
    if state.notice is None:
        return
    yield from facts.unknown_thing((*path, "notice", "of"), state.notice.of, subject=True)
    if state.kind != "notice":
        yield fault(
            (*path, "notice"),
            "notice_of_another_kind",
            f"{state.name!r} has a 'notice' but is of kind {state.kind!r}: write 'kind: notice'",
            f"{state.name!r} 写有 notice(公示),而其 kind 是 {state.kind!r}:请写 kind: notice",
        )


def _same_as(facts: Facts, name: str, state: State, path: Path) -> Iterator[Fault]:
    """Yield a fault where two states would draw the same luck: one renamed after another that is still there."""
    if state.same_as is not None and state.same_as != name and state.same_as in facts.states:
        yield fault(
            (*path, "same_as"),
            "same_as",
            f"{state.same_as!r} is another state of this process: 'same_as' names what this state was called before",
            f"{state.same_as!r} 是本流程的另一状态:same_as 应写本状态从前的名称",
        )
