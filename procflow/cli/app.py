"""The ``procflow`` program: its commands, its exit status and how errors reach people.

Exit status: 0 fine, 1 findings or a failed cell, 2 bad input (also what ``check`` finds), 130 interrupted, 141 the
reader of a pipe went away.
"""

import io
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import Annotated, Any, TypeVar

import typer

from procflow.cli.language import choose, requested, spoken
from procflow.cli.options import LangOption
from procflow.errors import ProcflowError, ProcflowWarning, cannot_write
from procflow.text import Language, Text

FINDINGS = 1
BAD_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count
_BROKEN_PIPE = 141  # 128 + SIGPIPE

_LOG = ("log", "log_verbs", "log_analyze", "log_waiting", "log_limits", "log_hours")

_VERBS: dict[str, tuple[str, ...]] = {
    "check": ("check",),
    "draw": ("draw",),
    "simulate": ("simulate",),
    "analyze": ("analyze",),
    "accept": ("accept",),
    "compare": ("compare",),
    "sensitivity": ("what_if",),
    "critical-path": ("what_if",),
    "experiment": ("experiment",),
    "report": ("report",),
    "portfolio": ("portfolio",),
    "demo": ("demo",),
    "schema": ("schema",),
    "import": ("import_",),
    "runs": ("runs",),
    "rules": ("rules",),
    "explain": ("rules",),
    "due": ("due",),
    "log": _LOG,
}
"""The modules of this package that define each verb, in the order of ``--help``."""

Verb = TypeVar("Verb", bound=Callable[..., None])

app = typer.Typer(
    name="procflow",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Find redundant steps and timing gaps in government processes, and prove what a reform gains.",
)


def command(*, group: typer.Typer = app, name: str | None = None) -> Callable[[Verb], Verb]:
    """Return a decorator that adds a verb to the program; its errors become messages and an exit status."""

    def add(verb: Verb) -> Verb:
        group.command(name)(_guarded(verb))
        return verb

    return add


def start() -> None:
    """Run the program on the arguments of the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a locale without Chinese is no reason to fail
    words = sys.argv[1:]
    build(requested(words, os.environ) == "zh", words)(prog_name="procflow")


def build(chinese: bool = False, words: Sequence[str] = ()) -> Any:
    """Return the program, its help in Chinese where asked for: with the verb that words call, else with all."""
    for module in modules_of(list(words)):
        import_module(f"procflow.cli.{module}")
    program = typer.main.get_command(app)
    if chinese:
        from procflow.cli.help_zh import translate

        translate(program)
    return program


def modules_of(words: list[str]) -> tuple[str, ...]:
    """Return the modules that words need: what defines a verb is slow to load, and one is called at a time."""
    while words and words[0].split("=")[0] == "--lang":
        words = words[1 if "=" in words[0] else 2 :]
    if words == ["--version"]:
        return ()
    asked = _VERBS.get(words[0]) if words else None
    return asked or tuple(dict.fromkeys(module for modules in _VERBS.values() for module in modules))


@app.callback(invoke_without_command=True)
def _program(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    lang: LangOption = None,
) -> None:
    choose(lang)
    if version:
        from procflow import __version__

        typer.echo(f"procflow {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(BAD_INPUT)


def _shown(lang: Language) -> Callable[..., None]:
    """Return what shows a warning as a message, without the place in the source that Python would name."""

    def show(message: Warning | str, *_place: Any, **_more: Any) -> None:
        said = message.text(lang) if isinstance(message, ProcflowWarning) else message
        typer.echo(Text(en=f"note: {said}", zh=f"注意：{said}").get(lang), err=True)

    return show


def _guarded(verb: Callable[..., None]) -> Callable[..., None]:
    @wraps(verb)
    def run(*args: Any, **options: Any) -> None:
        lang = spoken(options.get("lang"))
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _shown(lang)
                verb(*args, **options)
            sys.stdout.flush()
        except ProcflowError as error:
            typer.echo(error.text(lang), err=True)
            raise typer.Exit(BAD_INPUT) from None
        except KeyboardInterrupt:
            typer.echo("\n" + Text(en="interrupted", zh="已中断").get(lang), err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _discard_output()
            raise typer.Exit(_BROKEN_PIPE) from None
        except OSError as error:
            if error.filename is None:
                _discard_output()
            place = error.filename or Text(en="the output", zh="标准输出").get(lang)
            typer.echo(cannot_write(place, error).get(lang), err=True)
            raise typer.Exit(BAD_INPUT) from None

    return run


def _discard_output() -> None:
    """Let the interpreter flush into nothing what is still buffered and has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
