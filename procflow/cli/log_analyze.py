"""``procflow log analyze``: the findings of an event log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procflow.cli.app import FINDINGS, command
from procflow.cli.language import spoken
from procflow.cli.log import group
from procflow.cli.log_verbs import (
    ClassifierOption,
    ColumnOption,
    DeadlineOption,
    EncodingOption,
    EndOption,
    LogArgument,
    MatchOption,
    SeparatorOption,
    SkipOption,
    TimeFormatOption,
    ZoneOption,
    pairs,
    read_given,
)
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, say
from procflow.errors import ProcflowError
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Findings
    from procflow.analysis.profile import Profile
    from procflow.logs import EventLog


@command(group=group)
def analyze(
    log: LogArgument,
    definition: Annotated[
        Path | None, typer.Option("--definition", help="Process file: look with the rules over runs, too.")
    ] = None,
    match: MatchOption = None,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", help="Only this rule; may be given several times.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option("--profile", "--thresholds", help="File of thresholds (YAML).")
    ] = None,
    begin: Annotated[str, typer.Option("--begin", help="Attribute of cases that holds their beginning.")] = "startdate",
    deadline: DeadlineOption = "deadline",
    end: EndOption = "enddate",
    column: ColumnOption = None,
    time_format: TimeFormatOption = None,
    zone: ZoneOption = None,
    encoding: EncodingOption = None,
    separator: SeparatorOption = None,
    classifier: ClassifierOption = None,
    skip_bad: SkipOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Find in a log what costs more than it needs to: waits, lateness, handoffs, rework."""
    from procflow.analysis.log_registry import analyze_log
    from procflow.analysis.profile import load_profile

    profile = None if thresholds is None else load_profile(thresholds)
    given = read_given(log, spoken(lang), column, time_format, zone, encoding, separator, classifier, skip_bad)
    if definition is not None:
        found = _on_states(given, definition, pairs(match, "--match"), rule, profile)
    else:
        if match:
            raise ProcflowError(
                Text(en="--match names states: give --definition too", zh="--match 指明状态，须与 --definition 同用")
            )
        found = analyze_log(given, rules=rule, profile=profile, name=log.name, begin=begin, deadline=deadline, end=end)
    if as_json:
        reasons = {name: {"en": why.get("en"), "zh": why.get("zh")} for name, why in found.reasons.items()}
        print_json({"findings": found.to_data(), "skipped": list(found.skipped), "reasons": reasons})
    else:
        typer.echo(found.text(spoken(lang)))
    for name, why in found.reasons.items():
        say(Text(en=f"not looked for: {name}, {why.get('en')}", zh=f"未检查：{name}，{why.get('zh')}"), spoken(lang))
    if found:
        raise typer.Exit(FINDINGS)


def _on_states(
    log: "EventLog",
    definition: Path,
    match: dict[str, str] | None,
    rules: list[str] | None,
    profile: "Profile | None",
) -> "Findings":
    """Return what the rules over definitions and runs find in a definition and in what the log shows of it."""
    from procflow import analyze as analyze_process
    from procflow import load
    from procflow.analysis.observed import observe

    process = load(definition)
    return analyze_process(process, observe(log, process, match), rules=rules, profile=profile)
