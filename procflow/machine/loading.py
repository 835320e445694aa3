"""Loading with soundness: the definition's own checks and those of its state graph, all problems at once."""

import os

from procflow import definition
from procflow.definition.loader import inspect
from procflow.definition.resolved import Process
from procflow.errors import DefinitionError, Problem
from procflow.machine.soundness import soundness


def load(path: str | os.PathLike[str], *, allow_outside: bool = False) -> Process:
    """Return the process of a file, with its organization and catalogs, sound and ready for use.

    ``path`` names a process file; the files that it refers to must stay inside its project (see
    ``procflow.definition.project``) unless ``allow_outside``. Raises DefinitionError, which lists every problem.
    """
    process = definition.load(path, allow_outside=allow_outside)
    problems = soundness(process)
    if problems:
        raise DefinitionError(problems)
    return process


def check(path: str | os.PathLike[str], *, allow_outside: bool = False) -> list[Problem]:
    """Return all problems of a definition file of any kind, in order; never raises for what a file says."""
    problems, processes = inspect(path, allow_outside=allow_outside)
    return sorted([*problems, *(problem for process in processes for problem in soundness(process))])
