"""H10: steps bound to the office of one region without a legal reason (属地锁)."""

from collections.abc import Iterator

from procflow.analysis.finding import Evidence, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.pricing import visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.spending import of_states
from procflow.definition.facts import Territorial
from procflow.definition.process import State
from procflow.text import Text

_PLACES = {
    "household": Text(en="where the household is registered", zh="户籍地"),
    "residence": Text(en="where the applicant lives", zh="居住地"),
    "workplace": Text(en="where the applicant works", zh="工作地"),
    "registration": Text(en="where the business is registered", zh="注册地"),
    "premises": Text(en="where the premises are", zh="经营场所所在地"),
    "property": Text(en="where the property is", zh="不动产所在地"),
    "former_place": Text(en="where the applicant was before", zh="原参保地、原登记地"),
}
_ON_SITE = frozenset({"premises", "property"})


def _locked(context: Context) -> Iterator[Finding]:
    for name in context.graph.leaves:
        state = context.graph.state(name)
        if state.territorial is not None and not _reasoned(state, state.territorial):
            yield _lock(context, name, state, state.territorial)


def _reasoned(state: State, bound: Territorial) -> bool:
    """Whether a law binds the step, or the thing itself does: what is inspected stands where it stands."""
    return bound.basis is not None or (bound.to in _ON_SITE and state.kind == "inspection")


def _lock(context: Context, name: str, state: State, bound: Territorial) -> Finding:
    spent, place = of_states(context, [name]), _PLACES[bound.to]
    known = context.shared(visits)
    often = () if known is None else (_often(known.to(name)),)
    return finding(
        context,
        "H10",
        subjects(("state", [name]), ("department", [state.department or ""])),
        Text(
            en=f"{state.label('en')} can be done only {place.get('en')}, and no law is cited for it",
            zh=f"“{state.label('zh')}”只能在{place.get('zh')}办理，且未载明法律依据（属地锁）",
        ),
        (Witness((Step(name, place),)), *often, *spent.evidence),
        cost=spent.costs,
        legal_hook="《优化营商环境条例》第三十五条",
        remedies=(
            Remedy(
                "single_window", Text(en="let any window take it in and pass it on", zh="跨域通办，就近受理、代收代办")
            ),
            Remedy("connect_systems", Text(en="or let every office see the same data", zh="系统联通，异地可办")),
        ),
        path=context.graph.nodes[name].path,
    )


def _often(times: float) -> Evidence:
    return Measurement(Text(en="times per case", zh="每件次数"), times, "times")


RULES = (
    Rule(
        "H10",
        Text(en="territorial lock", zh="属地锁"),
        Text(
            en="a step bound to the office of one region without a cited law",
            zh="限定由某地机关办理而无法律依据的环节",
        ),
        Text(en="people travel to an office, though any other could do it", zh="本可就近办理，却须专程前往"),
        Text(
            en="`territorial` without `basis`; priced by what the step takes of applicant and staff",
            zh="写明 territorial 而无 basis；按该环节对申请人和工作人员的耗费计价",
        ),
        "procflow's own rule; 国办发〔2020〕35号 on services across provinces",
        Text(
            en="a legal basis; inspections of premises or property, which stand where they stand; steps that are not "
            "said to be bound",
            zh="有法律依据的；对场所、不动产的现场核查；未写明属地限制的环节",
        ),
        _locked,
    ),
)
