"""Which lane each state stands in, and the order of the lanes. Decides no positions within a lane.

A state stands in the lane of its actor (applicant, external party) or department. One that names neither, such as
a final state, stands where a case comes from; one that nothing leads to, in the lane of the lead department.
"""

from procflow.definition.organization import Department
from procflow.machine.graph import StateGraph
from procflow.render.model import Lane
from procflow.text import Language, Text

APPLICANT, EXTERNAL, NOBODY = "applicant", "external", "nobody"
_PREFIX = "department:"

_TITLES = {
    APPLICANT: Text(en="Applicant", zh="申请人"),
    EXTERNAL: Text(en="External parties", zh="外部机构"),
    NOBODY: Text(en="No department", zh="未定部门"),
}
_PER_REGION = Text(en="one office per region", zh="各区域分设")


def placement(graph: StateGraph) -> dict[str, str]:
    """Return the key of the lane of every state, by qualified name."""
    placed = {name: lane for name in graph.nodes if (lane := _declared(graph, name))}
    waiting = [name for name in graph.nodes if name not in placed]
    while waiting:
        found = {name: lane for name in waiting if (lane := _inherited(graph, name, placed))}
        if not found:
            break
        placed |= found
        waiting = [name for name in waiting if name not in placed]
    lead = graph.process.definition.lead
    return placed | dict.fromkeys(waiting, _PREFIX + lead if lead else NOBODY)


def lanes(graph: StateGraph, placed: dict[str, str], lang: Language) -> tuple[Lane, ...]:
    """Return the lanes in use: the applicant's, the departments' from the highest level down, then the others."""
    used = set(placed.values())
    organization = graph.process.organization
    departments = sorted(
        (d for d in organization.departments if _PREFIX + d.name in used), key=lambda d: organization.rank(d.level)
    )
    ordered = [_special(APPLICANT, lang)] if APPLICANT in used else []
    ordered += [Lane(_PREFIX + d.name, d.label(lang), _level(graph, d, lang)) for d in departments]
    known = {lane.key for lane in ordered} | {EXTERNAL, NOBODY}
    ordered += [Lane(key, key.removeprefix(_PREFIX)) for key in sorted(used - known)]
    return tuple(ordered + [_special(key, lang) for key in (EXTERNAL, NOBODY) if key in used])


def is_department(lane: str) -> bool:
    """Whether a lane's key is that of a department."""
    return lane.startswith(_PREFIX)


def _declared(graph: StateGraph, name: str) -> str:
    state = graph.nodes[name].state
    if state.actor == "applicant":
        return APPLICANT
    if state.department:
        return _PREFIX + state.department
    return EXTERNAL if state.actor == "external" else ""


def _inherited(graph: StateGraph, name: str, placed: dict[str, str]) -> str:
    sources = [placed[edge.source] for edge in graph.into(name) if edge.source in placed]
    if sources:
        return sources[0]
    parent = graph.nodes[name].parent
    return placed.get(parent, "") if parent and not graph.into(name) else ""


def _special(key: str, lang: Language) -> Lane:
    return Lane(key, _TITLES[key].get(lang))


def _level(graph: StateGraph, department: Department, lang: Language) -> str:
    level = next(level for level in graph.process.organization.levels if level.name == department.level)
    title = level.label(lang)
    return f"{title} · {_PER_REGION.get(lang)}" if department.per else title
