"""Changes single values in the text of a definition file; comments, order and layout of all else stay as they are.

Knows YAML's positions only: whether the changed file is a sound definition is for the loader to say.
"""

import os
from collections.abc import Mapping
from pathlib import Path as FilePath

import yaml

from procflow.definition.base import Path
from procflow.errors import DefinitionError, Problem
from procflow.text import Text


def edited(text: str, values: Mapping[Path, str], file: str = "<text>") -> str:
    """Return YAML text with the values at some paths replaced by other YAML text of one line.

    A field that its mapping lacks is added after the mapping's first field. Raises DefinitionError where a path's
    mapping is not in the file, or a value is an alias or has an anchor, which others may refer to.

    >>> print(edited("a: {b: 1} # kept\\nc:\\n  - d: x\\n", {("a", "b"): "2", ("c", 0, "e"): "y"}), end="")
    a: {b: 2} # kept
    c:
      - d: x
        e: y
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    changes = [_change(text, root, path, value, file) for path, value in values.items()]
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def replace_file(path: str | os.PathLike[str], text: str) -> None:
    """Write a file, whole or not at all: under a name for the time being, and then renamed."""
    place = FilePath(path)
    temporary = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def _change(text: str, root: yaml.Node | None, path: Path, value: str, file: str) -> tuple[int, int, str]:
    """Return the beginning and end of what is replaced, and by what."""
    parent = root
    for step in path[:-1]:
        parent = _child(parent, step)
    if parent is None:
        raise _refusal(file, root, path, "is not in the file", "不在文件中")
    node = _child(parent, path[-1])
    if node is not None:
        start = node.start_mark.index
        if text[start : start + 1] in ("*", "&") or start < parent.start_mark.index:
            raise _refusal(
                file, node, path, "is written with an anchor or alias: write it out", "使用了锚点或别名：请直接写出"
            )
        return start, _end(node), value
    if not isinstance(parent, yaml.MappingNode) or not parent.value or not isinstance(path[-1], str):
        raise _refusal(file, parent, path, "is not in the file", "不在文件中")
    key, first = parent.value[0]
    if parent.flow_style:
        return _end(first), _end(first), f", {path[-1]}: {value}"
    line_end = text.find("\n", _end(first))
    place = len(text) if line_end < 0 else line_end
    return place, place, f"\n{' ' * key.start_mark.column}{path[-1]}: {value}"


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode) and isinstance(step, str):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _end(node: yaml.Node) -> int:
    """Return where a value's text ends: a block's mark stands after the blanks and comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _refusal(file: str, node: yaml.Node | None, path: Path, en: str, zh: str) -> DefinitionError:
    line, column = (node.start_mark.line + 1, node.start_mark.column + 1) if node is not None else (0, 0)
    name = ".".join(map(str, path))
    message = Text(en=f"{name} {en}", zh=f"{name} {zh}")
    return DefinitionError([Problem(file, line, column, message, path, "edit")])
