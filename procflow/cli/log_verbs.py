"""``procflow log show``, ``convert``, ``replay``, ``measure``: logs by themselves, and beside a definition."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from procflow.cli import log_shown as shown
from procflow.cli.app import FINDINGS, command
from procflow.cli.language import spoken
from procflow.cli.log import group
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, say
from procflow.cli.places import check_folder
from procflow.errors import ProcflowError
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.logs import EventLog

LogArgument = Annotated[
    Path, typer.Argument(metavar="LOG", help="Event log: .xes, .csv (also .gz), .parquet, or a case library's folder.")
]
ProcessArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option("--column", help="Which column holds a field, such as 'case=No.'; may be given several times."),
]
MatchOption = Annotated[
    list[str] | None,
    typer.Option("--match", help="Which state an activity is, such as 'T02 Check=review'; may be given several times."),
]
TimeFormatOption = Annotated[
    str | None, typer.Option("--time-format", help="How times are written, such as '%d/%m/%Y %H:%M'.")
]
ZoneOption = Annotated[str | None, typer.Option("--zone", help="Time zone of the log, such as Asia/Shanghai.")]
EncodingOption = Annotated[str | None, typer.Option("--encoding", help="Encoding of text files, such as gb18030.")]
SeparatorOption = Annotated[
    str | None, typer.Option("--separator", help="What parts the fields of text files, such as ';'.")
]
ClassifierOption = Annotated[
    str | None, typer.Option("--classifier", help="Name activities by this classifier of an XES file.")
]
PersonalOption = Annotated[
    Literal["drop", "hash", "keep"], typer.Option("--personal", help="What becomes of columns about applicants.")
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key", envvar="PROCFLOW_LOG_KEY", help="Secret with which personal data are hashed.", show_envvar=True
    ),
]
SkipOption = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out what is wrong, counting it, instead of refusing the log.")
]
DeadlineOption = Annotated[str, typer.Option("--deadline", help="Attribute of cases that holds their deadline.")]
EndOption = Annotated[str, typer.Option("--end", help="Attribute of cases that holds their end.")]


@command(group=group)
def show(
    log: LogArgument,
    column: ColumnOption = None,
    time_format: TimeFormatOption = None,
    zone: ZoneOption = None,
    encoding: EncodingOption = None,
    separator: SeparatorOption = None,
    classifier: ClassifierOption = None,
    skip_bad: SkipOption = False,
    deadline: DeadlineOption = "deadline",
    end: EndOption = "enddate",
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show what a log holds: cases, variants, what follows what, rework, handoffs, lateness."""
    found = read_given(log, spoken(lang), column, time_format, zone, encoding, separator, classifier, skip_bad)
    facts, late = shown.facts(found), shown.lateness(found, deadline, end)
    if as_json:
        print_json(shown.data(found, facts, late))
        return
    shown.print_facts(facts, spoken(lang))
    shown.print_late(late, spoken(lang))
    shown.print_tables(found, spoken(lang))


@command(group=group)
def convert(
    log: LogArgument,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Where to write; the ending (.xes, .csv, .parquet) says as what."),
    ],
    column: ColumnOption = None,
    time_format: TimeFormatOption = None,
    zone: ZoneOption = None,
    encoding: EncodingOption = None,
    separator: SeparatorOption = None,
    classifier: ClassifierOption = None,
    personal: PersonalOption = "drop",
    key: KeyOption = None,
    skip_bad: SkipOption = False,
    lang: LangOption = None,
) -> None:
    """Convert a log to XES, CSV or Parquet; nothing is left out unless said."""
    from procflow.logs import write_log

    _refuse_input(log, output)
    check_folder(output.parent)
    found = read_given(
        log, spoken(lang), column, time_format, zone, encoding, separator, classifier, skip_bad, personal, key
    )
    write_log(found, output)
    say(Text(en=f"wrote {output}: {found}", zh=f"已写入 {output}：{shown.told(found)}"), spoken(lang))


@command(group=group)
def replay(
    log: LogArgument,
    file: ProcessArgument,
    match: MatchOption = None,
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
    """Say how many cases of a log can happen by a definition, and where the others part from it."""
    from procflow import load
    from procflow.logs.fitness import fitness
    from procflow.logs.matching import match_activities

    process = load(file)
    found = read_given(log, spoken(lang), column, time_format, zone, encoding, separator, classifier, skip_bad)
    fits = fitness(found, process, match_activities(found, process, pairs(match, "--match")))
    if as_json:
        print_json({**shown.matching_data(fits.matching), **shown.fitness_data(fits)})
    else:
        shown.print_matching(fits.matching, spoken(lang))
        shown.print_fitness(fits, spoken(lang))
    if fits.fitting < fits.cases:
        raise typer.Exit(FINDINGS)


@command(group=group)
def measure(
    log: LogArgument,
    file: ProcessArgument,
    match: MatchOption = None,
    column: ColumnOption = None,
    time_format: TimeFormatOption = None,
    zone: ZoneOption = None,
    encoding: EncodingOption = None,
    separator: SeparatorOption = None,
    classifier: ClassifierOption = None,
    skip_bad: SkipOption = False,
    write: Annotated[bool, typer.Option("--write", help="Write the measured times into the process file.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write them into this new file beside the process file instead."),
    ] = None,
    variant: Annotated[str | None, typer.Option("--variant", help="Name of the variant that is written.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Lay measured times beside the assumed ones, and write them into the definition where asked to."""
    from procflow import load
    from procflow.analysis.log_measure import measure as measure_log
    from procflow.analysis.log_write_back import write_measured
    from procflow.logs.matching import match_activities

    if variant is not None and not (write or output):
        raise ProcflowError(
            Text(
                en="--variant names what is written: give --write or --output too",
                zh="--variant 须与 --write 或 --output 同用",
            )
        )
    process = load(file)
    found = read_given(log, spoken(lang), column, time_format, zone, encoding, separator, classifier, skip_bad)
    matching = match_activities(found, process, pairs(match, "--match"))
    measured = measure_log(found, process, matching)
    if as_json:
        print_json({**shown.matching_data(matching), "measured": [each.to_data() for each in measured]})
    else:
        shown.print_matching(matching, spoken(lang))
        shown.print_measured(measured, spoken(lang))
    if write or output:
        changed = ", ".join(write_measured(file, measured, found, log.name, output=output, variant=variant))
        place = output or file
        say(Text(en=f"wrote {changed} into {place}", zh=f"已将 {changed} 写入 {place}"), spoken(lang))
    elif not as_json:
        say(
            Text(
                en="give --write to put the fitted times into the definition, with their source",
                zh="如需将拟合的时长连同出处写入流程文件，请加 --write",
            ),
            spoken(lang),
        )


def read_given(
    path: Path,
    lang: Language,
    column: list[str] | None,
    time_format: str | None,
    zone: str | None,
    encoding: str | None,
    separator: str | None,
    classifier: str | None,
    skip_bad: bool,
    personal: Literal["drop", "hash", "keep"] = "drop",
    key: str | None = None,
) -> "EventLog":
    """Read a log and say what reading it guessed, dropped or mended."""
    from procflow.logs import read_log

    if separator is not None and len(separator) != 1:
        raise ProcflowError(
            Text(en=f"--separator {separator!r}: give a single sign", zh=f"--separator {separator!r}：须为单个字符")
        )
    found = read_log(
        path,
        columns=pairs(column, "--column"),
        time_format=time_format,
        zone=zone,
        encoding=encoding,
        separator=separator,
        classifier=classifier,
        personal=personal,
        key=key,
        skip_bad=skip_bad,
    )
    for note in found.notes:
        say(note, lang)
    return found


def pairs(given: Iterable[str] | None, option: str) -> dict[str, str] | None:
    """Return ``left=right`` options as a mapping; the last sign of equality parts them."""
    pairs = {}
    for each in given or ():
        left, sign, right = each.rpartition("=")
        if not (left and sign and right):
            raise ProcflowError(
                Text(en=f"{option} {each!r}: write name=value", zh=f"{option} {each!r}：请写成 名称=值")
            )
        pairs[left.strip()] = right.strip()
    return pairs or None


def _refuse_input(log: Path, output: Path) -> None:
    if log.resolve() == output.resolve():
        raise ProcflowError(
            Text(
                en=f"{output} is read, so it is not written over: name another file",
                zh=f"{output} 是输入文件，不予覆盖：请另行指定输出文件",
            )
        )
