# ruff: noqa: N806 - the arrays have their names from the layout
"""The kernel's interpreter of byte code means the same as the definition's."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

from procflow.definition import bytecode
from procflow.definition.expressions import category_codes, parse
from procflow.errors import ExpressionError
from tests.property.test_expressions import ATTRIBUTES, booleans, cases, numbers
from tests.unit.kernel.plain import guards, layout

HEADER = 400


def by_the_kernel(code: bytecode.Code, slots: list[float]) -> float:
    """Return the value of a program that lies in a state's memory behind its stack and its attributes."""
    S = np.zeros(HEADER + bytecode.STACK_SIZE + len(slots) + 2 * len(code), dtype=np.int64)
    A: Any = S.view(np.float64)
    S[layout.S_STACK] = HEADER
    values = HEADER + bytecode.STACK_SIZE
    place = values + len(slots)
    A[values:place] = slots
    A[place:] = [x for operation in code for x in operation]
    with np.errstate(all="ignore"):
        return float(guards.run_code(S, A, place, len(code), values))


def value_twice(text: str, case: dict[str, Any]) -> tuple[float, float]:
    codes = category_codes(ATTRIBUTES)
    slots = [float(codes[name][v]) if isinstance(v, str) else float(v) for name, v in case.items()]
    code = parse(text, ATTRIBUTES).code({name: slot for slot, name in enumerate(case)}, codes)
    return by_the_kernel(code, slots), bytecode.run(code, slots)


@given(text=booleans | numbers, case=cases)
def test_a_random_expression_has_one_value_in_the_kernel_and_in_the_definition(text: str, case: Any) -> None:
    try:
        found, wanted = value_twice(text, case)
    except ExpressionError:
        assume(False)
    assert found == wanted or (math.isnan(found) and math.isnan(wanted))


CASE = {"risk": "low", "grade": "high", "urgent": True, "area": 2.5, "floors": 3}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 < floors < 4", 1),
        ("1 < floors < 3", 0),
        ("1 < area < floors < 4", 1),
        ("1 < area < floors < 3", 0),
        ("3 < area < floors < 4", 0),
        ("1 < 2 < area < floors < 4 < 5", 1),
        ("1 < 2 < area < 2 < floors < 5", 0),
        ("area / (floors - 3) != 1", 0),
        ("floors in (1, 2, 3) and not urgent", 0),
        ("-area * 2 + floors", -2),
    ],
)
def test_the_kernel_computes(text: str, value: float) -> None:
    assert value_twice(text, CASE) == (value, value)


@pytest.mark.parametrize("x", [2.5, -2.5, 0.49999999999999994, 1e15 + 0.5, math.inf, -math.inf, math.nan])
def test_the_kernel_rounds_as_the_definition_does(x: float) -> None:
    code = ((bytecode.PUSH, x), (bytecode.ROUND, 0.0))
    found, wanted = by_the_kernel(code, []), bytecode.run(code, [])
    assert found == wanted or (math.isnan(found) and math.isnan(wanted))
