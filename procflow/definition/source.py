"""Where in a file each part of a definition stands, so that problems and findings can point at it."""

from dataclasses import dataclass, field

from procflow.definition.base import Path
from procflow.errors import Problem
from procflow.text import Text


@dataclass(frozen=True)
class SourceMap:
    """The positions in one file: ``values`` and ``keys`` map a path in its data to (line, column), from 1.

    ``digest`` is the SHA-256 of its bytes; ``quoted`` the paths of texts in quotation marks.
    """

    file: str
    digest: str = ""
    values: dict[Path, tuple[int, int]] = field(default_factory=dict, repr=False)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict, repr=False)
    quoted: frozenset[Path] = field(default=frozenset(), repr=False)

    def locate(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Return (line, column) of a path, or of the nearest part of it that stands in the file; (0, 0) if none.

        ``key`` asks for the position of the field's name rather than of its value.
        """
        for length in range(len(path), -1, -1):
            part = path[:length]
            if key and part in self.keys:
                return self.keys[part]
            if part in self.values:
                return self.values[part]
        return 0, 0

    def inside(self, path: Path, column: int) -> tuple[int, int]:
        """Return (line, column) of the ``column``-th character, from 1, of the text at ``path``."""
        line, start = self.locate(path)
        while path and path not in self.values:
            path = path[:-1]  # a short form leaves out the last part
        if not line or any(len(other) > len(path) and other[: len(path)] == path for other in self.values):
            return line, start
        return line, start + column - 1 + (path in self.quoted)

    def problem(self, path: Path, message: Text, *, key: bool = False, code: str = "") -> Problem:
        """Return a problem at a path of this file."""
        line, column = self.locate(path, key=key)
        return Problem(self.file, line, column, message, path, code)


@dataclass(frozen=True)
class Origin:
    """The files that a process was loaded from; all empty where it was built in memory."""

    process: SourceMap = SourceMap("<memory>")
    organization: SourceMap = SourceMap("<memory>")
    catalogs: tuple[SourceMap, ...] = ()
