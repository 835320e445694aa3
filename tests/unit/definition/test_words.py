"""Numbers are shown with their unit, in both languages, and sittings in words."""

import pytest

from procflow.definition import words
from procflow.definition.quantities import Distribution, Probability
from procflow.definition.recurrence import Recurrence
from procflow.render.labels import width, wrap
from procflow.render.layers import layers
from procflow.render.model import Arrow, Diagram, DrawnNode


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("daily 16:00", "每日 16:00", "daily 16:00"),
        ("weekly mon,thu 09:00", "每周一、周四 09:00", "weekly Mon, Thu 09:00"),
        ("fortnightly wed 14:00", "隔周周三 14:00", "fortnightly Wed 14:00"),
        ("fortnightly odd wed 14:00", "隔周（单数周）周三 14:00", "fortnightly (odd weeks) Wed 14:00"),
        ("monthly 15 09:00", "每月15日 09:00", "monthly 15 09:00"),
        ("monthly 2nd tue 09:00", "每月第二个周二 09:00", "monthly 2nd Tue 09:00"),
        ("monthly last fri 09:00", "每月最后一个周五 09:00", "monthly last Fri 09:00"),
    ],
)
def test_a_recurrence_reads_as_people_say_it(rule: str, zh: str, en: str) -> None:
    assert words.recurrence(Recurrence.parse(rule), "zh") == zh
    assert words.recurrence(Recurrence.parse(rule), "en") == en


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.015, "0.015"),
        (0.000004, "0.000004"),
        (1.005, "1"),
        (28.61, "28.6"),
        (999.6, "1,000"),
        (1234.5, "1,234"),
        (-2.5, "-2.5"),
    ],
)
def test_a_number_has_three_digits_and_no_exponent(value: float, shown: str) -> None:
    assert words.number(value) == shown


@pytest.mark.parametrize(
    ("written", "zh"),
    [
        ("90 min", "1.5 小时"),
        ("2 wd", "2 个工作日"),
        ({"uniform": ["1 d", "3 d"]}, "2 个自然日"),
        ({"triangular": ["1 wd", "2 wd", "6 wd"]}, "3 个工作日"),
    ],
)
def test_a_mean_keeps_working_days_apart_from_calendar_days(written: object, zh: str) -> None:
    assert words.mean_time(Distribution.model_validate(written), "zh") == zh


@pytest.mark.parametrize(
    ("written", "en"), [(0.3, "30%"), ([0.35, 0.35, 0], "35% (from visit 3 0%)"), ([0.5, 0.5], "50%")]
)
def test_a_probability_says_from_which_visit_it_changes(written: object, en: str) -> None:
    assert words.probability(Probability.model_validate(written), "en") == en


@pytest.mark.parametrize("text", ["审" * 50, "a" * 90, "window clerk 窗口受理人员 of the county", "（一次性告知）" * 5])
def test_wrapping_keeps_every_character_and_hardly_passes_the_limit(text: str) -> None:
    lines = wrap(text, 20, 99)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= 22 for line in lines)


def test_a_text_that_is_cut_says_so() -> None:
    assert wrap("x" * 100, 20, 2)[-1].endswith("…")


def test_layers_follow_the_longest_path_and_leave_returns_out() -> None:
    nodes = tuple(DrawnNode(key, key, key, "step", "", "", key) for key in "abcd")
    pairs = ("ab", "bc", "ac", "cd", "db", "cc")
    arrows = tuple(Arrow(pair, pair[0], pair[1], "flow") for pair in pairs)
    assert layers(Diagram("", (), (), nodes, arrows, ())) == {"a": 0, "b": 1, "c": 2, "d": 3}
