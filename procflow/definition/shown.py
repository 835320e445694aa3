"""What shows itself in a notebook says so here; how is decided further out, where drawings and tables are made."""

import importlib
from typing import Any


class Shown:
    """A thing that a notebook shows as a drawing or a table; its text stays what ``repr`` returns."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        # drawings stand further out than what they show, so they are looked up only when a notebook asks
        bundle: dict[str, Any] = importlib.import_module("procflow.render.notebook").bundle(self)
        return bundle
