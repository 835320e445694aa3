"""Where procflow keeps what takes long to work out again: compiled code, and the holidays of a year.

All of it can be deleted at any time. Nothing is kept of anybody's definitions, cases or logs.
"""

import os
import tempfile
from pathlib import Path


def cache_folder(name: str) -> Path | None:
    """Return the folder of the cache with this name, created if need be; None where no place can be written."""
    home = os.environ.get("PROCFLOW_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    places = [Path(home)] if home else [Path.home() / ".cache"] if os.environ.get("HOME") else []
    places.append(Path(tempfile.gettempdir()) / f"procflow-{os.getuid() if hasattr(os, 'getuid') else 'cache'}")
    for place in places:
        folder = place / "procflow" / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


def keep(path: Path, content: bytes) -> None:
    """Write a file of the cache all at once, since other processes read it; a full disk only costs the next of them."""
    part: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            part = Path(file.name)
            file.write(content)
        part.replace(path)
    except OSError:
        if part is not None:
            part.unlink(missing_ok=True)
