"""A tool for developers: ``python -m procflow.report.compile_texts`` compiles the report's translations.

Fails where a text of a template has none. Writes nothing but ``report.mo``.
"""

import ast
import struct
from pathlib import Path

import jinja2

_REPORT = Path(__file__).parent
FOLDER = _REPORT / "locale" / "zh" / "LC_MESSAGES"
"""Where the translations are: ``report.po``, edited by hand, and ``report.mo``, compiled from it."""


def template_messages() -> list[str]:
    """Return the message ids of the templates, each once, in order."""
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
    found: dict[str, None] = {}
    for template in sorted((_REPORT / "templates").iterdir()):
        for _line, _function, message in environment.extract_translations(template.read_text(encoding="utf-8")):  # type: ignore[attr-defined]
            found[message if isinstance(message, str) else message[0]] = None
    return list(found)


def read_po(path: Path = FOLDER / "report.po") -> dict[str, str]:
    """Return the translations of a PO file by message id; the header stands under ''."""
    entries: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    field = ""
    for line in [*path.read_text(encoding="utf-8").splitlines(), 'msgid ""']:
        if line.startswith("msgid "):
            if "msgid" in current:
                entries[current["msgid"]] = current
            current, field, line = {"msgid": "", "msgstr": ""}, "msgid", line.removeprefix("msgid ")
        elif line.startswith("msgstr "):
            field, line = "msgstr", line.removeprefix("msgstr ")
        if line.startswith('"'):
            current[field] += ast.literal_eval(line)
    return {key: entry["msgstr"] for key, entry in entries.items()}


def compiled(messages: dict[str, str]) -> bytes:
    """Return a MO file (GNU gettext manual, 10.3): sorted ids, then their texts, each ending in a zero byte."""
    pairs = sorted((key.encode(), text.encode()) for key, text in messages.items() if text)
    ids, texts = b"", b""
    table = []
    for key, text in pairs:
        table.append((len(key), len(ids), len(text), len(texts)))
        ids, texts = ids + key + b"\0", texts + text + b"\0"
    first = 28 + 16 * len(pairs)
    key_table = b"".join(struct.pack("<II", length, first + at) for length, at, _, _ in table)
    text_table = b"".join(struct.pack("<II", length, first + len(ids) + at) for _, _, length, at in table)
    head = struct.pack("<IIIIIII", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + key_table + text_table + ids + texts


def main() -> None:
    """Compile ``report.po``; exit with what it lacks where it lacks something."""
    messages = read_po()
    missing = [message for message in template_messages() if not messages.get(message)]
    if missing:
        raise SystemExit("report.po lacks: " + " | ".join(missing))
    (FOLDER / "report.mo").write_bytes(compiled(messages))


if __name__ == "__main__":
    main()
