"""Every text that people read stands in Chinese and English, the template's too."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import procflow
from procflow.report.compile_texts import read_po, template_messages

ROOT = Path(procflow.__file__).parent
PACKAGES = sorted(path.name for path in ROOT.iterdir() if (path / "__init__.py").exists())
CHINESE = re.compile("[\u4e00-\u9fff]")


def calls(package: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call of ``Text`` in a package, with where it stands."""
    for file in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def literal(text: ast.expr | None) -> str:
    """Return what a text says by itself, without what is put into it; '' for one that only names something."""
    if isinstance(text, ast.JoinedStr):
        return "".join(str(part.value) for part in text.values if isinstance(part, ast.Constant))
    return str(text.value) if isinstance(text, ast.Constant) else ""


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_has_both_languages(package: str) -> None:
    lacking = []
    for place, call in calls(package):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        english, chinese = literal(given.get("en")), literal(given.get("zh"))
        if re.search("[A-Za-z]{3}", english) and "zh" not in given:
            lacking.append(f"{place}: no Chinese: {english}")
        if CHINESE.search(chinese) and "en" not in given:
            lacking.append(f"{place}: no English: {chinese}")
        if CHINESE.search(english):
            lacking.append(f"{place}: Chinese in the English: {english}")
    assert lacking == []


def test_the_search_sees_what_is_missing() -> None:
    assert len(list(calls("report"))) > 200
    (call,) = (node for node in ast.walk(ast.parse('Text(en=f"waits {x} days")')) if isinstance(node, ast.Call))
    assert literal(call.keywords[0].value) == "waits  days"


def test_every_text_of_the_template_is_translated_and_no_translation_is_left_over() -> None:
    messages, known = set(template_messages()), read_po()
    assert messages == set(known) - {""}
    assert [key for key in messages if not CHINESE.search(known[key]) and re.search("[A-Za-z]{3}", key)] == []


def test_the_template_says_nothing_that_is_not_given_to_gettext() -> None:
    text = (ROOT / "report" / "templates" / "report.html").read_text(encoding="utf-8")
    markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", " ", text, flags=re.DOTALL)
    bare = re.sub(r"<[^>]*>", " ", markup)
    assert re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", bare) == []
