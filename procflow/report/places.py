"""The folder that a report's files have in common, and their names inside it. Reads no file."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from procflow.analysis.finding import Place
from procflow.definition.resolved import Process
from procflow.definition.source import SourceMap


@dataclass(frozen=True)
class Folder:
    """The innermost folder that holds every file; '' where there is none, as for what was built in memory."""

    path: str

    def name(self, file: str) -> str:
        """Return a file's name inside the folder; of a file that is elsewhere, or no file, what it is called."""
        if not self.path or not Path(file).is_relative_to(self.path):
            return file
        return Path(file).relative_to(self.path).as_posix()

    def inside(self, file: str) -> str:
        """Return a file's name inside the folder; of a file that is elsewhere its last part, so that no path leaks."""
        name = self.name(file)
        return Path(name).name if Path(name).is_absolute() else name

    def place(self, place: Place) -> str:
        """Return a place with the name of its file inside the folder."""
        return str(Place(self.name(place.file), place.line, place.column))


NOWHERE = Folder("")
"""No folder: files are named in full."""


def sources(process: Process) -> Iterator[SourceMap]:
    """Yield the files of a process: its own, its organization's, its catalogs'."""
    yield process.origin.process
    yield process.origin.organization
    yield from process.origin.catalogs


def common_folder(processes: Sequence[Process]) -> Folder:
    """Return the innermost folder that holds all files of some processes."""
    files = {source.file for process in processes for source in sources(process)}
    folders = [str(Path(file).parent) for file in files if Path(file).is_absolute()]
    try:
        return Folder(os.path.commonpath(folders)) if folders else NOWHERE
    except ValueError:  # on several drives
        return NOWHERE
