"""Analyses over several processes of one organization: asked again by another process, and systems in islands.

Each finding belongs to the process in which it can be mended. Says nothing of single processes: ``analyze`` does.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from procflow.analysis.finding import Cost, Finding, Findings, Measurement, Remedy, Step, Subject, Witness, place
from procflow.analysis.knowledge import demands, flow, permissions
from procflow.analysis.pricing import cost, visits, weighted
from procflow.analysis.profile import Profile
from procflow.analysis.registry import Context, Description
from procflow.analysis.rules.systems import islands, may_be_connected, used_systems
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.analysis.segments import known_on_entering
from procflow.analysis.sharing import captured
from procflow.analysis.version_drift import drift
from procflow.definition.catalog import DataItem
from procflow.definition.expecting import expect
from procflow.definition.facts import Ask
from procflow.definition.resolved import Process
from procflow.errors import AnalysisError
from procflow.text import Text

PORTFOLIO_RULES = (
    Description(
        "R1p",
        Text(en="the same item in several processes", zh="跨流程重复采集"),
        Text(
            en="an item that one department asks of applicants in several of its processes",
            zh="同一部门在多个流程中向申请人采集的同一数据项",
        ),
        Text(
            en="whoever comes a second time is asked for what the office has on file",
            zh="再次办事仍须填报该部门已有的信息",
        ),
        Text(
            en="same item of the catalog, same department, two or more processes; cost: expected captures of all these "
            "processes but the one with most of them",
            zh="目录中同一数据项、同一部门、两个以上流程；成本=除采集最多的流程外各流程的期望采集项次",
        ),
        "国务院关于在线政务服务的若干规定 (2019) 第七条",
        Text(
            en="items that expire or may have changed (with that reason), items of the case and of no register (nobody "
            "is their issuer), variants of one process",
            zh="有有效期或可能变化（载明理由）的数据项、仅属本案而无发布部门的数据项、同一流程的不同版本",
        ),
    ),
    Description(
        "R2p",
        Text(en="asked again within a bundle", zh="一件事内重复索要"),
        Text(
            en="an item or document that a process of a bundle asks for although one before it has captured or issued "
            "it",
            zh="一件事中后续流程再次索要前序流程已采集或核发的数据项、材料",
        ),
        Text(
            en="one thing to the applicant, and every office starts from nothing",
            zh="群众眼中的一件事，各部门仍各要一遍",
        ),
        Text(
            en="known on every path to the most frequent end of a process that this one 'follows', and permitted to be "
            "shared; cost = expected visits × items or documents",
            zh="在所接续流程（follows）最常见结局的每条路径上均已掌握且可共享；成本=期望次数×项数或份数",
        ),
        "国发〔2024〕3号; Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.6",
        Text(
            en="sharing refused, originals required by law, proofs that expire, what is asked again for a reason or "
            "only confirmed",
            zh="不予共享、法律要求原件、有有效期的证明、载明理由的再次采集或仅作确认",
        ),
    ),
    Description(
        "R18p",
        Text(en="islands among the systems", zh="跨流程信息孤岛"),
        Text(
            en="systems that no interface joins to the others, and into which the same items are keyed",
            zh="与其他系统无任何接口、却需录入相同数据项的系统群",
        ),
        Text(en="every process across them has to retype", zh="跨系统群的每个流程都只能重复录入"),
        Text(
            en="weakly connected components of the interface graph, over the systems that the processes use; each but "
            "the largest is told where an item keyed there is keyed in another one too; cost = expected keyings there",
            zh="各流程所用系统在接口图中的弱连通分量；除最大者外，凡所录数据项在其他分量亦需录入者提示；成本=该处期望录入项次",
        ),
        "Cormen et al., Introduction to Algorithms, 21.1 (connected components)",
        Text(en="classified networks and items, sharing refused by law", zh="涉密网络与数据、依法不予共享"),
    ),
)
"""What is found across processes; ``docs/reference/rules.md`` lists them with the others."""


@dataclass(frozen=True)
class _Capture:
    context: Context
    state: str
    ask: Ask


def analyze_portfolio(processes: Sequence[Process], *, profile: Profile | None = None) -> Findings:
    """Return what costs more than it needs to across processes of one organization, the costliest first.

    Parameters
    ----------
    processes : two or more, each under a name of its own (not two variants of one process), or versions of one that
        hold in different regions: how they differ is told (D18), and the first one stands for them in all else.
    profile : thresholds, by default ``Profile()``.

    Raises AnalysisError where two are variants of one process or belong to different organizations, ArgumentError
    where one is something else.

    >>> from procflow.definition import load
    >>> names = ["business_startup", "food_license"]
    >>> bundle = [load(f"process_defs/processes/{name}/as_is.yaml") for name in names]
    >>> sorted({finding.rule for finding in analyze_portfolio(bundle)})
    ['R18p', 'R1p', 'R2p']
    """
    for process in processes:
        expect(process, Process, argument="processes")
    _refuse_what_does_not_belong_together(processes)
    every = [Context(process, None, profile or Profile()) for process in processes]
    contexts = list({context.process.name: context for context in reversed(every)}.values())[::-1]
    found = (_captured_by_several(contexts), _asked_in_bundle(contexts), _apart(contexts), drift(every))
    return Findings(itertools.chain(*found))


def _refuse_what_does_not_belong_together(processes: Sequence[Process]) -> None:
    for a, b in itertools.combinations(processes, 2):
        if a.name == b.name and not _of_two_regions(a, b):
            raise AnalysisError(
                Text(
                    en=f"process {a.name!r} is given twice ({a.variant}, {b.variant}): give one variant of each "
                    "process",
                    zh=f"流程 {a.name!r} 给出了两次（{a.variant}、{b.variant}）：每个流程只给一个版本",
                )
            )
        if a.organization.name != b.organization.name:
            raise AnalysisError(
                Text(
                    en=f"{a.name!r} and {b.name!r} belong to different organizations ({a.organization.name}, "
                    f"{b.organization.name}): analyze them apart",
                    zh=f"{a.name!r} 与 {b.name!r} 不属于同一组织"
                    f"（{a.organization.name}、{b.organization.name}）：请分别分析",
                )
            )


def _of_two_regions(a: Process, b: Process) -> bool:
    """Whether two are versions of one process that hold in different regions."""
    one, other = a.definition.region, b.definition.region
    return a.variant == b.variant and None not in (one, other) and one != other


def _captured_by_several(contexts: Sequence[Context]) -> Iterator[Finding]:
    by_thing: dict[tuple[str, str], list[_Capture]] = {}
    for capture in _captures(contexts):
        state = capture.context.graph.nodes[capture.state].state
        entry = capture.context.process.item(capture.ask.thing)
        if state.department and entry is not None and _lasts(entry):
            by_thing.setdefault((state.department, entry.name), []).append(capture)
    groups: dict[tuple[str, tuple[str, ...]], dict[str, list[_Capture]]] = {}
    for (department, item), captures in by_thing.items():
        names = tuple(dict.fromkeys(capture.context.process.name for capture in captures))
        if len(names) > 1:
            groups.setdefault((department, names), {})[item] = captures
    for (department, names), items in groups.items():
        yield _several(department, names, items)


def _lasts(item: DataItem) -> bool:
    """Whether a value that one process captured still serves another one: on a register, and always valid."""
    return item.issuer is not None and item.validity is None


def _captures(contexts: Iterable[Context]) -> Iterator[_Capture]:
    """Yield what each process demands of the applicant, items only, where a case can come to."""
    for context in contexts:
        for name in context.shared(flow).at:
            for ask in demands(context.graph.nodes[name].state):
                if ask.item is not None:
                    yield _Capture(context, name, ask)


def _several(department: str, names: tuple[str, ...], items: dict[str, list[_Capture]]) -> Finding:
    every = [capture for captures in items.values() for capture in captures]
    last = every[-1].context
    mine = dict.fromkeys(capture.state for capture in every if capture.context is last)
    listed, where = named(last, items), named(last, [department])
    steps = dict.fromkeys((c.context.process.name, c.state) for c in every)
    asked = Text(en=f"asks for {listed.get('en')}", zh=f"采集{listed.get('zh')}")
    titles = {c.context.process.name: c.context.process for c in every}
    return finding(
        last,
        "R1p",
        (*(Subject("process", name) for name in names), *subjects(("department", [department]), ("item", items))),
        Text(
            en=f"{where.get('en')} asks applicants for {listed.get('en')} in {len(names)} processes "
            f"({', '.join(titles[name].label('en') for name in names)})",
            zh=f"{where.get('zh')}在 {len(names)} 个流程中向申请人采集{listed.get('zh')}："
            f"{'、'.join(titles[name].label('zh') for name in names)}",
        ),
        (
            Witness(tuple(Step(f"{process}: {state}", asked) for process, state in steps)),
            Measurement(Text(en="processes that ask", zh="采集该信息的流程数"), float(len(names)), "processes"),
        ),
        cost=_all_but_the_most(every, names),
        legal_hook="《国务院关于在线政务服务的若干规定》第七条",
        remedies=(
            Remedy("once_only", Text(en="fill it in from the office's own records", zh="由本部门已有数据预填、免填报")),
        ),
        path=(*last.graph.nodes[next(iter(mine))].path, "asks"),
    )


def _all_but_the_most(captures: list[_Capture], names: tuple[str, ...]) -> tuple[Cost, ...]:
    """Return the captures of all processes but the one with most: per case of each, and per year where known."""
    per_case = dict.fromkeys(names, 0.0)
    yearly: dict[str, float] = {}
    for capture in captures:
        expected, process = capture.context.shared(visits), capture.context.process
        if expected is None:
            return ()
        per_case[process.name] += expected.to(capture.state)
        cases = process.definition.cases_per_year
        if cases is not None:
            yearly[process.name] = per_case[process.name] * cases.value
    amounts = yearly if len(yearly) == len(names) else per_case
    spared = [name for name in names if name != max(names, key=lambda n: amounts[n])]
    basis = Text(
        en="expected captures, one case of each process but the one with most",
        zh="期望采集项次，除采集最多的流程外各一件",
    )
    year = math.fsum(yearly[name] for name in spared) if len(yearly) == len(names) else None
    return (Cost("keyed_items", math.fsum(per_case[name] for name in spared), year, basis),)


def _asked_in_bundle(contexts: Sequence[Context]) -> Iterator[Finding]:
    by_name = {context.process.name: context for context in contexts}
    for context in contexts:
        for before in _before(context, by_name):
            known = _known_at_the_end(before)
            for name in context.shared(flow).at:
                asks = [ask for ask in demands(context.graph.nodes[name].state) if _obtained(context, name, ask, known)]
                if asks:
                    yield _again(context, before, name, asks, known)


def _before(context: Context, by_name: dict[str, Context]) -> Iterator[Context]:
    """Yield the processes that an applicant of this one has been through, of the same bundle, the nearest first."""
    bundle, waiting = context.process.definition.bundle, list(context.process.definition.follows)
    seen: set[str] = set()
    for name in waiting:
        known = by_name.get(name)
        if known is not None and name not in seen and known.process.definition.bundle == bundle:
            seen.add(name)
            waiting += known.process.definition.follows
            yield known


def _known_at_the_end(context: Context) -> dict[str, list[tuple[str, str | None]]]:
    """Return what is known on every path to the most frequent end, with the (state, department) that captured it."""
    expected = context.shared(visits)
    nodes = context.graph.nodes
    ends = [name for name in context.shared(flow).at if nodes[name].state.final and not nodes[name].parent]
    usual = max(ends, key=lambda name: expected.to(name)) if expected else ends[0]
    things = {name: captured(context.process, nodes[name].state) for name in context.graph.leaves}
    known = known_on_entering(context, usual, {thing for taken in things.values() for thing in taken})
    found: dict[str, list[tuple[str, str | None]]] = {}
    for name in context.shared(flow).at:
        for thing in things.get(name, ()):
            if thing in known:
                found.setdefault(thing, []).append((name, nodes[name].state.department))
    return found


def _obtained(context: Context, name: str, ask: Ask, known: dict[str, list[tuple[str, str | None]]]) -> bool:
    """Whether somebody who may share a thing with this state has it from the process before, and it has not expired."""
    allowed, receiver = context.shared(permissions), context.graph.nodes[name].state.department
    entry, material = allowed.entry(ask.thing), context.process.material(ask.thing)
    if entry is None or entry.validity is not None or (material is not None and material.original_required is not None):
        return False
    return any(allowed.may_pass(ask.thing, giver, receiver) for _, giver in known.get(ask.thing, ()))


def _again(
    context: Context, before: Context, name: str, asks: list[Ask], known: dict[str, list[tuple[str, str | None]]]
) -> Finding:
    items, documents = [a.thing for a in asks if a.item], [a.thing for a in asks if a.document]
    listed, where = named(context, [*items, *documents]), named(context, [name])
    earlier = dict.fromkeys(known[ask.thing][0][0] for ask in asks)
    bundle = context.process.definition.bundle or ""
    first = before.process
    costs: tuple[Cost, ...] = ()
    if items:
        costs += cost(context, "keyed_items", weighted(context, {name: float(len(items))}))
    if documents:
        costs += cost(context, "materials", weighted(context, {name: float(len(documents))}))
    asked = Text(en=f"asks for {listed.get('en')}", zh=f"索要{listed.get('zh')}")
    return finding(
        context,
        "R2p",
        (Subject("process", first.name), *subjects(("state", [name]), ("item", items), ("document", documents))),
        Text(
            en=f"{where.get('en')} asks for {listed.get('en')}, which {first.label('en')} has had already "
            f"(bundle: {bundle})",
            zh=f"“{where.get('zh')}”再次索要{listed.get('zh')}，而前序流程“{first.label('zh')}”已取得（一件事：{bundle}）",
        ),
        (
            Witness(
                (*(Step(f"{first.name}: {state}") for state in earlier), Step(f"{context.process.name}: {name}", asked))
            ),
        ),
        cost=costs,
        legal_hook="《优化营商环境条例》第四十四条",
        remedies=(
            Remedy("once_only", Text(en="take it over from the process before", zh="由前序流程共享获取，免提交")),
            Remedy(
                "single_window",
                Text(en="or take the whole bundle in at once, on one form", zh="或一件事一次办、一表申请"),
            ),
        ),
        path=(*context.graph.nodes[name].path, "asks"),
    )


def _apart(contexts: Sequence[Context]) -> Iterator[Finding]:
    """Tell each group of systems but the largest that no interface joins to others into which the same is keyed."""
    if not contexts:
        return
    systems = dict.fromkeys(s for context in contexts for s in used_systems(context))
    groups = islands(contexts[0].process.organization, [s for s in systems if _is_open(contexts[0], s)])
    keyed = [_keyed(contexts, group) for group in groups]
    for number, group in enumerate(groups[1:], start=1):
        elsewhere = {item for other, items in enumerate(keyed) if other != number for item in items}
        shared = {item: times for item, times in keyed[number].items() if item in elsewhere}
        if shared:
            yield _island(contexts, group, shared, len(groups))


def _is_open(context: Context, system: str) -> bool:
    known = context.process.organization.system(system)
    return known is None or known.network != "classified"


def _keyed(contexts: Iterable[Context], group: list[str]) -> dict[str, tuple[float, float]]:
    """Return what is keyed into the systems of a group and may be shared: expected keyings, per case and per year."""
    found: dict[str, tuple[float, float]] = {}
    for context in contexts:
        expected, cases = context.shared(visits), context.process.definition.cases_per_year
        for name in context.graph.leaves:
            for entry in context.graph.nodes[name].state.enters:
                count = sum(1 for s in entry.into if s in group and may_be_connected(context, s, entry.item))
                if count and entry.reason is None:
                    times = count * (expected.to(name) if expected else math.nan)
                    item = getattr(context.process.item(entry.item), "name", entry.item)
                    one, year = found.get(item, (0.0, 0.0))
                    found[item] = (one + times, year + times * (cases.value if cases else math.nan))
    return found


def _island(
    contexts: Sequence[Context], group: list[str], shared: dict[str, tuple[float, float]], count: int
) -> Finding:
    context = next(c for c in contexts if set(group) & set(used_systems(c)))
    listed, of = named(context, shared), named(context, group)
    using = [c.process.name for c in contexts if set(group) & set(used_systems(c))]
    per_case, per_year = (math.fsum(times[i] for times in shared.values()) for i in (0, 1))
    yearly = per_year if math.isfinite(per_year) else None
    costs = (Cost("keyed_items", per_case, yearly, _KEYED),) if math.isfinite(per_case) else ()
    keys = (step for c in contexts for step in _keying_steps(c, group, shared))
    groups = Measurement(Text(en="unconnected groups of systems", zh="互不连通的系统群数"), float(count), "groups")
    return Finding(
        "R18p",
        context.process.name,
        context.process.variant,
        context.profile.severity(costs),
        (*(Subject("process", n) for n in using), *subjects(("system", group), ("item", shared))),
        Text(
            en=f"no interface joins {of.get('en')} to the other systems of these processes, though "
            f"{listed.get('en')} are keyed there as well",
            zh=f"{of.get('zh')}与各流程的其他系统之间无任何接口，而{listed.get('zh')}在其他系统亦需录入（信息孤岛）",
        ),
        (Witness(tuple(keys)), groups),
        costs,
        legal_hook="《国务院关于在线政务服务的若干规定》第七条",
        remedies=(Remedy("connect_systems", Text(en="connect it to one of the others", zh="与其他任一系统打通接口")),),
        place=place(context.process),
    )


_KEYED = Text(en="expected keyings into the group, one case of each process", zh="录入该系统群的期望项次，各流程一件")


def _keying_steps(context: Context, group: list[str], shared: Iterable[str]) -> Iterator[Step]:
    wanted = set(shared)
    for name in context.graph.leaves:
        state = context.graph.nodes[name].state
        items = [entry.item for entry in state.enters if entry.item in wanted and set(entry.into) & set(group)]
        if items:
            listed = named(context, items)
            keyed = Text(en=f"keys {listed.get('en')}", zh=f"录入{listed.get('zh')}")
            yield Step(f"{context.process.name}: {name}", keyed)
