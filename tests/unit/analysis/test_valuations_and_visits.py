"""What guards can tell apart, the probability of each, and the expected visits that follow."""

import pytest

from procflow.analysis.chance import below
from procflow.analysis.expectation import expected_visits
from procflow.analysis.valuations import valuations
from procflow.definition.quantities import Distribution
from procflow.machine.graph import state_graph
from tests.unit.analysis.inline import process


def guarded(attributes, *guards, more=""):
    """Return the graph of a state with a guarded way to a state of its own for each guard, and a bare one."""
    states = "".join(f"  - {{name: s{i}}}\n" for i in range(len(guards)))
    ways = "".join(
        f"  - {{trigger: g{i}, source: a, dest: s{i}, when: '{guard}'}}\n"
        f"  - {{trigger: e{i}, source: s{i}, dest: end}}\n"
        for i, guard in enumerate(guards)
    )
    return state_graph(
        process(
            f"initial: a\nattributes: {attributes}\nstates:\n  - {{name: a}}\n{states}  - {{name: end, final: true}}\n"
            f"transitions:\n{ways}  - {{trigger: rest, source: a, dest: end}}\n{more}"
        )
    )


def taken(graph):
    expected = expected_visits(graph, valuations(graph))
    return None if expected is None else {n: round(p, 9) for n, p in expected.states.items() if n[0] == "s"}


RISK = "{risk: {categorical: {low: 0.2, mid: 0.3, high: 0.5}}}"


def test_the_first_guard_that_holds_is_taken():
    assert taken(guarded(RISK, 'risk != "high"', 'risk == "low"')) == {"s0": 0.5}
    assert taken(guarded(RISK, 'risk == "low"', 'risk != "high"')) == {"s0": 0.2, "s1": 0.3}


def test_guards_combine_by_and_or_not():
    attributes = "{risk: {categorical: {low: 0.2, high: 0.8}}, big: {boolean: 0.25}}"
    assert taken(guarded(attributes, 'risk == "low" and big')) == {"s0": 0.05}
    assert taken(guarded(attributes, 'not (risk == "low" or big)')) == {"s0": 0.6}
    assert taken(guarded(attributes, 'risk in ["low", "high"]')) == {"s0": 1.0}


def test_a_guard_may_go_over_several_lines_and_be_chinese():
    assert taken(guarded("{风险: {categorical: {低: 0.2, 高: 0.8}}}", '风险 == "低"')) == {"s0": 0.2}
    text = """
    initial: a
    attributes: {big: {boolean: 0.25}, urgent: {boolean: 0.5}}
    states: [{name: a}, {name: s0}, {name: end, final: true}]
    transitions:
      - trigger: x
        source: a
        dest: s0
        when: |
          big
            and urgent
      - {trigger: y, source: a, dest: end}
      - {trigger: z, source: s0, dest: end}
    """
    assert taken(state_graph(process(text))) == {"s0": 0.125}


def test_a_number_is_cut_where_guards_compare_it():
    area = "{area: {number: {uniform: [0, 100]}}}"
    assert taken(guarded(area, "area < 30", "30 <= area <= 50")) == {"s0": 0.3, "s1": 0.2}
    count = "{count: {integer: {uniform: [0, 10]}}}"  # rounded: 3 means from 2.5 to 3.5
    assert taken(guarded(count, "count == 3", "count < 3")) == {"s0": 0.1, "s1": 0.25}


def test_a_guard_that_compares_two_attributes_is_one_atom_of_unknown_probability():
    graph = guarded("{a: {number: {uniform: [0, 1]}}, b: {number: {uniform: [0, 1]}}}", "a + b > 1", "a + b > 1")
    values = valuations(graph)
    assert len(values.rows) == 2 and values.exact
    assert taken(graph) is None
    # the second guard repeats the first, so that its state is never come to
    assert {edge.dest for row in (0, 1) for edge, _ in values.ways(graph.out("a"), row)} == {"s0", "end"}


def test_atoms_that_share_an_attribute_are_not_exact():
    amounts = "{amount: {number: {uniform: [0, 100]}}}"
    assert not valuations(guarded(amounts, "amount > 50", "amount * amount > 2500")).exact
    assert valuations(guarded(amounts, "amount * amount > 2500")).exact


def test_past_the_cap_there_is_one_valuation_and_it_is_not_exact():
    values = valuations(guarded(RISK, 'risk == "low"'), cap=2)
    assert (values.rows, values.exact, values.weights) == (((),), False, None)


SETTING = """
initial: a
attributes: {fast: {boolean: 0.5}, rounds: {integer: {fixed: 0}}}
states: [{name: a}, {name: b}, {name: s0}, {name: s1}, {name: end, final: true}]
transitions:
  - {trigger: x, source: a, dest: b, set: {%s}}
  - {trigger: y, source: b, dest: s0, when: '%s'}
  - {trigger: z, source: b, dest: s1}
  - {trigger: e, source: [s0, s1], dest: end}
"""


def test_an_attribute_set_on_the_way_is_known_afterwards():
    assert taken(state_graph(process(SETTING % ("fast: true", "fast")))) == {"s0": 1.0}


def test_an_attribute_computed_on_the_way_may_be_anything():
    graph = state_graph(process(SETTING % ('rounds: "rounds + 1"', "rounds < 1")))
    values = valuations(graph)
    assert not values.exact
    (setting,) = graph.out("a")
    assert len(values.after(setting, 0)) == len(values.rows) > 1
    assert taken(graph) is None


@pytest.mark.parametrize(
    ("kind", "arguments", "x", "expected"),
    [
        ("fixed", (2.0,), 2.0, 1.0),
        ("uniform", (0.0, 4.0), 1.0, 0.25),
        ("exponential", (2.0,), 2.0, 0.6321205588),
        ("normal", (100.0, 2.0), 102.0, 0.8413447461),
        ("lognormal", (1.6487212707, 2.1611974158), 1.0, 0.5),  # of logarithm 0 and deviation 1
        ("gamma", (2.0, 2.0), 2.0, 0.6321205588),
        ("erlang", (2.0, 2.0), 2.0, 0.5939941503),  # 1 − 3 e⁻²
        ("weibull", (2.0, 1.0), 1.0, 0.6321205588),
        ("triangular", (0.0, 1.0, 4.0), 1.0, 0.25),
        ("triangular", (0.0, 1.0, 4.0), 3.0, 1 - 1 / 12),
        ("pert", (0.0, 1.0, 2.0), 1.0, 0.5),
        ("empirical", (1.0, 2.0, 2.0, 5.0), 2.0, 0.75),
    ],
)
def test_probabilities_of_distributions_agree_with_closed_forms(kind, arguments, x, expected):
    law = Distribution(kind=kind, arguments=arguments)
    assert below(law, x) == pytest.approx(expected, abs=1e-8)
    assert below(law, -1.0) == 0
    assert below(law, 1e9) == pytest.approx(1)


def test_a_point_counts_only_where_it_is_included():
    assert below(Distribution(kind="fixed", arguments=(2.0,)), 2.0, inclusive=False) == 0


LOOP = """
initial: a
states: [{name: a}, {name: fix}, {name: end, final: true}]
transitions:
  - {trigger: back, source: a, dest: fix, probability: %s}
  - {trigger: again, source: fix, dest: a}
  - {trigger: go, source: a, dest: end%s}
"""


def visits(text):
    graph = state_graph(process(text))
    return expected_visits(graph, valuations(graph))


def test_a_loop_with_probability_p_is_visited_one_over_one_less_p_times():
    assert visits(LOOP % ("0.35", ", probability: 0.65")).to("a") == pytest.approx(1 / 0.65)


def test_a_probability_by_visit_is_unrolled_exactly():
    found = visits(LOOP % ("[0.35, 0.35, 0.35, 0]", ", probability: [0.65, 0.65, 0.65, 1]"))
    assert found.to("a") == pytest.approx(1 + 0.35 + 0.35**2 + 0.35**3)
    assert found.edges[0] == pytest.approx(0.35 + 0.35**2 + 0.35**3)


def test_a_bare_exit_takes_what_chance_leaves():
    assert visits(LOOP % ("0.25", "")).to("fix") == pytest.approx(1 / 3)


def test_without_a_bare_exit_chance_is_rescaled_among_the_ways_that_are_open():
    text = """
    initial: a
    attributes: {big: {boolean: 0.5}}
    states: [{name: a}, {name: s0}, {name: s1}, {name: s2}, {name: end, final: true}]
    transitions:
      - {trigger: x, source: a, dest: s0, probability: 0.25}
      - {trigger: y, source: a, dest: s1, probability: 0.25}
      - {trigger: z, source: a, dest: s2, probability: 0.5, when: big}
      - {trigger: e, source: [s0, s1, s2], dest: end}
    """
    assert taken(state_graph(process(text))) == {"s0": 0.375, "s1": 0.375, "s2": 0.25}


REGIONS = """
initial: both
states:
  - name: both
    join: %s
    regions:
      - name: one
        initial: a
        states: [{name: a}, {name: z, final: true}]
        transitions:
          - {trigger: t, source: a, dest: z, probability: 0.8}
          - {trigger: out, source: a, dest: refused, probability: 0.2}
      - name: two
        initial: a
        states: [{name: a}, {name: z, final: true}]
        transitions:
          - {trigger: u, source: a, dest: z, probability: 0.5}
          - {trigger: out2, source: a, dest: refused, probability: 0.5}
  - {name: end, final: true}
  - {name: refused, final: true}
transitions:
  - {trigger: done, source: both, dest: end}
"""


@pytest.mark.parametrize(("join", "granted"), [("all", 0.4), ("any", 0.9)])
def test_regions_end_and_leave_early_as_independent_ones_do(join, granted):
    found = visits(REGIONS % join)
    assert found.to("both/one/a") == found.to("both/two/a") == 1
    assert found.to("end") == pytest.approx(granted)
    assert found.to("refused") == pytest.approx(1 - granted)
