"""``procflow sensitivity`` and ``procflow critical-path``: what small changes would give, and what time is made of."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption, Plan, takes_plan
from procflow.cli.output import print_json, print_table, progress
from procflow.cli.running import processes_of, run
from procflow.errors import ArgumentError
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.what_if.alternatives import Gain

_Found = TypeVar("_Found")


@command()
@takes_plan
def sensitivity(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    plan: Plan,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Simulate one more person, one more sitting, one hour longer: what would each give?"""
    from procflow.analysis.what_if.sensitivity import sensitivity as sensitivity_of

    found = _simulated(file, plan, sensitivity_of, spoken(lang))
    if as_json:
        print_json([gain.to_data() for gain in found])
        return
    heads = {
        "en": ("change", "cycle time before, days", "after", "difference", "95 % interval"),
        "zh": ("调整", "全程用时（天），调整前", "调整后", "差", "95 % 置信区间"),
    }[spoken(lang)]
    rows = [(f"{gain.before.mean:.2f}", f"{gain.after.mean:.2f}", *_difference(gain)) for gain in found]
    titles = [gain.alternative.title.get(spoken(lang)) for gain in found]
    print_table(heads, [(title, *row) for title, row in zip(titles, rows, strict=True)])


@command(name="critical-path")
@takes_plan
def critical_path(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    plan: Plan,
    case: Annotated[
        str | None, typer.Option("--case", help="A single case instead of the mean: REPLICATION/CASE, such as 0/17.")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show what the lead time is made of, and what would be gained if each part took no time."""
    from procflow.analysis.what_if.vanishing import critical_path as critical_path_of

    key = _case(case) if case is not None else None
    found = _simulated(file, plan, partial(critical_path_of, case=key), spoken(lang))
    if as_json:
        print_json([part.to_data() for part in found])
        return
    heads = {
        "en": ("part", "kind", "days per case", "if it took no time", "95 % interval"),
        "zh": ("构成", "类别", "每件用时（天）", "若不耗时", "95 % 置信区间"),
    }[spoken(lang)]
    rows = [
        (part.title.get(spoken(lang)), _KINDS[part.kind].get(spoken(lang)), f"{part.mean_days:.2f}", *_gain(part.gain))
        for part in found
    ]
    print_table(heads, rows)


def _case(text: str) -> tuple[int, int]:
    replication, slash, number = text.partition("/")
    if not slash or not replication.isdecimal() or not number.isdecimal():
        raise ArgumentError(
            Text(
                en=f"--case {text!r}: write the replication and the number of the case, such as 0/17",
                zh=f"--case {text!r}：请写 重复编号/办件编号，如 0/17",
            )
        )
    return int(replication), int(number)


_KINDS = {
    "state": Text(en="state", zh="环节"),
    "handoff": Text(en="handoff", zh="移送"),
    "calendar": Text(en="calendar", zh="日历"),
}


def _simulated(
    file: Path, plan: Plan, changes: "Callable[..., tuple[_Found, ...]]", lang: Language
) -> "tuple[_Found, ...]":
    """Simulate a process as it is and with each of some changes."""
    whole = plan.resolve()
    done = run(processes_of([file], plan), whole, lang)
    with progress(Text(en="simulating changes", zh="逐项仿真"), lang) as show:
        return changes(done, progress=show)


def _gain(gain: "Gain | None") -> tuple[str, str]:
    return ("–", "–") if gain is None else _difference(gain)


def _difference(gain: "Gain") -> tuple[str, str]:
    shown = gain.difference
    return f"{shown.mean:+.2f}", f"{shown.low:+.2f} – {shown.high:+.2f}" if shown.low == shown.low else "–"
