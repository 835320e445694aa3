"""Random processes are sound by construction, and what breaks them is found."""

from hypothesis import given

from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process
from procflow.machine.graph import state_graph
from procflow.machine.soundness import defects
from tests.strategies import processes


@given(processes())
def test_every_generated_process_is_sound(process: Process) -> None:
    assert not defects(state_graph(process))


@given(processes())
def test_every_generated_process_is_read_back_as_written(process: Process) -> None:
    written = process.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert ProcessDefinition.model_validate(written) == process.definition


@given(processes(features=frozenset()))
def test_without_features_only_fixed_work_in_a_row_is_generated(process: Process) -> None:
    graph = state_graph(process)
    assert not graph.regions
    assert all(len(graph.out(name)) == (not node.state.final) for name, node in graph.nodes.items())
