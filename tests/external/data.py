"""Where the files of others lie that are too large, or not ours, to be kept here."""

import os
from pathlib import Path

import pytest

from tests.docs.pages import ROOT


def external(name: str) -> Path:
    """Return a file or folder of others, or skip the test, saying so, where it is not there."""
    folder = Path(os.environ.get("PROCFLOW_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / name).exists():
        pytest.skip(f"{folder / name} is not there: set PROCFLOW_DATA to the folder that holds {name}")
    return folder / name
