"""Every state and transition is drawn once, whatever it is called, in lanes in the order of the levels."""

import ast
import os
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procflow import render
from procflow.definition import Process
from procflow.definition.shipped import folder
from procflow.errors import RenderError
from procflow.machine.graph import state_graph
from procflow.machine.loading import load
from procflow.render import Drawing, draw, engine, state_id
from procflow.render.dot import to_dot
from procflow.render.engine import lay_out
from procflow.render.frames import framed
from procflow.render.model import Diagram, View
from tests.examples import PERMIT, make_process
from tests.strategies import processes

SVG = "{http://www.w3.org/2000/svg}"
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def groups(svg: str) -> dict[str, ET.Element]:
    """Return the SVG's groups by id, and fail where an id is used twice."""
    found = [element for element in ET.fromstring(svg).iter(f"{SVG}g") if element.get("id")]
    assert max(Counter(element.get("id") for element in found).values()) == 1
    return {str(element.get("id")): element for element in found}


def words_in(element: ET.Element) -> str:
    return "".join(element.itertext())


def shipped(path: str) -> Process:
    return load(folder() / "processes" / path)


@FEW
@given(processes(), st.sampled_from(["swimlane", "machine", "flowchart"]))
def test_every_state_and_transition_of_any_process_is_drawn_once(process: Process, view: View) -> None:
    graph = state_graph(process)
    drawing = draw(process, view=view)
    states = Counter(node.state for node in drawing.diagram.nodes if node.state)
    transitions = Counter(arrow.transition for arrow in drawing.diagram.arrows if arrow.transition >= 0)
    assert states == Counter(dict.fromkeys(graph.nodes, 1))
    assert transitions == Counter(dict.fromkeys(range(len(graph.edges)), 1))
    drawn = groups(drawing.svg())
    assert {state_id(name) for name in graph.nodes} <= drawn.keys()
    assert {f"arrow-{edge.index}" for edge in graph.edges} <= drawn.keys()


NASTY = [
    'a "quoted" name',
    "port:like:name",
    "<b>bold & <BR> more",
    "back\\Nslash \\l \\G",
    "县级：受理（一次性告知）",
    "x" * 300,
    "审" * 300,
    "--> {cluster_x} [label]",
    "&amp; &#92;N %20 <!-- -->",
]


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("view", ["swimlane", "machine", "flowchart"])
def test_a_name_is_shown_as_it_is_and_never_read_as_markup(name: str, view: View) -> None:
    quoted = name.replace("'", "''")
    text = PERMIT.replace("name: review,", f"name: '{quoted}',").replace("trigger: accept", f"trigger: '{quoted}'")
    process = make_process(
        text.replace("source: review", f"source: '{quoted}'").replace("dest: review", f"dest: '{quoted}'")
    )
    drawn = groups(draw(process, view=view).svg())
    tooltip = next(drawn[state_id(name)].iter(f"{SVG}title"))
    assert str(tooltip.text).startswith(f"{name} [{name}]")
    assert "arrow-0" in drawn
    if len(name) < 30:
        shown = re.sub(r"\s", "", words_in(drawn[state_id(name)]))
        assert re.sub(r"\s", "", name) in shown


@given(st.text(min_size=1, max_size=40))
def test_an_id_is_ascii_and_depends_on_the_name_alone(name: str) -> None:
    assert re.fullmatch(r"state-[a-z0-9-]+", state_id(name))
    assert state_id(name) == state_id(name)
    assert state_id(name) != state_id(name + "x")


def test_the_same_process_gives_the_same_bytes_without_a_generator_or_time() -> None:
    process = shipped("food_license/as_is.yaml")
    first = draw(process).svg()
    assert first == draw(process).svg()
    assert "graphviz" not in first.lower()
    assert "<!--" not in first


def test_text_stays_text_in_a_font_that_has_chinese() -> None:
    drawn = groups(draw(shipped("food_license/as_is.yaml"), lang="zh").svg())
    texts = list(drawn[state_id("inspection")].iter(f"{SVG}text"))
    assert "现场核查" in words_in(drawn[state_id("inspection")])
    assert all("'Noto Sans CJK SC','Microsoft YaHei'" in str(t.get("font-family")) for t in texts)


def lane_centers(drawing: Drawing) -> list[float]:
    drawn = groups(drawing.svg())
    lanes = [drawn[f"lane{number}"] for number in range(len(drawing.diagram.lanes))]
    return [min(_xs(lane)) for lane in lanes]


def _xs(element: ET.Element) -> list[float]:
    shape = next(element.iter(f"{SVG}polygon"))
    return [float(point.split(",")[0]) for point in str(shape.get("points")).split()]


@pytest.mark.parametrize(
    "path", ["food_license/as_is.yaml", "business_startup/as_is.yaml", "business_startup/to_be.yaml"]
)
def test_lanes_go_from_the_applicant_over_the_highest_level_to_the_lowest(path: str) -> None:
    process = shipped(path)
    drawing = draw(process)
    organization = process.organization
    keys = [lane.key for lane in drawing.diagram.lanes]
    assert keys[0] == "applicant"
    ranks = [organization.rank(organization.department(k.partition(":")[2]).level) for k in keys if ":" in k]  # type: ignore[union-attr]
    assert ranks == sorted(ranks)
    centers = lane_centers(drawing)
    assert centers == sorted(centers)


@pytest.mark.parametrize("path", ["food_license/as_is.yaml", "business_startup/to_be.yaml"])
def test_every_node_stands_in_its_own_lane(path: str) -> None:
    drawing = draw(shipped(path))
    drawn = groups(drawing.svg())
    lefts = lane_centers(drawing)
    middles = [sum(_xs(drawn[f"lane{n}"])) / len(_xs(drawn[f"lane{n}"])) for n in range(len(lefts))]
    lines = sorted(
        {float(m) for m in re.findall(r'class="edge lane&#45;line".*?d="M([-\d.]+)', drawing.svg(), re.DOTALL)}
    )
    bounds = [line for index, line in enumerate(lines) if not index or line - lines[index - 1] > 5]
    assert len(bounds) == len(middles) + 1
    number = {lane.key: index for index, lane in enumerate(drawing.diagram.lanes)}
    for node in drawing.diagram.nodes:
        shape = next(iter(drawn[node.id].iter(f"{SVG}polygon")), None)
        if shape is not None:
            lane = number[node.lane]
            xs = [float(point.split(",")[0]) for point in str(shape.get("points")).split()]
            assert bounds[lane] - 1 <= min(xs)
            assert max(xs) <= bounds[lane + 1] + 1


def test_handoffs_between_departments_are_numbered_without_gaps_and_no_other_arrow_is() -> None:
    drawing = draw(shipped("food_license/as_is.yaml"))
    lane = {node.key: node.lane for node in drawing.diagram.nodes}
    state = {node.key: node for node in drawing.diagram.nodes}
    crossing = [
        a
        for a in drawing.diagram.arrows
        if lane[a.tail] != lane[a.head]
        and "applicant" not in (lane[a.tail], lane[a.head])
        and state[a.head].shape != "end"
    ]
    assert crossing
    assert sorted(a.number for a in crossing) == list(range(1, len(crossing) + 1))
    assert all(a.number == 0 for a in drawing.diagram.arrows if a not in crossing)


def test_marks_tell_sittings_suspensions_visits_law_and_systems() -> None:
    nodes = {node.state: node for node in draw(shipped("food_license/as_is.yaml"), lang="zh").diagram.nodes}
    marks = {(mark.symbol, mark.text) for mark in nodes["inspection"].marks}
    assert ("▦", "每周三 09:00") in marks
    assert ("⚖", "法定先于“审批决定”") in marks
    assert any(mark.symbol == "❚❚" and mark.text == "停表（整改）" for mark in nodes["rectification"].marks)
    assert any(mark.symbol == "♟" and mark.text == "跑动 1 次" for mark in nodes["application"].marks)
    assert any(mark.symbol == "⌨" for mark in nodes["application"].marks)


def symbols_of_drawings() -> set[str]:
    """Every character of the drawings' own sources that is neither ASCII nor Chinese: marks, signs, samples."""
    shown = set()
    for file in Path(render.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                shown |= {c for c in node.value if c > "\x7f" and unicodedata.category(c) in ("So", "Sm", "Sk")}
    return shown


@pytest.mark.skipif(shutil.which("fc-list") is None, reason="no fontconfig on this machine")
def test_every_symbol_is_in_the_fonts_that_come_with_graphviz_or_with_chinese() -> None:
    families = "DejaVu Sans", "Noto Sans CJK SC"
    known = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
    if not all(family in known for family in families):
        pytest.skip(f"one of {', '.join(families)} is missing on this machine")
    lacking = {
        symbol
        for symbol in symbols_of_drawings()
        if not any(
            subprocess.run(
                ["fc-list", f"{family}:charset={ord(symbol):x}"], capture_output=True, text=True, check=True
            ).stdout
            for family in families
        )
    }
    assert lacking == set()


def test_the_lines_between_lanes_have_no_gaps() -> None:
    svg = draw(shipped("food_license/as_is.yaml")).svg()
    pieces = re.findall(r'class="edge lane&#45;line">\n<path [^>]*d="M([-\d.]+),([-\d.]+)C.* [-\d.]+,([-\d.]+)"', svg)
    by_line: dict[str, list[tuple[float, float]]] = {}
    for x, top, bottom in pieces:
        by_line.setdefault(x, []).append((float(top), float(bottom)))
    assert len(by_line) == 4
    for line in by_line.values():
        assert all(above[1] >= below[0] for above, below in pairwise(sorted(line)))


def test_a_layout_whose_lines_graphviz_broke_is_read() -> None:
    diagram = draw(shipped("food_license/as_is.yaml")).diagram
    assert isinstance(diagram, Diagram)
    laid = lay_out(to_dot(diagram))
    found = re.search(r'class="lane-line",[^\]]*?pos="([^"]*)"', laid)
    assert found is not None
    broken = laid.replace(found[1], f"{found[1][:3]}\\\n{found[1][3:]}")
    assert framed(broken, diagram) == framed(laid, diagram)


def test_names_that_files_use_are_told_in_chinese() -> None:
    drawing = draw(shipped("food_license/to_be.yaml"), lang="zh")
    assert any("[风险等级 ＝ 低风险]" in arrow.lines for arrow in drawing.diagram.arrows)
    assert all("granted" not in node.subtitle for node in drawing.diagram.nodes)


def test_a_composite_opens_and_closes_with_bars_and_names_its_regions() -> None:
    diagram = draw(shipped("business_startup/to_be.yaml"), lang="zh").diagram
    bars = [node for node in diagram.nodes if node.shape == "bar"]
    assert [bool(bar.state) for bar in bars] == [True, False]
    arms = [arrow for arrow in diagram.arrows if arrow.tail == bars[0].key]
    assert len(arms) == len(diagram.frames) == 5
    assert all(arrow.head in {n.key for n in diagram.nodes if n.frame} for arrow in arms)


def test_a_prefix_keeps_two_drawings_on_one_page_apart() -> None:
    process = shipped("food_license/as_is.yaml")
    one, other = (groups(draw(process).svg(prefix=prefix)) for prefix in ("before-", "after-"))
    assert not one.keys() & other.keys()


@pytest.mark.parametrize(
    ("suffix", "start"), [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".dot", b"digraph")]
)
def test_the_suffix_says_what_is_written(tmp_path: Path, permit: Process, suffix: str, start: bytes) -> None:
    path = draw(permit).save(tmp_path / f"图{suffix}")
    assert path.read_bytes().startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [f"图{suffix}"]


def test_another_suffix_is_refused_and_an_old_file_is_kept(tmp_path: Path, permit: Process) -> None:
    old = tmp_path / "permit.gif"
    old.write_text("old")
    with pytest.raises(RenderError, match=r"\.gif.*\.svg") as error:
        draw(permit).save(old)
    assert "不能绘制" in error.value.text("zh")
    assert old.read_text() == "old"


def test_a_failure_to_draw_leaves_the_old_file_and_no_other(
    tmp_path: Path, permit: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = draw(permit).save(tmp_path / "permit.svg")
    before = old.read_bytes()

    def broken(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(RenderError, match=r"permit\.svg cannot be written: disk full"):
        draw(permit, lang="en").save(old)
    assert old.read_bytes() == before
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize("option", [{"view": "bpmn"}, {"lang": "fr"}])
def test_an_unknown_view_or_language_is_refused(permit: Process, option: dict[str, str]) -> None:
    with pytest.raises(RenderError, match=next(iter(option.values()))):
        draw(permit, **option)  # type: ignore[arg-type]


def test_without_dot_on_the_path_the_bundled_graphviz_draws(permit: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert draw(permit).svg().startswith("<svg")


def test_without_any_graphviz_the_error_says_how_to_get_it(permit: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(__import__("sys").modules, "pygraphviz", None)
    engine._library.cache_clear()
    try:
        with pytest.raises(RenderError, match="apt install graphviz") as error:
            draw(permit).svg()
        assert "安装" in error.value.text("zh")
    finally:
        engine._library.cache_clear()


def test_where_the_command_fails_the_bundled_graphviz_draws(
    permit: Process, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "dot"
    broken.write_text("#!/bin/sh\nexit 1\n")  # reads nothing: the pipe to it breaks, or it is told to have failed
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert shutil.which("dot") == str(broken)
    assert draw(permit).svg().startswith("<svg")
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    with pytest.raises(RenderError, match="Graphviz could not draw"):
        draw(permit).svg()


def test_a_notebook_shows_the_drawing(permit: Process) -> None:
    shown = draw(permit).svg()
    assert permit._repr_mimebundle_()["image/svg+xml"] == shown == draw(permit)._repr_mimebundle_()["image/svg+xml"]
    assert permit._repr_mimebundle_()["text/plain"] == repr(permit)


def test_sixty_states_are_drawn_within_a_second() -> None:
    departments = ["market_regulation", "market_office"]
    states = "".join(f"  - {{name: s{i}, department: {departments[i // 3 % 2]}, delay: 1 h}}\n" for i in range(59))
    ways = "".join(f"  - {{trigger: go{i}, source: s{i}, dest: s{i + 1}}}\n" for i in range(58))
    back = "".join(
        f"  - {{trigger: back{i}, source: s{i}, dest: s{i - 4}, probability: 0.1}}\n" for i in range(5, 58, 5)
    )
    last = "  - {name: end, final: true}\n", "  - {trigger: end, source: s58, dest: end}\n"
    text = f"initial: s0\nstates:\n{states}{last[0]}transitions:\n{ways}{back}{last[1]}"
    process = make_process(text)
    draw(process).svg()
    start = sum(os.times()[:4])  # processor time, that of Graphviz's own process too: the machine may be busy
    draw(process).svg()
    assert sum(os.times()[:4]) - start < 1
