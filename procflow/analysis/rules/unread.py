"""R3: what is asked for, keyed or written, and read by nobody."""

from collections.abc import Iterator

from procflow.analysis.dataflow import to_an_end
from procflow.analysis.finding import Cost, Finding, Remedy
from procflow.analysis.knowledge import flow
from procflow.analysis.pricing import cost, weighted
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.analysis.uses import has_reader_outside, liveness, says_all, taken
from procflow.definition.process import State
from procflow.text import Text

HOOK = "《行政许可法》第三十一条"


def seem_unread(context: Context) -> dict[str, list[str]]:
    """Return by state what it takes in or makes and nobody is said to use, whether or not all say what they use."""
    leaves = (name for name in context.shared(flow).at if name not in context.graph.regions)
    return {name: things for name in leaves if (things := _seems_unread(context, name))}


def _seems_unread(context: Context, name: str) -> list[str]:
    known, state = context.shared(liveness), context.graph.nodes[name].state
    if state.who == "applicant":
        return []
    return [
        thing
        for thing in taken(state)
        if not known.is_used_by(name, thing)
        and not known.is_used(name, thing)
        and not _is_due(state, thing)
        and not has_reader_outside(context, thing, _systems(state, thing))
    ]


def _is_due(state: State, thing: str) -> bool:
    """Whether a rule demands the thing here."""
    return any(ask.thing == thing and ask.basis is not None for ask in state.asks)


def _systems(state: State, thing: str) -> tuple[str, ...]:
    keyed = [system for entry in state.enters if entry.item == thing for system in entry.into]
    return (*keyed, *((state.system,) if state.system else ()))


def _unread(context: Context) -> Iterator[Finding]:
    for name, things in context.shared(seem_unread).items():
        if says_all(context, name):
            yield _finding(context, name, things)


def _finding(context: Context, name: str, things: list[str]) -> Finding:
    points, state = context.shared(flow), context.graph.nodes[name].state
    listed, where = named(context, things), named(context, [name])
    asked = [ask.thing for ask in state.asks if ask.thing in things]
    documents = [ask.document for ask in state.asks if ask.document in things and ask.document]
    way = to_an_end(points, name)
    return finding(
        context,
        "R3",
        subjects(("state", [name]), ("item", [t for t in things if t not in documents]), ("document", documents)),
        Text(
            en=f"{where.get('en')} {'asks for' if asked else 'records'} {listed.get('en')}, which nobody reads: no "
            "later step, archive, register or reader outside",
            zh=f"“{where.get('zh')}”{'采集' if asked else '填写'}{listed.get('zh')}，"
            "其后无环节、归档、登记系统或外部使用（采而不用）",
        ),
        (
            witness(
                points,
                way,
                {
                    0: Text(en=f"takes {listed.get('en')}", zh=f"取得{listed.get('zh')}"),
                    -1: Text(en="ends without its having been read", zh="直至结束未被使用"),
                },
            ),
        ),
        cost=_cost(context, name, state, things),
        legal_hook=HOOK if asked else None,
        remedies=(
            Remedy("eliminate", Text(en="drop it from the form", zh="从表单、清单中取消该项")),
            Remedy(
                "",
                Text(en="or say who reads it outside: 'kept_for', with its basis", zh="或载明外部用途 kept_for 及依据"),
            ),
        ),
        path=(*context.graph.nodes[name].path, "asks" if asked else "enters" if state.enters else "writes"),
    )


def _cost(context: Context, name: str, state: State, things: list[str]) -> tuple[Cost, ...]:
    keyed = sum(len(entry.into) for entry in state.enters if entry.item in things)
    items = keyed + sum(1 for ask in state.asks if ask.item in things) + sum(1 for w in state.writes if w in things)
    documents = sum(1 for ask in state.asks if ask.document in things)
    found: tuple[Cost, ...] = ()
    if items:
        found += cost(context, "keyed_items", weighted(context, {name: float(items)}))
    if documents:
        found += cost(context, "materials", weighted(context, {name: float(documents)}))
    return found


RULES = (
    Rule(
        "R3",
        Text(en="written, never read", zh="采而不用"),
        Text(
            en="an item or document asked for, keyed or written that no step after it uses, nor anybody outside",
            zh="采集、录入或填写后，后续环节与外部均不使用的数据项或材料",
        ),
        Text(en="the applicant fills in a box that nobody looks at", zh="让群众填写无人使用的内容"),
        Text(
            en="a dead store: not live after the state, on any way on (liveness); a step uses what it reads, checks, "
            "files, has confirmed, or puts into what it issues; all states concerned have complete data; cost = "
            "expected visits × items or documents",
            zh="死存储：在任何后续路径上均不活跃（活跃变量分析）；读取、审查、归档、确认、写入所发证照均为使用；"
            "相关环节数据均声明完整；成本=期望次数×项数或份数",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.5 (live variables)",
        Text(
            en="readers outside (kept_for, registers where it is at home or that a registration feeds), what a rule "
            "demands (basis), archives, what is only shown, readers that do not declare their data complete",
            zh="外部使用（kept_for、所属登记系统、登记环节所录）、有规定要求的（basis）、归档、仅出示核对的、数据未声明完整的环节",
        ),
        _unread,
    ),
)
