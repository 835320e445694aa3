"""R18 and R19: what goes from system to system by hand, and what is keyed beside an interface."""

import pytest

from procflow.analysis.rules.systems import islands
from tests.unit.analysis.inline import found, line, process

INTAKE = (
    "department: market_regulation, role: window_clerk, work: 10 min, system: county_platform, "
    "asks: [person.name], data: complete"
)
KEYING = "department: tax, role: officer, work: 10 min, data: complete, enters: [{{item: {0}, into: {1}{2}}}]"


def keyed(rule, into="provincial_food_system", item="person.name", reason="", **extra):
    of = line(f"a: {INTAKE}", f"b: {KEYING.format(item, into, reason)}", **extra)
    return found(rule, of)


def test_what_one_system_holds_and_another_gets_by_retyping_shows_an_island():
    (finding,) = keyed("R18")
    assert finding.names("system") == ("provincial_food_system", "county_platform")
    assert finding.names("item") == ("person.name",)
    assert finding.cost[0].per_case == pytest.approx(1)
    assert "connect_systems" in [remedy.operator for remedy in finding.remedies]
    assert finding.evidence[1].value == 2  # two systems, nothing between them
    assert any("network" in blocked.get("en") for blocked in finding.blocked_by)


def test_one_keying_into_two_unconnected_systems_is_the_same():
    of = line(f"a: {KEYING.format('person.name', '[county_platform, provincial_food_system]', '')}")
    assert [f.names("system") for f in found("R18", of)] == [("provincial_food_system", "county_platform")]


def test_a_first_keying_is_no_crossing():
    of = line(
        f"a: {INTAKE.replace('asks: [person.name], ', '')}", f"b: {KEYING.format('person.name', 'tax_system', '')}"
    )
    assert not found("R18", of)


def test_an_interface_or_a_chain_of_them_ends_the_island():
    one = "- {source: county_platform, dest: provincial_food_system, items: [person.name]}"
    chain = """
    - {source: county_platform, dest: tax_system, items: [person.name]}
    - {source: tax_system, dest: provincial_food_system}
    """
    assert not keyed("R18", interfaces=one)
    assert not keyed("R18", interfaces=chain)
    assert keyed("R18", interfaces=one.replace("person.name", "person.id"))


def test_a_classified_network_is_no_island():
    secret = "- {name: secret_system, network: classified}"
    assert not keyed("R18", into="secret_system", systems=secret)
    assert keyed("R18", into="secret_system", systems=secret.replace("classified", "line"))


def test_what_may_not_be_shared_by_law_is_no_island():
    phone = "- {{name: person.phone, {}}}"

    def with_phone(fields):
        first = f"a: {INTAKE.replace('person.name', 'person.phone')}"
        of = line(
            first, f"b: {KEYING.format('person.phone', 'provincial_food_system', '')}", items=phone.format(fields)
        )
        return found("R18", of)

    assert not with_phone("sensitivity: classified")
    assert not with_phone("share: {mode: api, refused: legal}")
    (refused,) = with_phone("share: {mode: api, refused: institutional}")
    assert any("refused" in blocked.get("en") for blocked in refused.blocked_by)


@pytest.mark.parametrize("reason", [", reason: double_keying", ", reason: outage_fallback"])
def test_keying_for_a_reason_is_neither(reason):
    assert not keyed("R18", reason=reason)
    assert not keyed("R19", into="tax_system", item="business.name", reason=reason)


PAPER = """
initial: a
states:
  - {{name: a, {intake}}}
  - {{name: b, department: tax, role: officer, work: 10 min, system: {system}, reads: [person.name], data: complete}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: go, source: a, dest: b, transfer: {{delay: 1 d, channel: {channel}}}}}
  - {{trigger: z, source: b, dest: end}}
"""


def carried(channel, system="provincial_food_system"):
    return found("R18", process(PAPER.format(intake=INTAKE, channel=channel, system=system)))


@pytest.mark.parametrize("channel", ["paper", "file", "courier", "applicant"])
def test_what_is_read_from_a_paper_that_comes_from_another_system_shows_an_island(channel):
    (finding,) = carried(channel)
    assert finding.names("state") == ("b",)


def test_what_goes_by_interface_or_stays_in_one_system_does_not():
    assert not carried("interface")
    assert not carried("paper", system="county_platform")


def test_what_an_interface_brings_and_somebody_keys_is_a_shadow():
    of = line(
        f"a: {INTAKE.replace('person.name', 'business.name')}", f"b: {KEYING.format('business.name', 'tax_system', '')}"
    )
    (finding,) = found("R19", of)
    assert finding.names("system") == ("county_platform", "tax_system")
    assert finding.cost[0].per_case == pytest.approx(0.8)  # what the interface serves
    assert not found("R18", of)


FALLBACK = """
initial: a
states:
  - {{name: a, {intake}}}
  - {{name: b, {keying}}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: failed, source: a, dest: b, probability: {share}}}
  - {{trigger: passed_on, source: a, dest: end, probability: {rest}}}
  - {{trigger: z, source: b, dest: end}}
"""


def fallback(share):
    intake, keying = INTAKE.replace("person.name", "business.name"), KEYING.format("business.name", "tax_system", "")
    return found("R19", process(FALLBACK.format(intake=intake, keying=keying, share=share, rest=1 - share)))


def test_keying_what_the_interface_does_not_cover_is_its_fallback():
    assert not fallback(0.2)  # the interface covers 80 %
    assert fallback(0.5)


def test_a_value_that_comes_into_being_where_it_is_keyed_is_no_shadow():
    first = f"a: {INTAKE.replace('person.name', 'business.name')}"
    again = KEYING.format("business.name", "tax_system", "")
    assert not found("R19", line(first, f"b: {again}, writes: [business.name]"))


def test_an_interface_that_comes_late_is_named():
    late = "- {source: county_platform, dest: provincial_food_system, every: weekly mon 09:00}"
    (finding,) = keyed("R19", interfaces=late)
    assert "weekly mon 09:00" in finding.blocked_by[0].get("en")


def test_islands_are_the_weakly_connected_groups():
    organization = line(f"a: {INTAKE}").organization
    names = [system.name for system in organization.systems]
    assert islands(organization, names) == [["county_platform", "tax_system"], ["provincial_food_system"]]
