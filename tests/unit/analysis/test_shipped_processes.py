"""What the shipped definitions show: the as-is ones their diseases, the to-be ones none of those that were cured."""

import json
from pathlib import Path

import pytest

from procflow.analysis.registry import analyze
from procflow.definition import load, load_scenario_processes
from procflow.simulation import simulate

FOLDER = Path(__file__).parents[3] / "process_defs" / "processes"
CURED = [
    "R1",
    "R1b",
    "R2",
    "R15",
    "R4",
    "R7",
    "R12",
    "R16",
    "R22",
    "H3",
    "H4",
    "H9",
    "H10",
    "S1",
    "S2",
    "S3",
    "S4",
    "S6",
    "S8",
]


def rules_of(name, rules):
    return {finding.rule for finding in analyze(load(FOLDER / name), rules=rules)}


DISEASES = {
    "food_license": {
        "R1b": "typed into two systems",
        "R2": "the business license, which the same bureau issues",
        "R8": "the dispatch of the inspection",
        "T3": "a weekly round of inspections",
        "H9": "the office inspects, the bureau decides",
        "R1": "the applicant gives what the register holds",
        "R1c": "the whole form again after a return",
        "R16": "low risks inspected like high ones",
        "H3": "four in ten applications returned",
        "H7": "more visits than are declared",
    },
    "business_startup": {
        "R1": "the same data asked at each counter",
        "R1b": "typed into two systems",
        "R2": "the license demanded five times",
        "R15": "registrations in series that need nothing of each other",
        "H7": "more visits than are declared",
        "R18": "systems that do not talk to each other",
        "H3": "names and forms returned",
    },
    "minimum_living_allowance": {
        "R1": "the same data asked again",
        "R1b": "typed into registers and systems",
        "R2": "proofs that other offices hold",
        "T3": "weekly, monthly and monthly again",
        "H9": "the township works, the county decides",
        "R23": "two notices of one matter",
        "H3": "proofs to be fetched",
        "H4": "up, down and up again",
        "H7": "more visits than are declared",
    },
}
"""What each process of today was written to show, by rule; of a run also T2, below."""
OTHERWISE = {
    ("minimum_living_allowance", "R6"): "the two looks at a case are at different evidence",
    ("minimum_living_allowance", "R7"): "a meeting that refuses 12 % is no rubber stamp",
    ("minimum_living_allowance", "R8"): "the steps up and down write or announce something",
}
"""What a keyword would call a disease and the words of the semantics do not: docs/reference/shipped-definitions.md."""
KEPT = {
    ("business_startup", "R18"): "the central bank's system stands alone",
    ("business_startup", "H1"): "one form, and still five offices",
    ("minimum_living_allowance", "T3"): "the monthly payment is set by law",
    ("minimum_living_allowance", "H1"): "village, township and payment",
}
"""What the reformed processes still show, and why: the page says so."""
PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "shipped-definitions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "rule"), [(name, rule) for name, rules in DISEASES.items() for rule in rules])
def test_the_process_of_today_shows_its_diseases_and_the_reformed_one_does_not(name, rule):
    assert rules_of(f"{name}/as_is.yaml", [rule])
    assert ((name, rule) in KEPT) == bool(rules_of(f"{name}/to_be.yaml", [rule]))


@pytest.mark.parametrize(("name", "rule"), OTHERWISE)
def test_what_only_looks_like_a_disease_is_not_told_and_the_page_says_why(name, rule):
    assert not rules_of(f"{name}/as_is.yaml", [rule])
    assert f"{rule}:" in PAGE.partition("## What is not a disease")[2]


def test_all_that_the_reformed_processes_still_show_is_explained():
    found = {
        (path.parent.name, rule)
        for path in FOLDER.glob("*/to_be.yaml")
        for rule in rules_of(path, None)
        if rule != "D17"
    }
    assert found == set(KEPT)
    kept = PAGE.partition("## What the reforms keep")[2]
    assert all(f"{rule}:" in kept for _, rule in KEPT)


@pytest.fixture(scope="module")
def county():
    plan, processes = load_scenario_processes(FOLDER.parent / "scenarios" / "county.yaml")
    return processes, simulate(processes, plan.model_copy(update={"replications": 1}))


@pytest.mark.parametrize("name", ["food_license", "minimum_living_allowance"])
def test_a_run_of_the_county_shows_the_gaps_in_time(county, name):
    processes, run = county
    [process] = [each for each in processes if each.name == name]
    assert analyze(process, run, rules=["T2"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("food_license/as_is.yaml", {"R3", "R18", "R19"}),
        ("business_startup/as_is.yaml", {"R3", "R18", "R19"}),
        ("minimum_living_allowance/as_is.yaml", {"R3", "R18", "R19", "R23"}),
        # the central bank's system stands alone: what the reform cannot mend goes on being retyped
        ("business_startup/to_be.yaml", {"R18"}),
        ("food_license/to_be.yaml", set()),
        ("food_license_post_check/to_be.yaml", set()),
        ("minimum_living_allowance/to_be.yaml", set()),
    ],
)
def test_data_and_systems_show_these_diseases_and_no_others(name, expected):
    assert rules_of(name, ["S5", "S7", "R3", "R5", "R6", "R9", "R18", "R19", "R21", "R23"]) == expected


def test_the_item_that_nobody_reads_is_the_number_of_food_workers():
    findings = analyze(load(FOLDER / "food_license/as_is.yaml"), rules=["R3"]).about("application")
    assert [finding.names("item") for finding in findings] == [("food.employee_count",)]


def test_the_interface_to_the_means_test_is_shadowed_by_keying():
    findings = analyze(load(FOLDER / "minimum_living_allowance/as_is.yaml"), rules=["R19"]).about("means_test")
    assert [finding.names("system") for finding in findings] == [("assistance_system", "means_test_platform")]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/to_be.yaml")), ids=lambda path: path.parent.name)
def test_the_reformed_process_has_none_of_those_that_it_cures(path):
    assert not rules_of(path, CURED)


def test_registrations_after_the_license_could_run_at_once_but_the_license_comes_first():
    runs = [f.names("state") for f in analyze(load(FOLDER / "business_startup/as_is.yaml"), rules=["R15"])]
    together = {state for run in runs for state in run}
    assert {"social_insurance", "housing_fund"} <= together
    assert not {"registration", "license"} & together


def test_pass_through_of_the_food_license_is_its_dispatch_only():
    (finding,) = analyze(load(FOLDER / "food_license/as_is.yaml"), rules=["R8"])
    assert finding.names("state") == ("dispatch",)
    assert finding.place.line > 0


def test_expected_visits_reproduce_the_corrections_of_the_food_license():
    (finding,) = analyze(load(FOLDER / "food_license/as_is.yaml"), rules=["H7"])
    corrections = 0.35 + 0.35**2 + 0.35**3
    granted = (0.68 + 0.27 * 0.95) * 0.99 * 0.99
    assert finding.evidence[1].value == pytest.approx(1 + 2 * corrections + granted)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_finding_can_be_shown_stored_and_told_apart(path):
    findings = analyze(load(path))
    assert len({finding.id for finding in findings}) == len(findings)
    assert len(json.loads(json.dumps(findings.to_data(), allow_nan=False))) == len(findings)
    for finding in findings:
        assert finding.statement.en and finding.statement.zh
        assert finding.evidence
        assert finding.place.line > 0
        assert all(cost.per_case >= 0 for cost in finding.cost)
