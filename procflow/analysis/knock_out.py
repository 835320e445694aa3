"""The order of checks with the least expected cost: who refuses often and cheaply goes first. Judges nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from procflow.analysis.measured_checks import checks_of
from procflow.analysis.registry import Context
from procflow.analysis.segments import Unit, depends, effects, locks_between
from procflow.definition.process import State

MOST = 12
"""As many checks that need nothing of each other are searched, 2¹² sets of checks; more where dependencies leave no
more sets that can come first."""


@dataclass(frozen=True)
class Order:
    """An order of checks, by index; expected work in minutes and elapsed working days of a case that enters its
    first step; ``sample`` is over how many cases that was measured, None where the definition expects it."""

    steps: tuple[int, ...]
    minutes: float
    days: float
    sample: int | None = None


def cheapest_order(costs: Sequence[float], refusals: Sequence[float], before: Sequence[Collection[int]]) -> list[int]:
    """Return the order with the least Σ costᵢ·P(nobody before i refuses) among those that keep what must come before.

    ``refusals`` are probabilities, each of a refusal given that the check is reached; ``before[i]`` names the checks
    that must precede i. Exact, by dynamic programming over sets (Held and Karp, *A dynamic programming approach to
    sequencing problems*, J. SIAM 10, 1962); without precedence it is the order of cost ÷ P(refusal) ascending. The
    order given is kept where another one is no better.

    >>> cheapest_order([30, 10, 20], [0.1, 0.2, 0.0], [(), (), ()])
    [1, 0, 2]
    >>> cheapest_order([30, 10, 20], [0.1, 0.2, 0.0], [(), (0,), ()])
    [0, 1, 2]
    """
    found = _search(costs, refusals, [sum(1 << other for other in each) for each in before])
    if found is None:
        raise ValueError(f"more than 2**{MOST} sets of checks can come first")
    return found


def _search(costs: Sequence[float], refusals: Sequence[float], needed: Sequence[int]) -> list[int] | None:
    """Return the cheapest order by going from each set that can come first to those with one check more.

    ``needed[i]`` is the set of what must precede i. None where more sets than 2**MOST can come first.
    """
    best: dict[int, tuple[float, int]] = {0: (0.0, -1)}
    level = {0: 1.0}  # the sets of one size, with the probability that none of their checks refuses
    for _ in costs:
        following: dict[int, float] = {}
        for done, going in level.items():
            for index, cost in enumerate(costs):
                if done >> index & 1 or needed[index] & ~done:
                    continue
                chosen, total = done | 1 << index, best[done][0] + cost * going
                known = best.get(chosen)
                if known is None or total < known[0] - 1e-12 or (total <= known[0] + 1e-12 and index > known[1]):
                    best[chosen] = (total, index)
                following[chosen] = going * (1 - refusals[index])
        if len(best) > 1 << MOST:
            return None
        level = following
    order, chosen = [], (1 << len(costs)) - 1
    while chosen:
        index = best[chosen][1]
        order.append(index)
        chosen ^= 1 << index
    return order[::-1]


def orders(context: Context, units: Sequence[Unit]) -> tuple[Order, Order] | None:
    """Return the order of today and the cheapest one, None where probabilities are not known or it gains nothing.

    Cheapest in expected work of staff; one that makes cases wait longer is not proposed. Costs and refusals are those
    of ``checks_of``: measured in a run or a log, else expected from the definition.
    """
    known = checks_of(context, units) if len(units) > 1 else None
    if known is None:
        return None
    minutes, days, refused = known.minutes, known.days, known.refused
    today = list(range(len(units)))
    best = _search(minutes, refused, [sum(1 << other for other in each) for each in precedence(context, units)])
    if best is None:
        return None
    now, then = (
        Order(tuple(o), _expected(minutes, refused, o), _expected(days, refused, o), known.arrivals)
        for o in (today, best)
    )
    return (now, then) if then.minutes < now.minutes and then.days <= now.days + 1e-9 else None


def _expected(costs: Sequence[float], refusals: Sequence[float], order: Sequence[int]) -> float:
    total, going = 0.0, 1.0
    for index in order:
        total += costs[index] * going
        going *= 1 - refusals[index]
    return total


def precedence(context: Context, units: Sequence[Unit]) -> list[set[int]]:
    """Return for each step the earlier ones that must stay before it: by data, by law, or by authority.

    A step of which every way ends the case stays last: nothing says which way passes it.
    """
    made = [effects(context, unit) for unit in units]
    found: list[set[int]] = [set() for _ in units]
    for later, unit in enumerate(units):
        for earlier in range(later):
            first = units[earlier]
            if (
                not unit.main
                or depends(context, made[earlier], made[later], first.state)
                or made[earlier].makes & _read_when_refused(context, unit)
                or locks_between(context, first, unit)
                or _reviews(context, first, unit)
            ):
                found[later].add(earlier)
    return found


def _read_when_refused(context: Context, unit: Unit) -> set[str]:
    """Return what is read on the way of a refused case to its end."""
    waiting, seen = [edge.dest for edge in unit.refusals], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [edge.dest for edge in context.graph.out(name)]
    states = [context.graph.state(name) for name in seen]
    read = {read.item for state in states for read in state.reads} | {a for s in states for a in s.archives}
    return read | {thing for state in states for check in state.checks for thing in check.evidence}


def _reviews(context: Context, first: Unit, second: Unit) -> bool:
    """Whether the second step judges the same object with more authority: a duty to look again, or a higher level."""
    a, b = context.graph.state(first.state), context.graph.state(second.state)
    if not {check.of for check in a.checks} & {check.of for check in b.checks}:
        return False
    duty = any(check.duty in ("four_eyes", "statutory_level", "appeal") for check in b.checks)
    return duty or _rank(context, b) < _rank(context, a)


def _rank(context: Context, state: State) -> int:
    department = context.process.department(state)
    return context.process.organization.rank(department.level) if department else 0
