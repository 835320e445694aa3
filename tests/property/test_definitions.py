"""Whatever bytes a file holds, reading it gives a process or a list of problems; whatever is written is read back."""

import re
from functools import cache

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procflow.definition import loads
from procflow.definition.catalog import Catalog
from procflow.definition.dump import dump
from procflow.definition.process import ProcessDefinition
from procflow.definition.reader import read_bytes, read_text
from procflow.errors import DefinitionError
from tests.examples import CATALOG, DATA, ORGANIZATION

GOOD = (DATA / "everything.yaml").read_text(encoding="utf-8")
SCRAPS = [
    "",
    " ",
    "\n",
    "\t",
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "#",
    "&a ",
    "*a",
    "!x ",
    "|",
    ">",
    "%",
    "?",
    ",",
]
SCRAPS += [
    "null",
    "-1",
    "1e999",
    ".nan",
    "true",
    "0",
    "wd",
    "5 min",
    "中",
    "\x00",
    "\x85",
    "\u2028",
    "/",
    "name",
    "<<: ",
]


@cache
def lines():
    """Return the lines of the good file."""
    return GOOD.splitlines(keepends=True)


def refused_properly(error):
    """Check that an error is fit for users: places, both languages, no traceback."""
    assert error.problems
    for problem in error.problems:
        assert problem.line >= 0
        assert problem.message.get("en")
        assert re.search("[\u4e00-\u9fff]", problem.message.get("zh"))
        assert "pydantic" not in problem.text()


@given(st.binary(max_size=200))
def test_any_bytes_are_data_or_a_definition_error(content):
    try:
        read_bytes(content, "x.yaml")
    except DefinitionError as error:
        refused_properly(error)


@given(st.text(alphabet="abc:-[]{}'\"#&*!|>%? \n\t,~<中", max_size=80))
def test_any_yaml_like_text_is_data_or_a_definition_error(text):
    try:
        read_text(text)
    except DefinitionError as error:
        refused_properly(error)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_good_file_with_a_mistake_is_a_process_or_a_definition_error(data):
    text = list(lines())
    for _ in range(data.draw(st.integers(1, 3))):
        row = data.draw(st.integers(0, len(text) - 1))
        column = data.draw(st.integers(0, len(text[row])))
        length = data.draw(st.integers(0, 12))
        text[row] = text[row][:column] + data.draw(st.sampled_from(SCRAPS)) + text[row][column + length :]
    try:
        loads("".join(text), organization=ORGANIZATION, catalog=CATALOG)
    except DefinitionError as error:
        refused_properly(error)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_good_file_with_a_value_replaced_is_a_process_or_a_definition_error(data):
    tree = read_text(GOOD).data
    place = tree
    for _ in range(data.draw(st.integers(0, 6))):
        inside = list(place.values()) if isinstance(place, dict) else place
        deeper = [each for each in inside if isinstance(each, dict | list) and each]
        if not deeper:
            break
        place = data.draw(st.sampled_from(deeper))
    junk = st.sampled_from([None, -1, 0.5, True, "x", "", [], {}, [[]], {"x": {}}, ["a", 1], 10**40, float("nan")])
    key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(junk)
    try:
        loads(yaml.safe_dump(tree, allow_unicode=True), organization=ORGANIZATION, catalog=CATALOG)
    except DefinitionError as error:
        refused_properly(error)


names = st.text(min_size=1, max_size=12).filter(lambda text: re.fullmatch(r"[^/\s][^/\n]*", text) is not None)
plain = names.filter(lambda text: not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]", text))


@given(st.lists(plain, unique=True, max_size=4), plain)
def test_names_of_any_script_are_read_back_as_written(items, title):
    catalog = Catalog.model_validate(
        {"procflow": 1, "catalog": "c", "title": title, "items": [{"name": name, "basis": title} for name in items]}
    )
    assert Catalog.model_validate(read_text(dump(catalog)).data) == catalog


spans = st.tuples(st.floats(0, 5000, allow_nan=False), st.sampled_from(["s", "min", "h", "d", "wd", "week"])).map(
    lambda pair: f"{pair[0]!r} {pair[1]}"
)
sourced = st.fixed_dictionaries({}, optional={"source": plain, "assumed": st.booleans()})


@given(
    work=st.one_of(
        spans, st.lists(spans, min_size=1, max_size=3), st.tuples(spans, sourced).map(lambda t: {"value": t[0], **t[1]})
    ),
    again=st.tuples(spans, spans, sourced).map(lambda t: {"first": t[0], "again": t[1], **t[2]}),
    chance=st.lists(st.floats(0, 1), min_size=1, max_size=3),
    value=st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), plain),
)
def test_numbers_of_every_form_are_read_back_as_written(work, again, chance, value):
    definition = ProcessDefinition.model_validate(
        {
            "procflow": 1,
            "process": "p",
            "organization": "o.yaml",
            "initial": "a",
            "states": [{"name": "a", "work": work, "delay": again}, {"name": "b", "final": True}],
            "transitions": [{"trigger": "t", "source": "a", "dest": "b", "probability": chance, "set": {"x": value}}],
        }
    )
    assert ProcessDefinition.model_validate(read_text(dump(definition)).data) == definition


@pytest.mark.parametrize("levels", [70, 5_000, 100_000])
def test_deep_nesting_is_refused_and_never_crashes(levels):
    for text in ("[" * levels + "]" * levels, "states: " + "[{states: " * levels):
        with pytest.raises(DefinitionError):
            loads(text, organization=ORGANIZATION, catalog=CATALOG)


def test_composites_as_deep_as_a_file_may_nest_load():
    text = "{name: leaf}"
    for number in range(28):
        text = f"{{name: s{number}, initial: end, states: [{text}, {{name: end, final: true}}]}}"
    process = (
        f"procflow: 1\nprocess: p\norganization: o.yaml\ninitial: end\nstates: [{text}, {{name: end, final: true}}]\n"
    )
    loaded = loads(process, organization=ORGANIZATION, catalog=CATALOG)
    assert ProcessDefinition.model_validate(read_text(dump(loaded)).data) == loaded.definition
