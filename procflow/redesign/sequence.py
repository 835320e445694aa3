"""Steps in another order (调序): by default of what it is for, who refuses often and cheaply goes first (前置否决)."""

from collections.abc import Sequence
from dataclasses import replace

from procflow.analysis.knock_out import orders
from procflow.analysis.pricing import visits
from procflow.analysis.registry import Context
from procflow.analysis.segments import Unit
from procflow.definition.resolved import Process
from procflow.errors import RedesignError
from procflow.redesign.preconditions import against_order, passing, refuse, segment
from procflow.redesign.rewriting import Scope, own_name, prefix_of, rebuilt, redefined, redirected
from procflow.redesign.verification import verified
from procflow.text import Text


def resequence(process: Process, states: Sequence[str]) -> Process:
    """Return a process in which steps that follow each other are done in the order of ``states``.

    Names stay, so that a run of the result draws the same random numbers. A step keeps its ways out, transfers
    included: what a courier would bring where is that of today's neighbours, and is wrong where they are far apart.

    Parameters
    ----------
    process : the checked process.
    states : two or more states that follow one another today, by qualified name, in the order that they shall have;
        ``knock_out_order`` tells the one with the least work in vain.

    Raises
    ------
    RedesignError
        Where they are not one segment, where data, law or authority keep two of them in today's order, where a limit
        counts from or to a step that moves, or where the result would lose what the process had (``parallelize``).
    """
    context = Context(process)
    units = segment(context, states)
    order = [[unit.state for unit in units].index(state) for state in states]
    refuse(against_order(context, units, order))
    return verified(process, _reordered(context, units, order))


def knock_out_order(process: Process, states: Sequence[str]) -> tuple[str, ...]:
    """Return states in the order with the least expected work in vain, today's where none has less.

    Exact, queues apart (``procflow.analysis.knock_out``: Held and Karp, J. SIAM 10, 1962; without dependencies that of
    cost ÷ P(refusal) ascending: van der Aalst, Decision Support Systems 30, 2001). Raises RedesignError where the
    states are not one segment, or where it is not known how often each refuses.
    """
    context = Context(process)
    units = segment(context, states)
    if context.shared(visits) is None:
        raise RedesignError(
            Text(
                en="how often each step refuses is not known: give its ways out a probability",
                zh="各环节不予通过的概率不明：请为其去向写明 probability",
            )
        )
    found = orders(context, units)
    chosen = range(len(units)) if found is None else found[1].steps
    return tuple(units[index].state for index in chosen)


def _reordered(context: Context, units: tuple[Unit, ...], order: Sequence[int]) -> Process:
    chain = [unit.state for unit in units]
    wanted = [chain[index] for index in order]
    after = dict(zip(wanted, [*wanted[1:], ""], strict=True))
    on = passing(units[-1])

    def lead(source: str, dest: str) -> str:
        unit = next((unit for unit in units if source in unit.states), None)
        if unit is None:
            return wanted[0] if dest == chain[0] else dest
        stays = source != unit.state or dest not in passing(unit) or (unit is units[-1] and not after[unit.state])
        return dest if stays else after[unit.state] or on[0]

    def change(scope: Scope) -> Scope:
        ways = tuple(redirected(context.graph, scope, lead, {}))
        starts = scope.prefix == prefix_of(chain[0]) and scope.initial == own_name(chain[0])
        return replace(scope, transitions=ways, initial=own_name(wanted[0]) if starts else scope.initial)

    return redefined(context.process, rebuilt(context.process.definition, change))
