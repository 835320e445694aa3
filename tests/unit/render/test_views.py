"""Overlays, changes, maps, parts, Mermaid and notebooks show what they are said to show."""

import datetime as dt
import html
import os
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from procflow.definition import Process
from procflow.definition.shipped import folder
from procflow.errors import ArgumentError, RenderError
from procflow.logs import event_log
from procflow.machine.graph import state_graph
from procflow.machine.loading import load
from procflow.render import draw, engine
from procflow.render.model import Diagram, Matrix
from procflow.render.overlay import QUANTITIES, Overlay
from tests.examples import PERMIT, make_process
from tests.strategies import processes

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def shipped(path: str) -> Process:
    return load(folder() / "processes" / path)


def flow(drawing: Any) -> Diagram:
    assert isinstance(drawing.diagram, Diagram)
    return drawing.diagram


# overlays


def test_an_overlay_grades_by_width_and_color_and_says_the_number(permit: Process) -> None:
    over = Overlay("waiting", {"application": 60.0, "review": 86_400.0}, {0: 3600.0})
    drawing = draw(permit, run=over, lang="en")
    heats = {node.state: node.heat for node in flow(drawing).nodes if node.heat}
    assert [heats[name].grade for name in ("application", "review")] == [0, 4]
    assert heats["review"].text == "mean wait 1 calendar day"
    [arrow] = [arrow for arrow in flow(drawing).arrows if arrow.heat]
    assert (arrow.transition, arrow.heat.text) == (0, "mean transfer 1 hour")  # type: ignore[union-attr]
    grades = [entry for entry in flow(drawing).legend if entry.grade is not None]
    assert [entry.grade for entry in grades] == [0, 1, 2, 3, 4]
    assert all("hours" in entry.text or "day" in entry.text for entry in grades)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_an_overlay_without_anything_that_differs_from_zero_is_all_of_the_least_grade(quantity: str) -> None:
    over = Overlay(quantity, {"review": 0.0})  # type: ignore[arg-type]
    heat = over.heat("review", "zh")
    assert heat is not None
    assert heat.grade == 0
    assert len(over.legend("zh")) == 2


def test_an_unknown_quantity_is_refused_and_an_overlay_of_nothing_too(permit: Process) -> None:
    with pytest.raises(ArgumentError, match="heat"):
        Overlay("heat", {})  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="give a run"):
        draw(permit, overlay="waiting")
    with pytest.raises(ArgumentError, match="expected a Run"):
        draw(permit, run="run.json")  # type: ignore[arg-type]


LOG = event_log(
    pl.DataFrame(
        {
            "case": ["1", "1", "2"],
            "activity": ["application", "review", "application"],
            "start": [dt.datetime(2025, 3, 3, 9), dt.datetime(2025, 3, 3, 12), dt.datetime(2025, 3, 4, 9)],
            "end": [dt.datetime(2025, 3, 3, 10), dt.datetime(2025, 3, 3, 13), dt.datetime(2025, 3, 4, 10)],
        }
    )
)


def test_an_event_log_gives_waiting_and_frequency_by_the_names_of_states(permit: Process) -> None:
    waits = {n.state: n.heat.text for n in flow(draw(permit, run=LOG, lang="en")).nodes if n.heat}
    assert waits == {"review": "mean wait 2 hours"}
    drawing = draw(permit, run=LOG, overlay="frequency", lang="en")
    assert {n.state: n.heat.text for n in flow(drawing).nodes if n.heat} == {
        "application": "1 per case",
        "review": "0.5 per case",
    }
    assert [a.heat.text for a in flow(drawing).arrows if a.heat] == ["0.5 per case"]


@pytest.mark.parametrize("quantity", ["utilization", "lateness"])
def test_an_event_log_is_not_asked_for_what_it_does_not_hold(permit: Process, quantity: Any) -> None:
    with pytest.raises(RenderError, match=f"does not hold what {quantity} needs"):
        draw(permit, run=LOG, overlay=quantity)


# before and after


@FEW
@given(processes(), processes())
def test_every_state_and_transition_of_both_processes_is_in_one_picture(one: Process, other: Process) -> None:
    diagram = flow(draw(one, after=other))
    before, after = state_graph(one), state_graph(other)
    states = [node for node in diagram.nodes if node.state]
    removed = [node for node in states if node.change == "removed"]
    assert {node.state for node in states if node.change != "removed"} == set(after.nodes)
    kept = len(states) - len(removed) - sum(node.change == "added" for node in states)
    assert kept + len(removed) == len(before.nodes)
    assert len({part.id for part in (*diagram.nodes, *diagram.arrows)}) == len(diagram.nodes) + len(diagram.arrows)
    keys = {node.key for node in diagram.nodes}
    assert all(arrow.tail in keys and arrow.head in keys for arrow in diagram.arrows)
    assert {node.lane for node in diagram.nodes} == {lane.key for lane in diagram.lanes}


def test_changes_are_told_apart_without_color() -> None:
    drawing = draw(shipped("food_license/as_is.yaml"), after=shipped("food_license/to_be.yaml"), lang="zh")
    nodes = {node.state: node for node in flow(drawing).nodes if node.state}
    assert [nodes[name].change for name in ("commitment", "dispatch", "decision", "inspection")] == [
        "added", "removed", "moved", "changed"]  # fmt: skip
    assert nodes["decision"].note.startswith("原在县市场监督管理局")
    dot = drawing.dot()
    for name, sign in (("commitment", "＋ 新增"), ("dispatch", "－ 取消"), ("decision", "⇄"), ("inspection", "△")):
        [line] = [line for line in dot.splitlines() if line.startswith(f"  {nodes[name].key} [")]
        assert sign in line
    [line] = [line for line in dot.splitlines() if line.startswith(f"  {nodes['dispatch'].key} [")]
    assert "dashed" in line
    assert "<S>" in line


def test_nothing_is_marked_where_nothing_changed(permit: Process) -> None:
    diagram = flow(draw(permit, after=permit))
    assert not [part for part in (*diagram.nodes, *diagram.arrows) if part.change]


# the notations


def test_a_flow_chart_uses_the_symbols_of_the_standard() -> None:
    nodes = {node.state: node.shape for node in flow(draw(shipped("food_license/as_is.yaml"), view="flowchart")).nodes}
    assert nodes["correction"] == "data"
    assert nodes["pass_opinion"] == "manual"
    assert nodes["certificate"] == "paper"
    assert nodes["granted"] == "terminator"
    assert nodes["review"] == "process"


def test_a_flow_chart_branches_at_a_decision_where_several_ways_lead_on() -> None:
    diagram = flow(draw(shipped("food_license/as_is.yaml"), view="flowchart"))
    key = next(node.key for node in diagram.nodes if node.state == "decision")
    assert [arrow.head for arrow in diagram.arrows if arrow.tail == key] == [f"{key}d"]
    assert sum(arrow.tail == f"{key}d" for arrow in diagram.arrows) == 2


def test_a_transition_of_the_state_machine_is_written_as_in_uml() -> None:
    text = PERMIT.replace("initial: application", "attributes: {n: {number: 1}}\ninitial: application").replace(
        "source: application, dest: review", "source: application, dest: review, when: 'n > 0', set: {n: 2}"
    )
    arrows = flow(draw(make_process(text), view="machine", lang="en")).arrows
    assert next(arrow for arrow in arrows if arrow.transition == 0).lines == ("accept [n > 0] / n := 2",)


def test_regions_are_framed_inside_their_lanes_in_the_swimlanes() -> None:
    svg = draw(shipped("business_startup/to_be.yaml")).svg()
    frames = [e for e in ET.fromstring(svg).iter() if e.get("class") == "node frame"]
    assert len(frames) == 5
    assert svg == draw(shipped("business_startup/to_be.yaml")).svg()


# maps


def test_a_handoff_map_counts_as_the_analysis_does() -> None:
    diagram = flow(draw(shipped("food_license/as_is.yaml"), view="handoffs", lang="en"))
    titles = {node.key: node.title for node in diagram.nodes}
    ways = {(titles[a.tail], titles[a.head]): a.lines for a in diagram.arrows}
    county, office = "County administration for market regulation", "Township offices for market regulation"
    assert ways == {(county, office): ("1 per case",), (office, county): ("1 per case",)}
    assert [frame.title for frame in diagram.frames] == ["County", "Township"]


def test_a_system_without_any_interface_is_an_island() -> None:
    diagram = flow(draw(shipped("business_startup/as_is.yaml"), view="systems", lang="zh"))
    islands = {node.title for node in diagram.nodes if node.shape == "island"}
    assert "人民币银行结算账户管理系统" in islands
    assert "企业登记系统" not in islands
    assert {arrow.kind for arrow in diagram.arrows} == {"interface", "carried", "keyed"}


def test_the_capture_matrix_counts_how_often_an_item_is_asked_and_keyed() -> None:
    matrix = draw(shipped("business_startup/as_is.yaml"), view="capture", lang="zh").diagram
    assert isinstance(matrix, Matrix)
    row, asked = matrix.rows.index("法定代表人身份证号"), matrix.columns.index("申请人填报")
    assert matrix.cells[row, asked].text == "●3"
    assert matrix.cells[row, matrix.columns.index("人口基础信息库")].text == "⌂"


@pytest.mark.parametrize("view", ["handoffs", "levels", "systems", "capture"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_map_of_any_shipped_process_is_well_formed(view: Any, lang: Any) -> None:
    for file in sorted((folder() / "processes").glob("*/*.yaml")):
        ET.fromstring(draw(load(file), view=view, lang=lang).svg())


@pytest.mark.parametrize("option", ["findings", "after", "links"])
def test_a_map_refuses_what_it_does_not_show(permit: Process, option: str) -> None:
    given: Any = {"findings": [], "after": permit, "links": {}}[option]
    with pytest.raises(RenderError, match=option):
        draw(permit, view="capture", **{option: given})


# large processes


def chain(count: int) -> Process:
    departments = ["market_regulation", "market_office"]
    names = [(f"s{i}", departments[i // 3 % 2]) for i in range(count - 1)]
    states = "".join(f"  - {{name: {name}, department: {department}, delay: 1 h}}\n" for name, department in names)
    ways = "".join(f"  - {{trigger: go{i}, source: s{i}, dest: s{i + 1}}}\n" for i in range(count - 2))
    last = f"  - {{trigger: end, source: s{count - 2}, dest: end}}\n"
    return make_process(f"initial: s0\nstates:\n{states}  - {{name: end, final: true}}\ntransitions:\n{ways}{last}")


def test_a_process_of_two_thousand_states_is_drawn_by_department_within_five_seconds() -> None:
    process = chain(2000)
    start = sum(os.times()[:4])  # processor time, that of Graphviz's own process too: the machine may be busy
    drawing = draw(process)
    svg = drawing.svg()
    assert sum(os.times()[:4]) - start < 5
    counts = [sum(bool(node.state) for node in flow(part).nodes) for part in drawing.parts.values()]
    assert sum(counts) == 2000
    assert max(counts) <= 500
    assert min(counts) > 300  # none is left with a few
    assert svg.count('class="node party"') == len(counts)


def test_the_parts_of_a_large_process_have_every_state_once_and_lead_to_each_other(tmp_path: Path) -> None:
    drawing = draw(chain(520))
    shown = [node.state for part in drawing.parts.values() for node in flow(part).nodes if node.state]
    assert sorted(shown) == sorted(state_graph(chain(520)).nodes)
    drawing.save(tmp_path / "big.mmd", parts=True)
    assert {p.name for p in tmp_path.iterdir()} == {"big.mmd", *(f"big.{key}.mmd" for key in drawing.parts)}
    assert all(f'"big.{key}.mmd"' in (tmp_path / "big.mmd").read_text() for key in drawing.parts)


# links, Mermaid, notebooks


def test_a_link_leads_from_a_state_to_an_address_and_a_tooltip_is_no_link(permit: Process) -> None:
    root = ET.fromstring(draw(permit, links={"review": "report.html?a=1&b=2#finding"}).svg())
    links = [element for element in root.iter() if element.tag.endswith("}a")]
    assert [link.get("href") for link in links] == ["report.html?a=1&b=2#finding"]


@FEW
@given(processes())
def test_mermaid_has_a_line_for_every_node_and_arrow(process: Process) -> None:
    drawing = draw(process)
    lines = [line.strip() for line in drawing.mermaid().splitlines()]
    for node in flow(drawing).nodes:
        assert sum(bool(re.match(rf"{node.key}[\[(>{{]", line)) for line in lines) == 1
    drawn = sum(bool(re.match(r"n\w+ (-->|-\.->|==>)", line)) for line in lines)
    assert drawn == len(flow(drawing).arrows)


def test_mermaid_reads_nothing_in_a_name() -> None:
    nasty = 'a "b" <i>c</i> #quot; `d` end %% e'
    text = PERMIT.replace("name: review,", f"name: review, title: '{nasty}',")
    [line] = [line for line in draw(make_process(text)).mermaid().splitlines() if "#34;b#34;" in line]
    inside = line[line.index('["') + 2 : line.rindex('"]')]
    assert not set('"<`') & set(inside.replace("<br/>", ""))
    assert nasty in html.unescape(re.sub(r"#(\d+);", r"&#\1;", inside))


def test_without_graphviz_dot_and_mermaid_still_work_and_a_notebook_gets_mermaid(
    permit: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    engine._library.cache_clear()
    try:
        assert draw(permit).save(tmp_path / "a.dot").read_text(encoding="utf-8").startswith("digraph")
        assert draw(permit).save(tmp_path / "a.mmd").read_text(encoding="utf-8").startswith("flowchart")
        shown = permit._repr_mimebundle_()
        assert shown["text/vnd.mermaid"].startswith("flowchart")
        assert "apt install graphviz" in shown["text/plain"]
    finally:
        engine._library.cache_clear()


def test_a_manual_operation_is_an_inverse_trapezoid_in_mermaid() -> None:
    text = draw(shipped("food_license/as_is.yaml"), view="flowchart").mermaid()
    (line,) = (line for line in text.splitlines() if "出具核查合格意见<br/>" in line)
    assert re.fullmatch(r'  n\d+\[\\"出具核查合格意见<br/>[^"]*"/\]', line)
