"""The three times that are always told side by side: lived through, on the agency's clock, suspended."""

import polars as pl

from procflow.analysis.finding import Measurement
from procflow.analysis.run_evidence import each, measured
from procflow.analysis.run_tables import DAY_US
from procflow.text import Text

LIVED = Text(en="lived through, arrival to end", zh="申请人全程（自申请至办结）")
NET = Text(en="on the agency's clock", zh="机关计时（净用时）")
SUSPENDED = Text(en="suspended", zh="停表")


def three_times(rows: pl.DataFrame, lived: Text = LIVED) -> tuple[Measurement, ...]:
    """Return the means of the three times over rows of ``limit_times`` or ``node_times`` whose clock ran.

    What was lived through is in elapsed days, the others in the limit's unit.
    """
    ran = rows.filter(pl.col("net").is_not_null())
    if ran.is_empty():
        return ()
    unit = str(ran["unit"][0])
    days = ran.with_columns(lived=pl.col("lived_us") / DAY_US)
    return (
        measured(lived, each(days, "lived", unit="d")),
        measured(NET, each(ran, "net", unit=unit)),
        measured(SUSPENDED, each(ran, "suspended", unit=unit)),
    )
