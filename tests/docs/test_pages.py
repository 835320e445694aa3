"""What the pages say: links lead somewhere, commands are documented, both READMEs and CI run the same commands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from procflow.cli.app import build
from tests.docs.pages import ROOT, Block, agrees, blocks, dialogues
from tests.unit.cli.walk import commands

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path):
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [t for t in targets if not t.startswith(("http", "mailto")) and not (page.parent / t).exists()]
    assert missing == []


def test_every_page_is_in_the_contents():
    contents = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = [p.relative_to(ROOT / "docs").as_posix() for p in ROOT.glob("docs/**/*.md")]
    listed = {p for p in pages if f"({p})" in contents}
    listed |= {p for p in pages if p.startswith("decisions/")}  # these have contents of their own
    assert set(pages) - listed - {"index.md"} == set()


def test_every_decision_is_in_their_contents():
    contents = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in ROOT.glob("docs/decisions/0*.md") if f"({p.name})" not in contents] == []


def test_the_commands_are_those_of_the_reference():
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(procflow(?: [a-z][a-z-]*)+)", page, re.M)
    groups = {"procflow", "procflow import", "procflow runs", "procflow log"}
    assert sorted(documented) == sorted(name for name, _ in commands(build()) if name not in groups)


def test_the_options_of_a_run_are_those_of_the_reference():
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(--[a-z-]+)", page, re.M))
    [compare] = [command for name, command in commands(build()) if name == "procflow compare"]
    options = {option for parameter in compare.params for option in parameter.opts if option.startswith("--")}
    assert documented == options - {"--json", "--lang"}


def _shell(page: str) -> list[str]:
    return [block.text.strip() for block in blocks(ROOT / page, "sh")]


def test_both_readmes_give_the_same_two_commands_of_one_line():
    assert _shell("README.md") == _shell("README.zh.md")
    assert len(_shell("README.md")) == 2
    assert not any("\n" in command for command in _shell("README.md"))


def test_ci_runs_the_tests_as_the_readme_does():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert _shell("README.md")[1] in lines


def test_ci_is_a_program():
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_example_of_the_readme_runs(page: str, tmp_path: Path):
    [example] = blocks(ROOT / page, "python")
    assert len([line for line in example.text.splitlines() if line.strip()]) <= 20
    done = _python(example.text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "R1 " in done.stdout
    assert (tmp_path / "today.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")


RUNNING = (
    "docs/tutorial.md",
    "docs/tutorial.zh.md",
    "docs/how-to/clocks.md",
    "docs/how-to/event-logs.md",
    "docs/how-to/keep-runs.md",
    "docs/how-to/editor.md",
    "docs/how-to/precision.md",
    "docs/how-to/scenarios.md",
)


@pytest.mark.parametrize("page", RUNNING)
def test_what_a_page_shows_runs_and_prints_what_it_says(page: str, tmp_path: Path):
    ran = 0
    for block in blocks(ROOT / page):
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "console" and block.runs:
            ran += _console(block, tmp_path)
        elif block.language == "python" and block.runs:
            done = _python(block.text, tmp_path)
            assert done.returncode == 0, done.stderr
            ran += 1
    assert ran


def _console(block: Block, folder: Path) -> int:
    count = 0
    for command, printed in dialogues(block):
        program, _, words = command.partition(" ")
        started = {"procflow": f"{sys.executable} -m procflow", "python": sys.executable}[program]
        done = subprocess.run(
            ["bash", "-c", f"{started} {words}"],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert agrees(printed, done.stdout + done.stderr), f"{command}\n{done.stdout}{done.stderr}"
        count += 1
    return count


def _python(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", text], cwd=folder, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
