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
    from procflow.analysis.registry import rules as all_rules

    if as_json:
        print_json(
            [{"id": r.id, "name": _plain(r.name), "what": _plain(r.what), "needs": r.needs} for r in all_rules()]
        )
        return
    heads = {"en": ("rule", "name", "flags", "needs"), "zh": ("规则", "名称", "内容", "所需")}[spoken(lang)]
    needs = {"definition": Text(en="definition", zh="流程定义"), "run": Text(en="run", zh="仿真运行")}
    texts = ((r.id, r.name, r.what, needs[r.needs]) for r in all_rules())
    print_table(heads, [(name, *(text.get(spoken(lang)) for text in row)) for name, *row in texts])


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
