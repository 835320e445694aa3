"""The operators: what they make, what they keep, and what they refuse."""

import pytest

import procflow as pf
from procflow.definition import loads
from procflow.definition.shipped import folder
from procflow.errors import RedesignError
from procflow.machine.graph import state_graph
from procflow.machine.soundness import soundness
from procflow.redesign import knock_out_order, parallelize, resequence
from procflow.redesign.verification import outcomes, verified
from procflow.simulation.naming import draw_keys
from tests.examples import CATALOG, ORGANIZATION
from tests.unit.analysis.inline import line, process

TAX = "department: tax, role: officer, work: 2 h, data: complete, kind: review"
FIRE = "department: fire, role: examiner, work: 1 h, data: complete, kind: review"

LETTER = TAX.replace("review", "notice")

CHECKS = f"""
initial: intake
{{more}}
states:
  - {{{{name: intake, {TAX}, kind: intake}}}}
  - {{{{name: a, {TAX}}}}}
  - {{{{name: fix_a, department: tax, role: officer, work: 10 min, data: complete, kind: correction}}}}
  - {{{{name: b, {FIRE}}}}}
  - {{{{name: print, department: tax, role: officer, work: 5 min, data: complete, kind: certificate}}}}
  - {{{{name: end, final: true, outcome: granted}}}}
  - {{{{name: no, final: true, outcome: refused}}}}
transitions:
  - {{{{trigger: accept, source: intake, dest: a}}}}
  - {{{{trigger: back, source: a, dest: fix_a, probability: [0.2, 0]}}}}
  - {{{{trigger: mend, source: fix_a, dest: a}}}}
  - {{{{trigger: refuse, source: [a, b], dest: no, probability: 0.1}}}}
  - {{{{trigger: pass_a, source: a, dest: b, probability: [0.7, 0.9]}}}}
  - {{{{trigger: pass_b, source: b, dest: print, probability: 0.9, transfer: {{{{delay: 1 d}}}}}}}}
  - {{{{trigger: give, source: print, dest: end}}}}
""".replace(", kind: review, kind: intake", ", kind: intake")


def checks(more=""):
    return process(CHECKS.format(more=more))


def reason(operator, of, states=("a", "b")):
    with pytest.raises(RedesignError) as raised:
        operator(of, list(states))
    assert raised.value.text("zh") != raised.value.text("en")
    return raised.value.text("en")


def test_each_step_becomes_a_region_with_its_own_corrections():
    graph = state_graph(parallelize(checks(), ["b", "a"]))
    regions = {r.name: r.nodes for r in graph.regions["a_and_b"]}
    assert regions == {
        "a": ("a_and_b/a/a", "a_and_b/a/fix_a", "a_and_b/a/a_done"),
        "b": ("a_and_b/b/b", "a_and_b/b/b_done"),
    }
    assert [edge.dest for edge in graph.out("intake")] == ["a_and_b"]
    assert [edge.dest for edge in graph.out("a_and_b")] == ["print"]
    assert graph.state("a_and_b").join == "all"


def test_a_refusal_leaves_all_regions_early_and_says_so():
    graph = state_graph(parallelize(checks(), ["a", "b"]))
    refusals = [edge for edge in graph.edges if edge.dest == "no"]
    assert [edge.source for edge in refusals] == ["a_and_b/a/a", "a_and_b/b/b"]
    assert all(edge.transition.cancels and edge.leaves == ("a_and_b",) for edge in refusals)


def test_the_ways_out_of_a_step_keep_their_order_chances_and_transfers():
    before, after = state_graph(checks()), state_graph(parallelize(checks(), ["a", "b"]))
    for name, moved in (("a", "a_and_b/a/a"), ("b", "a_and_b/b/b")):
        ways = [[(e.trigger, e.transition.probability, e.transition.transfer) for e in g.out(n)]
                for g, n in ((before, name), (after, moved))]  # fmt: skip
        assert ways[0] == ways[1]


def test_what_moves_draws_as_before():
    before, after = draw_keys(state_graph(checks())), draw_keys(state_graph(parallelize(checks(), ["a", "b"])))
    kept = {name.rpartition("/")[2]: key for name, key in after.items()}
    assert {name: kept[name] for name in before} == before


def test_a_step_that_a_case_begins_with_begins_at_once_with_the_others():
    better = parallelize(line(f"a: {TAX}", f"b: {FIRE}"), ["a", "b"])
    assert better.definition.initial == "a_and_b"
    assert resequence(line(f"a: {TAX}", f"b: {FIRE}"), ["b", "a"]).definition.initial == "b"


def test_a_new_name_is_one_that_no_state_has():
    of = line(f"a: {TAX}", f"b: {FIRE}", "a_and_b: data: complete, delay: 1 d", "a_done: data: complete, delay: 1 d")
    graph = state_graph(parallelize(of, ["a", "b"]))
    assert {"a_and_b_2", "a_and_b_2/a/a_done_2", "a_and_b"} <= graph.nodes.keys()


def test_steps_inside_a_region_are_joined_inside_it():
    inner = f"""
    initial: both
    states:
      - name: both
        regions:
          - name: left
            initial: a
            states: [{{name: a, {TAX}}}, {{name: b, {FIRE}}}, {{name: over, final: true}}]
            transitions: [{{trigger: x, source: a, dest: b}}, {{trigger: y, source: b, dest: over}}]
          - name: right
            initial: c
            states: [{{name: c, {TAX}}}, {{name: over, final: true}}]
            transitions: [{{trigger: z, source: c, dest: over}}]
      - {{name: end, final: true}}
    transitions: [{{trigger: go, source: both, dest: end}}]
    """
    better = parallelize(process(inner), ["both/left/a", "both/left/b"])
    graph = state_graph(better)
    assert "both/left/a_and_b/a/a" in graph.nodes
    assert [edge.dest for edge in graph.out("both/left/a_and_b")] == ["both/left/over"]
    assert soundness(better) == []


def test_limits_and_locks_name_the_states_where_they_now_stand():
    of = checks("""
limits:
  first: {promised: 3 d, start: {enter: a}, stop: {done: a}, suspend: [{in: fix_a, cause: correction}]}
  second: {promised: 3 d, start: {enter: b}, stop: {done: b}}
locks: [{first: {done: b}, then: {enter: print}, basis: some law}]
""")
    found = parallelize(of, ["a", "b"]).definition
    assert found.limits["first"].start[0].name == "a_and_b/a/a"
    assert found.limits["first"].suspend[0].in_state == "a_and_b/a/fix_a"
    assert found.limits["second"].stop[0].name == "a_and_b/b/b"
    assert found.locks[0].first.name == "a_and_b/b/b"


def test_a_limit_of_the_whole_stops_as_all_are_done():
    of = line(
        f"i: {TAX}",
        f"a: {TAX}",
        f"b: {FIRE}",
        more="limits: {all: {promised: 9 d, start: {enter: i}, stop: {exit: b}}}",
    )
    [stop] = parallelize(of, ["a", "b"]).definition.limits["all"].stop
    assert (stop.event, stop.name) == ("done", "a_and_b")


def test_what_is_made_can_be_written_and_read_again():
    for better in (parallelize(checks(), ["a", "b"]), resequence(checks(), ["b", "a"])):
        again = loads(pf.dump(better), organization=ORGANIZATION, catalog=CATALOG)
        assert again.definition == better.definition


def test_the_process_itself_stays_as_it_is():
    of = checks()
    parallelize(of, ["a", "b"])
    resequence(of, ["b", "a"])
    assert of == checks()


def test_steps_in_another_order_keep_their_corrections_and_refusals():
    graph = state_graph(resequence(checks(), ["b", "a"]))
    ways = {name: [(e.trigger, e.dest) for e in graph.out(name)] for name in ("intake", "a", "b", "fix_a")}
    assert ways == {
        "intake": [("accept", "b")],
        "b": [("refuse", "no"), ("pass_b", "a")],
        "a": [("back", "fix_a"), ("refuse", "no"), ("pass_a", "print")],
        "fix_a": [("mend", "a")],
    }


def test_today_s_order_changes_nothing():
    assert resequence(checks(), ["a", "b"]).definition == checks().definition


def test_who_refuses_as_often_with_less_work_goes_first():
    assert knock_out_order(checks(), ["a", "b"]) == ("b", "a")
    assert knock_out_order(resequence(checks(), ["b", "a"]), ["a", "b"]) == ("b", "a")


@pytest.mark.parametrize("operator", [parallelize, lambda of, states: resequence(of, states[::-1])])
@pytest.mark.parametrize(
    ("first", "second", "more", "words"),
    [
        ("writes: [review.opinion]", "reads: [review.opinion]", "", "review.opinion"),
        ("", "", "locks: [{first: {done: a}, then: {enter: b}, basis: some law}]", "some law"),
        ("", "", "limits: {x: {promised: 3 d, start: {done: a}, stop: {done: b}}}", "clock of limit x"),
        ("milestone: true", "", "", "place of its own"),
        ("", "milestone: true", "", "place of its own"),
    ],
)
def test_what_keeps_two_steps_in_order_is_told(operator, first, second, more, words):
    of = line(
        f"a: {TAX}" + (f", {first}" if first else ""), f"b: {FIRE}" + (f", {second}" if second else ""), more=more
    )
    assert words in reason(operator, of)


def test_a_limit_that_would_stop_while_others_work_on_is_told():
    of = checks("limits: {x: {promised: 3 d, start: {enter: intake}, stop: {done: b}}}")
    assert "clock of limit x" in reason(parallelize, of)


def test_silence_is_no_independence():
    assert "data: complete" in reason(parallelize, line(f"a: {TAX}".replace("complete", "partial"), f"b: {FIRE}"))


def test_one_scarce_person_cannot_do_both_at_once_but_in_any_order():
    of = line(f"a: {FIRE}", f"b: {FIRE}")
    assert "too few people" in reason(parallelize, of)
    assert [e.dest for e in state_graph(resequence(of, ["b", "a"])).out("b")] == ["a"]


@pytest.mark.parametrize("states", [("a", "c"), ("a", "end"), ("intake", "b")])
def test_what_is_no_segment_is_told(states):
    of = line(f"intake: {TAX}", f"a: {TAX}", f"b: {FIRE}", f"c: {TAX}")
    assert "not one segment" in reason(parallelize, of, states)


@pytest.mark.parametrize("states", [("a",), ("a", "a"), ()])
def test_fewer_than_two_steps_have_no_order(states):
    assert "two or more" in reason(resequence, checks(), states)


def test_an_unknown_state_is_named():
    assert "'fier'" in reason(parallelize, checks(), ("a", "fier"))


def test_a_refusal_that_reads_what_the_other_step_makes_keeps_both_ways_closed():
    of = process(
        CHECKS.format(more="")
        .replace("dest: no,", "dest: letter,")
        .replace(
            "transitions:",
            f"  - {{name: letter, {LETTER}, reads: [review.opinion]}}\ntransitions:",
            1,
        )
        .replace("{name: a, ", "{name: a, writes: [review.opinion], ")
        + "  - {trigger: send, source: letter, dest: no}\n"
    )
    # a itself refuses to the same letter, so that nobody is sure of the opinion's absence today either: only b does
    assert "refusal reads" in reason(lambda p, s: resequence(p, s[::-1]), of)


@pytest.mark.parametrize("then", ["enter", "start"])
def test_a_lock_that_held_and_holds_no_more_is_found_on_the_result(then):
    lock = f"locks: [{{first: {{done: a}}, then: {{{then}: b}}, basis: some law}}]"
    of, free = line(f"a: {TAX}", f"b: {FIRE}", more=lock), line(f"a: {TAX}", f"b: {FIRE}")
    swapped = resequence(free, ["b", "a"])
    wrong = swapped.with_definition(swapped.definition.model_copy(update={"locks": of.definition.locks}))
    with pytest.raises(RedesignError, match="some law"):
        verified(of, wrong)


def test_an_outcome_that_is_lost_is_found_on_the_result():
    lost = line(f"intake: {TAX}", f"b: {FIRE}")
    with pytest.raises(RedesignError, match="granted"):
        verified(checks(), lost)


def test_a_datum_that_is_read_too_early_is_found_on_the_result():
    of = line(f"i: {TAX}", f"a: {TAX}, enters: [{{item: person.name, into: tax_system}}], asks: [person.name]",
              f"b: {TAX}, system: tax_system, reads: [person.name]")  # fmt: skip
    wrong = line(f"i: {TAX}", f"b: {TAX}, system: tax_system, reads: [person.name]",
                 f"a: {TAX}, enters: [{{item: person.name, into: tax_system}}], asks: [person.name]")  # fmt: skip
    assert not pf.analyze(of, rules=["R4"])
    with pytest.raises(RedesignError, match="no longer be there"):
        verified(of, wrong)


@pytest.mark.parametrize("states", [("bank_account", "tax"), ("invoice", "social_insurance", "housing_fund")])
def test_the_independent_steps_of_the_shipped_start_up_can_be_done_at_once(states):
    startup = pf.load(folder() / "processes" / "business_startup" / "as_is.yaml")
    better = pf.redesign.parallelize(startup, list(states))
    assert outcomes(better) == outcomes(startup)
    found = pf.analyze(better)
    assert not any(set(states) & set(finding.names("state")) for finding in found if finding.rule == "R15")
    assert found.text("zh")
