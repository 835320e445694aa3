"""Puts the tables that benchmarks make into the documentation: ``python -m benchmarks.pages``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end of table -->``.
"""

from collections.abc import Callable
from pathlib import Path

from benchmarks import recovery, timers

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "waiting.md"
TABLES: dict[str, Callable[[], str]] = {
    "recovery": lambda: recovery.table(recovery.measure()),
    "timers": lambda: timers.table(timers.measure()),
}
END = "<!-- end of table -->"


def begin(name: str) -> str:
    """Return the line after which a table stands."""
    return f"<!-- table: {name} -->"


def standing(text: str, name: str) -> str:
    """Return the table that stands in a page."""
    return text.split(begin(name))[1].split(END)[0].strip()


def main() -> None:
    """Make the tables and write them into the page."""
    text = PAGE.read_text(encoding="utf-8")
    for name, make in TABLES.items():
        text = text.replace(standing(text, name), make())
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
