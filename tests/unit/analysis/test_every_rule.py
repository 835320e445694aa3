"""One harness for all rules: what each says of itself, what it finds in its example, and what excuses the twin."""

import json
import re

import pytest

from procflow import Scenario, simulate
from procflow.analysis.examples.collection import EXAMPLES
from procflow.analysis.finding import Findings, Measurement, Witness
from procflow.analysis.portfolio import PORTFOLIO_RULES, analyze_portfolio
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze, descriptions, explain, looks_at, rules
from procflow.definition import loads
from procflow.definition.resolved import Process
from procflow.errors import DefinitionError
from procflow.machine.graph import state_graph
from procflow.machine.soundness import soundness

RULES = {rule.id: rule for rule in rules()}
SHOWN = sorted(EXAMPLES)
MANY = Scenario(arrivals="4 per wd", cases=2_000, replications=1, seed=1)


def found(rule: str, *, excused: bool = False) -> tuple[Process, Findings]:
    example = EXAMPLES[rule]
    process = example.build(excused=excused)
    if example.earlier:
        return process, analyze_portfolio(example.build_all(excused=excused))
    run = simulate(process, MANY) if example.in_run else None
    findings = analyze(process, run, rules=[rule])
    return process, findings.about(example.about) if example.about else findings


def test_every_rule_on_structure_redundancy_and_handoffs_has_an_example() -> None:
    wanted = {name for name in RULES if name[0] in "SRH"} | {"D17"}
    across = {rule.id for rule in PORTFOLIO_RULES}
    assert wanted | across <= set(EXAMPLES) <= set(RULES) | across
    assert {name for name, example in EXAMPLES.items() if example.earlier} == across


def test_rules_across_processes_and_over_logs_are_listed_and_explained_too() -> None:
    known = descriptions()
    words = {name: looks_at(each[0]) for name, each in known.items()}
    assert [name for name, word in words.items() if word == "processes"] == ["R1p", "R2p", "R18p"]
    assert "several processes" in explain("R2p") and "多个流程" in explain("R2p", "zh")
    assert words["T10"] == "log"


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_everything_of_itself_in_both_languages(name: str) -> None:
    rule = RULES[name]
    for text in (rule.name, rule.what, rule.why, rule.formula, rule.trap):
        assert text.en and text.zh and text.en != text.zh
    assert rule.source
    assert name in explain(name, "en") and name in explain(name, "zh")


@pytest.mark.parametrize("name", SHOWN)
def test_a_rule_finds_what_its_example_shows_with_evidence_price_and_remedy(name: str) -> None:
    process, findings = found(name)
    assert findings
    nodes, profile = _names_of_states(name, process), Profile()
    for finding in findings:
        assert finding.rule == name
        unpriced = {"info", profile.unsound if name[0] == "S" and name not in ("S5", "S7") else profile.unpriced}
        graded = {profile.severity(finding.cost)} if finding.cost else unpriced
        assert finding.severity in graded, "by what it costs, not by its rule"
        assert finding.remedies or finding.blocked_by
        assert finding.statement.en != finding.statement.zh
        assert set(finding.names("state")) <= nodes
        assert set(finding.thresholds) <= set(Profile.model_fields)
        assert all(cost.per_case >= 0 for cost in finding.cost)
        for piece in finding.evidence:
            assert isinstance(piece, Measurement) or _is_a_way(piece, nodes)
        assert finding.text("en") != finding.text("zh")
        json.dumps(finding.to_data(), allow_nan=False)
    assert found(name)[1] == findings, "the same again"


def _names_of_states(name: str, process: Process) -> set[str]:
    """Return what witnesses may call states: by their names, across processes with that of the process before."""
    every = EXAMPLES[name].build_all()
    told = {f"{each.name}: {state}" for each in every for state in state_graph(each).nodes if len(every) > 1}
    return told | set(state_graph(process).nodes)


def _is_a_way(witness: Witness, nodes: set[str]) -> bool:
    return bool(witness.steps) and all(step.state in nodes for step in witness.steps)


@pytest.mark.parametrize("name", SHOWN)
def test_a_finding_prints_the_thresholds_that_the_rule_names(name: str) -> None:
    named = set(re.findall(r"[a-z]+_[a-z_]+", descriptions()[name][0].formula.en)) & set(Profile.model_fields)
    assert all(named <= set(finding.thresholds) for finding in found(name)[1])


@pytest.mark.parametrize("name", SHOWN)
def test_what_excuses_the_twin_silences_the_rule(name: str) -> None:
    example = EXAMPLES[name]
    assert example.files() != example.files(excused=True)
    _, findings = found(name, excused=True)
    if example.said:
        assert all(finding.severity == "info" and finding.blocked_by and not finding.cost for finding in findings)
        assert findings
    else:
        assert not findings


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("excused", [False, True], ids=["example", "twin"])
def test_an_example_is_a_definition_that_loads(name: str, excused: bool) -> None:
    example = EXAMPLES[name]
    process, organization, catalog = example.files(excused=excused)
    if example.earlier:
        head = "procflow: 1\nprocess: earlier\norganization: organization.yaml\n"
        assert not soundness(loads(head + example.earlier, organization=organization, catalog=catalog))
    if example.unsound and not excused:
        with pytest.raises(DefinitionError):
            loads(process, organization=organization, catalog=catalog)
        return
    loaded = loads(process, organization=organization, catalog=catalog)
    assert excused is False or not soundness(loaded)


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_is_explained_in_both_languages(name: str) -> None:
    english, chinese = explain(name, "en"), explain(name, "zh")
    assert "Example: " in english and "示例：" in chinese
    assert EXAMPLES[name].twin("en") in english and EXAMPLES[name].twin("zh") in chinese
    assert EXAMPLES[name].text.en != EXAMPLES[name].text.zh
