"""Times measured in a log: what went into a run comes out of it, and goes into a definition with its source."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from procflow import Scenario, load, simulate
from procflow.analysis.log_lateness import log_lateness
from procflow.analysis.log_measure import measure
from procflow.analysis.log_write_back import write_measured
from procflow.analysis.run_log import run_log
from procflow.definition.edit import edited
from procflow.definition.shipped import folder
from procflow.errors import DefinitionError, LogError
from procflow.logs import event_log
from procflow.logs.fitting import fit
from procflow.logs.matching import match_activities

AS_IS = folder() / "processes/food_license/as_is.yaml"


@pytest.fixture(scope="module")
def process():
    return load(AS_IS)


@pytest.fixture(scope="module")
def log(process):
    scenario = Scenario(arrivals="6 per wd", days=120, start=dt.date(2025, 3, 3), replications=1, unlimited_staff=True)
    return run_log(simulate(process, scenario))


def test_the_means_that_a_run_was_made_with_are_measured_in_its_log(process, log):
    found = measure(log, process, match_activities(log, process))
    assert {each.state for each in found} >= {"application", "correction", "inspection", "review"}
    for each in found:
        if each.n >= 100:  # the standard error is below 5 % of the mean for all of these triangular times
            assert each.mean_s == pytest.approx(each.assumed_s, rel=0.15), each.state
        assert not each.elapsed


def test_first_and_later_visits_are_measured_apart_where_the_definition_does(process, log):
    found = {(each.state, each.visits): each for each in measure(log, process, match_activities(log, process))}
    assert found["application", "first"].mean_s > 1.5 * found["application", "again"].mean_s
    assert ("review", "all") in found


def test_a_time_that_never_varies_is_fixed(process, log):
    [dispatch] = [each for each in measure(log, process, match_activities(log, process)) if each.state == "dispatch"]
    assert (dispatch.fit.kind, round(dispatch.fit.arguments[0])) == ("fixed", 600)


def test_a_log_of_people_who_work_at_night_is_measured_by_the_clock(process):
    at = [dt.datetime(2025, 3, day, 20) for day in range(3, 28)]
    table = {"case": [str(n) for n in range(25)], "activity": "review", "start": at}
    night = event_log(pl.DataFrame(table).with_columns(end=pl.col("start") + pl.duration(minutes=30)))
    [found] = measure(night, process, match_activities(night, process))
    assert (found.elapsed, found.off_duty, found.mean_s) == (True, 1.0, 1800)


def test_completions_alone_measure_nothing(process):
    done = event_log(pl.DataFrame({"case": ["1"], "activity": ["review"], "end": [dt.datetime(2025, 3, 3)]}))
    with pytest.raises(LogError, match="has a start and an end: nothing can be measured"):
        measure(done, process, match_activities(done, process))


LAWS = {
    "exponential": lambda rng: rng.exponential(600, 3000),
    "gamma": lambda rng: rng.gamma(5, 120, 3000),
    "lognormal": lambda rng: rng.lognormal(6, 0.8, 3000),
    "weibull": lambda rng: 600 * rng.weibull(3.0, 3000),
    "empirical": lambda rng: np.concatenate([rng.normal(100, 5, 1500), rng.normal(5000, 50, 1500)]),
}


@pytest.mark.parametrize("kind", LAWS)
def test_the_law_that_times_were_drawn_from_is_found(kind):
    drawn = LAWS[kind](np.random.default_rng(7))
    found = fit(drawn)
    assert found.kind == kind
    written = found.distribution("test")
    assert written.mean() == pytest.approx(drawn.mean(), rel=0.02)
    assert found.ks < 0.03


def test_too_few_times_are_not_fitted():
    with pytest.raises(LogError, match="19 times are too few"):
        fit(np.ones(19))


def test_measured_times_are_written_with_their_source_and_nothing_else_changes(process, log, tmp_path):
    import shutil

    shutil.copytree(folder(), tmp_path / "defs")
    path = tmp_path / "defs/processes/food_license/as_is.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes().split(b"\r\n")
    measured = measure(log, process, match_activities(log, process))
    changed = write_measured(path, measured, log, "office.csv")
    after = path.read_bytes().split(b"\r\n")
    assert len(changed) == len([1 for a, b in zip(before, after, strict=True) if a != b])
    states = {state.name: state for state in load(path).definition.states}
    assert states["review"].work.visits[0].source.startswith("measured: office.csv, 2025-03-0")
    assert states["correction"].delay.visits[0].is_working
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".")] == []


def test_nothing_is_written_into_another_folder(process, log, tmp_path):
    with pytest.raises(LogError, match="must be in the folder of"):
        write_measured(
            AS_IS, measure(log, process, match_activities(log, process)), log, "x", output=tmp_path / "x.yaml"
        )


def test_nothing_measured_nothing_written(log):
    with pytest.raises(LogError, match="no time was measured often enough"):
        write_measured(AS_IS, [], log, "x")


@pytest.mark.parametrize(
    ("text", "path", "changed"),
    [
        ("a: 1 # why\nb: 2\n", ("a",), "a: X # why\nb: 2\n"),
        (
            "a:\n  b: 1\n  c:\n    - 2\n    - 3 # last\n\n# end\nd: 4\n",
            ("a", "c"),
            "a:\n  b: 1\n  c:\n    X # last\n\n# end\nd: 4\n",
        ),
        ("a: [1, {b: '受理'}]\n", ("a", 1, "b"), "a: [1, {b: X}]\n"),
        ("- name: x\n  b: 1", (0, "c"), "- name: x\n  c: X\n  b: 1"),
        ("a: {b: 1}\n", ("a", "c"), "a: {b: 1, c: X}\n"),
    ],
)
def test_one_value_of_a_file_is_changed_and_nothing_else(text, path, changed):
    assert edited(text, {path: "X"}) == changed


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("a: &x 1\nb: *x\n", ("b",), "anchor or alias"),
        ("a: &x 1\nb: *x\n", ("a",), "anchor or alias"),
        ("a: 1\n", ("b", "c"), "is not in the file"),
        ("a: 1\n", ("a", "c"), "is not in the file"),
    ],
)
def test_a_value_that_cannot_be_changed_alone_is_refused(text, path, words):
    with pytest.raises(DefinitionError, match=words):
        edited(text, {path: "X"})


def lateness(*cases, last="2025-03-31"):
    """Return the lateness of cases ``(deadline, end)``, days of March 2025; the log ends on ``last``."""
    day = lambda n: None if n is None else dt.datetime(2025, 3, n)  # noqa: E731
    names = [str(n) for n in range(len(cases))]
    events = pl.DataFrame({"case": names[:1], "activity": "a", "end": [dt.datetime.fromisoformat(last)]})
    table = {"case": names, "case_deadline": [day(a) for a, _ in cases], "case_enddate": [day(b) for _, b in cases]}
    schema = {"case": pl.String, "case_deadline": pl.Datetime("us", "UTC"), "case_enddate": pl.Datetime("us", "UTC")}
    return log_lateness(event_log(events, pl.DataFrame(table, schema_overrides=schema)))


def test_without_open_cases_the_estimate_is_the_share():
    found = lateness((10, 9), (10, 12), (10, 10), (10, 20))
    assert (found.late, found.ended, found.share.mean) == (2, 4, 0.5)
    assert found.estimate.mean == pytest.approx(0.5)


def test_an_open_case_counts_as_long_as_it_has_lasted():
    # ends at -5, open since -3 of its deadline, ends at -1, ends at +5: S(0) = 3/4 · 1/2, by hand
    found = lateness((20, 15), (31, None), (20, 19), (20, 25), last="2025-03-28")
    assert found.estimate.mean == pytest.approx(3 / 4 * 1 / 2)
    assert (found.open_cases, found.open_late) == (1, 0)


def test_cases_without_a_deadline_are_left_out_and_counted():
    assert lateness((10, 9), (None, 12)).undated == 1


def test_no_deadline_at_all_is_refused():
    with pytest.raises(LogError, match="no case has a 'deadline'"):
        lateness((None, 9))
