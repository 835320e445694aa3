"""The reference page of the rules, written from the rules themselves.

``python -m procflow.analysis.reference > docs/reference/rules.md`` writes it anew.
"""

from procflow.analysis.log_registry import log_rules
from procflow.analysis.portfolio import PORTFOLIO_RULES
from procflow.analysis.registry import Description, Rule, rules

_HEAD = """\
# Rules of the analysis

What each rule flags, why, how it is computed, and what it takes care not to flag. This page is written from the rules
themselves by `python -m procflow.analysis.reference`, and a test holds it to them. `explain("R1", "zh")` says the
same in Chinese. Thresholds are those of `Profile`; every finding prints the ones it depends on.

## What the words mean

**Known and held.** A fact is an item or document and a place. R1 and R2 ask whether a thing is *known* to anybody who
may share it with whoever asks (`procflow.analysis.knowledge`); R4 asks whether it is *held* where it is read
(`procflow.analysis.holdings`): only interfaces, carried documents and keying move data between holders. A carried
document whose contents the catalog does not list is a case file: it carries all that is known.

**When effects hold.** A state's effects happen at its *done* and hold on the ways out after it. A time-out may come
before or after them: on all paths only what held before is certain, on some path both may hold.

**Parallel regions.** After a join of *n* out of *m* regions a fact holds on all paths if it held at the fork, or at
the end of at least *m − n + 1* regions, and no region beside may destroy it, cancelled ones included. The same goes
inside a region. Leaving a composite early keeps what held in the own region, less what the others may destroy.

**Guards.** The analysis goes through every valuation of the attributes that guards compare with constants. Past
`valuations` or `guard_atoms`, or where guards cannot be told apart, it claims nothing from a missing path.

**Silence is not independence.** What concludes from the absence of data (R3, R5, R8, R9, R15, R21, S5) speaks only
where the states involved say `data: complete`; elsewhere D17 says where that would matter. For R4 a state that does not
say so may pass on all that is known, and may have produced what no state is said to capture.

**Expected visits** come from the probabilities of the definition, visit by visit and guard by guard. Regions count as
independent and time-outs as not firing; where a probability is not known, a finding has no price.

**What outside registers hold** counts as known where the catalog names a public issuer, a system that holds it and a
permission to share, unless the process itself writes an item of the same subject and issuer: a business that is being
founded is on no register yet.

**Severity** is that of the heaviest cost per case, never of the rule.

## The rules
"""


_ACROSS = """
## Rules across processes

Over several processes of one organization, `procflow.analysis.portfolio.analyze_portfolio(processes)` finds what no
process shows alone.
"""


_IN_LOGS = """
## Rules over event logs

`procflow log analyze LOG`, or `procflow.analysis.log_registry.analyze_log(log)`, finds in the log of real cases what it
shows without a definition. Rules for which the log lacks something are named with what it lacks. A rule of the same
name above finds the same thing in a definition or a run.
"""


def rules_page() -> str:
    """Return the reference page of all rules as Markdown."""
    across = _ACROSS + "".join(_section(rule, "the definitions of several processes") for rule in PORTFOLIO_RULES)
    in_logs = _IN_LOGS + "".join(_section(rule, "an event log") for rule in log_rules())
    return _HEAD + "".join(_section(rule, _needs(rule)) for rule in rules()) + across + in_logs


def _needs(rule: Rule) -> str:
    return "a run" if rule.needs == "run" else "the definition alone"


def _section(rule: Description, needs: str) -> str:
    lines = (
        f"\n### {rule.id} {rule.name.get('en')} {rule.name.get('zh')}\n",
        f"{_sentence(rule.what.get('en'))} {rule.what.get('zh')}。\n",
        f"- **Why:** {rule.why.get('en')}",
        f"- **Formula:** {rule.formula.get('en')}",
        f"- **Source:** {rule.source}",
        f"- **Never flags:** {rule.trap.get('en')}",
        f"- **Needs:** {needs}\n",
    )
    return "\n".join(lines)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


if __name__ == "__main__":
    print(rules_page(), end="")
