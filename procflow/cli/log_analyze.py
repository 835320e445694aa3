"""``procflow log analyze``: the findings of an event log."""

from pathlib import Path
from typing import Annotated

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
    SkipOption,
    TimeFormatOption,
    ZoneOption,
    read_given,
)
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, say
from procflow.text import Text


@command(group=group)
def analyze(
    log: LogArgument,
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
    classifier: ClassifierOption = None,
    skip_bad: SkipOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Find in a log what costs more than it needs to: waits, lateness, handoffs, rework."""
    from procflow.analysis.log_registry import analyze_log
    from procflow.analysis.profile import load_profile

    profile = None if thresholds is None else load_profile(thresholds)
    given = read_given(log, spoken(lang), column, time_format, zone, encoding, classifier, skip_bad)
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
