"""The table of frequency gaps (频率差表): every sitting and dispatch of a process, and what cases wait for it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from procflow.analysis.cadence import Wait
from procflow.analysis.frequency_gap import cadences, expected_wait, measured_wait
from procflow.analysis.registry import Context
from procflow.definition.recurrence import Recurrence
from procflow.definition.resolved import Process
from procflow.simulation.statistics import Estimate
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class FrequencyRow:
    """One cadence: where (a state by its qualified name), what it is called, how often, and the waits for it.

    ``expected`` is in working days from the definition; ``measured`` per visit in a run, None without one.
    """

    state: str
    title: Text
    rule: Recurrence
    expected: Wait
    measured: Estimate | None


def frequency_table(process: Process, run: "Run | None" = None) -> tuple[FrequencyRow, ...]:
    """Return every cadence of a process, sittings first, each in file order, however short the wait for it.

    The rule T3 flags those whose wait is long; the formulas and their source are its.

    >>> from procflow.definition import load
    >>> permit = load("process_defs/processes/food_license/as_is.yaml")
    >>> [(row.state, str(row.rule)) for row in frequency_table(permit)][:2]
    [('inspection', 'weekly wed 09:00'), ('re_inspection', 'weekly wed 09:00')]
    """
    context = Context(process, run)
    return tuple(
        FrequencyRow(
            cadence.state,
            Text(en=cadence.label("en", context), zh=cadence.label("zh", context)),
            cadence.rule,
            expected_wait(context, cadence),
            measured_wait(context, cadence)[0] if run is not None else None,
        )
        for cadence in cadences(context)
    )
