"""R4: what is read must be held where it is read, on every path."""

from procflow.analysis.profile import Profile
from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

BRANCH = """
initial: start
attributes: {{risk: {{categorical: {{low: 0.5, high: 0.5}}}}}}
states:
  - {{name: start, {clerk}}}
  - {{name: ask, {clerk}, asks: [person.name]}}
  - {{name: merge, {clerk}}}
  - {{name: use, {clerk}, reads: [{read}]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: a, source: start, dest: ask, when: 'risk == "low"'}}
  - {{trigger: b, source: start, dest: merge}}
  - {{trigger: c, source: ask, dest: merge}}
  - {{trigger: d, source: merge, dest: use, when: '{guard}'}}
  - {{trigger: e, source: merge, dest: end}}
  - {{trigger: f, source: use, dest: end}}
"""


def branch(guard, read="person.name"):
    return process(BRANCH.format(clerk=CLERK, guard=guard, read=read))


def test_what_one_branch_does_not_capture_is_missing_after_the_merge():
    (finding,) = found("R4", branch('risk == "high"'))
    assert finding.names("item") == ("person.name",)
    assert [step.state for step in finding.evidence[0].steps] == ["start", "merge", "use"]


def test_captured_and_read_under_the_same_guard_is_not_missing():
    assert not found("R4", branch('risk == "low"'))
    assert not found("R4", branch('not (risk != "low")'))


def test_past_the_cap_on_valuations_nothing_is_claimed():
    assert not found("R4", branch('risk == "high"'), profile=Profile(valuations=1))
    assert found("D17", branch('risk == "high"'), profile=Profile(valuations=1)).about("guards")


def test_an_optional_read_misses_nothing():
    assert not found("R4", branch('risk == "high"', read="{item: person.name, optional: true}"))


def test_what_nobody_captures_is_missing_only_where_all_data_are_declared():
    assert found("R4", line(f"a: {CLERK}", f"b: {CLERK}, reads: [person.name]"))
    partial = CLERK.replace("complete", "partial")
    assert not found("R4", line(f"a: {partial}", f"b: {CLERK}, reads: [person.name]"))
    assert not found("R4", line(f"a: {CLERK}", f"b: {partial}, reads: [person.name]"))


def test_what_one_step_captures_is_missing_on_the_path_around_it_whatever_else_is_declared():
    text = BRANCH.format(clerk=CLERK.replace("complete", "partial"), guard='risk == "high"', read="person.name")
    assert found("R4", process(text))


WRITES = f"a: {CLERK}, system: county_platform, writes: [review.opinion]"
READS = f"b: {OFFICER}, system: tax_system, reads: [review.opinion]"


def test_held_elsewhere_without_interface_is_missing_where_it_is_read():
    (finding,) = found("R4", line(WRITES, READS))
    assert "county_platform" in finding.statement.get("en")
    assert finding.remedies[0].operator == "connect_systems"


def test_an_interface_brings_it_and_so_do_the_case_file_and_keying():
    interface = "- {source: county_platform, dest: tax_system, items: [review.opinion]}"
    assert not found("R4", line(WRITES, READS, interfaces=interface))
    other = "- {source: county_platform, dest: tax_system, items: [person.id]}"
    assert found("R4", line(WRITES, READS, interfaces=other))
    keyed = f"k: {CLERK}, enters: [{{item: review.opinion, into: tax_system}}]"
    assert not found("R4", line(WRITES, keyed, READS))


def test_a_step_that_does_not_declare_its_data_may_have_passed_it_on():
    assert not found("R4", line(WRITES, "m: department: tax", READS))
    assert found("R4", line(WRITES, "m: department: tax, data: complete", READS))


def test_a_carried_file_brings_what_is_known():
    carried = process(
        f"""
        initial: a
        states:
          - {{name: a, {WRITES[3:]}}}
          - {{name: b, {READS[3:]}}}
          - {{name: end, final: true}}
        transitions:
          - {{trigger: x, source: a, dest: b, transfer: {{channel: paper, carries: [application_file]}}}}
          - {{trigger: y, source: b, dest: end}}
        """
    )
    assert not found("R4", carried)


def test_an_interface_that_covers_some_cases_and_has_no_fallback_does_not_bring_it_to_all():
    interface = "- {source: county_platform, dest: tax_system, coverage: 0.8, fallback: none}"
    assert found("R4", line(WRITES, READS, interfaces=interface))


def test_a_document_that_was_only_shown_is_not_held_later():
    reader = f"b: {CLERK}, reads: [business_license, business.address]"
    shown = f"a: {CLERK}, asks: [{{document: business_license, form: shown}}]"
    assert not found("R4", line(shown.replace("shown", "copy"), reader))
    (finding,) = found("R4", line(shown, reader))
    assert set(finding.names("item")) >= {"business.address"}
    partial = (step.replace("complete", "partial") for step in (shown, reader))
    assert found("R4", line(*partial))
    assert not found("R4", line(f"{shown}, reads: [business_license]"))
