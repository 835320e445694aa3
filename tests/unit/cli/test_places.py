"""Where results go: places that cannot or must not be written are told before any work."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import procflow as pf
from procflow.cli.app import app, build
from procflow.definition.shipped import folder
from procflow.errors import RenderError

AS_IS = str(folder() / "processes" / "food_license" / "as_is.yaml")
RUN = ("--arrivals", "2 per wd", "--days", "40", "--replications", "2")

build()  # adds the verbs to the program


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments, "--lang", "en"])


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    return str(tmp_path / "file")


@pytest.fixture
def no_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    def simulated(*_args: object, **_options: object) -> None:
        pytest.fail("simulated before the place was looked at")

    monkeypatch.setattr(pf, "simulate", simulated, raising=False)


@pytest.mark.usefixtures("no_simulation")
@pytest.mark.parametrize(
    "arguments",
    [
        ("draw", AS_IS, "-o", "{file}/x.svg"),
        ("draw", AS_IS, "-o", "/proc/x.svg"),
        ("report", AS_IS, *RUN, "-o", "{file}/x.html"),
        ("report", AS_IS, *RUN, "-o", "{folder}"),
        ("report", AS_IS, *RUN, "-o", "{folder}/x.pdf"),
        ("schema", "-o", "{file}"),
        ("demo", "-o", "{file}"),
        ("simulate", AS_IS, *RUN, "--save", "{file}"),
        ("simulate", AS_IS, *RUN, "--store", "{file}/x.db"),
        ("analyze", AS_IS, *RUN, "--store", "{file}/x.db"),
        ("experiment", str(folder() / "experiments" / "food_license.yaml"), "-o", "{file}"),
    ],
    ids=" ".join,
)
def test_a_place_that_cannot_be_written_is_a_message_before_any_work(
    arguments: tuple[str, ...], file: str, tmp_path: Path
):
    done = invoke(*(word.format(file=file, folder=tmp_path) for word in arguments))
    assert (done.exit_code, type(done.exception)) == (2, SystemExit), done.output
    assert done.stderr.strip()
    assert Path(file).read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("verb", [("draw",), ("report", *RUN)], ids=["draw", "report"])
def test_a_definition_is_never_written_over(verb: tuple[str, ...], tmp_path: Path):
    mine = tmp_path / "mine.yaml"
    mine.write_text(Path(AS_IS).read_text(encoding="utf-8"), encoding="utf-8")
    before = mine.read_bytes()
    name, *options = verb
    assert invoke(name, str(mine), *options, "-o", str(mine)).exit_code == 2
    assert mine.read_bytes() == before


def test_a_missing_folder_is_made(tmp_path: Path):
    assert invoke("draw", AS_IS, "-o", str(tmp_path / "a" / "b" / "x.dot")).exit_code == 0
    assert (tmp_path / "a" / "b" / "x.dot").is_file()


def test_what_cannot_be_saved_is_a_render_error_with_the_path_asked_for(tmp_path: Path):
    drawing, page = tmp_path / "no" / "x.dot", tmp_path / "no" / "r.html"
    with pytest.raises(RenderError, match=r"x\.dot cannot be written: there is no such file or folder"):
        pf.draw(pf.load(AS_IS)).save(drawing)
    with pytest.raises(RenderError, match=r"r\.html cannot be written") as told:
        pf.report(pf.load(AS_IS)).save(page)
    assert ".tmp" not in told.value.text("zh")
