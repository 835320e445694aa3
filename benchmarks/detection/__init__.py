"""How well the analysis finds seeded defects, and how seldom it tells what is not there.

``python -m benchmarks detection --json`` analyzes random clean processes and, for each, some with one defect.
"""

from typing import Any

from benchmarks.detection.experiment import run_blocks, run_spared

CASES = 2_000
"""Clean processes."""
REPETITIONS = 1
"""Injections into each of them, one at a time."""


def measure(cases: int, repetitions: int) -> dict[str, Any]:
    """Return the table: per rule how many defects were injected and found, and how many findings had no cause.

    ``spared`` counts injections with an excuse by which they are none, in a tenth as many processes.
    """
    spared, alarms = run_spared(max(cases // 10, 1))
    result = run_blocks(cases, each=repetitions)
    return {
        "processes": result.processes,
        "clean_without_finding": result.clean,
        "analyses": result.analyses,
        "states": {"least": min(result.sizes), "most": max(result.sizes), "sum": sum(result.sizes)},
        "rules": result.rows(),
        "spared": dict(sorted(spared.items())),
        "disagreements": [*result.disagreements, *alarms],
        "cpu_s": round(result.seconds, 1),
    }
