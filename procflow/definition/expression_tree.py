"""The tree of an expression, its value, and its byte code. Reads no text and checks nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from procflow.definition import bytecode

Value = bool | float | str


@dataclass(frozen=True)
class Constant:
    """A literal; ``owner`` is the attribute to whose categories a text belongs."""

    value: Value
    owner: str = ""


@dataclass(frozen=True)
class Name:
    """An attribute of the case."""

    name: str


@dataclass(frozen=True)
class Operation:
    """An operator and what it works on: ``+ - * /`` ``and or not`` ``neg round``."""

    operator: str
    operands: tuple["Tree", ...]


@dataclass(frozen=True)
class Comparison:
    """A chain of comparisons, each between neighbors: all must hold."""

    first: "Tree"
    rest: tuple[tuple[str, "Tree"], ...]


@dataclass(frozen=True)
class Membership:
    """Whether a value is one of several literals, or none of them."""

    value: "Tree"
    choices: tuple[Constant, ...]
    negated: bool


Tree = Constant | Name | Operation | Comparison | Membership


def evaluate(tree: Tree, values: Mapping[str, Any]) -> Value:
    """Return the value of a tree for the values of the attributes."""
    match tree:
        case Constant(value):
            return value
        case Name(name):
            found = values[name]
            return found if isinstance(found, bool | str) else float(found)
        case Operation(operator, operands):
            result: Value = bytecode.OPERATIONS[operator](*(evaluate(operand, values) for operand in operands))
            return result
        case Comparison(first, rest):
            sides = [evaluate(side, values) for side in (first, *(tree for _, tree in rest))]
            words = [word for word, _ in rest]
            return all(bytecode.compare(w, a, b) for w, a, b in zip(words, sides, sides[1:], strict=False))
        case Membership(inner, choices, negated):
            member = evaluate(inner, values)
            return any(bytecode.compare("==", member, choice.value) for choice in choices) != negated


def compile_tree(
    tree: Tree, index: Mapping[str, int], categories: Mapping[str, Mapping[str, int]]
) -> Iterator[tuple[int, float]]:
    """Yield the byte code of a tree; the arguments are those of ``Expression.code``."""
    match tree:
        case Constant():
            yield bytecode.PUSH, _number(tree, categories)
        case Name(name):
            yield bytecode.LOAD, float(index[name])
        case Operation(operator, operands):
            yield from compile_tree(operands[0], index, categories)
            if len(operands) == 1:
                yield bytecode.CODES[operator], 0.0
            for operand in operands[1:]:
                yield from compile_tree(operand, index, categories)
                yield bytecode.CODES[operator], 0.0
        case Comparison(first, rest):
            yield from _compile_comparison(first, rest, index, categories)
        case Membership(value, choices, negated):
            yield bytecode.PUSH, 0.0
            yield from compile_tree(value, index, categories)
            for choice in choices:
                yield bytecode.MATCH, _number(choice, categories)
            yield bytecode.DROP, 0.0
            if negated:
                yield bytecode.NOT, 0.0


def _compile_comparison(
    first: Tree,
    rest: tuple[tuple[str, Tree], ...],
    index: Mapping[str, int],
    categories: Mapping[str, Mapping[str, int]],
) -> Iterator[tuple[int, float]]:
    """Yield the code of a chain: a middle operand is computed once and kept for its second comparison."""
    yield from compile_tree(first, index, categories)
    *before, (last, final) = rest
    for number, (word, tree) in enumerate(before):
        yield from compile_tree(tree, index, categories)
        yield bytecode.TUCK, 0.0
        yield bytecode.CODES[word], 0.0
        yield (bytecode.FOLD if number else bytecode.SWAP), 0.0
    yield from compile_tree(final, index, categories)
    yield bytecode.CODES[last], 0.0
    if before:
        yield bytecode.AND, 0.0


def _number(constant: Constant, categories: Mapping[str, Mapping[str, int]]) -> float:
    if isinstance(constant.value, str):
        return float(categories[constant.owner][constant.value])
    return float(constant.value)


def names(tree: Tree) -> Iterator[str]:
    """Yield the attributes that a tree reads."""
    match tree:
        case Name(name):
            yield name
        case Operation(_, operands):
            for operand in operands:
                yield from names(operand)
        case Comparison(first, rest):
            for side in (first, *(each for _, each in rest)):
                yield from names(side)
        case Membership(value, _, _):
            yield from names(value)
