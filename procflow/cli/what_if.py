"""``procflow sensitivity`` and ``procflow critical-path``: what small changes would give, and what time is made of."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption, Plan, takes_plan
from procflow.cli.output import print_json, print_table, progress
from procflow.cli.running import processes_of, run
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.what_if.alternatives import Gain


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

    _show([file], plan, sensitivity_of, spoken(lang), as_json=as_json)


@command(name="critical-path")
@takes_plan
def critical_path(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    plan: Plan,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show what the lead time is made of, and what would be gained if each part took no time."""
    from procflow.analysis.what_if.vanishing import vanishing

    _show([file], plan, vanishing, spoken(lang), as_json=as_json)


def _show(
    files: Sequence[Path], plan: Plan, changes: "Callable[..., tuple[Gain, ...]]", lang: Language, *, as_json: bool
) -> None:
    """Simulate processes as they are and with each of some changes, and print what each gives."""
    whole = plan.resolve()
    done = run(processes_of(files, plan), whole, lang)
    with progress(Text(en="simulating changes", zh="逐项仿真"), lang) as show:
        found = changes(done, progress=show)
    _print(found, lang, as_json=as_json)


def _print(found: "Sequence[Gain]", lang: Language, *, as_json: bool) -> None:
    if as_json:
        print_json([gain.to_data() for gain in found])
        return
    heads = {
        "en": ("change", "cycle time before, days", "after", "difference", "95 % interval"),
        "zh": ("调整", "全程用时（天），调整前", "调整后", "差", "95 % 置信区间"),
    }[lang]
    print_table(heads, [_row(gain, lang) for gain in found])


def _row(gain: "Gain", lang: Language) -> tuple[str, ...]:
    shown = gain.difference
    interval = f"{shown.low:+.2f} – {shown.high:+.2f}" if shown.low == shown.low else "–"
    numbers = (f"{gain.before.mean:.2f}", f"{gain.after.mean:.2f}", f"{shown.mean:+.2f}")
    return gain.alternative.title.get(lang), *numbers, interval
