"""The byte code of expressions: its operations, and an interpreter in plain Python that serves as reference.

A program is a list of (opcode, operand) for a stack of float64; ``LOAD`` reads slot ``operand``. Booleans are 0.0
and 1.0, categories their numbers. What is left on the stack at the end is the value. NaN: see ``expressions``.
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

Code = tuple[tuple[int, float], ...]

PUSH: Final = 0
"""Push the operand."""
LOAD: Final = 1
"""Push the slot that the operand names."""
ADD: Final = 2
SUBTRACT: Final = 3
MULTIPLY: Final = 4
DIVIDE: Final = 5
"""Pop b, then a; push a/b, NaN where b is 0."""
NEGATE: Final = 6
ROUND: Final = 7
"""Replace the top by floor(x + 0.5); infinities and NaN stay."""
LESS: Final = 8
LESS_EQUAL: Final = 9
GREATER: Final = 10
GREATER_EQUAL: Final = 11
EQUAL: Final = 12
NOT_EQUAL: Final = 13
"""Pop b, then a; push 1 where a < b or a > b, else 0: with NaN 0, unlike IEEE 754."""
AND: Final = 14
OR: Final = 15
NOT: Final = 16
TUCK: Final = 17
"""Put a copy of the top below the second: a b → b a b."""
SWAP: Final = 18
"""Exchange the two on top: a b → b a."""
FOLD: Final = 19
"""Join a comparison of a chain to those before it: p c r → (p and r) c."""
MATCH: Final = 20
"""With x on top and r below it: r becomes 1 where x equals the operand; x stays."""
DROP: Final = 21
"""Remove the top."""

STACK_SIZE: Final = 128
"""No expression that ``expressions.parse`` accepts needs more values on the stack."""

CODES: Final[dict[str, int]] = {
    "+": ADD,
    "-": SUBTRACT,
    "*": MULTIPLY,
    "/": DIVIDE,
    "neg": NEGATE,
    "round": ROUND,
    "<": LESS,
    "<=": LESS_EQUAL,
    ">": GREATER,
    ">=": GREATER_EQUAL,
    "==": EQUAL,
    "!=": NOT_EQUAL,
    "and": AND,
    "or": OR,
    "not": NOT,
}


def compare(word: str, a: Any, b: Any) -> bool:
    """Return whether ``a word b`` holds; false where one of them is NaN."""
    if word == "!=":
        return bool(a != b) and a == a and b == b
    return bool(_COMPARE[word](a, b))


def divide(a: float, b: float) -> float:
    """Return a/b, NaN where b is 0."""
    return a / b if b != 0 else math.nan


def rounded(x: float) -> float:
    """Return the nearest whole number, halves upward; infinities and NaN as they are."""
    return float(math.floor(x + 0.5)) if math.isfinite(x) else x


_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}

OPERATIONS: Final[dict[str, Callable[..., Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
    "neg": operator.neg,
    "round": rounded,
    "and": lambda *parts: all(parts),
    "or": lambda *parts: any(parts),
    "not": operator.not_,
}
"""What each operator of the tree does to values; ``and`` and ``or`` take any number."""

_BINARY: Final[dict[int, Callable[[float, float], float]]] = {
    ADD: operator.add,
    SUBTRACT: operator.sub,
    MULTIPLY: operator.mul,
    DIVIDE: divide,
    AND: lambda a, b: float(a != 0 and b != 0),
    OR: lambda a, b: float(a != 0 or b != 0),
    LESS: lambda a, b: float(a < b),
    LESS_EQUAL: lambda a, b: float(a <= b),
    GREATER: lambda a, b: float(a > b),
    GREATER_EQUAL: lambda a, b: float(a >= b),
    EQUAL: lambda a, b: float(a == b),
    NOT_EQUAL: lambda a, b: float(a < b or a > b),
}
_UNARY: Final[dict[int, Callable[[float], float]]] = {
    NEGATE: operator.neg,
    ROUND: rounded,
    NOT: lambda a: float(a == 0),
}


def run(code: Code, slots: Sequence[float]) -> float:
    """Return the value of a program over the attributes' slots."""
    stack: list[float] = []
    for opcode, operand in code:
        if opcode == PUSH:
            stack.append(operand)
        elif opcode == LOAD:
            stack.append(float(slots[int(operand)]))
        elif opcode in _UNARY:
            stack.append(_UNARY[opcode](stack.pop()))
        elif opcode in _BINARY:
            b, a = stack.pop(), stack.pop()
            stack.append(_BINARY[opcode](a, b))
        else:
            _arrange(opcode, operand, stack)
    return stack.pop()


def stack_size(code: Code) -> int:
    """Return the most values that a program has on its stack at once."""
    most = size = 0
    for opcode, _ in code:
        size += 1 if opcode in (PUSH, LOAD, TUCK) else -1 if opcode in _BINARY or opcode in (DROP, FOLD) else 0
        most = max(most, size)
    return most


def _arrange(opcode: int, operand: float, stack: list[float]) -> None:
    if opcode == TUCK:
        stack.insert(-2, stack[-1])
    elif opcode == SWAP:
        stack[-1], stack[-2] = stack[-2], stack[-1]
    elif opcode == FOLD:
        holds, kept = stack.pop(), stack.pop()
        stack[-1] = float(stack[-1] != 0 and holds != 0)
        stack.append(kept)
    elif opcode == MATCH:
        stack[-2] = 1.0 if stack[-1] == operand else stack[-2]
    elif opcode == DROP:
        stack.pop()
    else:
        raise ValueError(f"unknown opcode {opcode}")
