"""The memory that a run takes before its first event."""

from procflow.kernel.state import new_state
from procflow.simulation.compile import compile_scenario
from procflow.simulation.streams import arrivals_of
from tests.unit.simulation.small import permit, plan


def bytes_of_a_chain(states: int) -> int:
    """Return how much memory the state of a run of so many states in a row takes."""
    listed = "".join(f"  - {{name: s{i}, department: hall, role: clerk, work: 1 min}}\n" for i in range(states))
    ways = "".join(f"  - {{trigger: go, source: s{i}, dest: s{i + 1}}}\n" for i in range(states - 1))
    last = f"  - {{trigger: go, source: s{states - 1}, dest: end}}\n"
    text = f"initial: s0\nstates:\n{listed}  - {{name: end, final: true}}\ntransitions:\n{ways}{last}"
    process = permit(text=text)
    return new_state(compile_scenario([process], arrivals_of([process], plan()), plan()).model, 0).nbytes


def test_memory_grows_with_the_number_of_states_and_not_with_its_square() -> None:
    assert bytes_of_a_chain(400) < 4.5 * bytes_of_a_chain(100)
