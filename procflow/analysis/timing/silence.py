"""Silence that decides a case (超时默许) or counts as consent (逾期视为同意) without a law that says so. Part of T9."""

from collections.abc import Iterator

from procflow.analysis.finding import Finding, Remedy, Step, Witness
from procflow.analysis.registry import Context
from procflow.analysis.rules.wording import finding, subjects
from procflow.machine.graph import Edge
from procflow.text import Text

SUBSTANCE = ("review", "inspection", "consultation", "meeting", "approval", "decision")
"""Kinds of states that decide or prepare a decision: what a clock is there to measure."""


def by_silence(context: Context) -> Iterator[Finding]:
    """Yield a finding for each timer that decides or consents by silence, no law being cited."""
    for edge in context.graph.edges:
        if _decides_by_silence(context, edge):
            yield _tacit(context, edge)
        elif _consents_by_silence(context, edge):
            yield _consent(context, edge)


def _decides_by_silence(context: Context, edge: Edge) -> bool:
    """Whether a timer ends a case while it lies with staff, and no law is cited that lets silence decide."""
    timeout, dest = edge.transition.timeout, context.graph.nodes[edge.dest]
    if timeout is None or dest.parent or not dest.state.final:
        return False
    source = context.graph.nodes[edge.source].state
    return (source.is_composite or source.who == "staff") and not (timeout.basis or edge.transition.basis)


def _consents_by_silence(context: Context, edge: Edge) -> bool:
    """Whether a timer takes a case on as if whoever had to say something had agreed, and no law is cited.

    So it does where it leads from a step that judges to where a way leads that nobody's silence opens.
    """
    timeout, source = edge.transition.timeout, context.graph.nodes[edge.source].state
    if timeout is None or timeout.basis or edge.transition.basis or source.kind not in SUBSTANCE:
        return False
    others = (other for other in context.graph.out(edge.source) if other.transition.timeout is None)
    return source.who in ("staff", "external") and any(o.dest == edge.dest and not o.transition.rejects for o in others)


def _consent(context: Context, edge: Edge) -> Finding:
    source = context.graph.nodes[edge.source]
    return finding(
        context,
        "T9",
        subjects(("transition", [edge.name]), ("state", [edge.source])),
        Text(
            en=f"when nothing is heard from {source.label('en')} in time, the case goes on as if it had agreed, and no "
            "law is cited that says so",
            zh=f"「{source.label('zh')}」逾期未答复即视同同意，但未载明法律依据",
        ),
        (Witness((Step(edge.source), Step(edge.dest))),),
        severity="low",
        remedies=(
            Remedy(
                "tacit_approval",
                Text(en="cite the basis, or let somebody remind them", zh="载明依据，或设置催办"),
            ),
        ),
        path=edge.path,
    )


def _tacit(context: Context, edge: Edge) -> Finding:
    source, dest = context.graph.nodes[edge.source], context.graph.nodes[edge.dest]
    return finding(
        context,
        "T9",
        subjects(("transition", [edge.name]), ("state", [edge.source, edge.dest])),
        Text(
            en=f"when {source.label('en')} takes too long, the case ends as {dest.label('en')} by silence, and "
            f"no law is "
            "cited that says so",
            zh=f"「{source.label('zh')}」逾期未办即按「{dest.label('zh')}」办结（超时默许），但未载明法律依据",
        ),
        (Witness((Step(edge.source), Step(edge.dest))),),
        severity="medium",
        legal_hook="行政许可法 art. 50",
        remedies=(
            Remedy(
                "tacit_approval", Text(en="cite the basis, or let somebody decide", zh="载明依据，或由经办人员作出决定")
            ),
        ),
        path=edge.path,
    )
