"""``procflow log``: what the event log of real cases tells. The verbs of the group stand in modules of their own."""

import typer

from procflow.cli.app import app

group = typer.Typer(no_args_is_help=True, help="Look at the event log of real cases.")
app.add_typer(group, name="log")
