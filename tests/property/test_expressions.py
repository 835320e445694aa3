"""Random expressions mean the same in the tree and in byte code; random text is refused cleanly."""

import math

from hypothesis import given
from hypothesis import strategies as st

from procflow.definition import bytecode
from procflow.definition.expressions import category_codes, parse
from procflow.definition.process import Attribute
from procflow.errors import ExpressionError

ATTRIBUTES = {
    "risk": Attribute(categorical={"low": 0.5, "general": 0.5}),
    "grade": Attribute(categorical={"low": 0.5, "high": 0.5}),
    "urgent": Attribute(boolean=0.5),
    "area": Attribute.model_validate({"number": 5}),
    "floors": Attribute.model_validate({"integer": 5}),
}

numbers = st.recursive(
    st.sampled_from(["area", "floors", "0", "1", "2.5", "3"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda x: f"(-{x})"),
    ),
    max_leaves=6,
)
orders = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
chains = st.tuples(numbers, st.lists(st.tuples(orders, numbers), min_size=1, max_size=4)).map(
    lambda t: f"({t[0]} " + " ".join(f"{o} {n}" for o, n in t[1]) + ")"
)
members = st.tuples(numbers, st.sampled_from(["in", "not in"])).map(lambda t: f"({t[0]} {t[1]} (1, -2, 2.5))")
texts = st.sampled_from(
    ['(risk == "low")', '("high" != grade)', "(risk == grade)", '(risk in ("low", "general"))', "urgent"]
)
booleans = st.recursive(
    st.one_of(chains, members, texts),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or", "==", "!="]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda x: f"(not {x})"),
    ),
    max_leaves=5,
)
cases = st.fixed_dictionaries(
    {
        "risk": st.sampled_from(["low", "general"]),
        "grade": st.sampled_from(["low", "high"]),
        "urgent": st.booleans(),
        "area": st.sampled_from([0.0, 1.0, -2.0, 2.5, 1e300, math.inf, math.nan]),
        "floors": st.integers(-3, 3),
    }
)


@given(text=booleans | numbers, case=cases)
def test_the_tree_and_the_byte_code_have_one_meaning(text, case):
    try:
        expression = parse(text, ATTRIBUTES)
    except ExpressionError as error:
        # the only thing wrong with what is generated: it may be too long, or divide by a literal zero
        assert "at most" in error.text() or "division by zero" in error.text()
        return
    codes = category_codes(ATTRIBUTES)
    slots = [float(codes[name][v]) if isinstance(v, str) else float(v) for name, v in case.items()]
    code = expression.code({name: slot for slot, name in enumerate(case)}, codes)
    walked, ran = float(expression.evaluate(case)), bytecode.run(code, slots)
    assert walked == ran or (math.isnan(walked) and math.isnan(ran))
    assert bytecode.stack_size(code) <= bytecode.STACK_SIZE


@given(st.text(max_size=60) | st.text(alphabet="riskaeu()=<>!\"' +-*/#\\,[]{}.:0aend\n", max_size=60))
def test_any_text_is_an_expression_or_an_expression_error(text):
    try:
        parse(text, ATTRIBUTES)
    except ExpressionError as error:
        assert error.text("en")
        assert error.text("zh")
        assert 1 <= error.column <= len(text) + 1
