"""The transfer of a home, where tax before registration looks as if it could run beside it, and law locks the order.

Steps and diseases of an existing home's transfer as it was before one-window handling; all numbers are made up.
"""

import pytest

from tests.unit.analysis.inline import found, process

DEPARTMENTS = """
- {name: housing, level: county, roles: [{name: clerk, staff: 2}]}
- {name: registry, level: county, roles: [{name: clerk, staff: 3}, {name: reviewer, staff: 2}]}
- {name: resources, level: county, roles: [{name: director, staff: 1}]}
"""
ITEMS = "- {name: buyer.id}\n- {name: house.address}\n- {name: deal.price}"
MATERIALS = """
- {name: contract, contains: [buyer.id, house.address, deal.price]}
- {name: homes_proof, issuer: registry, share: {mode: api}}
- {name: tax_proof, issuer: tax}
- {name: certificate, issuer: registry}
"""
SAME = "checks: [{of: contract, criteria: [lawful], evidence: [contract, tax_proof]}]"
AS_IS = f"""
initial: listing
lead: registry
declared_visits: 1
states:
  - {{name: listing, department: housing, role: clerk, work: 30 min, data: complete, kind: intake, visits: 1,
     asks: [buyer.id, house.address, deal.price], issues: [contract], basis: 城市房地产管理法 art. 35}}
  - {{name: deal_review, department: housing, role: clerk, work: 20 min, data: complete, kind: review, visits: 1,
     asks: [{{document: contract}}]}}
  - {{name: tax, department: tax, role: officer, work: 40 min, data: complete, kind: review, visits: 1,
     asks: [buyer.id, house.address, deal.price, {{document: homes_proof}}], issues: [tax_proof],
     basis: 契税法 art. 10}}
  - {{name: fetch, actor: applicant, kind: correction, delay: 2 d, visits: 1}}
  - {{name: acceptance, department: registry, role: clerk, work: 30 min, data: complete, kind: intake, visits: 1,
     asks: [buyer.id, house.address, deal.price, {{document: contract}}, {{document: tax_proof}}],
     basis: 不动产登记暂行条例 art. 17}}
  - {{name: first_review, department: registry, role: reviewer, work: 40 min, data: complete, kind: review, {SAME},
     basis: 不动产登记暂行条例 art. 18}}
  - {{name: second_review, department: registry, role: reviewer, work: 30 min, data: complete, kind: review, {SAME}}}
  - {{name: forward, department: resources, role: director, work: 5 min, delay: 1 wd, data: complete, kind: dispatch}}
  - {{name: booking, department: registry, role: clerk, work: 20 min, data: complete, kind: decision,
     issues: [certificate], basis: 不动产登记暂行条例 art. 20}}
  - {{name: collect, department: registry, role: clerk, work: 5 min, kind: delivery, visits: 1,
     archives: [certificate]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: a, source: listing, dest: deal_review}}
  - {{trigger: b, source: deal_review, dest: tax}}
  - {{trigger: missing, source: tax, dest: fetch, probability: [0.2, 0], rejects: [homes_proof]}}
  - {{trigger: fetched, source: fetch, dest: tax}}
  - {{trigger: c, source: tax, dest: acceptance}}
  - {{trigger: d, source: acceptance, dest: first_review}}
  - {{trigger: e, source: first_review, dest: second_review}}
  - {{trigger: f, source: second_review, dest: forward}}
  - {{trigger: g, source: forward, dest: booking}}
  - {{trigger: h, source: booking, dest: collect}}
  - {{trigger: i, source: collect, dest: end}}
"""


def home_transfer(text=AS_IS):
    return process(text, departments=DEPARTMENTS, items=ITEMS, materials=MATERIALS)


@pytest.mark.parametrize(
    ("rule", "states"),
    [
        ("R1", {"tax", "acceptance"}),  # who buys what for how much is asked at three counters
        ("R2", {"tax", "deal_review", "acceptance"}),  # proofs that the registry itself holds, the contract again
        ("R21", {"deal_review"}),  # no law demands a review of the deal of its own
        ("R6", {"second_review"}),
        ("R8", {"forward"}),
        ("H7", {"listing", "collect"}),
    ],
)
def test_the_transfer_of_today_shows_its_diseases(rule, states):
    told = {name for finding in found(rule, home_transfer()) for name in finding.names("state")}
    assert states <= told


SERIES = """
initial: acceptance
locks: [{{first: {{done: tax}}, then: {then}, basis: 契税法 art. 11}}]
states:
  - {{name: acceptance, department: registry, role: clerk, work: 30 min, data: complete, kind: intake}}
{steps}
  - {{name: end, final: true}}
transitions:
  - {{trigger: t0, source: acceptance, dest: {names[0]}}}
  - {{trigger: t1, source: {names[0]}, dest: {names[1]}}}
  - {{trigger: t2, source: {names[1]}, dest: {names[2]}}}
  - {{trigger: t3, source: {names[2]}, dest: end}}
"""
STEPS = {
    "tax": "department: tax, role: officer, work: 40 min, data: complete, kind: review, writes: [deal.price]",
    "review": "department: registry, role: reviewer, work: 40 min, data: complete, kind: review, writes: [buyer.id]",
    "booking": "department: registry, role: clerk, work: 20 min, data: complete, kind: registration, reads: [buyer.id]",
}


def in_series(*names, then="{enter: booking}", tax=STEPS["tax"]):
    written = STEPS | {"tax": tax}
    steps = "\n".join(f"  - {{name: {name}, {written[name]}}}" for name in names)
    return home_transfer(SERIES.format(steps=steps, names=names, then=then))


def test_tax_may_run_beside_the_review_and_never_beside_the_booking():
    (lawful,) = found("R15", in_series("tax", "review", "booking"))
    assert lawful.names("state") == ("tax", "review") and lawful.cost


def test_the_lock_of_tax_before_registration_silences_the_alarm_and_is_said_in_its_place():
    tax = STEPS["tax"] + ", reads: [buyer.id]"  # which the review writes: it comes after that one anyway
    (said,) = found("R15", in_series("review", "tax", "booking", tax=tax)).about("booking")
    assert said.severity == "info" and not said.cost
    assert said.names("state") == ("tax", "booking")
    assert "契税法 art. 11" in said.blocked_by[0].en and "《契税法》第11条" in said.blocked_by[0].zh
    unlocked = in_series("review", "tax", "booking", tax=tax, then="{enter: end}")
    assert any(finding.cost for finding in found("R15", unlocked).about("booking")), "without the law it would be told"


def test_a_lock_on_all_of_the_registration_forbids_what_the_law_allows():
    wide = found("R15", in_series("tax", "review", "booking", then="{enter: review}"))
    assert not any(finding.cost for finding in wide.about("tax"))
