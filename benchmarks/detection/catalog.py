"""All injectors by name; a name begins with the rule whose defect is injected."""

from benchmarks.detection import across, counted, data, handoffs, structure, timing, work
from benchmarks.detection.injection import Injector

INJECTORS: dict[str, Injector] = {
    **structure.INJECTORS,
    **data.INJECTORS,
    **work.INJECTORS,
    **handoffs.INJECTORS,
    **timing.INJECTORS,
    **counted.INJECTORS,
    **across.INJECTORS,
}


def rule_of(name: str) -> str:
    """Return the rule whose defect an injector injects.

    >>> rule_of("R5 raced")
    'R5'
    """
    return name.partition(" ")[0]
