"""Chinese texts of findings, reports and drawings have Chinese punctuation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import procflow
from procflow.report.compile_texts import read_po

CHINESE = "[\u4e00-\u9fff”）》]"
HALF_WIDTH = re.compile(rf"{CHINESE} ?[,:;()]|[,:;(] ?[\u4e00-\u9fff“（《]")
ROOT = Path(procflow.__file__).parent


def written(text: ast.expr) -> str:
    """Return a text as written, each replacement as a zero."""
    if isinstance(text, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "0" for part in text.values)  # type: ignore[misc]
    return str(text.value) if isinstance(text, ast.Constant) else ""


def chinese(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "zh":
            yield written(node.value)


@pytest.mark.parametrize("package", ["analysis", "report", "render", "cli"])
def test_no_chinese_text_has_half_width_punctuation_beside_a_character(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    texts = [text for file in files for text in chinese(ast.parse(file.read_text(encoding="utf-8")))]
    assert any(texts)
    assert [text for text in texts if HALF_WIDTH.search(text)] == []


def test_no_chinese_text_of_the_template_has_half_width_punctuation() -> None:
    assert [text for key, text in read_po().items() if key and HALF_WIDTH.search(text)] == []
