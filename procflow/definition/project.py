"""Where a project ends: the folder that references between definition files must not leave.

It is the nearest folder above a file that is named ``process_defs`` or holds ``procflow.yaml``, ``pyproject.toml`` or
``.git``; without any of these, two folders above the file's own, so that ``processes/permit/as_is.yaml`` reaches
``organizations/`` and ``catalogs/`` beside ``processes/``.
"""

import os
from pathlib import Path as FilePath
from typing import Final

PathLike = str | os.PathLike[str]

_ROOT_MARKS: Final = ("procflow.yaml", "pyproject.toml", ".git")


def project_root(path: PathLike) -> FilePath:
    """Return the folder that the references of a file must not leave; by the rule above."""
    folder = FilePath(path).resolve().parent
    for above in (folder, *folder.parents):
        if above.name == "process_defs" or any((above / mark).exists() for mark in _ROOT_MARKS):
            return above
    return folder.parent.parent
