"""Walks the commands of the program."""

from collections.abc import Iterator
from typing import Any


def commands(command: Any, name: str = "procflow") -> Iterator[tuple[str, Any]]:
    """Yield (words, command) of a program and all its subcommands."""
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{name} {word}")
