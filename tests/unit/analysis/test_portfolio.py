"""What is found across processes: asked again by another one, and systems in islands."""

import pytest

from procflow.analysis.portfolio import PORTFOLIO_RULES, analyze_portfolio
from procflow.definition import load
from procflow.definition.shipped import folder
from procflow.errors import AnalysisError, ArgumentError
from tests.unit.analysis.inline import CLERK, OFFICER, line

COUNTY = ["business_startup", "food_license", "minimum_living_allowance"]


def across(first, second, *, names=("opening", "license"), bundle=True, items="", materials=""):
    """Return what is found over two processes of one state each, the second following the first."""
    more = ("process: {}\nbundle: one thing\n", "process: {}\nbundle: one thing\nfollows: [opening]\n")
    if not bundle:
        more = ("process: {}\n", "process: {}\n")
    heads = [text.format(name) for text, name in zip(more, names, strict=True)]
    made = [
        line(state, more=head, items=items, materials=materials)
        for state, head in zip((first, second), heads, strict=True)
    ]
    return analyze_portfolio(made)


def test_a_department_that_asks_for_one_item_in_two_processes_has_it_on_file():
    ask = f"a: {CLERK}, asks: [business.address]"
    (finding,) = across(ask, ask, bundle=False)
    assert finding.rule == "R1p"
    assert finding.names("process") == ("opening", "license")
    assert finding.cost[0].per_case == pytest.approx(1)


def test_two_departments_that_ask_for_one_item_are_no_matter_of_records():
    assert not across(f"a: {CLERK}, asks: [business.address]", f"a: {OFFICER}, asks: [business.address]", bundle=False)


@pytest.mark.parametrize("fields", ["", "issuer: tax, validity: 6 month"])
def test_items_of_the_case_alone_and_items_that_expire_are_asked_anew(fields):
    item = f"- {{name: plan.size, {fields}}}" if fields else "- {name: plan.size}"
    ask = f"a: {CLERK}, asks: [plan.size]"
    assert not across(ask, ask, bundle=False, items=item)
    assert across(ask, ask, bundle=False, items="- {name: plan.size, issuer: tax}")


def test_what_may_have_changed_is_asked_for_a_reason():
    ask = f"a: {CLERK}, asks: [{{item: business.address, reason: value_may_have_changed}}]"
    assert not across(ask, ask, bundle=False)


FIRST = f"a: {CLERK}, asks: [person.name, {{document: lease}}], issues: [business_license]"


def in_bundle(second, **extra):
    return [f.names("item") + f.names("document") for f in across(FIRST, second, **extra).of("R2p")]


def test_the_next_process_of_a_bundle_asks_again_for_what_the_first_has_taken_or_issued():
    asks = f"b: {OFFICER}, asks: [person.name, person.id, {{document: lease}}, {{document: business_license}}]"
    assert in_bundle(asks) == [("person.name", "lease", "business_license")]
    assert in_bundle(asks, bundle=False) == []


def test_a_process_that_does_not_follow_asks_for_the_first_time():
    asks = f"b: {OFFICER}, asks: [person.name]"
    made = [line(state, more=f"process: {name}\nbundle: one thing") for state, name in ((FIRST, "a"), (asks, "b"))]
    assert not analyze_portfolio(made).of("R2p")


@pytest.mark.parametrize(
    "fields", ["share: {mode: api, refused: legal}", "validity: 1 month", 'original_required: "some law"']
)
def test_refusals_expiry_and_originals_excuse_the_second_demand(fields):
    card = f"- {{name: card, {fields}}}"
    states = [f"{name}: {who}, asks: [{{document: card}}]" for name, who in (("a", CLERK), ("b", OFFICER))]
    assert not across(*states, materials=card).of("R2p")
    assert across(*states, materials="- {name: card}").of("R2p")


def test_what_only_some_way_of_the_first_brings_is_not_known():
    asks = f"b: {OFFICER}, asks: [person.name]"
    skip = "- {trigger: skip, source: s, dest: end, probability: 0.5}"
    heads = ("process: opening\nbundle: one thing", "process: license\nbundle: one thing\nfollows: [opening]")
    for transitions, found in ((skip, False), ("", True)):
        first = line(f"s: {CLERK}", FIRST, more=heads[0], transitions=transitions)
        assert bool(analyze_portfolio([first, line(asks, more=heads[1])]).of("R2p")) is found


def keyed_in(system, **extra):
    return line(
        f"a: {CLERK}, enters: [{{item: person.name, into: county_platform}}]",
        f"b: {OFFICER}, enters: [{{item: person.name, into: {system}}}]",
        **extra,
    )


def test_a_system_without_any_interface_is_an_island_where_the_same_is_keyed():
    (finding,) = analyze_portfolio([keyed_in("provincial_food_system")]).of("R18p")
    assert finding.evidence[1].value == 2
    assert len(finding.names("system")) == 1
    assert not analyze_portfolio([keyed_in("tax_system")]).of("R18p")  # an interface leads there
    secret = keyed_in("secret", systems="- {name: secret, network: classified}")
    assert not analyze_portfolio([secret]).of("R18p")


def test_two_variants_of_one_process_are_refused_and_so_is_what_is_no_process():
    with pytest.raises(AnalysisError, match="one variant of each"):
        analyze_portfolio([line(FIRST), line(FIRST)])
    with pytest.raises(ArgumentError):
        analyze_portfolio(["food_license"])


def test_the_county_of_today_asks_again_and_the_reformed_one_hardly_does():
    found = {}
    for variant in ("as_is", "to_be"):
        found[variant] = analyze_portfolio([load(folder() / f"processes/{name}/{variant}.yaml") for name in COUNTY])
    assert {finding.rule for finding in found["as_is"]} == {rule.id for rule in PORTFOLIO_RULES}
    (left,) = found["to_be"]
    assert (left.rule, left.names("item")) == ("R2p", ("legal_representative.phone",))


def test_no_process_at_all_shows_nothing():
    assert not analyze_portfolio([])


def version(region, *states, reviewed="2024-01-01", limit="20 wd"):
    head = f"process: license\nreviewed_on: {reviewed}\n" + (f"region: {region}\n" if region else "")
    limits = f"limits: {{all: {{statutory: {limit}, start: {{enter: a}}, stop: {{enter: end}}}}}}\n"
    return line(*states, more=head + limits)


SHORT, LONG = (f"a: {CLERK}",), (f"a: {CLERK}", f"b: {OFFICER}")


def test_a_regional_version_that_differs_from_the_one_reviewed_last_is_told():
    found = analyze_portfolio([version("north", *LONG, reviewed="2023-01-01"), version("south", *SHORT, limit="10 wd")])
    (finding,) = found.of("D18")
    assert finding.names("process") == ("license",)
    assert "b" in finding.names("state")
    assert "version of north differs from that of south" in str(finding.statement)
    assert {e.name.en: e.value for e in finding.evidence}["limits that differ"] == 1


def test_regional_versions_that_are_alike_and_reviewed_at_other_times_are_no_drift():
    assert not analyze_portfolio([version("north", *LONG, reviewed="2023-01-01"), version("south", *LONG)])


def test_regional_versions_ask_nobody_for_the_same_twice():
    ask = (f"a: {CLERK}, asks: [business.address]",)
    assert not analyze_portfolio([version("north", *ask), version("south", *ask)])


@pytest.mark.parametrize("regions", [("", ""), ("north", "north"), ("north", "")])
def test_versions_that_do_not_say_where_they_hold_are_refused(regions):
    with pytest.raises(AnalysisError, match="given twice"):
        analyze_portfolio([version(region, *SHORT) for region in regions])
