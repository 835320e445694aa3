"""The split of logs with timers stays within its errors, and the documentation's tables say what is measured."""

from pathlib import Path

import pytest

from benchmarks import pages, recovery, timers, waiting

MAE_SECONDS = {"loan": 500, "insurance": 60, "pharmacy": 60}


@pytest.mark.parametrize(
    ("process", "count"),
    [("loan", 0), ("loan", 5), ("insurance", 0), ("insurance", 5), ("pharmacy", 0), ("pharmacy", 3)],
)
def test_delays_of_several_timers_are_found_with_hours_and_pools_from_the_log(process: str, count: int, tmp_path: Path):
    file = tmp_path / "log.csv"
    timers.log_of(timers.run(process, count, timers.CASES, 1)).write_csv(file)
    found = waiting.measure(file)
    assert found["shares"]["batch"] == found["shares"]["priority"] == 0
    if count:
        assert found["extraneous_hours"] == pytest.approx(found["truth_hours"], rel=0.1)
        assert found["mae_seconds"] < MAE_SECONDS[process]
        row = f"| {process} {count} timers 1 | {found['truth_hours']:.1f} |"
        assert row in pages.standing(pages.PAGE.read_text(encoding="utf-8"), "timers")
    else:
        assert found["wait_hours"] > 100
        assert found["shares"]["extraneous"] < 0.02


def test_the_page_states_no_smaller_error_than_is_measured():
    table = pages.standing(pages.PAGE.read_text(encoding="utf-8"), "recovery")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    stated = {row[0]: [float(cell.split()[0]) for cell in row[1:]] for row in rows}
    for place, name in enumerate(recovery.PER_DAY):
        for row in recovery.against_truth(name).iter_rows(named=True):
            words = recovery.NAMES.get(row["cause"], row["cause"])
            assert row["error_percent"] <= stated[words][place] + 0.5, (name, words)
