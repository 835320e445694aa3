"""Reading YAML: core scalars, positions of every node, and hostile files that cost nothing."""

import time

import pytest

from procflow.definition.reader import MAX_BYTES, MAX_NODES, read_bytes, read_file, read_text
from procflow.definition.yaml_errors import MAX_DEPTH
from procflow.errors import DefinitionError


def problem(text):
    """Return the one problem of a text, whether reading stops at it or not."""
    try:
        (found,) = read_text(text).problems
    except DefinitionError as error:
        (found,) = error.problems
    return found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("012", 12),
        ("0o12", 10),
        ("0xFF", 255),
        ("12:30:00", "12:30:00"),
        ("1_000", "1_000"),
        ("2025-03-31", "2025-03-31"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("'null'", "null"),
        ('"1"', "1"),
        ("!!str 1", "1"),
        ("=", "="),
        ("+5", 5),
        ("- 5", [5]),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(written, value):
    assert read_text(f"a:\n  {written}\n").data == {"a": value}


def test_a_name_that_looks_like_another_kind_stays_a_text():
    assert read_text("{1: a, true: b, null: c, no: d}").data == {"1": "a", "true": "b", "null": "c", "no": "d"}


def test_every_value_and_key_has_its_position():
    source = read_text("a: 1\n受理:\n  - x\n  - {b: 'y'}\n").source
    assert source.keys[("受理",)] == (2, 1)
    assert source.values[("受理", 0)] == (3, 5)
    assert source.values[("受理", 1, "b")] == (4, 9)
    assert source.keys[("受理", 1, "b")] == (4, 6)
    assert source.inside(("受理", 1, "b"), 1) == (4, 10)
    assert source.locate(("受理", 1, "b", "deeper")) == (4, 9)


def test_an_alias_stands_for_its_anchor():
    document = read_text("a: &x {b: [1, 2]}\nc: *x\nd: &y 5\ne: *y\n")
    assert document.data == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": 5, "e": 5}
    assert document.source.locate(("c", "b", 1)) == (2, 4)


def test_a_byte_order_mark_is_skipped():
    document = read_bytes(b"\xef\xbb\xbfa: 1\n", "x.yaml")
    assert document.data == {"a": 1}
    assert document.source.keys[("a",)] == (1, 1)


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "- - ", "? "])
def test_a_hundred_thousand_levels_are_refused_at_once(opening):
    before = time.process_time()
    found = problem(opening * 100_000)
    assert time.process_time() - before < 2
    assert str(MAX_DEPTH) in found.text() or "plain word" in found.text()


def test_an_alias_bomb_is_refused_before_it_is_built():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert str(MAX_NODES) in problem("\n".join(lines)).text()


def test_a_long_list_repeated_by_aliases_is_counted_each_time():
    text = "a: &a [" + "x, " * 10_000 + "x]\nb: [" + "*a, " * 60 + "*a]\n"
    assert str(MAX_NODES) in problem(text).text()


def test_aliases_do_not_nest_deeper_than_brackets_may():
    levels = MAX_DEPTH // 2
    lines = ["a0: &a0 " + "[" * levels + "]" * levels]
    lines += [f"a{n}: &a{n} " + "[" * levels + f"*a{n - 1}" + "]" * levels for n in range(1, 100)]
    assert read_text(lines[0]).data
    found = problem("\n".join(lines))
    assert f"deeper than {MAX_DEPTH}" in found.text()
    assert found.line == 2


def test_an_anchor_inside_itself_is_refused():
    assert "refers to nothing that ends before it" in problem("a: &a [*a]").text()


def test_a_large_flat_file_is_refused_by_its_number_of_values():
    assert str(MAX_NODES) in problem("[" + "1," * (MAX_NODES + 1) + "]").text()


def test_a_file_of_too_many_bytes_is_refused_unread():
    with pytest.raises(DefinitionError, match="larger than 8 MB"):
        read_bytes(b"#" * (MAX_BYTES + 1), "x.yaml")


def test_a_byte_that_is_no_utf8_is_told_at_its_place():
    with pytest.raises(DefinitionError, match=r"^x\.yaml:2:4: byte 0xd6 is not UTF-8: save the file as UTF-8"):
        read_bytes("a: 1\nb: 中".encode("gbk"), "x.yaml")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (1, 1), "empty"),
        ("# only a comment\n", (1, 1), "empty"),
        ("a: 1\na: 2\n", (2, 1), "first at line 1, column 1"),
        ("a: 1\n---\nb: 1\n", (2, 1), "one document"),
        ("a: !mine x\n", (1, 4), "tag '!mine'"),
        ("a: !!python/name:os.system x\n", (1, 4), "not allowed"),
        ("a: !foo!bar x\n", (1, 4), "not allowed"),
        ("a: *b\n", (1, 4), "alias *b"),
        ("a: b: c\n", (1, 5), "a ':' stands where no field can begin"),
        ("a: [1, 2\nb: 3\n", (2, 2), "not closed"),
        ("a: 'x\n", (1, 4), "quotation mark"),
        ("\ta: 1\n", (1, 1), "not tabs"),
        ("a: 1\n  b: 2\n", (2, 4), "a ':' stands where no field can begin"),
        ("a: 中\x07\n", (1, 5), "control character"),
        ("? [x]\n: y\n", (1, 3), "plain word"),
        ('a: "\\q"\n', (1, 5), "unknown escape"),
        ("a: 1\nb\nc: 2\n", (2, 1), "':' is missing"),
        ("a: " + "9" * 400, (1, 4), "number of this length"),
        ("a:\n  - x\n b: 1\n", (3, 2), "indented like the fields before it"),
    ],
)
def test_what_is_wrong_with_the_yaml_is_told_in_plain_words(text, place, words):
    found = problem(text)
    assert words in found.message.get("en")
    assert (found.line, found.column) == place
    assert found.message.get("zh") != found.message.get("en")


def test_reading_goes_on_after_a_duplicate_key():
    document = read_text("a: 1\na: 2\nb: !x 3\n")
    assert document.data == {"a": 1, "b": 3}
    assert len(document.problems) == 2


@pytest.mark.parametrize(
    ("name", "words"), [("missing.yaml", "no such file"), (".", "is a folder"), ("\0", "cannot be read")]
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path, name, words):
    with pytest.raises(DefinitionError, match=words) as caught:
        read_file(tmp_path / name)
    assert len(caught.value.problems) == 1


def test_a_file_has_the_digest_of_its_bytes(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n")
    assert read_file(path).source.digest == read_bytes(b"a: 1\n", "b.yaml").source.digest != ""
