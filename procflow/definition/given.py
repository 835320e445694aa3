"""Attribute values that are given for a case as numbers of the kernel: NaN where one is to be sampled."""

import math
from collections.abc import Mapping, Sequence

from procflow.definition.diagnostics import did_you_mean
from procflow.definition.expressions import category_codes
from procflow.definition.process import Attribute
from procflow.errors import UnitError
from procflow.text import Text

_BOOLEANS = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "yes": 1.0, "no": 0.0, "是": 1.0, "否": 0.0}

Value = str | bool | float | None


def given_numbers(values: Sequence[Value], name: str, attributes: Mapping[str, Attribute]) -> list[float]:
    """Return given values of the attribute ``name`` as the numbers of the kernel.

    Raises UnitError for an attribute that the process does not have, or a value that is none of its kind.
    """
    if name not in attributes:
        hint = did_you_mean(name, attributes)
        raise UnitError(Text(en=f"unknown attribute {name!r}{hint.en}", zh=f"未知的属性 {name!r}{hint.zh}"))
    codes = category_codes(attributes).get(name, {})
    return [_number(value, name, attributes[name].kind, codes, row) for row, value in enumerate(values, 1)]


def _number(value: Value, name: str, kind: str, codes: Mapping[str, int], row: int) -> float:
    if value is None:
        return math.nan
    try:
        if kind == "categorical":
            return float(codes[str(value)])
        if kind == "boolean":
            return _BOOLEANS[str(value).lower()]
        number = float(value)
        if not math.isfinite(number) or (kind == "integer" and number != int(number)):
            raise ValueError(value)
    except (KeyError, ValueError):
        known = ", ".join(codes) or {"boolean": "true, false", "integer": "a whole number"}.get(kind, "a number")
        raise UnitError(
            Text(
                en=f"{value!r}, given for attribute {name!r} of arrival {row}, is none of its values: {known}",
                zh=f"第 {row} 个到达的属性 {name!r} 给出的 {value!r} 不是其取值：{known}",
            )
        ) from None
    return number
