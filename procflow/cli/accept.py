"""``procflow accept``: writes that a finding is accepted, with the reason and until when."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import AcceptedOption, LangOption
from procflow.cli.output import say
from procflow.errors import ProcflowError
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.analysis.acceptance import Accepted
    from procflow.analysis.finding import Finding
    from procflow.definition.resolved import Process


@command()
def accept(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule, such as R1.")],
    about: Annotated[list[str], typer.Argument(metavar="NAME...", help="Subjects that tell the finding from others.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is accepted.")],
    until: Annotated[str, typer.Option("--until", help="Last day on which it is accepted, such as 2026-12-31.")],
    by: Annotated[str | None, typer.Option("--by", help="Who accepts it.")] = None,
    accepted: AcceptedOption = None,
    lang: LangOption = None,
) -> None:
    """Accept a finding with a reason and an expiry: it stays visible and no longer counts."""
    from procflow import load
    from procflow.analysis.acceptance import accepted_path, entry_text, load_accepted
    from procflow.render.drawing import replace

    process = load(file)
    place = accepted or accepted_path(process)
    there = load_accepted(process, place if place and place.exists() else None)  # a file that is wrong stays as it is
    day, meant = _day(until), _meant(process, rule, about)
    if there is not None:
        _new(there, meant)
    entry = entry_text(meant, reason, day, by)
    assert place is not None  # a process that was loaded has a file
    replace(place, _with(place, process, entry).encode())
    say(Text(en=f"wrote {place}", zh=f"已写入 {place}"), spoken(lang))


def _day(written: str) -> dt.date:
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        raise ProcflowError(
            Text(
                en=f"--until: {written!r} is no day: write for instance 2026-12-31",
                zh=f"--until：{written!r} 不是日期：例如写 2026-12-31",
            )
        ) from None


def _meant(process: "Process", rule: str, about: list[str]) -> "Finding":
    """Return the one finding of a rule that has all these names among its subjects."""
    from procflow import analyze

    found = analyze(process, rules=[rule])
    if rule in found.skipped:
        raise ProcflowError(
            Text(
                en=f"{rule} needs a run: copy rule and subjects from 'procflow analyze --json' into the file by hand",
                zh=f"{rule} 需要仿真运行：请从 'procflow analyze --json' 的输出中抄录规则与对象，手工写入文件",
            )
        )
    meant = [finding for finding in found if set(about) <= finding.key[1]]
    if len(meant) == 1:
        return meant[0]
    listed = meant or list(found)
    shown = "\n".join(f"  {finding.rule} {' '.join(s.name for s in finding.subjects)}" for finding in listed)
    names = " ".join(about)
    raise ProcflowError(
        Text(
            en=f"{rule} has {len(meant)} findings about {names}; "
            + (f"it has these:\n{shown}" if shown else "it finds nothing"),
            zh=f"{rule} 有 {len(meant)} 条涉及 {names} 的问题；" + (f"现有：\n{shown}" if shown else "未发现任何问题"),
        )
    )


def _new(there: "Accepted", meant: "Finding") -> None:
    """Raise ProcflowError where a finding is accepted already, with the place of the entry."""
    for index, entry in enumerate(there.content.findings):
        if entry.key == meant.key:
            raise ProcflowError(
                Text(
                    en=f"{there.place(index)}: it is accepted already, until {entry.until}: change that entry",
                    zh=f"{there.place(index)}：该问题已接受，期限至 {entry.until}：请修改该条",
                )
            )


def _with(place: Path, process: "Process", entry: str) -> str:
    """Return the text of the file with an entry added at its end, comments kept."""
    if not place.exists():
        return f"procflow: 1\naccepted: {process.name}\nvariant: {process.variant}\nfindings:\n{entry}\n"
    text = place.read_text(encoding="utf-8").rstrip("\n")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    last = next((line for line in reversed(lines) if not line.startswith((" ", "-"))), "")
    if last.rstrip() != "findings:":
        raise ProcflowError(
            Text(
                en=f"{place}: 'findings' must come last, one entry per '- ', to be added to: write by hand\n{entry}",
                zh=f"{place}：findings 须在文件末尾且逐条以“- ”开头方可追加：请手工写入\n{entry}",
            )
        )
    return f"{text}\n{entry}\n"
