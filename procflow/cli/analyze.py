"""``procflow analyze``: the findings of a process."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procflow.cli.app import FINDINGS, command
from procflow.cli.language import spoken
from procflow.cli.options import (
    AcceptedOption,
    JsonOption,
    LangOption,
    Plan,
    SaveToOption,
    takes_plan,
)
from procflow.cli.output import print_json, say
from procflow.cli.places import check_run_places
from procflow.cli.running import keep, processes_of, run
from procflow.errors import ProcflowError
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Findings
    from procflow.redesign.alternatives import Alternatives
    from procflow.simulation.run import Run


@command()
@takes_plan
def analyze(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    plan: Plan,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="Only this rule; may be given several times.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option("--profile", "--thresholds", help="File of thresholds (YAML).")
    ] = None,
    accepted: AcceptedOption = None,
    alternatives: Annotated[
        bool,
        typer.Option("--alternatives", help="Also simulate steps in series at once and in another order (R15, R12)."),
    ] = False,
    store: SaveToOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Find what costs more than it needs to: redundant steps, repeated capture, timing gaps."""
    from procflow import analyze as analyze_process
    from procflow.analysis.acceptance import load_accepted
    from procflow.analysis.profile import load_profile

    if store is not None and not plan.asks_for_a_run:
        raise ProcflowError(
            Text(
                en="a store keeps runs with their findings: give --arrivals or --scenario beside --store",
                zh="库中保存的是运行及其问题清单：请与 --store 一并给出 --arrivals 或 --scenario",
            )
        )
    if alternatives and not plan.asks_for_a_run:
        raise ProcflowError(
            Text(
                en="alternatives are simulated: give --arrivals or --scenario beside --alternatives",
                zh="备选方案需要仿真：请与 --alternatives 一并给出 --arrivals 或 --scenario",
            )
        )
    whole = plan.resolve() if plan.asks_for_anything else None
    profile = None if thresholds is None else load_profile(thresholds)
    [process] = processes_of([file], plan)
    check_run_places(None, store)
    agreed = load_accepted(process, accepted)
    done = None if whole is None else run([process], whole, spoken(lang))
    found = analyze_process(process, done, rules=rule, profile=profile, accepted=agreed)
    ways = _alternatives(done, found) if alternatives and done is not None else ()
    if as_json:
        print_json(
            {**_document(found), **({"alternatives": [each.to_data() for each in ways]} if alternatives else {})}
        )
    else:
        typer.echo(found.text(spoken(lang)))
        for each in ways:
            typer.echo(f"\n{each.finding.rule} {each.finding.statement.get(spoken(lang))}\n{each.text(spoken(lang))}")
    if store is not None and done is not None:
        keep(store, done, spoken(lang), findings=found)
    for note in (*found.notes, *_skipped(found)):
        say(note, spoken(lang))
    if found:
        raise typer.Exit(FINDINGS)


def _alternatives(done: "Run", found: "Findings") -> "tuple[Alternatives, ...]":
    """Simulate both redesigns of each finding on steps in series; where a law locks them there is nothing to do."""
    from procflow.redesign.alternatives import alternatives_of

    return tuple(alternatives_of(done, each) for each in found if each.rule in ("R15", "R12") and each.cost)


def _skipped(found: "Findings") -> Iterator[Text]:
    for why in dict.fromkeys(found.reasons.values()):
        names = ", ".join(name for name, reason in found.reasons.items() if reason == why)
        yield Text(en=f"not looked for: {names}: {why.get('en')}", zh=f"未检查：{names}：{why.get('zh')}")
    rules = [name for name in found.skipped if name not in found.reasons]
    if rules:
        yield Text(
            en=f"not looked for without a run (give --arrivals or --scenario): {', '.join(rules)}",
            zh=f"以下规则需要仿真运行（请给出 --arrivals 或 --scenario），未检查：{'、'.join(rules)}",
        )


def _document(found: "Findings") -> dict[str, Any]:
    return {
        "findings": found.to_data(),
        "accepted": [each.to_data() for each in found.accepted],
        "notes": [{"en": note.get("en"), "zh": note.get("zh")} for note in found.notes],
        "skipped": list(found.skipped),
        "reasons": {name: {"en": why.get("en"), "zh": why.get("zh")} for name, why in found.reasons.items()},
    }
