"""R1b and R2: double entry by staff, and papers that nobody needs to bring."""

import pytest

from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

TWICE = "enters: [{item: person.name, into: [county_platform, provincial_food_system]}]"


def test_keying_one_item_into_two_systems_is_double_entry():
    (finding,) = found("R1b", line(f"a: {CLERK}, {TWICE}"))
    assert finding.names("system") == ("county_platform", "provincial_food_system")
    assert [(c.kind, c.per_case) for c in finding.cost] == [("keyed_items", 1.0)]


def test_keying_at_two_steps_into_two_systems_is_double_entry():
    (finding,) = found(
        "R1b",
        line(
            f"a: {CLERK}, enters: [{{item: person.name, into: county_platform}}]",
            f"b: {OFFICER}, enters: [{{item: person.name, into: tax_system}}]",
        ),
    )
    assert finding.names("state") == ("a", "b")


@pytest.mark.parametrize("reason", ["double_keying", "outage_fallback"])
def test_keying_on_purpose_or_while_a_system_is_down_is_no_double_entry(reason):
    assert not found("R1b", line(f"a: {CLERK}, {TWICE.replace('}]', f', reason: {reason}}}]')}"))


def test_keying_into_one_system_twice_or_two_items_once_is_no_double_entry():
    assert not found(
        "R1b",
        line(
            f"a: {CLERK}, enters: [{{item: person.name, into: county_platform}}]",
            f"b: {CLERK}, enters: [{{item: person.name, into: county_platform}}]",
            f"c: {CLERK}, enters: [{{item: person.id, into: tax_system}}]",
        ),
    )


def test_a_new_value_keyed_elsewhere_is_no_double_entry():
    first = f"a: {CLERK}, enters: [{{item: review.opinion, into: county_platform}}]"
    second = f"b: {OFFICER}, enters: [{{item: review.opinion, into: tax_system}}]"
    assert found("R1b", line(first, second))
    assert not found("R1b", line(first, second + ", writes: [review.opinion]"))


def test_keying_on_branches_that_exclude_each_other_is_no_double_entry():
    text = """
    initial: a
    states:
      - {name: a, department: tax}
      - {name: b, department: tax, enters: [{item: person.name, into: county_platform}]}
      - {name: c, department: tax, enters: [{item: person.name, into: tax_system}]}
      - {name: end, final: true}
    transitions:
      - {trigger: x, source: a, dest: b, probability: 0.5}
      - {trigger: y, source: a, dest: c, probability: 0.5}
      - {trigger: z, source: [b, c], dest: end}
    """
    assert not found("R1b", process(text))
    assert found(
        "R1b",
        process(
            text.replace("source: [b, c], dest: end", "source: c, dest: end") + "  - {trigger: w, source: b, dest: c}\n"
        ),
    )


def test_keying_in_parallel_regions_is_double_entry():
    text = """
    initial: both
    states:
      - name: both
        regions:
          - name: one
            initial: a
            states: [{name: a, department: tax, enters: [{item: person.name, into: county_platform}]},
                     {name: z, final: true}]
            transitions: [{trigger: x, source: a, dest: z}]
          - name: two
            initial: a
            states: [{name: a, department: tax, enters: [{item: person.name, into: tax_system}]},
                     {name: z, final: true}]
            transitions: [{trigger: y, source: a, dest: z}]
      - {name: end, final: true}
    transitions: [{trigger: w, source: both, dest: end}]
    """
    assert found("R1b", process(text))


def test_double_entry_beside_an_interface_is_told_as_a_shadow_interface():
    keyed = "enters: [{item: business.name, into: [county_platform, tax_system]}]"
    (finding,) = found("R1b", line(f"a: {CLERK}, {keyed}"))
    assert "county_platform → tax_system" in finding.statement.get("en")
    assert "影子接口" in finding.statement.get("zh")


PAPER = "asks: [{document: lease}]"


def test_a_document_demanded_twice_is_needless():
    (finding,) = found("R2", line(f"a: {CLERK}, {PAPER}", f"b: {CLERK}, {PAPER}"))
    assert finding.names("state") == ("b",)
    assert finding.names("document") == ("lease",)
    assert [(c.kind, c.per_case) for c in finding.cost] == [("materials", 1.0)]


def test_a_document_demanded_for_a_stated_reason_is_needed():
    again = "asks: [{document: lease, reason: original_required_by_law}]"
    assert not found("R2", line(f"a: {CLERK}, {PAPER}", f"b: {CLERK}, {again}"))


OBTAINABLE = "- {name: proof, issuer: tax, share: {mode: api}"


@pytest.mark.parametrize(
    "entry",
    [
        OBTAINABLE + ", original_required: some law}",
        "- {name: proof, issuer: tax, share: {mode: api, refused: legal}}",
        "- {name: proof, issuer: tax, share: {mode: api, to: [fire]}}",
        "- {name: proof, issuer: tax}",
        "- {name: proof, share: {mode: api}}",
        "- {name: proof, issuer: bank, share: {mode: api}}",
    ],
)
def test_a_document_is_only_obtainable_from_a_public_body_that_may_share_it(entry):
    asked = f"a: {CLERK}, asks: [{{document: proof}}]"
    bank = "- {name: bank, level: county, kind: bank}"
    assert not found("R2", line(asked, materials=entry, departments=bank))
    assert found("R2", line(asked, materials=OBTAINABLE + "}", departments=bank))


def test_a_document_that_expires_meanwhile_is_demanded_again_for_a_reason():
    states = f"a: {CLERK}, asks: [{{document: proof}}], delay: 30 d", f"b: {CLERK}, asks: [{{document: proof}}]"
    assert not found("R2", line(*states, materials="- {name: proof, validity: 30 d}"))
    assert found("R2", line(*states, materials="- {name: proof, validity: 60 month}"))


def test_a_copy_of_what_the_process_issued_is_needless_and_of_what_it_will_issue_is_not_obtainable():
    issue, ask = f"a: {CLERK}, issues: [food_license]", f"b: {OFFICER}, asks: [{{document: food_license}}]"
    (finding,) = found("R2", line(issue, ask))
    assert finding.names("document") == ("food_license",)
    assert not found("R2", line(ask, issue))


def test_a_document_whose_content_changed_must_be_handed_in_again():
    first, second = (f"{n}: {CLERK}, asks: [{{document: business_license}}]" for n in "ac")
    change = f"b: {CLERK}, writes: [business.address]"
    assert found("R2", line(first, second))
    assert not found("R2", line(first, change, second))


def test_a_document_that_was_only_shown_is_no_document_that_an_office_has():
    first, second = (f"{n}: {CLERK}, asks: [{{{{document: business_license, form: {{}}}}}}]" for n in "ab")
    assert found("R2", line(first.format("copy"), second.format("copy")))
    assert not found("R2", line(first.format("shown"), second.format("copy")))
    assert not found("R2", line(first.format("shown"), second.format("shown")))
