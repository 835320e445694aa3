"""Expressions: what they mean, what is refused and where, and that byte code means the same."""

import math

import pytest

from procflow.definition import bytecode
from procflow.definition.expressions import MAX_DEPTH, category_codes, parse, parse_assignment
from procflow.definition.process import Attribute
from procflow.errors import ExpressionError

ATTRIBUTES = {
    "risk": Attribute(categorical={"low": 0.5, "general": 0.5}),
    "class": Attribute(categorical={"low": 0.5, "high": 0.5}),
    "grade": Attribute(categorical={"low": 0.5, "high": 0.5}),
    "urgent": Attribute(boolean=0.5),
    "area": Attribute.model_validate({"number": {"uniform": [0, 100]}}),
    "floors": Attribute.model_validate({"integer": {"uniform": [0, 9]}}),
    "面积": Attribute.model_validate({"number": 5}),
}
VALUES = {"risk": "low", "class": "low", "grade": "high", "urgent": True, "area": 20.0, "floors": 3, "面积": 7.5}


def both(text):
    """Return the value of a text by the tree and by the byte code, as one number where they agree."""
    expression = parse(text, ATTRIBUTES)
    categories = category_codes(ATTRIBUTES)
    index = {name: slot for slot, name in enumerate(ATTRIBUTES)}
    slots = [float(categories[n][v]) if isinstance(v, str) else float(v) for n, v in VALUES.items()]
    code = expression.code(index, categories)
    walked, ran = float(expression.evaluate(VALUES)), bytecode.run(code, slots)
    assert bytecode.stack_size(code) <= bytecode.STACK_SIZE
    assert walked == ran or (math.isnan(walked) and math.isnan(ran))
    return walked


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("area + 2 * floors - 1", 25),
        ("-area / 4", -5),
        ("+area", 20),
        ("10 < area <= 20 < 30", 1),
        ("10 < area < floors < 30", 0),
        ('risk == "low" and urgent', 1),
        ('not (risk == "low") or not urgent', 0),
        ('risk in ("general", "low")', 1),
        ('risk not in ["low"]', 0),
        ("floors in (1, 2, -3, 3)", 1),
        ("risk != grade", 1),
        ("urgent == true", 1),
        ("urgent != True", 0),
        ("面积 > 7", 1),
        ('  risk\n  == "low"  ', 1),
    ],
)
def test_an_expression_has_its_value_in_the_tree_and_in_byte_code(text, value):
    assert both(text) == value


@pytest.mark.parametrize("text", ["area / (floors - 3) == 1", "area / (floors - 3) != 1", "area / (floors - 3) < 1"])
def test_every_comparison_with_a_division_by_zero_is_false(text):
    assert both(text) == 0
    assert both(f"not ({text})") == 1


def test_a_division_by_zero_is_not_a_number():
    assert math.isnan(both("area / (floors - 3)"))


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("aera > 3", 1, "did you mean 'area'"),
        ('面积 > 3 and risk == "lwo"', 20, "did you mean 'low'"),
        ("risk == low", 9, 'put a category into quotes, "low"'),
        ("urgent and area", 12, "true or false is expected here, this is a number"),
        ("risk > 3", 8, "a text cannot be compared with a number"),
        ('risk < "low"', 8, "a text has no order"),
        ("urgent < false", 10, "true or false has no order"),
        ("risk + 1 > 2", 1, "a number is expected"),
        ("area / 0 > 1", 8, "division by zero"),
        ("area = 3", 6, "compared by '=='"),
        ("urgent && urgent", 9, "write 'and'"),
        ("area in 3", 9, "list of literals"),
        ("area in (floors, 1)", 10, "literals only"),
        ("area in ()", 9, "list of literals"),
        ("area is 3", 9, "not by 'is'"),
        ("__import__('os')", 1, "only comparisons"),
        ("area.real > 1", 1, "only comparisons"),
        ("(lambda: 1)()", 1, "only comparisons"),
        ("[x for x in (1,)]", 1, "only comparisons"),
        ("area ** 2", 1, "only comparisons"),
        ('f"{area}"', 1, "only comparisons"),
        ("1j == 1", 1, "neither a number nor a text"),
        ("9e400 > area", 1, "neither a number nor a text"),
        ("area > 3 # large", 10, "'#' is not allowed"),
        ('"low" == "low"', 1, "compare a text with an attribute"),
        ("", 1, "cannot be read"),
        ("area) > (3", 5, "cannot be read"),
        ("area > 1, 2", 1, "only comparisons"),
        ("a" * 501, 1, "at most 500"),
        ("\x00", 1, "cannot be read"),
        ("-" * 499 + "1", 1, ""),
        ("(" * 250 + "1" + ")" * 249, 1, ""),
        ("area" + "+1" * 200, 1, f"deeper than {MAX_DEPTH}"),
    ],
)
def test_what_the_language_does_not_have_is_refused_at_its_column(text, column, words):
    with pytest.raises(ExpressionError) as caught:
        parse(text, ATTRIBUTES)
    assert words in caught.value.text("en")
    assert caught.value.text("zh")
    if words:
        assert caught.value.column == column


def test_the_deepest_expressions_fit_the_stack():
    assert both("true==(" * (MAX_DEPTH - 1) + "urgent" + ")" * (MAX_DEPTH - 1)) == 1
    assert both("true==true==(" * 30 + "urgent" + ")" * 30) == 1
    assert both("1+(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH) == MAX_DEPTH + 1


def test_an_attribute_is_found_in_any_unicode_form():
    assert parse("area > 3", ATTRIBUTES).names == {"area"}
    assert parse("ａｒｅａ > 3", ATTRIBUTES).names == {"area"}


def test_an_expected_kind_is_held_to():
    with pytest.raises(ExpressionError, match="true or false is expected here, this is a number"):
        parse("area", ATTRIBUTES, kind="boolean")


def test_an_assignment_takes_literals_categories_and_expressions():
    assert parse_assignment("risk", "low", ATTRIBUTES).evaluate({}) == "low"
    assert parse_assignment("area", "area * 2", ATTRIBUTES).evaluate({"area": 4}) == 8
    assert parse_assignment("area", -3, ATTRIBUTES).evaluate({}) == -3
    assert parse_assignment("floors", "area / 2", ATTRIBUTES).evaluate({"area": 5}) == 3
    assert parse_assignment("urgent", True, ATTRIBUTES).evaluate({}) is True
    code = parse_assignment("risk", "low", ATTRIBUTES).code({}, category_codes(ATTRIBUTES))
    assert bytecode.run(code, []) == category_codes(ATTRIBUTES)["risk"]["low"]


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("rsk", "low", "did you mean 'risk'"),
        ("risk", "lo", "did you mean 'low'"),
        ("risk", 3, "no category"),
        ("area", [1], "a number is expected"),
        ("urgent", 1, "true or false is expected"),
        ("area", None, "a number is expected"),
    ],
)
def test_an_impossible_assignment_is_refused(attribute, value, words):
    with pytest.raises(ExpressionError, match=words):
        parse_assignment(attribute, value, ATTRIBUTES)


def test_a_missing_value_is_named():
    with pytest.raises(ExpressionError, match="'area' has no value"):
        parse("area > 1", ATTRIBUTES).evaluate({})


def test_categories_that_are_numbered_differently_are_refused():
    with pytest.raises(ExpressionError, match="category_codes"):
        parse("risk == grade", ATTRIBUTES).code(
            {"risk": 0, "grade": 1}, {"risk": {"low": 0, "general": 1}, "grade": {"high": 0, "low": 1}}
        )
