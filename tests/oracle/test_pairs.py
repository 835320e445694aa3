"""Every two features that can stand together do so in some process, on which kernel and oracle agree."""

import pytest

from tests.oracle.compare import assert_same_log
from tests.oracle.pairs import REFUSED, Pair, Row, covering, faults, pairs, process, processes, scenario, with_pair

ROWS = covering()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ", ".join(row.values()))
@pytest.mark.filterwarnings("ignore::procflow.errors.ProcflowWarning")
def test_kernel_and_oracle_agree_where_features_stand_together(row: Row) -> None:
    assert not faults(process(row))
    assert_same_log(processes(row), scenario(row))


def test_every_pair_is_covered_or_refused() -> None:
    covered = {((a, x), (b, y)) for row in ROWS for a, x in row.items() for b, y in row.items()}
    assert pairs() - covered == set(REFUSED)


@pytest.mark.parametrize(("pair", "code"), REFUSED.items(), ids=str)
def test_what_cannot_stand_together_is_refused_with_a_reason(pair: Pair, code: str) -> None:
    assert [fault.code for fault in faults(process(with_pair(pair)))] == [code]
