"""What several parts of one piece of work ask of the same run is computed once while that work lasts, then forgotten.

A report asks for the visits and handoffs of a run a dozen times. To keep them beside the run would double the memory
of a large one for as long as it lives.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_KEPT: ContextVar[dict[Any, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Remember, until the end of the block, what functions marked ``remembered`` return for the same objects."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Mark a function without side effects, of objects that nobody changes; elsewhere it is as ever."""

    @wraps(function)
    def asked(*args: P.args, **named: P.kwargs) -> T:
        kept = _KEPT.get()
        if kept is None:
            return function(*args, **named)
        key = (function, tuple(map(id, args)), tuple((name, id(value)) for name, value in sorted(named.items())))
        if key not in kept:
            kept[key] = function(*args, **named), args, named  # the arguments live on, so that no id means another
        result: T = kept[key][0]
        return result

    return asked
