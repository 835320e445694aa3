"""Loading: files that refer to each other become one process, or one error with all that is wrong."""

import shutil
from pathlib import Path

import pytest

from procflow.definition import (
    check,
    load,
    load_catalog,
    load_organization,
    load_scenario,
    load_scenario_processes,
)
from procflow.definition.loader import inspect
from procflow.definition.project import project_root
from procflow.errors import DefinitionError
from procflow.machine import loading
from tests.examples import DATA, PERMIT, make_process

ORGANIZATION = "procflow: 1\norganization: town\nlevels: [{name: county}]\n"
PROCESS = "procflow: 1\nprocess: p\norganization: %s\ninitial: a\nstates: [{name: a, final: true}]\n"


def write(folder, **files):
    """Write files by their name without suffix; '__' in a name stands for a folder."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_process_knows_its_organization_and_catalog():
    process = load(DATA / "permit.yaml")
    assert process.name == "permit"
    assert process.organization.department("tax").role("officer").staff.value == 2
    assert process.item("business.name").issuer == "market_regulation"
    assert process.nominal_day_seconds("office") == 7 * 3600
    assert process.definition.states == make_process(PERMIT).definition.states


def test_a_process_knows_where_its_parts_stand():
    origin = load(DATA / "permit.yaml").origin
    assert origin.process.locate(("states", 1, "name"))[0] == 9
    assert len(origin.process.digest) == 64
    assert origin.organization.file.endswith("organization.yaml")


def test_an_organization_a_catalog_and_a_scenario_load_alone(tmp_path):
    assert load_organization(DATA / "organization.yaml").name == "example_county"
    assert load_catalog(DATA / "catalog.yaml").item("person.id").sensitivity == "personal"
    write(tmp_path, s="procflow: 1\nscenario: s\narrivals: 12 per wd\n")
    assert load_scenario(tmp_path / "s.yaml").arrivals.per_unit() == (12.0, "wd")


def test_a_scenario_brings_its_processes_in_order(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    other = (DATA / "permit.yaml").read_text(encoding="utf-8").replace("process: permit", "process: other")
    (tmp_path / "data" / "other.yaml").write_text(other, encoding="utf-8")
    text = "procflow: 1\nscenario: s\nprocesses:\n"
    text += "".join(f"  - {{process: data/{name}.yaml, arrivals: 5 per wd}}\n" for name in ("permit", "other"))
    write(tmp_path, s=text + "staffing: {market_regulation.reviewer: 2}\n")
    scenario, processes = load_scenario_processes(tmp_path / "s.yaml")
    assert [process.name for process in processes] == ["permit", "other"]
    assert scenario.staffing == {"market_regulation.reviewer": 2}
    assert processes[0].organization is processes[1].organization


def test_several_catalogs_become_one(tmp_path):
    write(
        tmp_path,
        o=ORGANIZATION,
        a="procflow: 1\ncatalog: a\nitems: [{name: x.one}]\n",
        b="procflow: 1\ncatalog: b\nitems: [{name: x.two}]\nmaterials: [{name: form, contains: [x.one]}]\n",
        p=PROCESS % "o.yaml\ncatalog: [a.yaml, b.yaml]",
    )
    process = load(tmp_path / "p.yaml")
    assert [item.name for item in process.catalog.items] == ["x.one", "x.two"]
    assert len(process.origin.catalogs) == 2


def test_a_name_in_two_catalogs_is_told_in_the_later_one(tmp_path):
    write(
        tmp_path,
        o=ORGANIZATION,
        a="procflow: 1\ncatalog: a\nitems: [{name: x.one}]\n",
        b="procflow: 1\ncatalog: b\nitems: [{name: x.one}]\n",
        p=PROCESS % "o.yaml\ncatalog: [a.yaml, b.yaml]",
    )
    (problem,) = check(tmp_path / "p.yaml")
    assert problem.file.endswith("b.yaml")
    assert (problem.line, problem.column) == (3, 16)
    assert "already in the catalog" in problem.text()


def test_unknown_contents_and_owners_of_a_catalog_are_told_in_it(tmp_path):
    catalog = "procflow: 1\ncatalog: c\nitems: [{name: x.one, issuer: tax, held_by: [hub]}]\n"
    catalog += "materials: [{name: form, contains: [x.two], share: {mode: api, to: [bank]}}]\n"
    write(tmp_path, o=ORGANIZATION, c=catalog, p=PROCESS % "o.yaml\ncatalog: c.yaml")
    told = [problem.message.get("en").partition(" (")[0] for problem in check(tmp_path / "p.yaml")]
    assert told == [
        "unknown department 'tax'",
        "unknown system 'hub'",
        "unknown data item 'x.two'",
        "unknown department 'bank'",
    ]


def test_problems_of_all_files_come_at_once_and_in_order(tmp_path):
    write(
        tmp_path,
        o=ORGANIZATION + "working_calendar: office\nsystems: [{name: s, owner: tax}]\n",
        c="procflow: 1\ncatalog: c\nitem: []\n",
        p=PROCESS % "o.yaml\ncatalog: c.yaml\nled: tax",
    )
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path / "p.yaml")
    problems = caught.value.problems
    assert [Path(problem.file).name for problem in problems] == ["c.yaml", "o.yaml", "o.yaml", "p.yaml"]
    assert list(problems) == sorted(problems)
    assert "did you mean 'lead'?" in caught.value.text("en")
    assert "是否想写 'lead'?" in caught.value.text("zh")


def test_references_stay_inside_the_project(tmp_path):
    write(
        tmp_path,
        outside=ORGANIZATION,
        project__process_defs__processes__food__p=PROCESS % "../../../../outside.yaml",
    )
    path = tmp_path / "project" / "process_defs" / "processes" / "food" / "p.yaml"
    (problem,) = check(path)
    assert "outside of the project folder" in problem.text()
    assert problem.line == 3
    assert load(path, allow_outside=True).organization.name == "town"


def test_a_link_does_not_lead_out_of_the_project(tmp_path):
    write(tmp_path, outside=ORGANIZATION, process_defs__p=PROCESS % "link.yaml")
    (tmp_path / "process_defs" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (problem,) = check(tmp_path / "process_defs" / "p.yaml")
    assert "outside of the project folder" in problem.text()


def test_the_project_is_the_nearest_marked_folder_or_two_above(tmp_path):
    file = tmp_path / "a" / "b" / "c" / "p.yaml"
    file.parent.mkdir(parents=True)
    assert project_root(file) == (tmp_path / "a").resolve()
    (tmp_path / "a" / "b" / "pyproject.toml").touch()
    assert project_root(file) == (tmp_path / "a" / "b").resolve()


def test_two_processes_that_call_each_other_are_a_circle(tmp_path):
    state = "states: [{name: a, call: {process: %s}}, {name: b, final: true}]\n"
    text = "procflow: 1\nprocess: p\norganization: o.yaml\ninitial: a\n" + state
    text += "transitions: [{trigger: a, source: a, dest: b}]\n"
    write(tmp_path, o=ORGANIZATION, p=text % "q.yaml", q=text % "p.yaml")
    (problem,) = check(tmp_path / "p.yaml")
    assert "p.yaml → q.yaml → p.yaml" in problem.text()
    write(tmp_path, q=PROCESS % "o.yaml")
    assert check(tmp_path / "p.yaml") == []


def test_checking_never_raises_for_a_file_that_is_not_there(tmp_path):
    (problem,) = check(tmp_path / "nowhere.yaml")
    assert "no such file" in problem.text()


def test_unsound_graphs_are_found_by_the_loading_of_machine_only(tmp_path):
    dead_end = "procflow: 1\nprocess: p\norganization: o.yaml\ninitial: a\n"
    dead_end += "states: [{name: a}, {name: b}, {name: c, final: true}]\n"
    dead_end += "transitions: [{trigger: go, source: a, dest: c}]\n"
    write(tmp_path, o=ORGANIZATION, p=dead_end)
    assert check(tmp_path / "p.yaml") == []
    assert any("'b'" in problem.text() for problem in loading.check(tmp_path / "p.yaml"))
    with pytest.raises(DefinitionError):
        loading.load(tmp_path / "p.yaml")


def test_a_sound_process_passes_both_ways_of_loading():
    assert loading.check(DATA / "permit.yaml") == []
    assert loading.load(DATA / "permit.yaml") == load(DATA / "permit.yaml")


def test_a_process_with_a_problem_is_not_offered_for_further_checks(tmp_path):
    write(tmp_path, o=ORGANIZATION, p=PROCESS % "o.yaml\nlead: tax")
    problems, processes = inspect(tmp_path / "p.yaml")
    assert len(problems) == 1
    assert processes == ()


@pytest.mark.parametrize("name", ["organization.yaml", "catalog.yaml"])
def test_a_file_of_another_kind_is_told_once_and_its_name_is_taken_for_no_path(name):
    with pytest.raises(DefinitionError) as caught:
        load(DATA / name)
    assert [problem.code for problem in caught.value.problems] == ["kind"]


def test_a_folder_is_named_once(tmp_path):
    (problem,) = check(tmp_path)
    assert problem.text("en") == f"{tmp_path}: this is a folder, not a file"
