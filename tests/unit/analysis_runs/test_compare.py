"""Two runs beside each other: pairing, intervals, and the four reductions."""

import json
from typing import Any

import handmade as hm
import pytest

from procflow.analysis.compare import compare, declared_limit, reduction_share
from procflow.errors import AnalysisError


def variant(name: str, promised: str = "10 wd", asked: int = 2) -> Any:
    asks = [{"document": f"d{number}"} for number in range(asked)]
    states = [hm.state("intake", "a", asks=asks, visits=2), hm.state("review", "b"), hm.state("end")]
    ways = [hm.go("intake", "review"), hm.go("review", "end")]
    return hm.process(states, ways, variant=name, limits={"all": {"statutory": "20 wd", "promised": promised}})


def rows(*days: float) -> Any:
    """One case in each replication; the review of replication i ends after so many days."""
    return [
        row
        for replication, length in enumerate(days)
        for row in hm.chain(("intake", 9, 10), ("review", 10, 9 + 24 * length), replication=replication)
    ]


SMALL = [hm.state("s", "a"), hm.state("end")], [hm.go("s", "end")]
BEFORE = hm.run(variant("as_is"), rows(10, 20, 30))
AFTER = hm.run(variant("to_be", promised="5 wd", asked=1), rows(8, 17, 26))


def test_differences_are_paired_by_replication() -> None:
    found = compare(BEFORE, AFTER)["cycle_days"]
    assert (found.before.mean, found.after.mean, found.difference.mean) == (20, 17, -3)
    # differences −2, −3, −4: t with two degrees of freedom 4.3027 · 1 / √3
    assert found.difference.half_width == pytest.approx(4.302653 / 3**0.5, abs=1e-5)
    assert found.difference.excludes_zero
    assert not found.before.excludes_zero  # unpaired, nothing could be said


def test_the_four_reductions_are_shares_of_before() -> None:
    shares = {r.key: r.share for r in compare(BEFORE, AFTER).reductions}
    assert shares == {
        "visible_steps": 0, "documents": 0.5, "visits": 0, "limit_statutory": 0, "limit_promised": 0.5
    }  # fmt: skip


@pytest.mark.parametrize(("before", "after", "published"), [(16, 3, 81.3), (9, 2, 77.8), (32, 5, 84.4), (4, 1, 75.0)])
def test_a_published_case_is_reproduced(before: float, after: float, published: float) -> None:
    share = reduction_share(before, after)
    assert share is not None
    assert 100 * share == pytest.approx(published, abs=0.05 + 1e-9)


def test_nothing_before_has_no_reduction() -> None:
    assert reduction_share(0, 1) is None


def test_limits_in_mixed_units_have_no_sum() -> None:
    both = {"a": {"statutory": "20 wd"}, "b": {"statutory": "1 month"}}
    of = hm.process(*SMALL, limits=both)
    assert declared_limit(of, "statutory") is None


def test_a_limit_that_only_one_variant_declares_is_no_reduction() -> None:
    more = {"all": {"statutory": "20 wd"}, "delivery": {"statutory": "10 wd"}}
    before = variant("as_is")
    before = before.with_definition(
        before.definition.model_copy(update={"limits": hm.process(*SMALL, limits=more).definition.limits})
    )
    shares = {r.key: r.share for r in compare(hm.run(before, rows(1, 2, 3)), AFTER).reductions}
    assert shares["limit_statutory"] == 0


def test_a_part_of_a_limit_is_not_added_to_it() -> None:
    nested = {"all": {"statutory": "20 wd"}, "part": {"statutory": "5 wd", "within": "all"}}
    of = hm.process(*SMALL, limits=nested)
    assert declared_limit(of, "statutory") == (20, "wd")
    assert declared_limit(of, "promised") == (20, "wd")


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"days": 100}, {"start": "2025-03-04"}, {"arrivals": {"rate": "3 per wd"}}],
)
def test_runs_of_different_scenarios_are_not_paired(other: dict[str, Any]) -> None:
    with pytest.raises(AnalysisError, match=next(iter(other))):
        compare(BEFORE, hm.run(variant("to_be"), rows(1, 2, 3), **other))


def test_runs_of_different_numbers_of_replications_are_not_paired() -> None:
    with pytest.raises(AnalysisError, match="replications is 3 before and 2 after"):
        compare(BEFORE, hm.run(variant("to_be"), rows(1, 2)))


def test_runs_of_different_processes_are_not_paired() -> None:
    other = variant("to_be")
    other = other.with_definition(other.definition.model_copy(update={"process": "other"}))
    with pytest.raises(AnalysisError, match="permit"):
        compare(BEFORE, hm.run(other, rows(1, 2, 3)))


def test_staffing_may_differ() -> None:
    assert compare(BEFORE, hm.run(variant("to_be"), rows(1, 2, 3), staffing={"a.clerk": 2})).replications == 3


def test_both_cohorts_begin_after_the_longer_warm_up() -> None:
    late = [{**row, **{k: row[k] + 24 * 10 for k in ("enter", "exit", "arrive")}, "case": 1} for row in rows(2, 2, 2)]
    before = hm.run(variant("as_is"), [*rows(10, 20, 30), *late])
    after = hm.run(variant("to_be"), [*rows(8, 17, 26), *late], warmup_days=5)
    assert compare(before, after)["cycle_days"].before.mean == 2


def test_it_prints_in_two_languages_and_as_data() -> None:
    found = compare(BEFORE, AFTER)
    assert "as_is → to_be" in str(found)
    assert "-3 [-5.484, -0.5159]" in str(found)
    assert "减材料 (份)" in found.text("zh")
    assert "全程用时 (工作日)" in found.text("zh")
    assert json.loads(json.dumps(found.to_data(), allow_nan=False))["replications"] == 3


def test_an_unknown_metric_is_named() -> None:
    with pytest.raises(AnalysisError, match="cycle_wd"):
        compare(BEFORE, AFTER)["cycle"]


def test_limits_say_that_they_are_exact_and_one_replication_has_no_interval() -> None:
    found = {r.key: r for r in compare(BEFORE, AFTER).reductions}
    assert found["documents"].share_text("zh") == "50.0% [50.0%, 50.0%]"
    assert found["limit_promised"].share_text() == "50.0% (exact)"
    assert found["limit_promised"].share_text("zh") == "50.0%（规定值，无区间）"
    assert found["limit_promised"].to_data()["exact"] and not found["documents"].to_data()["exact"]
    alone = compare(hm.run(variant("as_is"), rows(4)), hm.run(variant("to_be", asked=1), rows(2)))
    assert {r.key: r.share_text() for r in alone.reductions}["documents"] == "50.0% [–]"
