"""The error tree of procflow. Every error that procflow raises on purpose descends from ProcflowError.

ProcflowError
├── DefinitionError      a definition file is wrong; carries every Problem found
├── ExpressionError      a guard or another expression cannot be parsed or evaluated
├── UnitError            a quantity such as '5 mn' cannot be read
├── MachineError         a live case cannot take the step asked for
├── SimulationError      a scenario cannot be simulated
│   └── OutOfRoomError       memory or disk ran out; carries what was finished
├── AnalysisError        an analysis cannot be done on what it was given
├── LogError             an event log cannot be read or written; carries every Problem found
├── ArgumentError        a function was given something of the wrong kind; a TypeError too
├── RedesignError        a redesign's precondition does not hold
├── RenderError          a diagram cannot be drawn
└── StoreError           a store cannot be opened, read or written

ProcflowWarning is no error: a UserWarning in two languages, for what works but is probably not meant.
"""

import errno
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from procflow.text import Language, Text


class ProcflowError(Exception):
    """The root of the tree: ``except ProcflowError`` catches everything procflow raises on purpose."""

    def __init__(self, message: Text | str) -> None:
        self.message = message if isinstance(message, Text) else Text(en=message, zh=message)
        super().__init__(self.message.get("en"))

    def text(self, lang: Language = "en") -> str:
        """Return the message in ``lang``."""
        return self.message.get(lang)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a definition file, where it stands and how to mend it.

    ``line`` and ``column`` count from 1; 0 means that the position is not known. ``path`` is the place in the
    data, for instance ``("states", 2, "department")``.
    """

    file: str
    line: int
    column: int
    message: Text = field(compare=False)
    path: tuple[str | int, ...] = field(default=(), compare=False)
    code: str = field(default="", compare=False)

    def text(self, lang: Language = "en") -> str:
        """Return ``file:line:column: message`` in ``lang``."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message.get(lang)}"

    def __str__(self) -> str:
        return self.text("en")


class DefinitionError(ProcflowError):
    """A definition file is wrong; ``problems`` lists all that is wrong with it, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__(Text(en=self._listing("en"), zh=self._listing("zh")))

    def _listing(self, lang: Language) -> str:
        return "\n".join(problem.text(lang) for problem in self.problems)


class ExpressionError(ProcflowError):
    """An expression such as ``risk == "low"`` cannot be parsed or evaluated; ``column`` counts from 1."""

    def __init__(self, message: Text | str, *, expression: str = "", column: int = 1) -> None:
        super().__init__(message)
        self.expression = expression
        self.column = column


class UnitError(ProcflowError, ValueError):
    """A quantity cannot be read; a ValueError too, so that pydantic reports it with its position."""


class MachineError(ProcflowError):
    """A live case cannot take the step asked for."""


class SimulationError(ProcflowError):
    """A scenario cannot be simulated."""


class OutOfRoomError(SimulationError):
    """Memory or disk ran out; ``run`` is the run of the replications that were finished, None where none was."""

    def __init__(self, message: Text | str, run: Any = None) -> None:
        super().__init__(message)
        self.run = run


class AnalysisError(ProcflowError):
    """An analysis cannot be done on what it was given."""


class LogError(ProcflowError):
    """An event log cannot be read or written; ``problems`` lists what is wrong with a file, in its order."""

    def __init__(self, message: Text | str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class ArgumentError(ProcflowError, TypeError):
    """A function was given something of the wrong kind, such as a file's name where a process is expected."""


class RedesignError(ProcflowError):
    """The precondition of a redesign operator does not hold."""


class RenderError(ProcflowError):
    """A diagram or report cannot be drawn."""


class StoreError(ProcflowError):
    """A store cannot be opened, read or written."""


_REASONS = {
    errno.ENOENT: Text(en="there is no such file or folder", zh="没有这个文件或文件夹"),
    errno.EACCES: Text(en="permission denied", zh="没有权限"),
    errno.EPERM: Text(en="the system does not permit it", zh="系统不允许"),
    errno.EEXIST: Text(en="there is a file of that name already", zh="已有同名文件"),
    errno.EISDIR: Text(en="it is a folder", zh="这是文件夹"),
    errno.ENOTDIR: Text(en="a part of the path is a file, not a folder", zh="路径中有一段是文件而不是文件夹"),
    errno.ENOSPC: Text(en="no space is left", zh="空间不足"),
    errno.EROFS: Text(en="the file system is read-only", zh="文件系统只读"),
    errno.ENAMETOOLONG: Text(en="the name is too long", zh="名称过长"),
}


def cannot_write(place: object, error: OSError) -> Text:
    """Return that a place cannot be written to, and why: in both languages where the reason is a usual one."""
    reason = _REASONS.get(error.errno or 0) or Text(en=error.strerror or str(error))
    return Text(
        en=f"{place} cannot be written: {reason.get('en')}; name another place",
        zh=f"{place} 无法写入：{reason.get('zh')}；请另行指定输出位置",
    )


class ProcflowWarning(UserWarning):
    """Something works but is probably not meant; a UserWarning that knows its text in both languages."""

    def __init__(self, message: Text | str) -> None:
        # a bare text is what copying or sending a warning to another process gives back
        self.message = message if isinstance(message, Text) else Text(en=message, zh=message)
        super().__init__(self.message.get("en"))

    def text(self, lang: Language = "en") -> str:
        """Return the message in ``lang``."""
        return self.message.get(lang)


def warn_user(message: Text) -> None:
    """Warn whoever called procflow: the warning stands at the last line that is not of the package itself."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "procflow":
        level, frame = level + 1, frame.f_back
    warnings.warn(ProcflowWarning(message), stacklevel=level)
