"""Loading: files that refer to each other become one process, or one error with all that is wrong."""

from tests.examples import PERMIT, make_process


def test_a_process_knows_its_organization_and_catalog():
    process = make_process(PERMIT)
    assert process.name == "permit"
    assert process.organization.department("tax").role("officer").staff.value == 2
    assert process.item("business.name").issuer == "market_regulation"
    assert process.nominal_day_seconds("office") == 7 * 3600
