"""Cases told apart by what guards can see: finitely many valuations of the attributes, and the ways out under each.

An attribute that guards compare with constants only is represented by one value for each answer that those guards can
give; a guard of another form is one yes-or-no atom of its own. Where attributes change in ways that this cannot
follow, or the valuations are too many, ``exact`` is false: what holds under every valuation still holds, but a way
that looks open may be closed. Nothing is simulated.
"""

import ast
import itertools
import math
import operator
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any

from procflow.definition.expression_syntax import syntax_tree
from procflow.definition.process import Attribute, ProcessDefinition
from procflow.machine.chance import below
from procflow.machine.graph import Edge, StateGraph

Value = bool | float | str
Truth = bool | None

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_WORDS: dict[str, Value] = {"true": True, "false": False}


@dataclass(frozen=True)
class Valuations:
    """The valuations of a process: ``rows`` of values of ``names``, with probabilities where these are known.

    ``weights`` is None where some probability is not known. ``exact`` says whether the ways out under a valuation
    are exactly those that a case of it can take.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    weights: tuple[float, ...] | None
    exact: bool
    changes: dict[int, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    """For each transition (by ``Edge.index``) with ``set``: the valuations after it, for each one before."""

    def after(self, edge: Edge, row: int) -> tuple[int, ...]:
        """Return the valuations that a case may have after a transition; several where that is not known."""
        changed = self.changes.get(edge.index)
        return (row,) if changed is None else changed[row]

    def holds(self, guard: str | None, row: int) -> Truth:
        """Return whether a guard holds under a valuation, None where that is not known."""
        return True if guard is None else self._truth(guard, row)

    def ways(self, edges: Iterable[Edge], row: int) -> Iterator[tuple[Edge, bool]]:
        """Yield the transitions that may be taken from a state under a valuation, each with whether it is a timer's.

        A guard without probability decides in file order; then chance, and the bare exit takes what is left.
        """
        chance: list[tuple[Edge, Truth]] = []
        bare: list[Edge] = []
        decided = False
        for edge in edges:
            transition = edge.transition
            if transition.timeout is not None:
                if self.holds(transition.when, row) is not False:
                    yield edge, True
            elif transition.probability is not None:
                chance.append((edge, self.holds(transition.when, row)))
            elif transition.when is None:
                bare.append(edge)
            elif not decided and (truth := self.holds(transition.when, row)) is not False:
                decided = truth is True
                yield edge, False
        if not decided:
            open_ = [edge for edge, truth in chance if truth is not False and _possible(edge)]
            yield from ((edge, False) for edge in open_)
            if not _exhaust([edge for edge, truth in chance if truth]):
                yield from ((edge, False) for edge in bare)

    @cached_property
    def _truth(self) -> Callable[[str, int], Truth]:
        environments = [dict(zip(self.names, row, strict=True)) for row in self.rows]

        @cache
        def truth(guard: str, row: int) -> Truth:
            return _truth(_parsed(guard), environments[row])

        return truth


def valuations(graph: StateGraph, *, cap: int = 64, atoms: int = 8) -> Valuations:
    """Return the valuations of a process; at most ``cap`` of them from at most ``atoms`` attributes, else one."""
    definition = graph.process.definition
    guards = [edge.transition.when for edge in graph.edges if edge.transition.when is not None]
    lost = _set_in_parallel(graph) | _given_back(graph)
    domains, dropped = _domains(definition, guards, lost, _assigned(graph))
    count = math.prod(len(values) for values, _ in domains.values())
    if count > cap or len(domains) > atoms:
        return Valuations((), ((),), None, exact=False)
    names = tuple(domains)
    rows = tuple(itertools.product(*(values for values, _ in domains.values())))
    known = [weights for _, weights in domains.values() if weights is not None]
    weighted = len(known) == len(domains)
    weights = tuple(math.prod(row) for row in itertools.product(*known)) if weighted else None
    changes, precise = _changes(graph, names, rows)
    return Valuations(names, rows, weights, exact=precise and not dropped, changes=changes)


def _possible(edge: Edge) -> bool:
    probability = edge.transition.probability
    return probability is None or any(value > 0 for value in probability.values)


def _exhaust(edges: list[Edge]) -> bool:
    """Whether the probabilities of these exits leave nothing, at whatever visit."""
    chances = [edge.transition.probability for edge in edges if edge.transition.probability is not None]
    visits = max((len(chance.values) for chance in chances), default=0)
    return bool(chances) and all(
        math.fsum(chance.at(visit) for chance in chances) > 1 - 1e-9 for visit in range(1, visits + 1)
    )


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.expr:
    return syntax_tree(text)


def _truth(node: ast.expr, values: dict[str, Value]) -> Truth:
    """Evaluate a guard in three values (Kleene's strong logic): what is not known may still not matter."""
    atom = values.get(_atom(node))
    if isinstance(atom, bool):
        return atom
    if isinstance(node, ast.BoolOp):
        found = [_truth(part, values) for part in node.values]
        deciding = isinstance(node.op, ast.Or)
        return deciding if deciding in found else None if None in found else not deciding
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _truth(node.operand, values)
        return None if inner is None else not inner
    if isinstance(node, ast.Compare):
        return _compared(node, values)
    value = _constant(node, values)
    return value if isinstance(value, bool) else None


def _compared(node: ast.Compare, values: dict[str, Value]) -> Truth:
    terms = [_constant(term, values) for term in (node.left, *node.comparators)]
    if any(term is None for term in terms):
        return None
    pairs = zip(node.ops, itertools.pairwise(terms), strict=True)
    try:
        return all(bool(_COMPARE[type(op)](a, b)) for op, (a, b) in pairs)
    except TypeError:
        return None


def _constant(node: ast.expr, values: dict[str, Value]) -> Any:
    """Return the value of a name or literal under a valuation; None where it has none."""
    if isinstance(node, ast.Name):
        return values.get(node.id, _WORDS.get(node.id))
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _atom(node: ast.expr) -> str:
    return f"‹{ast.unparse(node)}›"


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - set(_WORDS)


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the comparisons and bare names that a guard combines by and, or, not."""
    if isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from _leaves(part)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from _leaves(node.operand)
    else:
        yield node


def _compares_with_constants(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return True
    if not isinstance(node, ast.Compare) or not all(type(op) in _COMPARE for op in node.ops):
        return False
    terms = (node.left, *node.comparators)
    return all(isinstance(term, ast.Name) or _constant(term, {}) is not None for term in terms) and (
        sum(isinstance(term, ast.Name) and term.id not in _WORDS for term in terms) == 1
    )


_Domain = tuple[tuple[Value, ...], tuple[float, ...] | None]


def _domains(
    definition: ProcessDefinition, guards: list[str], lost: set[str], assigned: dict[str, list[Any]]
) -> tuple[dict[str, _Domain], bool]:
    """Return the values to tell apart of each attribute or atom, and whether some guard had to be left open."""
    leaves = [leaf for guard in guards for leaf in _leaves(_parsed(guard))]
    normalized = {unicodedata.normalize("NFKC", name): a for name, a in definition.attributes.items()}
    wild = {name for leaf in leaves if not _compares_with_constants(leaf) for name in _names(leaf)}
    wild |= {name for leaf in leaves for name in _names(leaf) if name not in normalized}
    domains: dict[str, _Domain] = {}
    # guards on one attribute depend on each other: as atoms of their own they allow answers that no case gives
    atoms = {_atom(leaf): _names(leaf) for leaf in leaves if _names(leaf) & wild}
    dropped = any(one & other for one, other in itertools.combinations(atoms.values(), 2))
    for leaf in leaves:
        names = _names(leaf)
        if names & lost or (names & wild and names & set(assigned)):
            dropped = True
        elif names & wild:
            domains[_atom(leaf)] = ((True, False), None)
        else:
            for name in names - set(domains):
                constants = [c for other in leaves if name in _names(other) for c in _constants(other)]
                domains[name] = _domain(normalized[name], constants, assigned.get(name, []))
    return {name: domain for name, domain in domains.items() if domain[0]}, dropped


def _constants(leaf: ast.expr) -> list[Any]:
    found: list[Any] = []
    for term in (leaf.left, *leaf.comparators) if isinstance(leaf, ast.Compare) else ():
        value = _constant(term, {}) if not isinstance(term, ast.Name) else None
        found += value if isinstance(value, list | tuple | set) else [] if value is None else [value]
    return found


def _domain(attribute: Attribute, constants: list[Any], assigned: list[Any]) -> _Domain:
    if attribute.categorical is not None:
        return _likely({**attribute.categorical}, assigned)
    if attribute.boolean is not None:
        return _likely({True: attribute.boolean, False: 1 - attribute.boolean}, assigned)
    cuts = sorted({float(c) for c in (*constants, *assigned) if isinstance(c, int | float)})
    return _likely(_intervals(attribute, cuts), assigned)


def _likely(chances: dict[Any, float], assigned: list[Any]) -> _Domain:
    """Keep what has a probability or is assigned later; everything, where an expression is assigned."""
    computed = any(isinstance(value, str) and value not in chances for value in assigned)
    kept = {value: p for value, p in chances.items() if p > 0 or computed or value in assigned}
    return tuple(kept), tuple(kept.values())


def _intervals(attribute: Attribute, cuts: list[float]) -> dict[Any, float]:
    """Return a representative of each cut point and each gap between them, with its probability."""
    distribution = attribute.number or attribute.integer
    if distribution is None or not cuts:
        return {0.0: 1.0}
    half = 0.5 if attribute.integer is not None else 0.0
    points = [cuts[0] - 1, *(p for a, b in itertools.pairwise(cuts) for p in (a, (a + b) / 2)), cuts[-1], cuts[-1] + 1]
    found: dict[Any, float] = {}
    reached = 0.0
    for index, point in enumerate(points):
        if index == len(points) - 1:
            upper = 1.0
        elif index % 2:  # the cut itself
            upper = below(distribution, point + half, inclusive=True)
        else:
            upper = below(distribution, points[index + 1] - half, inclusive=False)
        found[point] = max(0.0, upper - reached)
        reached = max(reached, upper)
    return found


def _assigned(graph: StateGraph) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for edge in graph.edges:
        for name, value in edge.transition.set.items():
            found.setdefault(unicodedata.normalize("NFKC", name), []).append(_literal(value))
    return found


def _literal(value: Any) -> Any:
    """Return the constant that a ``set`` assigns: as written, or the value of an expression that is a literal."""
    if not isinstance(value, str):
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return _WORDS.get(value, value)


def _given_back(graph: StateGraph) -> set[str]:
    """Return the attributes that called processes give back: what they become there is not followed."""
    calls = (node.state.call for node in graph.nodes.values())
    return {unicodedata.normalize("NFKC", name) for call in calls if call for name in call.takes}


def _set_in_parallel(graph: StateGraph) -> set[str]:
    """Return the attributes that a transition inside parallel regions sets: the join would have to merge them."""
    return {
        unicodedata.normalize("NFKC", name)
        for edge in graph.edges
        if any(len(graph.regions[c]) > 1 for c in graph.ancestors(edge.source))
        for name in edge.transition.set
    }


def _changes(
    graph: StateGraph, names: tuple[str, ...], rows: tuple[tuple[Value, ...], ...]
) -> tuple[dict[int, tuple[tuple[int, ...], ...]], bool]:
    """Return for each transition that sets a named attribute the valuations after it, and whether all are known."""
    changes: dict[int, tuple[tuple[int, ...], ...]] = {}
    precise = True
    for edge in graph.edges:
        settings = {names.index(n): v for n, v in _normal(edge.transition.set) if n in names}
        if not settings:
            continue
        fixed = {at: value for at, value in settings.items() if any(row[at] == value for row in rows)}
        precise &= len(fixed) == len(settings)
        changes[edge.index] = tuple(
            tuple(i for i, row in enumerate(rows) if _follows(before, row, fixed, set(settings))) for before in rows
        )
    return changes, precise


def _normal(settings: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((unicodedata.normalize("NFKC", name), _literal(value)) for name, value in settings.items())


def _follows(before: tuple[Value, ...], after: tuple[Value, ...], fixed: dict[int, Value], touched: set[int]) -> bool:
    return all(
        (after[at] == fixed[at] if at in fixed else True) if at in touched else after[at] == before[at]
        for at in range(len(before))
    )
