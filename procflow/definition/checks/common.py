"""What the checks share: a problem before it has a file, names that are unknown, names that are given twice."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from procflow.definition import full_width
from procflow.definition.base import Path
from procflow.definition.diagnostics import did_you_mean
from procflow.definition.resolved import ALWAYS
from procflow.definition.source import SourceMap
from procflow.errors import Problem
from procflow.text import Text


@dataclass(frozen=True)
class Fault:
    """Something wrong at a path of the file that is being checked.

    ``column`` is inside the text there, or 0; ``key`` means the field's name rather than its value.
    """

    path: Path
    code: str
    message: Text
    column: int = 0
    key: bool = False


def located(faults: Iterable[Fault], source: SourceMap) -> list[Problem]:
    """Return the faults of one file as problems with line and column."""
    problems = []
    for fault in faults:
        problem = source.problem(fault.path, fault.message, key=fault.key, code=fault.code)
        if fault.column:
            line, column = source.inside(fault.path, fault.column)
            problem = Problem(source.file, line, column, fault.message, fault.path, fault.code)
        problems.append(problem)
    return problems


def fault(path: Path, code: str, en: str, zh: str, *, key: bool = False) -> Fault:
    """Return a fault with its message in both languages."""
    return Fault(path, code, Text(en=en, zh=zh), key=key)


@dataclass(frozen=True)
class Names:
    """The known names of one kind of thing, what that kind is called, and what it belongs to, if that must be said."""

    code: str
    en: str
    zh: str
    known: Collection[str]
    of_en: str = ""
    of_zh: str = ""

    def unknown(self, path: Path, name: str | None) -> Iterator[Fault]:
        """Yield a fault where ``name`` is given and not known."""
        if name is None or name in self.known:
            return
        index = full_width.separator(name)
        if index is not None:
            slip = full_width.typed(name[index])
            yield Fault(path, "full_width", slip, column=index + 1)
        else:
            hint = did_you_mean(name, self.known)
            of_en, of_zh = (f" of {self.of_en}", f"{self.of_zh}中") if self.of_en else ("", "")
            yield fault(
                path,
                f"unknown_{self.code}",
                f"unknown {self.en} {name!r}{of_en}{hint.en}",
                f"{of_zh}未知的{self.zh} {name!r}{hint.zh}",
            )

    def each_unknown(self, path: Path, names: Iterable[str | None]) -> Iterator[Fault]:
        """Yield a fault for every unknown name of a list."""
        for index, name in enumerate(names):
            yield from self.unknown((*path, index), name)

    def twice(self, path: Path, names: Iterable[str]) -> Iterator[Fault]:
        """Yield a fault for every name of a list of named things that has been given before."""
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                yield fault(
                    (*path, index, "name"),
                    "duplicate",
                    f"{self.en} {name!r} is defined twice: rename one of them",
                    f"{self.zh} {name!r} 重复定义:请改名",
                )
            seen.add(name)


def calendars(names: Iterable[str]) -> Names:
    """Return the calendars that can be named: those of the organization, and ``always``."""
    return Names("calendar", "calendar", "日历", (*names, ALWAYS))
