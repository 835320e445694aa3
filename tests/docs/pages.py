"""Reads the documentation's pages: their code blocks, and the files that blocks stand for.

A comment before a block says more than its language does: ``<!-- file: kiosk.yaml -->`` makes it a file,
``<!-- not run -->`` exempts it. A ``console`` block is run: lines after ``$`` are commands, the others are what they
print; ``…`` stands for anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_BLOCK = re.compile(r"(?:<!-- (?P<note>[^>]*) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A block of code of a page; ``file`` is the name of the file that it stands for, '' for none."""

    language: str
    text: str
    file: str = ""
    runs: bool = True


def blocks(page: Path, *languages: str) -> list[Block]:
    """Return the blocks of a page in order, of these languages where some are given."""
    found = []
    for match in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        note = match["note"] or ""
        file = note.removeprefix("file:").strip() if note.startswith("file:") else ""
        found.append(Block(match["language"], match["text"], file, note != "not run"))
    return [block for block in found if not languages or block.language in languages]


def dialogues(block: Block) -> Iterator[tuple[str, str]]:
    """Yield (command, what it prints) of a console block."""
    for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def agrees(expected: str, actual: str) -> bool:
    """Return whether a text is as expected, where ``…`` stands for anything and spaces for any number of them."""
    parts = (re.escape(" ".join(part.split())) for part in expected.split("…"))
    return (
        re.fullmatch(
            r"\s*" + r".*?".join(part.replace(r"\ ", r"\s+") for part in parts) + r"\s*", " ".join(actual.split()), re.S
        )
        is not None
    )
