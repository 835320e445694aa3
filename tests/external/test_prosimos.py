"""The permit process as a BPMN model in Prosimos: where ``PROCFLOW_PROSIMOS`` names a Python in which it is installed.

``python -m venv F && F/bin/pip install prosimos``, then ``PROCFLOW_PROSIMOS=F/bin/python``. Prosimos takes no seed, so
each claim has a false alarm once in 1,000 runs of this test.
"""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from benchmarks import permit_prosimos
from tests.analytic.test_peers import AFTERWARDS, CASES, MEASURES, REPLICATIONS, VARIANTS, assert_agree, ours, table

PYTHON = os.environ.get("PROCFLOW_PROSIMOS")


@cache
def theirs(variant: str) -> list[pl.DataFrame]:
    script = str(Path(permit_prosimos.__file__))
    command = [str(PYTHON), script, str(CASES + AFTERWARDS), variant, str(REPLICATIONS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [table(visits) for visits in json.loads(done.stdout.splitlines()[-1])]


@pytest.mark.skipif(PYTHON is None, reason="PROCFLOW_PROSIMOS names no Python in which Prosimos is installed")
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", MEASURES)
def test_waits_and_cycle_times_are_those_of_prosimos(variant: str, name: str) -> None:
    assert_agree(name, ours(variant), theirs(variant))
