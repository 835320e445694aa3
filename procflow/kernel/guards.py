"""The byte code of guards, priorities and ``set`` on a small stack; its meaning is that of ``definition.bytecode``.

A program lies in the model as pairs (opcode, operand). The stack lies in the state, as does the case's slot of
each attribute.
"""

import math

from procflow.definition import bytecode
from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.jit import compiled
from procflow.kernel.layout import S_STACK

PUSH, LOAD, ADD, SUBTRACT, MULTIPLY, DIVIDE = (
    bytecode.PUSH,
    bytecode.LOAD,
    bytecode.ADD,
    bytecode.SUBTRACT,
    bytecode.MULTIPLY,
    bytecode.DIVIDE,
)
NEGATE, ROUND, NOT = bytecode.NEGATE, bytecode.ROUND, bytecode.NOT
LESS, LESS_EQUAL, GREATER, GREATER_EQUAL = (
    bytecode.LESS,
    bytecode.LESS_EQUAL,
    bytecode.GREATER,
    bytecode.GREATER_EQUAL,
)
EQUAL, NOT_EQUAL, AND, OR = bytecode.EQUAL, bytecode.NOT_EQUAL, bytecode.AND, bytecode.OR
TUCK, SWAP, MATCH, DROP, FOLD = bytecode.TUCK, bytecode.SWAP, bytecode.MATCH, bytecode.DROP, bytecode.FOLD


@compiled
def run_code(S: Ints, A: Floats, code: int, n: int, slots: int) -> float:
    """Return the value of the program of ``n`` operations at ``A[code]`` over the attributes at ``A[slots]``."""
    top = S[S_STACK] - 1
    for i in range(n):
        op, operand = int(A[code + 2 * i]), A[code + 2 * i + 1]
        if op == PUSH:
            top += 1
            A[top] = operand
        elif op == LOAD:
            top += 1
            A[top] = A[slots + int(operand)]
        elif op == NEGATE:
            A[top] = -A[top]
        elif op == NOT:
            A[top] = 1.0 if A[top] == 0.0 else 0.0
        elif op == ROUND:
            A[top] = math.floor(A[top] + 0.5) if abs(A[top]) < 1e300 else A[top]
        elif op == MATCH:
            A[top - 1] = 1.0 if A[top] == operand else A[top - 1]
        elif op == DROP:
            top -= 1
        elif op == SWAP:
            A[top], A[top - 1] = A[top - 1], A[top]
        elif op == FOLD:
            top -= 1
            A[top - 1] = 1.0 if A[top - 1] != 0.0 and A[top + 1] != 0.0 else 0.0
        elif op == TUCK:
            top += 1
            A[top] = A[top - 1]
            A[top - 1] = A[top - 2]
            A[top - 2] = A[top]
        else:
            top -= 1
            A[top] = _binary(op, A[top], A[top + 1])
    return A[top]


@compiled
def _binary(op: int, a: float, b: float) -> float:
    if op == ADD:
        return a + b
    if op == SUBTRACT:
        return a - b
    if op == MULTIPLY:
        return a * b
    if op == DIVIDE:
        return a / b if b != 0.0 else math.nan
    if op == AND:
        return 1.0 if a != 0.0 and b != 0.0 else 0.0
    if op == OR:
        return 1.0 if a != 0.0 or b != 0.0 else 0.0
    return 1.0 if _holds(op, a, b) else 0.0


@compiled
def _holds(op: int, a: float, b: float) -> bool:
    if op == LESS:
        return a < b
    if op == LESS_EQUAL:
        return a <= b
    if op == GREATER:
        return a > b
    if op == GREATER_EQUAL:
        return a >= b
    if op == EQUAL:
        return a == b
    return a < b or a > b
