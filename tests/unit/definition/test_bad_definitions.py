"""One bad file per mistake: each is told at its line, in both languages, with the words of its first comment."""

import re
from pathlib import Path

import pytest

from procflow.definition import check, load
from procflow.errors import DefinitionError

FOLDER = Path(__file__).parents[2] / "bad_definitions"
FILES = sorted(FOLDER.glob("*.yaml"))


def expectation(path):
    """Return the words, the line (None: any) and the number of problems that a bad file's comments name."""
    text = path.read_text(encoding="utf-8")
    line = re.search(r"^# line: (\d+)$", text, re.MULTILINE)
    count = re.search(r"^# problems: (\d+)$", text, re.MULTILINE)
    words = re.match(r"# expect: (.+)\n", text)
    return words[1], int(line[1]) if line else None, int(count[1]) if count else 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_mistake_is_told_at_its_line_and_nothing_else_is(path):
    words, line, count = expectation(path)
    problems = check(path)
    listing = "\n".join(map(str, problems))
    told = [problem for problem in problems if words in problem.message.get("en")]
    assert told, f"expected {words!r}, got:\n{listing}"
    assert line is None or line in {problem.line for problem in told}, listing
    assert len(problems) == count, listing
    for problem in problems:
        assert problem.line > 0
        assert problem.column > 0
        assert problem.code
        assert re.search("[\u4e00-\u9fff]", problem.message.get("zh"))


@pytest.mark.parametrize("path", [p for p in FILES if p.stem.startswith("process_")], ids=lambda path: path.stem)
def test_loading_raises_what_checking_returns(path):
    with pytest.raises(DefinitionError) as caught:
        load(path)
    assert list(caught.value.problems) == check(path)
