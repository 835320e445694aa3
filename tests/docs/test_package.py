"""The wheel: everything that the program needs at run time is in it, and works from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.docs.pages import ROOT

FILES = ("*.yaml", "*.py", "*.js", "*.html", "*.css", "*.mo", "*.j2", "*.mako")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked."""
    place = tmp_path_factory.mktemp("wheel")
    [built] = WheelBuilder(str(ROOT)).build(directory=str(place), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        archive.extractall(place / "unpacked")
    return place / "unpacked"


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path):
    expected = {path.relative_to(ROOT) for kind in FILES for path in (ROOT / "procflow").rglob(kind)}
    assert {path for path in expected if not (wheel / path).exists()} == set()


def test_every_shipped_definition_is_in_the_wheel(wheel: Path):
    expected = {path.relative_to(ROOT) for path in (ROOT / "process_defs").rglob("*.yaml")}
    assert {path for path in expected if not (wheel / "procflow" / path).exists()} == set()
    assert expected


def test_the_wheel_works_from_any_folder(wheel: Path, tmp_path: Path):
    script = "import procflow; from procflow.definition.shipped import folder; print(procflow.__file__, folder())"
    environ = {**os.environ, "PYTHONPATH": str(wheel)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == [str(wheel / "procflow" / "__init__.py"), str(wheel / "procflow" / "process_defs")]
