"""Which language the command line speaks: ``--lang``, else the environment's locale."""

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the language is known before the rest of the program is loaded
    from procflow.text import Language

_CHOSEN: "ContextVar[Language | None]" = ContextVar("chosen", default=None)


def from_environment(environ: Mapping[str, str]) -> "Language":
    """Return the language of a locale: the first of LC_ALL, LC_MESSAGES and LANG that is set decides.

    >>> from_environment({"LANG": "zh_CN.UTF-8"}), from_environment({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"})
    ('zh', 'en')
    """
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def requested(arguments: Sequence[str], environ: Mapping[str, str]) -> "Language":
    """Return the language before the arguments are parsed, for ``--help`` and for errors in the arguments.

    >>> requested(["check", "--lang", "zh"], {}), requested(["check", "--lang=en"], {"LANG": "zh_CN"})
    ('zh', 'en')
    """
    for word, following in zip_longest(arguments, arguments[1:], fillvalue=""):
        value = following if word == "--lang" else word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if value in ("en", "zh"):
            return "zh" if value == "zh" else "en"
    return from_environment(environ)


def choose(lang: "Language | None") -> None:
    """Let the whole program speak a language, where a verb's own option does not say otherwise."""
    _CHOSEN.set(lang)


def spoken(lang: "Language | None") -> "Language":
    """Return the language asked for, with the verb or before it, or that of the environment where none was."""
    return lang or _CHOSEN.get() or from_environment(os.environ)
