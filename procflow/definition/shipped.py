"""Where the shipped definitions stand: in the installed package, or in a checkout. Reads none of them."""

from pathlib import Path

from procflow.errors import ProcflowError
from procflow.text import Text


def folder() -> Path:
    """Return the folder of the shipped definitions: ``organizations``, ``catalogs``, ``processes``, ``scenarios``.

    A wheel carries them inside the package; a checkout has them beside it. Raises ProcflowError where an
    installation lacks them.

    >>> (folder() / "processes").is_dir()
    True
    """
    package = Path(__file__).resolve().parents[1]
    for place in (package / "process_defs", package.parent / "process_defs"):
        if (place / "processes").is_dir():
            return place
    raise ProcflowError(
        Text(
            en=f"the shipped definitions are not in {package / 'process_defs'}: install procflow again",
            zh=f"{package / 'process_defs'} 中没有随附的流程定义：请重新安装 procflow",
        )
    )
