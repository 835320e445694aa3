"""Processes from a few lines of YAML, and what a rule finds in them."""

from textwrap import dedent, indent

from procflow.analysis.finding import Findings
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from procflow.definition.resolved import Process
from tests.examples import CATALOG, ORGANIZATION, make_process

CLERK = "department: market_regulation, role: window_clerk, work: 10 min, data: complete"
OFFICER = "department: tax, role: officer, work: 10 min, data: complete"


def line(*states: str, transitions: str = "", more: str = "", **extra: str) -> Process:
    """Return states one after the other, each ``name: fields``, with an end; further transitions and fields."""
    names = [state.partition(":")[0] for state in states]
    written = "\n".join(f"  - {{name: {s.partition(':')[0]}, {s.partition(':')[2].strip()}}}" for s in states)
    steps = "\n".join(
        f"  - {{trigger: go_{a}, source: {a}, dest: {b}}}" for a, b in zip(names, [*names[1:], "end"], strict=True)
    )
    return process(
        f"initial: {names[0]}\n{dedent(more)}\nstates:\n{written}\n  - {{name: end, final: true}}\n"
        f"transitions:\n{steps}\n{indent(dedent(transitions), '  ')}",
        **extra,
    )


def process(
    text: str, *, items: str = "", materials: str = "", departments: str = "", systems: str = "", interfaces: str = ""
) -> Process:
    """Return a process from a whole YAML text; further list entries go to the catalog and the organization."""
    catalog = _with(_with(CATALOG, "items", items), "materials", materials)
    organization = ORGANIZATION
    for key, entries in (("departments", departments), ("systems", systems), ("interfaces", interfaces)):
        organization = _with(organization, key, entries)
    return make_process(dedent(text), organization, catalog)


def _with(text: str, key: str, entries: str) -> str:
    if not entries:
        return text
    return text.replace(f"\n{key}:\n", f"\n{key}:\n" + indent(dedent(entries).strip("\n") + "\n", "  "))


def found(rule: str, of: Process, *, profile: Profile | None = None) -> Findings:
    """Return what one rule finds."""
    return analyze(of, rules=[rule], profile=profile)
