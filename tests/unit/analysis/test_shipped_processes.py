"""What the shipped definitions show: the as-is ones their diseases, the to-be ones none of those that were cured."""

import json
from pathlib import Path

import pytest

from procflow.analysis.registry import analyze
from procflow.definition import load

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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("food_license/as_is.yaml", {"R1", "R1b", "R1c", "R2", "R8", "R16", "H3", "H7", "H9"}),
        ("business_startup/as_is.yaml", {"R1", "R1b", "R2", "R15", "H3", "H7"}),
        ("minimum_living_allowance/as_is.yaml", {"R1", "R1b", "R2", "H3", "H4", "H7", "H9"}),
    ],
)
def test_the_process_of_today_shows_its_diseases(name, expected):
    assert expected <= rules_of(name, sorted(expected))


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
