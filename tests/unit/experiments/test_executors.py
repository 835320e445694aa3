"""All executors keep the contract of ``concurrent.futures``, which is all that an experiment asks of them."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from math import factorial

import pytest

from procflow.experiments.executors import Executor, opened
from tests.unit.experiments.small import PACKAGES


@pytest.fixture(scope="module", params=["threads", "processes", "dask", "ray"])
def pool(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param in PACKAGES:
        pytest.importorskip(PACKAGES[request.param])
    with opened(request.param, 2) as (executor, _):
        yield executor


def test_a_result_comes_with_its_future(pool: Executor) -> None:
    futures = [pool.submit(factorial, number) for number in range(5)]
    assert [future.result(timeout=60) for future in futures] == [1, 1, 2, 6, 24]


def test_an_error_is_raised_where_the_result_is_asked_for(pool: Executor) -> None:
    future = pool.submit(factorial, -1)
    with pytest.raises(ValueError, match="negative"):
        future.result(timeout=60)
    assert isinstance(future.exception(), ValueError)


def test_what_is_finished_first_can_be_waited_for(pool: Executor) -> None:
    futures = {pool.submit(factorial, number) for number in (3, 4)}
    done = wait(futures, timeout=60, return_when=FIRST_COMPLETED).done
    assert done
    assert {future.result() for future in futures} == {6, 24}
