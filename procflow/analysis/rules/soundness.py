"""S1–S4, S6, S8: unsound structure. Loading refuses it; processes built in memory may have it."""

from collections.abc import Callable, Iterator

from procflow.analysis.finding import Finding, Remedy, Step, Witness
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.machine.soundness import Defect, defects
from procflow.text import Text


def _found(context: Context) -> tuple[Defect, ...]:
    return defects(context.graph)


_REMEDIES = {
    "S1": (
        Remedy("eliminate", Text(en="remove the state", zh="删去该状态")),
        Remedy("", Text(en="or write the transition that leads there", zh="或补充通向它的流转")),
    ),
    "S2": (Remedy("", Text(en="write how the case goes on, or that it ends there", zh="补充其出口，或写明在此办结")),),
    "S3": (Remedy("", Text(en="write the way out, or a limit to the rounds", zh="补充出口，或限定往返次数")),),
    "S4": (
        Remedy("", Text(en="let the join wait for no more regions than can finish", zh="调整汇合条件，使之可以完成")),
    ),
    "S6": (Remedy("eliminate", Text(en="remove one of the two", zh="删去其一")),),
    "S8": (Remedy("", Text(en="write probabilities or guards", zh="写明各出口的概率或条件")),),
}


def _rule(code: str) -> Callable[[Context], Iterator[Finding]]:
    def check(context: Context) -> Iterator[Finding]:
        for defect in context.shared(_found):
            if defect.code == code:
                yield _finding(context, defect)

    return check


def _finding(context: Context, defect: Defect) -> Finding:
    edge = defect.edges[-1] if defect.edges else None
    steps = tuple(Step(name) for name in defect.states)
    return finding(
        context,
        defect.code,
        subjects(("state", defect.states), ("transition", (edge.name for edge in defect.edges))),
        defect.message,
        (Witness(steps),),
        severity=context.profile.unsound,
        remedies=_REMEDIES[defect.code],
        path=edge.path if edge else context.graph.nodes[defect.states[0]].path,
    )


_SOURCE = "van der Aalst, The Application of Petri Nets to Workflow Management, J. Circuits Syst. Comput. 8 (1998)"
_WHY = Text(en="cases are lost, or simulation never ends", zh="案件无法办结或无法仿真")


def _described(code: str, name: Text, what: Text, formula: Text, trap: Text) -> Rule:
    return Rule(code, name, what, _WHY, formula, _SOURCE, trap, _rule(code))


RULES = (
    _described(
        "S1",
        Text(en="unreachable state", zh="不可达状态"),
        Text(en="a state to which no path leads", zh="从初始状态无法到达的状态"),
        Text(en="reachability, guards taken to hold", zh="可达性（假定条件均可成立）"),
        Text(en="states that only a guard closes off", zh="仅因条件而未进入的状态"),
    ),
    _described(
        "S2",
        Text(en="no path to an end", zh="死路"),
        Text(en="a state from which no end can be reached", zh="无法到达任何终态的状态"),
        Text(en="backward reachability from final states and early exits", zh="由终态和提前离开处反向可达"),
        Text(en="a cancelling or early end counts as an end", zh="取消或提前结束亦算终态"),
    ),
    _described(
        "S3",
        Text(en="livelock", zh="空转"),
        Text(en="states that a case never leaves again", zh="进入后只能循环往复的状态"),
        Text(en="closed strongly connected components", zh="封闭的强连通分量"),
        Text(en="a retry with a limited number of visits", zh="限定次数的重试"),
    ),
    _described(
        "S4",
        Text(en="deadlock", zh="死锁"),
        Text(en="a join that can never complete", zh="永远无法完成的汇合"),
        Text(en="fewer regions can finish than the join needs", zh="能办结的区域少于汇合所需"),
        Text(en="a composite that is always left early", zh="总是提前离开的复合状态"),
    ),
    _described(
        "S6",
        Text(en="duplicate transition", zh="重复流转"),
        Text(
            en="same source, destination and trigger, guards that can hold together",
            zh="起点、终点、触发相同且条件可同时成立",
        ),
        Text(en="guards tried over all valuations of what they name", zh="对条件涉及属性的取值逐一检验"),
        Text(en="two duties of law, a clerk and a timer", zh="不同法定职责；人工与超时并存"),
    ),
    _described(
        "S8",
        Text(en="unconditioned choice", zh="无条件分支"),
        Text(en="several ways out that nothing decides between", zh="多个出口之间没有任何判断依据"),
        Text(
            en="two or more exits without guard, probability or time-out",
            zh="两个以上既无条件、概率也无超时的出口",
        ),
        Text(en="one default beside guarded exits", zh="有条件出口之外的唯一默认出口"),
    ),
)
