"""What the package promises at its top: its names, their homes, and that importing it is light."""

import subprocess
import sys
from pathlib import Path

import pytest

import procflow
from procflow.definition.shipped import folder
from tests.docs.pages import ROOT

HEAVY = ("numba", "numpy", "polars", "transitions", "sqlalchemy", "alembic", "graphviz", "scipy", "holidays", "jinja2")


def test_the_public_names_are_these():
    assert procflow.__all__ == [
        "Automaton",
        "Comparison",
        "DefinitionError",
        "EventLog",
        "Finding",
        "Process",
        "ProcflowError",
        "Run",
        "Scenario",
        "Store",
        "__version__",
        "analyze",
        "analyze_log",
        "check",
        "compare",
        "draw",
        "due",
        "dump",
        "load",
        "load_scenario",
        "read_log",
        "redesign",
        "report",
        "save",
        "schema",
        "simulate",
        "summary",
        "write_log",
    ]


@pytest.mark.parametrize("name", procflow.__all__)
def test_every_public_name_is_there_and_documented(name: str):
    found = getattr(procflow, name)
    assert name in dir(procflow)
    assert name == "__version__" or (found.__doc__ or "").strip()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        procflow.simulat  # noqa: B018


def test_every_public_name_is_in_the_reference():
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    assert [name for name in procflow.__all__ if f"`{name}" not in page] == []


@pytest.mark.parametrize("before", ["", "import procflow.report; "])
def test_report_can_be_called_however_it_was_imported(before: str):
    script = before + "import procflow; assert callable(procflow.report) and callable(procflow.report.report)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.parametrize("statement", ["import procflow", "import procflow.cli.app as a; a.build()"])
def test_importing_loads_nothing_heavy(statement: str):
    script = f"import sys; {statement}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""


SIMULATED = ("procflow.cli.demo", "procflow.kernel", "numba", "llvmlite", "scipy", "polars", "numpy")
STARTS = {
    ("--version",): ("procflow.definition.loader", "holidays", *SIMULATED),
    ("check", str(folder() / "processes" / "food_license" / "as_is.yaml")): SIMULATED,
    ("due", "2026-01-05", "20wd"): ("procflow.definition.loader", *SIMULATED),
}
"""What starts without which modules."""

STARTED = """
import sys
from procflow.cli.app import start
try:
    start()
except SystemExit as end:
    assert not end.code
print(*sys.modules)
"""


@pytest.mark.parametrize("words", STARTS)
def test_a_verb_loads_only_what_it_needs(words: tuple[str, ...]):
    done = subprocess.run([sys.executable, "-c", STARTED, *words], capture_output=True, text=True, check=True)
    assert set(STARTS[words]) & set(done.stdout.splitlines()[-1].split()) == set()


def test_the_version_is_that_of_the_package():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == procflow.__version__
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_typed_is_marked():
    assert (Path(procflow.__file__).parent / "py.typed").exists()
