"""References from one definition file to another: which calls a file holds, and why one is not followed."""

from pathlib import Path as FilePath
from typing import Any

from procflow.text import Text


def refusal(reference: str, target: FilePath, root: FilePath | None) -> Text | None:
    """Return why ``reference``, which means the file ``target``, is not followed; None where it is.

    ``root`` is the folder in which files must lie, None where they may lie anywhere.
    """
    if root is not None and not target.resolve().is_relative_to(root):
        return Text(
            en=f"{reference!r} lies outside of the project folder {root}: move the file inside, "
            "or allow files from outside",
            zh=f"{reference!r} 在项目文件夹 {root} 之外:请移入项目,或明确允许读取外部文件",
        )
    if target.is_dir():
        return Text(
            en=f"{reference!r} is a folder, not a file: name a file in it",
            zh=f"{reference!r} 是文件夹,不是文件:请写明其中的文件",
        )
    if not target.is_file():
        return Text(
            en=f"there is no file {reference!r} (looked for {target}): the path is relative to this file",
            zh=f"没有文件 {reference!r}(查找位置:{target}):路径以本文件所在文件夹为起点",
        )
    return None


def called_files(data: Any) -> list[str]:
    """Return the files that the states of a process's data call, without checking anything else in it."""
    if isinstance(data, list):
        return [reference for each in data for reference in called_files(each)]
    if not isinstance(data, dict):
        return []
    call = data.get("call")
    own = [call["process"]] if isinstance(call, dict) and isinstance(call.get("process"), str) else []
    return own + [reference for key in ("states", "regions") for reference in called_files(data.get(key))]
