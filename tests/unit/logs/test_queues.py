"""The parts of the waiting split: staffing, pools, overtaking, delays, order of queues, batches. Worked by hand."""

import numpy as np
import pytest

from procflow.logs.batches import sessions
from procflow.logs.delays import expected_delays
from procflow.logs.overtaking import overtaken_work
from procflow.logs.pools import find_pools
from procflow.logs.queue_order import Queue, explained_by_delays, ordered_delays, overtaken_share, prompt_kinds
from procflow.logs.staffing import NEVER, Staffing, Steps, capacities, staffing


def _ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def _staff(duty: list[tuple[int, int]], busy: list[tuple[int, int]], people: int = 1) -> Staffing:
    """Return the staffing of people who all have these hours; busy times are those of person 0."""
    who = np.zeros(len(busy), np.int64)
    start, end = (np.array([b[k] for b in busy], dtype=np.int64) for k in (0, 1))
    hours = [np.array(duty, dtype=np.int64).reshape(-1, 2)] * people
    return staffing(np.arange(people), hours, who, start, end, np.ones(people, np.int64), since_us=0, shortest_us=1)


class TestStaffing:
    def test_a_person_is_idle_on_duty_between_two_works(self) -> None:
        staff = _staff([(10, 50)], [(10, 20), (30, 45)])
        assert staff.idle.until(_ints(10, 20, 25, 30, 45, 50, 90)).tolist() == [0, 0, 5, 10, 10, 15, 15]
        assert staff.off.until(_ints(0, 10, 50, 60)).tolist() == [0, 10, 10, 20]

    def test_works_that_meet_leave_no_idle_instant(self) -> None:
        staff = _staff([(0, 100)], [(0, 20), (20, 40), (20, 40)])
        assert staff.idle.last_before(_ints(40)).tolist() == [NEVER]

    def test_equal_works_of_one_person_count_once(self) -> None:
        """Two rows with the same start and end keep one person busy, once."""
        once, twice = _staff([(0, 100)], [(10, 20)]), _staff([(0, 100)], [(10, 20), (10, 20)])
        at = np.arange(0, 100, 5)
        assert once.idle.until(at).tolist() == twice.idle.until(at).tolist()

    def test_a_pool_is_idle_while_anybody_is(self) -> None:
        assert _staff([(0, 50)], [(10, 40)], people=2).idle.until(_ints(50)).tolist() == [50]

    def test_work_that_goes_on_overnight_leaves_the_night_off_duty(self) -> None:
        staff = _staff([(0, 10), (30, 40)], [(5, 35)])
        assert staff.off.until(_ints(40)).tolist() == [20]
        assert staff.idle.until(_ints(40)).tolist() == [10]

    def test_somebody_without_hours_is_always_off_duty(self) -> None:
        staff = _staff([], [(5, 35)])
        assert staff.off.until(_ints(0, 100)).tolist() == [0, 100]

    def test_who_works_on_two_things_as_a_rule_is_busy_with_two(self) -> None:
        person = _ints(0, 0, 0, 0, 1, 1)
        start, end = _ints(0, 0, 20, 20, 0, 10), _ints(10, 10, 30, 30, 10, 20)
        assert capacities(person, start, end, 2).tolist() == [2, 1]

    def test_a_step_function_answers_before_its_first_step(self) -> None:
        steps = Steps.of(_ints(10, 20), _ints(3, -3))
        assert steps.until(_ints(5, 15, 25)).tolist() == [0, 15, 30]


class TestPools:
    def test_people_with_like_work_form_a_role_and_share_its_activities(self) -> None:
        """Three clerks do a and b; one of them never did b, which was done twice only. The director does c."""
        person = _ints(*[0] * 12, *[1] * 12, *[2] * 10, *[3] * 9)
        activity = _ints(*[0] * 11, 1, *[0] * 11, 1, *[0] * 10, *[2] * 9)
        pools = find_pools(person, activity, 4, 3)
        assert len(set(pools.role[:3])) == 1
        assert pools.role[3] != pools.role[0]
        assert [pools.members[pools.pool[a]].tolist() for a in range(3)] == [
            [True, True, True, False],
            [True, True, True, False],
            [False, False, False, True],
        ]

    def test_who_never_does_what_the_others_often_do_is_not_in_its_pool(self) -> None:
        person, activity = _ints(*[0] * 80, *[1] * 80), _ints(*[0, 1] * 40, *[0] * 80)
        pools = find_pools(person, activity, 2, 2)
        assert pools.members[pools.pool[1]].tolist() == [True, False]

    def test_roles_of_the_log_come_first(self) -> None:
        person, activity = _ints(0, 1, 2), _ints(0, 0, 0)
        assert find_pools(person, activity, 3, 1, given=_ints(0, 1, 0)).role.tolist() == [0, 1, 0]


class TestOvertaking:
    def test_work_counts_that_became_ready_later_and_began_earlier(self) -> None:
        """0 waits while 1 (later) and 2 (later) are begun; 3 was there before 0 and so has not overtaken it."""
        ready, start, work = _ints(10, 20, 30, 5), _ints(100, 40, 60, 50), np.array([1.0, 2.0, 4.0, 8.0])
        assert overtaken_work(ready, start, work).tolist() == [6.0, 0.0, 0.0, 6.0 - 4.0]

    def test_the_same_start_is_no_overtaking(self) -> None:
        assert overtaken_work(_ints(10, 20), _ints(50, 50), np.ones(2)).tolist() == [0.0, 0.0]

    @pytest.mark.parametrize("seed", range(20))
    def test_it_agrees_with_looking_at_every_pair(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        n = int(rng.integers(1, 60))
        ready = rng.integers(0, 40, n)
        start = ready + rng.integers(0, 40, n)
        work = rng.integers(1, 9, n).astype(float)
        pairs = (ready[None, :] > ready[:, None]) & (start[None, :] < start[:, None])
        assert overtaken_work(ready, start, work) == pytest.approx((pairs * work).sum(axis=1))


def _none(cases: int) -> np.ndarray:
    """Return that no case is telling."""
    return np.zeros(cases, dtype=bool)


class TestDelays:
    def test_delays_that_are_known_are_returned(self) -> None:
        known = np.arange(600, 700)
        assert expected_delays(known, known, np.zeros(100, np.int64), _none(100)).tolist() == known.tolist()

    def test_what_may_be_none_is_none(self) -> None:
        high = np.arange(0, 1000)
        assert not expected_delays(np.zeros_like(high), high, np.zeros_like(high), _none(1000)).any()

    def test_an_unbounded_delay_is_what_the_others_are(self) -> None:
        low, high = np.full(100, 600), np.full(100, 600)
        low[::4], high[::4] = 0, 5000
        found = expected_delays(low, high, np.zeros(100, np.int64), _none(100))
        assert found[::4] == pytest.approx(600, rel=0.1)

    def test_a_few_odd_cases_make_no_rule(self) -> None:
        low, high = np.zeros(1000, np.int64), np.full(1000, 100)
        low[:10], high[:10] = 5000, 6000
        assert not expected_delays(low, high, np.zeros(1000, np.int64), _none(1000)).any()

    def test_groups_are_apart(self) -> None:
        low = np.repeat([0, 500], 50)
        assert expected_delays(low, np.full(100, 500), np.repeat([1, 0], 50), _none(100)).tolist() == low.tolist()

    def test_cases_that_fit_any_delay_do_not_hide_what_the_telling_ones_show(self) -> None:
        """Of nine in ten only the wait is known: they neither show a delay nor that there is none."""
        low, high = np.zeros(1000, np.int64), np.full(1000, 5000)
        low[:100] = high[:100] = 600
        zeros = np.zeros(1000, np.int64)
        telling = np.arange(1000) < 100
        assert expected_delays(low, high, zeros, _none(1000))[100:].mean() < 540
        assert expected_delays(low, high, zeros, telling)[100:] == pytest.approx(600, rel=0.03)

    def test_no_delay_leaves_its_bounds(self) -> None:
        rng = np.random.default_rng(3)
        low = rng.integers(0, 1000, 2000)
        high = low + rng.integers(0, 2000, 2000)
        found = expected_delays(low, high, rng.integers(0, 3, 2000), _none(2000))
        assert ((found >= low) & (found <= high)).all()


def _single_server(ready: np.ndarray, work: int, first_come: bool = True) -> np.ndarray:
    """Return when each is begun by one person who serves in the order of being ready, or the reverse."""
    start, now, waiting = np.zeros_like(ready), 0, list(np.argsort(ready, kind="stable"))
    while waiting:
        there = [k for k in waiting if ready[k] <= now] or waiting[:1]
        chosen = there[0] if first_come else there[-1]
        waiting.remove(chosen)
        start[chosen] = max(now, ready[chosen])
        now = start[chosen] + work
    return start


class TestQueueOrder:
    rng = np.random.default_rng(11)
    enabled = np.sort(rng.integers(0, 100_000, 1000))
    kind = rng.integers(0, 2, 1000)
    delay = np.where(kind == 1, rng.integers(500, 1500, 1000), 0)

    def _queue(self, start: np.ndarray) -> Queue:
        return Queue(self.enabled, self.enabled.copy(), start, self.kind, np.zeros(1000, dtype=bool))

    def test_first_come_first_served_overtakes_nobody(self) -> None:
        assert overtaken_share(self._queue(_single_server(self.enabled, 97))) == 0

    def test_delays_are_found_from_the_order_alone(self) -> None:
        """Everybody is always busy; yet who overtook whom tells the delays of kind 1 to within a few starts."""
        start = _single_server(self.enabled + self.delay, 101)
        queue = self._queue(start)
        prompt = prompt_kinds(queue, np.zeros(1000, dtype=bool))
        assert prompt is not None
        assert (prompt == (self.kind == 0)).all()
        found = ordered_delays(queue, prompt, np.zeros(1000, np.int64))
        assert np.abs(found - self.delay).mean() < 150
        assert found[self.kind == 0].tolist() == [0] * int((self.kind == 0).sum())

    def test_delays_of_a_long_queue_do_not_drift(self) -> None:
        """Everybody is delayed, by 600 or so, and always queues but at the start: the order alone fits any delay."""
        delay = np.where(self.kind == 1, self.rng.normal(600, 30, 1000), self.rng.exponential(900, 1000)).astype(int)
        start = _single_server(self.enabled + delay, 104)
        early = np.arange(1000) < 150
        low = np.where(early, self.enabled + delay, self.enabled)
        queue = Queue(self.enabled, low, np.where(early, low, np.maximum(start, low)), self.kind, early)
        guess = np.where(early, delay, 0)
        found = ordered_delays(queue, np.zeros(1000, dtype=bool), guess)
        late = found[700:] - delay[700:]
        assert abs(late.mean()) < 60
        assert np.abs(late).mean() < 200

    def test_last_come_first_served_keeps_no_order(self) -> None:
        assert (
            prompt_kinds(self._queue(_single_server(self.enabled, 101, first_come=False)), np.zeros(1000, bool)) is None
        )

    def test_a_kind_that_always_gives_way_has_low_priority_not_a_delay(self) -> None:
        start, now, waiting = np.zeros_like(self.enabled), 0, list(range(1000))
        while waiting:
            there = [k for k in waiting if self.enabled[k] <= now] or waiting[:1]
            chosen = min(there, key=lambda k: (self.kind[k], k))
            waiting.remove(chosen)
            start[chosen] = max(now, self.enabled[chosen])
            now = start[chosen] + 99
        assert prompt_kinds(self._queue(start), np.zeros(1000, dtype=bool)) is None

    def test_delays_far_longer_than_those_seen_without_a_queue_do_not_explain_an_order(self) -> None:
        start = _single_server(self.enabled, 101, first_come=False)
        low = np.where(np.arange(1000) % 10 == 0, start, self.enabled)
        short = (start - self.enabled < 200) & (np.arange(1000) % 2 == 0)
        queue = Queue(
            self.enabled, np.where(short, start, np.minimum(low, self.enabled)), start, np.zeros(1000, np.int64), short
        )
        assert not explained_by_delays(queue, np.zeros(1000, dtype=bool))


class TestBatches:
    weekly = np.arange(1, 21) * 10_000
    enabled = np.sort(np.random.default_rng(5).integers(0, 190_000, 120))

    def _sittings(self) -> np.ndarray:
        """Return starts one after another, 10 each, from the first of every 10,000 instants on."""
        start = np.zeros_like(self.enabled)
        for begin in self.weekly:
            due = (self.enabled < begin) & (start == 0)
            start[due] = begin + 10 * np.arange(due.sum())
        return start

    def test_what_is_taken_up_together_while_people_were_free_is_a_batch(self) -> None:
        start = self._sittings()
        staff = _staff([(0, 300_000)], [(s, s + 10) for s in start])
        opened = sessions(self.enabled, start, staff)
        assert opened is not None
        expected = self.weekly[np.searchsorted(self.weekly, self.enabled, side="right")]
        assert opened.tolist() == expected.tolist()

    def test_draining_a_queue_is_no_batch(self) -> None:
        """A clerk away for most of the time finds a queue and drains it first in, first out: nobody was free before."""
        start = self._sittings()
        hours = [(int(begin), int(begin) + 500) for begin in self.weekly]
        assert sessions(self.enabled, start, _staff(hours, [(s, s + 10) for s in start])) is None

    def test_delays_that_end_one_by_one_are_no_batch(self) -> None:
        start = np.sort(self.enabled + np.random.default_rng(6).integers(5_000, 9_000, 120))
        staff = _staff([(0, 300_000)], [(s, s + 10) for s in start], people=2)
        assert sessions(self.enabled, start, staff) is None
