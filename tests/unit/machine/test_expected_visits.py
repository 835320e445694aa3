"""First, second and later visits, told apart."""

import pytest

from procflow.machine.expectation import expected_visits
from procflow.machine.graph import state_graph
from procflow.machine.valuations import valuations
from tests.examples import make_process

LOOP = """
initial: a
states: [{name: a}, {name: b}, {name: end, final: true}]
transitions:
  - {trigger: again, source: a, dest: b, probability: 0.5}
  - {trigger: go, source: a, dest: end, probability: 0.5}
  - {trigger: back, source: b, dest: a}
"""


@pytest.mark.parametrize(("apart", "nth"), [(1, [2.0]), (2, [1.0, 1.0]), (3, [1.0, 0.5, 0.5])])
def test_the_last_number_stands_for_all_later_visits(apart: int, nth: list[float]):
    graph = state_graph(make_process(LOOP))
    found = expected_visits(graph, valuations(graph), apart={"a": apart})
    assert found is not None
    assert found.to("a") == pytest.approx(2.0)
    assert [found.nth["a", n] for n in range(1, apart + 1)] == pytest.approx(nth)
    assert {name for name, _ in found.nth} == {"a"}
