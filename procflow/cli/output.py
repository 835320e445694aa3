"""Tables, JSON and progress: what people and programs see of a command. Results go to stdout, all else to stderr."""

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.metrics import Metric


def say(message: Text, lang: Language) -> None:
    """Print a message about the work, not its result, to stderr."""
    typer.echo(message.get(lang), err=True)


def print_json(data: Any) -> None:
    """Print data as JSON: readable, and strict (what is not a number must be null already)."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: as wide as the terminal, and in a pipe as wide as its content; no heads where all are empty."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(heads))
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    wide = None if sys.stdout.isatty() else 10_000
    Console(highlight=False, markup=False, emoji=False, width=wide).print(table)


def print_metrics(metrics: Iterable["Metric"], lang: Language) -> None:
    """Print metrics with their intervals; an unknown interval is shown as such."""
    from procflow.analysis.compare import unit_name

    heads = {
        "en": ("metric", "mean", "95 % interval", "unit", "n"),
        "zh": ("指标", "均值", "95 % 置信区间", "单位", "n"),
    }[lang]
    rows = []
    for metric in metrics:
        found = metric.estimate
        interval = "–" if math.isnan(found.low) else f"{found.low:,.4g} – {found.high:,.4g}"
        mean = "–" if math.isnan(found.mean) else f"{found.mean:,.4g}"
        rows.append((metric.name.get(lang), mean, interval, unit_name(metric.unit, lang), str(found.n)))
    print_table(heads, rows)


@contextmanager
def progress(what: Text, lang: Language) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a function that shows how many of how many are done; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what.get(lang), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
