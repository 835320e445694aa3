"""What one more person would leave of a wait, by queueing theory: quick, and an approximation. Simulates nothing."""


def waiting_probability(people: int, offered: float) -> float:
    """Return the probability that a case has to wait for people, by Erlang's C formula, for ``offered`` < ``people``.

    ``offered`` is the work that comes per unit of time on duty (utilization × people), in Erlang. Source: Tijms, *A
    First Course in Stochastic Models*, 5.1; by the recursion of Erlang's loss formula, which cannot overflow.

    >>> waiting_probability(1, 0.8)
    0.8
    >>> round(waiting_probability(2, 1.0), 6)
    0.333333
    """
    lost = 1.0
    for number in range(1, people + 1):
        lost = offered * lost / (number + offered * lost)
    return people * lost / (people - offered * (1 - lost))


def wait_left(people: int, utilization: float) -> float | None:
    """Return which share of the wait for people would be left with one person more; None where the queue grows.

    The ratio of the mean waits of M/M/c queues, W = C(c, a) ÷ (c − a) with a = utilization × people. How variable
    arrivals and work are cancels out as far as W is proportional to it (Allen and Cunneen; Tijms, 9.6). Wrong where
    people serve several queues by priority, where work comes in batches or by the hour of the day, and where waiting
    depends on shifts: simulate it (``sensitivity``) before deciding.

    >>> round(wait_left(1, 0.8), 4)  # M/M/1 waits 4 units of work, M/M/2 at the same load 0.19
    0.0476
    """
    offered = utilization * people
    if people < 1 or not 0 < offered < people:
        return None
    now = waiting_probability(people, offered) / (people - offered)
    return waiting_probability(people + 1, offered) / (people + 1 - offered) / now
