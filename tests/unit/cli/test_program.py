"""The program as a whole: exit status, languages, errors without tracebacks."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from procflow.cli import main
from procflow.cli.app import app, build, modules_of
from procflow.cli.help_zh import CHINESE
from procflow.definition.shipped import folder
from tests.unit.cli.walk import commands

AS_IS = str(folder() / "processes" / "food_license" / "as_is.yaml")
BROKEN = """
procflow: 1
process: broken
organization: none.yaml
initial: 7
states: [{name: done, finale: true}]
transitions: []
"""


build()  # adds the verbs to the program


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "procflow", *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environ},
        timeout=120,
        check=False,
    )


def test_a_sound_file_exits_0():
    done = run("check", AS_IS)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1" in done.stdout


def test_a_broken_file_exits_2_with_all_its_problems(tmp_path: Path):
    (tmp_path / "broken.yaml").write_text(BROKEN)
    done = run("check", str(tmp_path / "broken.yaml"))
    assert done.returncode == 2
    assert "broken.yaml:4:" in done.stdout
    assert "broken.yaml:5:" in done.stdout
    assert "finale" in done.stdout


def test_json_lists_problems_in_both_languages(tmp_path: Path):
    (tmp_path / "broken.yaml").write_text(BROKEN)
    [found] = json.loads(run("check", str(tmp_path / "broken.yaml"), "--json").stdout)
    assert {(p["line"], p["column"]) for p in found["problems"]} >= {(4, 15)}
    assert all(p["message"]["en"] != p["message"]["zh"] for p in found["problems"])


@pytest.mark.parametrize("arguments", [["check", "none.yaml"], ["draw", "none.yaml", "-o", "x.svg"], ["explain", "Z9"]])
def test_bad_input_exits_2_without_a_traceback(arguments: list[str]):
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip() or done.stdout.strip()


@pytest.mark.parametrize("arguments", [["nope"], ["check"], ["check", "--nope", "x"], ["check", "x", "--lang", "fr"]])
def test_a_wrong_command_line_exits_2(arguments: list[str]):
    assert invoke(*arguments).exit_code == 2


@pytest.mark.parametrize("arguments", [[], ["--lang", "en"]])
def test_no_verb_prints_the_help(arguments: list[str]):
    assert "check" in invoke(*arguments).output
    done = run(*arguments)
    assert "Traceback" not in done.stderr
    assert "check" in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["--lang", "zh"], ["--help", "--lang", "zh"], ["--lang", "zh", "--help"]])
def test_the_language_may_stand_before_or_after_what_it_is_for(arguments: list[str]):
    done = run(*arguments, LC_ALL="C.UTF-8")
    assert "检查定义文件" in done.stdout + done.stderr
    assert "显示本帮助并退出。" in done.stdout + done.stderr


def test_a_language_before_the_verb_is_that_of_the_verb():
    assert "没有规则" in invoke("--lang", "zh", "explain", "Z9").stderr
    assert "no rule" in invoke("--lang", "zh", "explain", "Z9", "--lang", "en").stderr


def test_a_locale_without_chinese_gets_escapes_and_no_traceback():
    done = run("rules", "--lang", "zh", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "\\u" in done.stdout


def test_an_interruption_while_the_program_loads_ends_with_130_and_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("procflow.cli.app.start", interrupted)
    monkeypatch.setattr(sys, "argv", ["procflow", "--lang", "en"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == "interrupted"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_output_that_has_no_room_is_a_message():
    command = f"{sys.executable} -m procflow rules --lang en > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == "the output cannot be written: no space is left; name another place"


def test_the_version_is_printed():
    from procflow import __version__

    assert invoke("--version").output == f"procflow {__version__}\n"


@pytest.mark.parametrize(
    "environ", [{"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, {"LC_ALL": "zh_CN.UTF-8"}], ids=["LANG", "LC_ALL"]
)
def test_a_chinese_locale_gives_chinese_messages_and_help(environ: dict[str, str]):
    assert "没有规则" in run("explain", "Z9", **environ).stderr
    assert "检查定义文件" in run("--help", **environ).stdout


def test_the_option_outranks_the_locale():
    assert "no rule" in run("explain", "Z9", "--lang", "en", LC_ALL="zh_CN.UTF-8").stderr


def test_every_help_text_has_a_chinese_one():
    for name, command in commands(build()):
        texts = [command.help, *(parameter.help for parameter in command.params if getattr(parameter, "help", None))]
        assert [text for text in texts if text and text not in CHINESE] == [], name


def test_every_chinese_help_text_is_used():
    used = set()
    for _, command in commands(build()):
        used |= {command.help, *(getattr(parameter, "help", None) for parameter in command.params)}
    assert set(CHINESE) - used == set()


ALONE = """
import sys
from procflow.cli.app import build
print(sys.argv[1] in build(words=sys.argv[1:]).commands, "procflow.cli.demo" in sys.modules)
"""


@pytest.mark.parametrize("verb", sorted(set(build().commands) - {"demo"}))
def test_every_verb_is_found_alone_without_loading_the_others(verb: str):
    done = subprocess.run([sys.executable, "-c", ALONE, verb, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


@pytest.mark.parametrize("words", [[], ["--help"], ["--lang", "zh"], ["--help", "check"], ["simulat"]])
def test_whoever_calls_no_verb_is_offered_all(words: list[str]):
    assert set(modules_of(words)) >= {"demo", "check", "log_waiting"}


@pytest.mark.parametrize("words", [["check"], ["--lang", "zh", "check"], ["--lang=en", "check", "x.yaml"]])
def test_a_language_before_the_verb_does_not_hide_it(words: list[str]):
    assert modules_of(words) == ("check",)


def test_every_command_has_a_language_option():
    for name, command in commands(build()):
        if not hasattr(command, "commands"):
            assert "lang" in {parameter.name for parameter in command.params}, name


def test_the_reader_of_a_pipe_may_go_away_quietly():
    reader = f"{sys.executable} -m procflow rules --json | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", reader], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert done.stdout.strip() in ("0", "141")  # 0 where all of it fit into the pipe


def test_an_interruption_ends_with_130_and_one_line(monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("procflow.analysis.registry.explain", interrupted)
    done = invoke("explain", "R1", "--lang", "en")
    assert done.exit_code == 130
    assert done.stderr.strip() == "interrupted"


def test_a_warning_is_a_message_without_a_place_in_the_source(monkeypatch: pytest.MonkeyPatch):
    def warning(*_args: object) -> str:
        warnings.warn("years that are not published", stacklevel=1)
        return "R1"

    monkeypatch.setattr("procflow.analysis.registry.explain", warning)
    assert invoke("explain", "R1", "--lang", "en").stderr == "note: years that are not published\n"


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch):
    def wrong(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("procflow.analysis.registry.explain", wrong)
    assert isinstance(invoke("explain", "R1").exception, ZeroDivisionError)
