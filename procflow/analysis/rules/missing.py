"""R4: data read where some path does not bring them."""

from collections.abc import Iterator

from procflow.analysis.finding import Finding, Remedy
from procflow.analysis.holdings import FILE, Holdings, holdings, within_reach
from procflow.analysis.pricing import visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.definition.process import State
from procflow.text import Text


def _missing(context: Context) -> Iterator[Finding]:
    held = context.shared(holdings)
    if not held.flow.exact:
        return  # which ways are open is not known: nothing is concluded
    for name in held.flow.at:
        state = context.graph.nodes[name].state
        if state.who == "applicant":
            continue
        place = within_reach(context, state)
        gaps: dict[tuple[int, ...], list[str]] = {}
        for thing in _needed(state):
            if state.data != "complete" and thing in held.uncaptured:
                continue  # it may ask for it itself
            if held.missing(name, thing, place):
                gaps.setdefault(tuple(held.gap(name, thing, place)), []).append(thing)
        for way, things in gaps.items():
            if way:
                yield _gap(context, held, name, way, things)


def _needed(state: State) -> list[str]:
    """Return what a state must have on entering: it does not ask for it, and it is not optional."""
    own = {ask.thing for ask in state.asks} | set(state.confirms)
    return list(dict.fromkeys(read.item for read in state.reads if not read.optional and read.item not in own))


def _gap(context: Context, held: Holdings, name: str, way: tuple[int, ...], things: list[str]) -> Finding:
    listed, where = named(context, things), named(context, [name])
    elsewhere = _elsewhere(context, held, name, things)
    more_en = more_zh = ""
    if elsewhere:
        systems = named(context, elsewhere)
        more_en = f"; it is held in {systems.get('en')}, out of reach"
        more_zh = f"；该信息存于{systems.get('zh')}，该环节无法取得"
    read = Text(en=f"reads {listed.get('en')}", zh=f"需要{listed.get('zh')}")
    return finding(
        context,
        "R4",
        subjects(("state", [name]), ("item", things)),
        Text(
            en=f"{where.get('en')} reads {listed.get('en')}, which a case may not have there{more_en}",
            zh=f"“{where.get('zh')}”需要{listed.get('zh')}，但存在取不到该信息的路径{more_zh}",
        ),
        (witness(held.flow, way, {-1: read}),),
        severity="info" if context.shared(visits) is None else context.profile.unpriced,
        remedies=(
            Remedy(
                "connect_systems" if elsewhere else "",
                Text(
                    en="bring it there by an interface or in the file, or capture it on that path",
                    zh="通过接口或随卷移送，或在该路径上补充采集",
                ),
            ),
        ),
        path=(*context.graph.nodes[name].path, "reads"),
    )


def _elsewhere(context: Context, held: Holdings, name: str, things: list[str]) -> list[str]:
    """Return the systems that hold one of the things on every path to a state."""
    facts = held.solution.at(name)
    systems = [system.name for system in context.process.organization.systems]
    found = []
    for index, system in enumerate([FILE, *systems]):
        if system and any(facts >> (index * len(held.things) + held.things[thing]) & 1 for thing in things):
            found.append(system)
    return found


RULES = (
    Rule(
        "R4",
        Text(en="missing data", zh="数据缺失"),
        Text(
            en="an item or document read where some path does not bring it within reach",
            zh="某环节需要、但存在路径无法取得的数据项或材料",
        ),
        Text(en="the case stalls, or somebody telephones", zh="案件停滞，或靠电话人工索取"),
        Text(
            en="not an available expression over (item, holder): no system or file within reach of the reader holds "
            "it on all paths; interfaces, carried documents and keying move data",
            zh="按（数据项，持有者）作可用表达式分析：经接口、随卷移送、录入传递后，读取方可及的系统或案卷并非各路径上均持有",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.6",
        Text(
            en="optional reads, reads under the guard under which the item was captured, items that no step is said "
            "to capture while some step on the path does not declare its data complete, guards past the cap",
            zh="可选读取、与采集同一条件下的读取、途经数据未声明完整的环节且全流程未载明采集处的数据项、条件组合超出上限",
        ),
        _missing,
    ),
)
