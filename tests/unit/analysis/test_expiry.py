"""A proof that may expire within a case: by the definition, or by what a run showed."""

from types import SimpleNamespace

import polars as pl
import pytest

from procflow.analysis.expiry import may_expire
from procflow.analysis.knowledge import permissions
from procflow.analysis.profile import Profile
from procflow.analysis.registry import Context
from tests.unit.analysis.inline import CLERK, line

DAY = 86_400_000_000


def expires(validity, *, run=None, margin=3.0):
    of = line(f"a: {CLERK}, delay: 20 d", items=f"- {{name: who.x, validity: {validity}}}")
    context = Context(of, run, Profile(validity_margin=margin))
    return may_expire(context, context.shared(permissions), "who.x")


def test_without_a_run_a_proof_must_outlast_the_expected_case_by_the_margin():
    assert expires("59 d")
    assert not expires("61 d")
    assert not expires("59 d", margin=2.0)


@pytest.mark.parametrize(("validity", "expected"), [("30 d", True), ("120 d", False), ("100 wd", False)])
def test_with_a_run_a_proof_must_outlast_nineteen_of_twenty_cases(validity, expected):
    cases = pl.DataFrame(
        {
            "process": ["example"] * 21 + ["other", "example"],
            "in_cohort": [True] * 22 + [False],
            "cycle_us": [int(n * 107 / 19 * DAY) for n in range(20)] + [500 * DAY] + [9000 * DAY] * 2,
        }
    )
    assert expires(validity, run=SimpleNamespace(cases=cases)) is expected


def test_a_run_without_a_finished_case_rules_nothing_out():
    cases = pl.DataFrame(
        {"process": ["example"], "in_cohort": [True], "cycle_us": [None]}, schema_overrides={"cycle_us": pl.Int64}
    )
    assert expires("120 d", run=SimpleNamespace(cases=cases))


def test_what_has_no_validity_never_expires():
    context = Context(line(f"a: {CLERK}, delay: 20 d"))
    assert not may_expire(context, context.shared(permissions), "person.id")
    assert not may_expire(context, context.shared(permissions), "nobody.knows")
