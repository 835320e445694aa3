"""What a reform asks for, who does what, which rules it touches, and how far processes are written down."""

import pytest

from procflow.analysis.coverage import asked_by_several, coverage, shared_staff
from procflow.analysis.finding import Finding, Measurement, Subject
from procflow.analysis.frequency_table import frequency_table
from procflow.analysis.legal_changes import legal_changes
from procflow.analysis.materials_list import materials_list
from procflow.analysis.responsibility import responsibilities
from procflow.definition import Process
from procflow.definition.scenario import Scenario
from procflow.simulation import simulate
from procflow.text import Text
from tests.examples import make_process

BEFORE = """
lead: market_regulation
limits:
  decision: {statutory: {value: 20 wd, source: Act 1}, stop: {done: review}}
  notice: {statutory: {value: 5 wd, source: Act 2}, stop: {fire: accept}}
locks:
  - {first: {done: intake}, then: {enter: review}, basis: Act 3}
  - {first: {fire: accept}, then: {done: seal}, basis: Act 4}
initial: intake
states:
  - {name: intake, department: market_regulation, role: window_clerk, work: 10 min,
     asks: [business.name, {document: lease, basis: Act 5}, {document: business_license, form: original}]}
  - {name: review, department: tax, role: officer, work: 1 h, basis: Act 6, reads: [business.address],
     asks: [{document: business_license}], checks: [{of: business, criteria: form, basis: Act 7}],
     batch: {every: "weekly wed 09:00"}}
  - {name: seal, department: market_regulation, role: director, work: 5 min, basis: Act 8}
  - {name: issued, final: true}
transitions:
  - {trigger: accept, source: intake, dest: review}
  - {trigger: pass, source: review, dest: seal}
  - {trigger: issue, source: seal, dest: issued}
"""
AFTER = """
variant: to_be
lead: market_regulation
limits:
  decision: {statutory: {value: 10 wd, source: Act 1}, stop: {done: check}}
  notice: {statutory: {value: 5 wd, source: Act 2}, stop: {fire: accept}}
locks:
  - {first: {done: intake}, then: {enter: check}, basis: Act 3}
initial: intake
states:
  - {name: intake, department: market_regulation, role: window_clerk, work: 10 min,
     asks: [business.name, {document: business_license}, {document: application_file}]}
  - {name: check, same_as: review, department: market_regulation, role: reviewer, work: 1 h}
  - {name: issued, final: true}
transitions:
  - {trigger: accept, source: intake, dest: check}
  - {trigger: pass, source: check, dest: issued}
"""


@pytest.fixture(scope="module")
def before() -> Process:
    return make_process(BEFORE)


@pytest.fixture(scope="module")
def after() -> Process:
    return make_process(AFTER)


def test_a_list_of_materials_tells_what_is_dropped_new_and_asked_less_often(before: Process, after: Process) -> None:
    rows = {row.document: row for row in materials_list(before, after)}
    assert {name: row.change for name, row in rows.items()} == {
        "lease": "dropped",
        "business_license": "less_often",
        "application_file": "added",
    }
    license_ = rows["business_license"]
    assert license_.before is not None
    assert license_.before.steps == ("intake", "review")
    assert license_.before.forms == ("original", "copy")
    assert license_.issuer is not None
    assert license_.issuer.get("zh") == "市场监管局"
    assert rows["lease"].before is not None
    assert rows["lease"].before.bases == ("Act 5",)


def test_a_list_without_a_reform_changes_nothing(before: Process) -> None:
    assert {row.change for row in materials_list(before)} == {"kept"}


def test_duties_tell_who_does_leads_supplies_and_receives(before: Process) -> None:
    duties = {row.state: row.parts for row in responsibilities(before)}
    assert duties["intake"] == {"market_regulation": ("does", "leads"), "tax": ("receives",)}
    assert duties["review"] == {"market_regulation": ("leads", "supplies", "receives"), "tax": ("does",)}
    assert duties["seal"] == {"market_regulation": ("does", "leads")}


def test_a_reform_is_told_each_provision_that_it_touches(before: Process, after: Process) -> None:
    found = {(change.kind, change.subject.get("en"), change.basis) for change in legal_changes(before, after)}
    assert found == {
        ("step_moved", "review", "Act 6"),
        ("step_moved", "review", "Act 7"),
        ("step_dropped", "seal", "Act 8"),
        ("material_dropped", "租赁合同", "Act 5"),
        ("order_dropped", "accept before seal", "Act 4"),
        ("limit_changed", "decision", "Act 1"),
    }


def test_a_step_that_is_only_renamed_keeps_its_order(before: Process, after: Process) -> None:
    assert not [each for each in legal_changes(before, after) if each.basis == "Act 3"]


def test_nothing_changes_between_a_process_and_itself(before: Process) -> None:
    assert legal_changes(before, before) == ()


def test_a_weekly_sitting_is_waited_for_half_a_week_of_working_days(before: Process) -> None:
    (row,) = frequency_table(before)
    assert (row.state, str(row.rule)) == ("review", "weekly wed 09:00")
    assert row.expected.now_wd == pytest.approx(2.5, abs=0.1)
    assert row.measured is None


def gap(process: Process) -> Finding:
    said, proof = Text(en="no limit", zh="无时限"), Measurement(Text(en="gaps", zh="缺口"), 1.0, "items")
    return Finding("D17", process.name, process.variant, "info", (Subject("process", process.name),), said, (proof,))


def test_a_department_is_mapped_where_it_leads_and_nothing_is_missing(before: Process) -> None:
    rows = {row.department.name: row for row in coverage([before], [])}
    assert [name for name, row in rows.items() if row.mapped] == ["market_regulation"]
    assert rows["tax"].takes_part == ("example",)
    assert not rows["tax"].mapped
    incomplete = {row.department.name: row for row in coverage([before], [gap(before)])}
    assert incomplete["market_regulation"].gaps == 1
    assert not incomplete["market_regulation"].mapped


def test_what_two_processes_ask_counts_the_steps_of_each(before: Process, after: Process) -> None:
    other = after.with_definition(after.definition.model_copy(update={"process": "other"}))
    assert asked_by_several([before, other]) == {
        "business_license": {"example": 2, "other": 1},
        "business.name": {"example": 1, "other": 1},
    }


def test_people_are_shared_where_several_processes_have_had_work_for_them(before: Process, after: Process) -> None:
    other = after.with_definition(after.definition.model_copy(update={"process": "other"}))
    rates = [{"process": name, "arrivals": "3 per wd"} for name in ("example", "other")]
    run = simulate([before, other], Scenario.model_validate({"processes": rates, "days": 60, "replications": 2}))
    rows = {row.name: row for row in shared_staff(run)}
    assert set(rows) == {"market_regulation.window_clerk"}
    clerks = rows["market_regulation.window_clerk"]
    used = run.staff.filter(department=clerks.department, group=clerks.group)
    assert clerks.processes == ("example", "other")
    assert clerks.utilization.mean == pytest.approx(used["utilization"].mean())
    assert clerks.utilization.n == 2
