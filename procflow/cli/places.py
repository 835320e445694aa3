"""Where results go: looked at before the work, so that nobody waits for a result that has no place. Writes nothing."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from procflow.errors import ProcflowError, cannot_write
from procflow.text import Text


def check_file(path: Path, inputs: Iterable[Path], suffixes: tuple[str, ...]) -> None:
    """Raise ProcflowError where a file must not or cannot be written; make its folder where there is none."""
    if any(path.resolve() == each.resolve() for each in inputs):
        raise ProcflowError(
            Text(
                en=f"{path} is read, so it is not written over: name another file",
                zh=f"{path} 是输入文件，不予覆盖：请另行指定输出文件",
            )
        )
    if path.suffix.lower() not in suffixes:
        raise ProcflowError(
            Text(
                en=f"{path}: cannot write {path.suffix or 'without a suffix'}: use {', '.join(suffixes)}",
                zh=f"{path}：不能写成{path.suffix or '没有后缀的文件'}：可用 {'、'.join(suffixes)}",
            )
        )
    if path.is_dir():
        raise ProcflowError(Text(en=f"{path} is a folder: name a file", zh=f"{path} 是文件夹：请指定文件"))
    check_folder(path.parent)


def check_folder(folder: Path) -> None:
    """Raise ProcflowError where nothing can be written into a folder; make it where there is none."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # the only sure way to know
            pass
    except OSError as error:
        raise ProcflowError(cannot_write(folder, error)) from error


def check_run_places(save: Path | None, store: str | None) -> None:
    """Raise ProcflowError where a run cannot be saved in a new folder or in a store; opens the store."""
    if save is not None:
        if save.exists() and (not save.is_dir() or any(save.iterdir())):
            raise ProcflowError(
                Text(
                    en=f"{save} is not an empty folder: name a folder that does not exist yet",
                    zh=f"{save} 不是空文件夹：请指定一个尚不存在的文件夹",
                )
            )
        check_folder(save.parent)
    if store is not None:
        from procflow import Store

        with Store(store):
            pass
