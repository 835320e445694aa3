"""``procflow rules`` and ``procflow explain``: what the analysis looks for."""

from typing import Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, print_table
from procflow.text import Text


@command()
def rules(as_json: JsonOption = False, lang: LangOption = None) -> None:
    """List the rules of the analysis."""
    from procflow.analysis.registry import descriptions, looks_at, needs

    every = list(descriptions().items())
    if as_json:
        plain = [
            {
                "id": name,
                "name": _plain(known[0].name),
                "what": _plain(known[0].what),
                "needs": looks_at(known[0]),
                "in_log": looks_at(known[-1]) == "log",
            }
            for name, known in every
        ]
        print_json(plain)
        return
    heads = {"en": ("rule", "name", "flags", "needs"), "zh": ("规则", "名称", "内容", "所需")}[spoken(lang)]
    rows = []
    for name, known in every:
        sources = {"en": " or ", "zh": "或"}[spoken(lang)].join(needs(each).get(spoken(lang)) for each in known)
        rows.append((name, known[0].name.get(spoken(lang)), known[0].what.get(spoken(lang)), sources))
    print_table(heads, rows)


@command()
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule, such as R1.")],
    lang: LangOption = None,
) -> None:
    """Explain a rule: what it flags, why, by what formula, and what it takes care not to flag."""
    from procflow.analysis.registry import explain as explain_rule

    typer.echo(explain_rule(rule, spoken(lang)))


def _plain(text: Text) -> dict[str, str]:
    return {"en": text.get("en"), "zh": text.get("zh")}
