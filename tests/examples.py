"""A small organization and catalog for tests, and processes built in them from inline YAML."""

from procflow.definition import Process, loads

ORGANIZATION = """
procflow: 1
organization: example_county
title: {en: Example County, zh: 示例县}
timezone: Asia/Shanghai
calendars:
  - {name: office, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}
  - {name: window, hours: {mon-fri: "09:00-17:00", sat: "09:00-12:00"}}
  - {name: round_the_clock, holidays: false, hours: {mon-sun: "00:00-24:00"}}
working_calendar: office
levels:
  - {name: city, title: {en: City, zh: 市}}
  - {name: county, title: {en: County, zh: 县}}
  - {name: township, title: {en: Township, zh: 乡镇}}
regions:
  - {name: example, level: county}
  - {name: north, within: example, level: township, share: 2}
  - {name: south, within: example, level: township, share: 1}
departments:
  - name: market_regulation
    title: {en: Market Regulation Bureau, zh: 市场监管局}
    level: county
    line: market_regulation
    roles:
      - {name: window_clerk, staff: 2}
      - {name: reviewer, staff: 1}
      - {name: director, staff: 1}
  - name: market_office
    title: {en: Market Regulation Office, zh: 市场监管所}
    level: township
    line: market_regulation
    roles:
      - {name: inspector, staff: 3}
  - name: tax
    title: {en: Tax Bureau, zh: 税务局}
    level: county
    line: tax
    roles:
      - {name: officer, staff: 2}
  - name: fire
    title: {en: Fire and Rescue Brigade, zh: 消防救援大队}
    level: county
    roles:
      - {name: examiner, staff: 1}
systems:
  - {name: provincial_food_system, level: city, network: line}
  - {name: county_platform, owner: market_regulation, level: county, network: government}
  - {name: tax_system, owner: tax, level: city, network: line}
interfaces:
  - {source: county_platform, dest: tax_system, items: [business.name], coverage: 0.8}
"""

CATALOG = """
procflow: 1
catalog: example_items
items:
  - {name: business.name, issuer: market_regulation, held_by: [county_platform], share: {mode: api}}
  - {name: business.address, issuer: market_regulation}
  - {name: business.tax_status, issuer: tax, held_by: [tax_system]}
  - {name: person.name}
  - {name: person.id, sensitivity: personal}
  - {name: inspection.record, kept_for: archive}
  - {name: review.opinion}
materials:
  - {name: business_license, title: 营业执照, issuer: market_regulation, contains: [business.name, business.address]}
  - {name: lease, title: 租赁合同}
  - {name: application_file, title: 申请卷宗}
  - {name: food_license, title: 食品经营许可证, issuer: market_regulation}
"""


def make_process(process: str, organization: str | None = None, catalog: str | None = None) -> Process:
    """Return a process from YAML text, in the small organization and catalog of this module by default.

    ``procflow``, ``process`` and ``organization`` may be left out of the text. Raises DefinitionError where the
    text is wrong; the soundness of the state graph is not checked.
    """
    heading = {"procflow": "1", "process": "example", "organization": "organization.yaml"}
    lines = process.splitlines()
    written = {line.partition(":")[0] for line in lines}
    added = "".join(f"{key}: {value}\n" for key, value in heading.items() if key not in written)
    return loads(
        added + process,
        organization=ORGANIZATION if organization is None else organization,
        catalog=CATALOG if catalog is None else catalog,
    )


PERMIT = """
process: permit
initial: application
states:
  - {name: application, department: market_regulation, role: window_clerk, kind: intake, work: 10 min}
  - {name: review, department: market_regulation, role: reviewer, kind: review, work: 1 h}
  - {name: issued, final: true, outcome: granted}
  - {name: refused, final: true}
transitions:
  - {trigger: accept, source: application, dest: review}
  - {trigger: grant, source: review, dest: issued, probability: 0.9}
  - {trigger: refuse, source: review, dest: refused, probability: 0.1}
"""
"""A process of two steps and a choice."""
