"""Handoffs of a run, by hand: what counts as one on each axis, and at forks and joins."""

from typing import Any

import handmade as hm

from procflow.analysis.run_handoffs import handoffs
from procflow.analysis.run_tables import events_of
from procflow.machine.graph import state_graph


def counted(of: Any, rows: Any, axis: str = "department") -> list[tuple[str, str]]:
    run = hm.run(of, rows)
    found = handoffs(state_graph(of), events_of(run, of))
    return [(row["from"], row["to"]) for row in found.to_dicts() if row["axis"] == axis]


def line(*departments: str, **facts: Any) -> tuple[Any, Any]:
    """A serial process of one state per letter, and a case that goes through it."""
    names = [f"s{number}" for number in range(len(departments))]
    states = [hm.state(name, department) for name, department in zip(names, departments, strict=True)]
    for name, changed in facts.items():
        states[names.index(name)].update(changed)
    of = hm.process([*states, hm.state("end")], [hm.go(a, b) for a, b in zip(names, [*names[1:], "end"], strict=True)])
    rows = hm.chain(*((name, number, number + 1) for number, name in enumerate(names)))
    return of, rows


def test_a_change_of_department_is_a_handoff() -> None:
    assert counted(*line("a", "a", "b", "a")) == [("a", "b"), ("b", "a")]


def test_only_a_change_of_level_counts_on_the_level_axis() -> None:
    of, rows = line("a", "b", "c")
    assert counted(of, rows, "level") == [("county", "city")]


def test_the_applicant_is_no_department() -> None:
    assert counted(*line("a", "applicant", "a")) == []
    assert counted(*line("a", "applicant", "b")) == [("a", "b")]


def test_a_state_in_which_nobody_acts_is_passed_over() -> None:
    of, rows = line("a", "b", "a", s1={"role": None, "work": None, "delay": "1 d"})
    assert counted(of, rows) == []


def test_the_same_person_in_another_system_hands_nothing_over() -> None:
    of, rows = line("a", "a", s0={"system": "x"}, s1={"system": "y"})
    assert counted(of, rows, "system") == []
    rows[1]["people"] = "2"
    assert counted(of, rows, "system") == [("x", "y")]


def test_another_person_of_the_same_department_is_no_handoff_between_departments() -> None:
    of, rows = line("a", "a")
    rows[1]["people"] = "2"
    assert counted(of, rows) == []


def test_offices_of_one_department_are_territories() -> None:
    of, rows = line("a", "a")
    rows[0]["office"], rows[1]["office"] = "east", "west"
    assert counted(of, rows, "territory") == [("east", "west")]
    assert counted(of, rows) == []


def test_two_cases_hand_nothing_to_each_other() -> None:
    of, rows = line("a", "b")
    other = [{**rows[0], "case": 1, "dest": "end"}]
    assert counted(of, [*rows, *other]) == [("a", "b")]


def parallel(regions: dict[str, list[str]]) -> Any:
    written = [
        {
            "name": name,
            "initial": "s0",
            "states": [*(hm.state(f"s{n}", d) for n, d in enumerate(line)), hm.state("ok")],
            "transitions": [
                hm.go(f"s{n}", f"s{n + 1}" if n + 1 < len(line) else "ok") for n in range(len(line))
            ],
        }
        for name, line in regions.items()
    ]  # fmt: skip
    states = [hm.state("before", "a"), {"name": "joint", "regions": written}, hm.state("after", "a"), hm.state("end")]
    return hm.process(states, [hm.go("before", "joint"), hm.go("joint", "after"), hm.go("after", "end")])


def test_a_fork_hands_over_once_to_each_region_and_a_join_once_from_the_last() -> None:
    of = parallel({"one": ["b"], "two": ["c"]})
    rows = [
        *hm.chain(("before", 0, 1), dest="joint"),
        *hm.chain(("joint/one/s0", 1, 2), token="joint/one", dest="joint/one/ok"),
        *hm.chain(("joint/two/s0", 1, 3), token="joint/two", dest="joint/two/ok"),
        *hm.chain(("after", 3, 4)),
    ]
    assert sorted(counted(of, rows)) == [("a", "b"), ("a", "c"), ("c", "a")]


def test_a_region_of_the_same_department_takes_nothing_over() -> None:
    of = parallel({"one": ["a"], "two": ["b", "a"]})
    rows = [
        *hm.chain(("before", 0, 1), dest="joint"),
        *hm.chain(("joint/one/s0", 1, 2), token="joint/one", dest="joint/one/ok"),
        *hm.chain(("joint/two/s0", 1, 3), ("joint/two/s1", 3, 4), token="joint/two", dest="joint/two/ok"),
        *hm.chain(("after", 4, 5)),
    ]
    assert sorted(counted(of, rows)) == [("a", "b"), ("b", "a")]


def test_a_cancelled_region_gives_nothing_back() -> None:
    of = parallel({"one": ["b"], "two": ["c"]})
    rows = [
        *hm.chain(("before", 0, 1), dest="joint"),
        *hm.chain(("joint/one/s0", 1, 2), token="joint/one", dest="joint/one/ok"),
        {"token": "joint/two", "state": "joint/two/s0", "enter": 1, "contention": 1, "end": "cancelled"},
        *hm.chain(("after", 2, 3)),
    ]
    assert sorted(counted(of, rows)) == [("a", "b"), ("a", "c"), ("b", "a")]


def test_a_second_visit_to_a_composite_is_a_fork_of_its_own() -> None:
    of = parallel({"one": ["b"], "two": ["a"]})
    once = [
        *hm.chain(("before", 0, 1), dest="joint"),
        *hm.chain(("joint/one/s0", 1, 2), token="joint/one", dest="joint/one/ok"),
        *hm.chain(("joint/two/s0", 1, 1.5), token="joint/two", dest="joint/two/ok"),
        *hm.chain(("after", 2, 3), dest="before"),
    ]
    twice = [{**row, **{key: row[key] + 4 for key in ("enter", "exit", "arrive")}, "visit": 2} for row in once]
    assert counted(of, [*once, *twice]) == [("a", "b"), ("b", "a")] * 2


def test_running_steps_at_once_counts_as_many_handoffs_as_one_after_the_other() -> None:
    serial = counted(*line("a", "b", "c", "a"))
    of = parallel({"one": ["b"], "two": ["c"]})
    rows = [
        *hm.chain(("before", 0, 1), dest="joint"),
        *hm.chain(("joint/one/s0", 1, 2), token="joint/one", dest="joint/one/ok"),
        *hm.chain(("joint/two/s0", 1, 3), token="joint/two", dest="joint/two/ok"),
        *hm.chain(("after", 3, 4)),
    ]
    assert len(counted(of, rows)) == len(serial) == 3
