"""Where facts hold: joins, time-outs, early exits, loops; and that large processes take no time."""

import time

import pytest

from procflow.analysis.dataflow import Effects, solve
from procflow.analysis.dominators import return_legs
from procflow.analysis.flowgraph import flow_graph
from procflow.analysis.live import Uses, live
from procflow.analysis.passages import Writes
from procflow.analysis.possible import possible
from procflow.analysis.registry import analyze
from procflow.analysis.valuations import valuations
from procflow.machine.graph import state_graph
from tests.unit.analysis.inline import process


def flow_of(text):
    graph = state_graph(process(text))
    return flow_graph(graph, valuations(graph))


def solved(text, **effects):
    return solve(flow_of(text), Effects(2, **effects))


def may(text, **writes):
    return possible(flow_of(text), Writes(**writes))


def regions(count, join, extra=""):
    written = "\n".join(
        f"      - {{name: r{i}, initial: a, states: [{{name: a}}, {{name: z, final: true}}], "
        f"transitions: [{{trigger: t{i}, source: a, dest: z{', probability: 0.5' if i == 0 and extra else ''}}}]}}"
        for i in range(count)
    )
    return (
        f"initial: both\nstates:\n  - name: both\n    join: {join}\n    regions:\n{written}\n"
        "  - {name: after}\n  - {name: end, final: true}\n"
        "transitions:\n  - {trigger: go, source: both, dest: after}\n"
        f"  - {{trigger: stop, source: after, dest: end}}\n{extra}"
    )


@pytest.mark.parametrize(
    ("join", "givers", "held"),
    [
        ("all", (0,), True),  # whoever gives it has finished
        ("any", (0,), False),  # the other one may have finished alone
        ("any", (0, 1, 2), True),
        ("{at_least: 2}", (0,), False),
        ("{at_least: 2}", (0, 1), True),  # of any two that finish, one is among these
    ],
)
def test_after_a_join_of_n_a_fact_holds_where_m_less_n_plus_one_regions_give_it(join, givers, held):
    solution = solved(regions(3, join), give={f"both/r{i}/a": 1 for i in givers})
    assert bool(solution.at("after") & 1) is held


@pytest.mark.parametrize("join", ["all", "any"])
def test_what_held_at_the_fork_holds_after_the_join_unless_some_region_may_destroy_it(join):
    assert solved(regions(2, join), start=1).at("after") & 1
    destroyed = solved(regions(2, join), start=1, kill={"both/r1/a": 1})
    assert not destroyed.at("after") & 1
    assert not destroyed.at("both/r0/a") & 1  # the same inside: the neighbour may be faster


def test_what_two_regions_destroy_and_give_anew_is_not_claimed_though_no_order_loses_it():
    text = regions(2, "all")
    again = {edge.index: 1 for edge in flow_of(text).graph.edges if edge.trigger in ("t0", "t1")}
    killed = {"both/r0/a": 1, "both/r1/a": 1}
    assert not solved(text, start=1, kill=killed, edge_give=again).at("after") & 1
    assert solved(text, start=1, kill={"both/r0/a": 1}, edge_give=again).at("after") & 1


def test_a_region_cannot_rely_on_what_its_neighbour_gives():
    text, given = regions(2, "all"), {"both/r1/a": 1}
    assert not solved(text, give=given).at("both/r0/a") & 1
    assert may(text, give=given).at("both/r0/a") & 1


def test_what_every_region_that_must_finish_ends_cannot_hold_after_the_join():
    killed = {"both/r0/a": 1}
    assert not may(regions(2, "all"), start=1, kill=killed).at("after")
    assert may(regions(2, "any"), start=1, kill=killed).at("after")  # the other one may finish alone
    assert not may(regions(3, "{at_least: 2}"), start=1, kill=killed | {"both/r1/a": 1}).at("after")
    assert may(regions(2, "all"), start=1, kill=killed, give={"both/r1/a": 1}).at("after")  # given anew, later


def live_before(composite, **uses):
    """Whether a value is live after a state before parallel regions."""
    text = composite.replace("initial: both", "initial: before").replace(
        "states:\n", "states:\n  - {name: before}\n", 1
    )
    text = text.replace("transitions:\n", "transitions:\n  - {trigger: begin, source: before, dest: both}\n", 1)
    flow = flow_of(text)
    return bool(live(flow, Uses(**uses))[flow.at["before"][0]] & 1)


def test_a_value_is_not_live_where_every_way_through_parallel_regions_overwrites_it():
    read, killed = {"after": 1}, {"both/r0/a": 1}
    assert live_before(regions(2, "all"), use=read)
    assert not live_before(regions(2, "all"), use=read, kill=killed)
    assert live_before(regions(2, "any"), use=read, kill=killed)  # the other one may finish alone
    assert live_before(regions(2, "all"), use=read | {"both/r1/a": 1}, kill=killed)  # the neighbor may be faster
    flow = flow_of(regions(2, "all"))
    inside = live(flow, Uses(use=read, kill=killed | {"both/r1/a": 1}))
    assert inside[flow.at["both/r0/a"][0]] & 1  # the neighbor may have finished before


def test_a_value_is_live_where_somebody_leaves_parallel_regions_before_it_is_overwritten():
    early = "  - {trigger: out, source: both/r0/a, dest: late, probability: 0.5}\n"
    text = regions(2, "all", early).replace("- {name: after}", "- {name: after}\n  - {name: late}")
    text = text.replace("source: after", "source: [after, late]")
    read, killed = {"late": 1}, {"both/r0/a": 1}
    assert live_before(text, use=read)
    assert live_before(text, use=read, kill={"both/r1/a": 1})
    assert not live_before(text, use=read, kill=killed)
    timed = text.replace(", probability: 0.5", "").replace("dest: late", "dest: late, timeout: 3 d")
    assert live_before(timed, use=read, kill=killed)


def test_what_a_valuation_rules_out_is_not_done_beside():
    text = regions(2, "all").replace(
        "states: [{name: a}, {name: z, final: true}], transitions: [{trigger: t1, source: a, dest: z}]",
        "states: [{name: a}, {name: b}, {name: z, final: true}], transitions: [{trigger: u, source: a, dest: b, "
        "when: urgent and not urgent}, {trigger: t1, source: [a, b], dest: z}]",
    )
    text += "\nattributes: {urgent: {boolean: 0.5}}\n"
    assert solved(text, start=1, kill={"both/r1/b": 1}).at("after") & 1


def test_leaving_early_keeps_the_own_regions_facts_less_what_others_destroy():
    early = "  - {trigger: out, source: both/r0/a, dest: after, probability: 0.5}\n"
    text = regions(2, "all", early)
    assert solved(text, give={"both/r0/a": 1}).at("after") & 1
    assert not solved(text, give={"both/r1/a": 1}).at("after") & 1
    assert not solved(text, give={"both/r0/a": 1}, kill={"both/r1/a": 1}).at("after") & 1


TIMEOUT = """
initial: a
states:
  - {name: a, delay: 1 d}
  - {name: b}
  - {name: late}
  - {name: end, final: true}
transitions:
  - {trigger: go, source: a, dest: b}
  - {trigger: expire, source: a, dest: late, timeout: 3 d}
  - {trigger: x, source: [b, late], dest: end}
"""


def test_a_time_out_may_come_before_or_after_the_effects_of_the_visit():
    must = solved(TIMEOUT, give={"a": 1})
    assert must.at("b") & 1
    assert not must.at("late") & 1
    assert may(TIMEOUT, give={"a": 1}).at("late") & 1
    assert solved(TIMEOUT, start=1).at("late") & 1


def test_a_rejection_on_the_way_back_holds_at_the_loop_only():
    text = """
    initial: a
    states: [{name: a}, {name: fix}, {name: b}, {name: end, final: true}]
    transitions:
      - {trigger: back, source: a, dest: fix, probability: 0.5}
      - {trigger: again, source: fix, dest: a}
      - {trigger: go, source: a, dest: b, probability: 0.5}
      - {trigger: x, source: b, dest: end}
    """
    solution = solved(text, give={"a": 3}, edge_kill={0: 1})
    assert solution.at("fix") == 2
    assert solution.at("b") == 3
    assert solution.at("a") == 0


def test_only_what_leads_back_is_a_return_leg():
    text = """
    initial: a
    states: [{name: a}, {name: ask}, {name: window}, {name: b}, {name: end, final: true}]
    transitions:
      - {trigger: back, source: b, dest: ask, probability: 0.5}
      - {trigger: w, source: ask, dest: window}
      - {trigger: again, source: window, dest: a}
      - {trigger: go, source: a, dest: b}
      - {trigger: x, source: b, dest: end, probability: 0.5}
    """
    graph = state_graph(process(text))
    assert return_legs(flow_graph(graph, valuations(graph))) == {"ask", "window"}


def large(states, items):
    """Return a process of many states in rows of ten, each asking for and reading a few of many items."""
    lines = ["initial: s0", "states:"]
    for n in range(states):
        asked = ", ".join(f"thing.i{(7 * n + k) % items}" for k in range(3))
        read = ", ".join(f"thing.i{(5 * n + k) % items}" for k in range(3))
        lines.append(
            f"  - {{name: s{n}, department: tax, role: officer, work: 1 h, asks: [{asked}], reads: [{read}], "
            "system: tax_system, data: complete}"
        )
    lines += ["  - {name: end, final: true}", "transitions:"]
    for n in range(states):
        dest = f"s{n + 1}" if n + 1 < states else "end"
        if n % 10 == 9:
            lines.append(f"  - {{trigger: back{n}, source: s{n}, dest: s{n - 5}, probability: [0.2, 0]}}")
            lines.append(f"  - {{trigger: go{n}, source: s{n}, dest: {dest}, probability: [0.8, 1]}}")
        else:
            lines.append(f"  - {{trigger: go{n}, source: s{n}, dest: {dest}}}")
    return process("\n".join(lines), items="\n".join(f"- {{name: thing.i{n}}}" for n in range(items)))


def test_two_thousand_states_and_five_hundred_items_take_less_than_two_seconds():
    of = large(2000, 500)
    graph = state_graph(of)
    give = {f"s{n}": 1 << (7 * n % 500) for n in range(2000)}
    began = time.process_time()
    solve(flow_graph(graph, valuations(graph)), Effects(500, give=give))
    assert time.process_time() - began < 2


@pytest.mark.slow
def test_all_definition_rules_over_a_large_process_take_seconds_not_minutes():
    of = large(500, 500)
    began = time.process_time()
    analyze(of, rules=["R1", "R1c", "R1b", "R2", "R4", "R8", "R15"])
    assert time.process_time() - began < 20
