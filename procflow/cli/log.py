"""``procflow log``: what the event log of real cases tells. The verbs of the group stand in modules of their own."""

import typer

from procflow.cli.app import app

group = typer.Typer(no_args_is_help=True, help="Look at the event log of real cases.")
app.add_typer(group, name="log")


def clock(minutes: int) -> str:
    """Return minutes after midnight as a time of day.

    >>> clock(545)
    '09:05'
    """
    return f"{minutes // 60:02}:{minutes % 60:02}"
