"""XES files that polars reads at a stroke are those that expat reads alike, without fault; others are left to it."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from procflow.logs import regular_xes
from procflow.logs.reading import Reading
from procflow.logs.xes_parse import Parsed, parse, parse_regular
from tests.unit.logs.small import HEAD, xes_event, xes_trace

ACCEPT = xes_event("accept", "2025-03-03T09:00:00.000+08:00")
NAME = '<string key="concept:name" value="1"/>'


def _regular(text: str | bytes, folder: Path) -> Parsed | None:
    """Return what the fast reader finds, having compared it with what expat finds."""
    path = folder / "log.xes"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    found = parse_regular(path, Reading("log.xes"))
    if found is not None:
        expected = parse(path, Reading("log.xes"))
        assert expected.reading.bad_count == 0
        for each, other in ((found.events, expected.events), (found.traces, expected.traces)):
            assert_frame_equal(each.frame(found.reading), other.frame(expected.reading))
        assert found.reading.notes == expected.reading.notes
        assert found.trace_of == expected.trace_of
        header = (found.zone, found.classifiers, found.whole_attributes)
        assert header == (expected.zone, expected.classifiers, expected.whole_attributes)
    return found


KINDS = st.sampled_from(["string", "date", "int", "float", "boolean", "id"])
SIGNS = st.sampled_from(["a", "受理", "7", " ", ">", "/>", "'", "=", "&amp;", "&lt;", "&quot;", "&#10;", "&#x53d7;"])
VALUES = st.lists(SIGNS, max_size=3).map("".join)
KEYS = st.sampled_from(["concept:name", "time:timestamp", "n", "a/b", "受理人", "'"])
CLOSES = st.sampled_from(["/>", " />", "/>\n", "/>\r\n\t"])
ATTRIBUTES = st.builds('<{} key="{}" value="{}"{}'.format, KINDS, KEYS, VALUES, CLOSES)
EVENTS = st.lists(ATTRIBUTES, max_size=4).map(lambda each: "<event>\n" + "".join(each) + "</event>")
TRACES = st.lists(ATTRIBUTES | EVENTS, max_size=4).map(lambda each: "<trace>" + "".join(each) + "</trace>\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("xes")


@given(traces=st.lists(TRACES, min_size=1, max_size=4))
def test_every_file_of_flat_attributes_is_regular(traces: list[str], folder: Path):
    assert _regular(HEAD + '<string key="procflow:zone" value="UTC"/>' + "".join(traces) + "</log>", folder) is not None


TOKENS = (
    *("<trace>", "</trace>", "<event>", "</event>", "<event/>", NAME, NAME, '<int key="n" value="7"></int>', "\n"),
    *("<!-- -->", "<![CDATA[<event>]]>", "&amp;", "&no;", '"', "<", ">", "x", "\0", "\x01", "</log>", "<list/>"),
    *('<string key="&lt;" value="\t"/>', '<string key="a" value="&#1;"/>', "<string key='a' value='b'/>"),
    *('<string value="b" key="a"/>', '<string key="a" value="b" more="c"/>', '<string key="" value="a"/>'),
)


@given(st.lists(st.sampled_from(TOKENS), max_size=12))
def test_a_file_is_read_as_by_expat_or_not_at_all(folder: Path, tokens: list[str]):
    _regular(HEAD + "<trace>" + "".join(tokens) + "</trace></log>", folder)


@given(st.lists(st.sampled_from(["<event>", "</event>", NAME, "</trace>", "<trace>"]), max_size=8))
def test_tags_out_of_place_are_never_read(folder: Path, tokens: list[str]):
    _regular(HEAD + "<trace>" + "".join(tokens) + "</trace></log>", folder)


IRREGULAR = {
    "nested": ACCEPT.replace("</event>", '<string key="a" value="b"><int key="n" value="1"/></string></event>'),
    "a list": ACCEPT.replace("</event>", '<list key="a"><values><int key="n" value="1"/></values></list></event>'),
    "other order": ACCEPT.replace("</event>", '<string value="b" key="a"/></event>'),
    "single quotes": ACCEPT.replace("</event>", "<string key='a' value='b'/></event>"),
    "an unknown entity": ACCEPT.replace("accept", "&nbsp;"),
    "a bare ampersand": ACCEPT.replace("accept", "a & b"),
    "a sign that XML has not": ACCEPT.replace("accept", "\x07"),
    "a reference to such a sign": ACCEPT.replace("accept", "&#7;"),
    "half a surrogate": ACCEPT.replace("accept", "&#xD800;"),
    "no character": ACCEPT.replace("accept", "\uffff"),
    "a line break": ACCEPT.replace("accept", "a\nb"),
    "a prefix": ACCEPT.replace("<event>", "<x:event>").replace("</event>", "</x:event>"),
    "two signs": ACCEPT.replace("<event>", "<<event>"),
    "a comment": "<!-- <event> -->" + ACCEPT,
}


@pytest.mark.parametrize("oddity", IRREGULAR)
def test_what_is_irregular_is_left_to_expat(oddity: str, tmp_path: Path):
    assert _regular(HEAD + xes_trace("1", IRREGULAR[oddity]) + "</log>", tmp_path) is None


BROKEN = {
    "no end": HEAD + xes_trace("1", ACCEPT),
    "an open trace": HEAD + xes_trace("1", ACCEPT) + "<trace></log>",
    "something after the end": HEAD + xes_trace("1", ACCEPT) + "</log>x",
    "a DOCTYPE": '<!DOCTYPE log [<!ENTITY a "b">]>' + HEAD.split("\n")[1] + xes_trace("1", ACCEPT) + "</log>",
    "another root": "<html>" + xes_trace("1", ACCEPT) + "</html>",
    "an attribute of the log after traces": HEAD + xes_trace("1", ACCEPT) + NAME + "</log>",
    "junk before a trace": HEAD + xes_trace("1", ACCEPT) + "\x01" + xes_trace("2", ACCEPT) + "</log>",
    "a trace in the header": HEAD + '<trace a="b"></trace>' + xes_trace("1", ACCEPT) + "</log>",
    "a trace in a comment": HEAD + "<!-- <trace> -->" + xes_trace("1", ACCEPT) + "</log>",
    "another encoding": (HEAD + xes_trace("é", ACCEPT) + "</log>").replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "bytes that are no UTF-8": (HEAD + xes_trace("é", ACCEPT) + "</log>").encode("latin-1"),
    "no trace": HEAD + "</log>",
    "nothing": "",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_file_with_a_fault_around_its_traces_is_left_to_expat(fault: str, tmp_path: Path):
    assert _regular(BROKEN[fault], tmp_path) is None


def test_traces_are_whole_wherever_the_file_is_cut_into_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = HEAD + "".join(xes_trace(str(n), *[ACCEPT] * (n % 3)) for n in range(9)) + "</log>\n"
    for size in range(len(HEAD) + len("<trace>"), 400, 13):
        monkeypatch.setattr(regular_xes, "_PIECE_BYTES", size)
        found = _regular(text, tmp_path)
        assert found is not None
        assert found.trace_of == [1, 2, 2, 4, 5, 5, 7, 8, 8]


def test_an_attribute_that_comes_late_is_null_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(regular_xes, "_PIECE_BYTES", 300)
    late = ACCEPT.replace("</event>", '<int key="n" value="7"/></event>')
    found = _regular(HEAD + xes_trace("1", ACCEPT) + xes_trace("2", late, ACCEPT) + "</log>", tmp_path)
    assert found is not None


def test_compressed_files_and_those_in_gb18030_are_regular_too(tmp_path: Path):
    text = HEAD + xes_trace("1", ACCEPT.replace("accept", "受理")) + "</log>"
    assert _regular(gzip.compress(text.encode()), tmp_path) is not None
    assert _regular(text.replace("UTF-8", "GB2312").encode("gb18030"), tmp_path) is not None
    assert _regular(b"\xef\xbb\xbf" + text.encode(), tmp_path) is not None
    assert _regular(gzip.compress(text.encode())[:-9], tmp_path) is None
