"""What both redesigns of steps in series give, where the answer is known beforehand."""

import pytest

import procflow as pf
from procflow.errors import RedesignError
from procflow.machine import Automaton
from procflow.machine.replay import replay
from procflow.redesign import parallelize
from procflow.redesign.alternatives import alternatives_of
from tests.unit.analysis.inline import line, process

DELAY = "department: tax, data: complete, kind: review"
LAST = "c: department: tax, role: officer, work: 1 min, data: complete, kind: certificate"


def simulated(of, **facts):
    plan = {"days": 40, "replications": 3, "seed": 5, "unlimited_staff": True, **facts}
    return pf.simulate(of, pf.Scenario(arrivals="3 per d", **plan))


def test_two_independent_delays_at_once_save_the_shorter_one_exactly():
    of = line(f"a: {DELAY}, delay: 3 d", f"b: {DELAY}, delay: 5 d", LAST)
    of = of.with_definition(of.definition.model_copy(update={"states": tuple(
        s.model_copy(update={"work": None, "role": None}) for s in of.definition.states)}))  # fmt: skip
    [finding] = pf.analyze(of, rules=["R15"])
    found = alternatives_of(simulated(of), finding)
    assert found.parallel.days.mean == pytest.approx(-3, abs=1e-9)
    assert found.reordered.days.mean == 0
    assert found.faster == "parallel"


REFUSING = """
initial: a
states:
  - {name: a, department: tax, role: officer, work: 6 h, data: complete, kind: review}
  - {name: b, department: fire, role: examiner, work: 6 min, data: complete, kind: review}
  - {name: c, department: tax, delay: 1 d, data: complete, kind: certificate}
  - {name: end, final: true, outcome: granted}
  - {name: no, final: true, outcome: refused}
transitions:
  - {trigger: on, source: a, dest: b}
  - {trigger: pass, source: b, dest: c, probability: 0.7}
  - {trigger: refuse, source: b, dest: no, probability: 0.3}
  - {trigger: give, source: c, dest: end}
"""


def test_a_cheap_refusal_first_saves_the_long_work_of_those_refused_exactly():
    of = process(REFUSING)
    run = simulated(of)
    [finding] = pf.analyze(of, rules=["R15"])
    found = alternatives_of(run, finding)
    cohort = run.cohort.filter(run.cohort["outcome"].is_not_null())
    shares = [(part["outcome"] == "refused").mean() for _, part in cohort.group_by("replication")]
    refused = sum(shares) / len(shares)
    assert 0.2 < refused < 0.4
    assert found.reordered.hours.mean == pytest.approx(-6 * refused)
    assert found.cheaper == "reordered"
    assert found.parallel.hours.mean > found.reordered.hours.mean
    assert "at once" in found.text()
    assert "并联" in found.text("zh")


def test_outcomes_are_drawn_as_before_and_cases_replay_in_the_machine():
    of = process(REFUSING)
    before, better = simulated(of), parallelize(of, ["a", "b"])
    after = simulated(better)
    ends = zip(before.cases["outcome"], after.cases["outcome"], strict=True)
    both = [pair for pair in ends if None not in pair]  # of what is cut off by the end of the run nothing is known
    assert len(both) > 300
    assert all(one == other for one, other in both)
    machine = Automaton(better)
    for _, rows in after.events.group_by("replication", "case"):
        assert replay(machine, rows.to_dicts()).fits


def test_findings_of_other_rules_have_no_alternatives():
    of = process(REFUSING)
    finding = pf.analyze(of, rules=["D17"])
    other = finding[0] if finding else pf.analyze(of)[0]
    if other.rule in ("R15", "R12"):
        pytest.fail("another finding is needed")
    with pytest.raises(RedesignError, match="R15, R12"):
        alternatives_of(simulated(of), other)
