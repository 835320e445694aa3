"""What reading a file found wrong, dropped, guessed or mended: nothing bad is passed over in silence."""

from dataclasses import dataclass, field

from procflow.errors import LogError, Problem
from procflow.text import Language, Text

_SHOWN = 10
"""How many problems a message lists; ``LogError.problems`` has the first thousand."""

_KEPT = 1000


@dataclass
class Reading:
    """The account of reading one file.

    ``skip_bad``: leave out what is wrong, and count and tell it, instead of raising an error.
    """

    file: str
    skip_bad: bool = False
    problems: list[Problem] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    bad_count: int = 0

    def bad(self, line: int, en: str, zh: str) -> None:
        """Record that something at a line (from 1, 0 if unknown) is wrong."""
        self.bad_count += 1
        if len(self.problems) < _KEPT:
            self.problems.append(Problem(self.file, line, 1 if line else 0, Text(en=en, zh=zh)))

    def note(self, en: str, zh: str) -> None:
        """Record what was dropped, guessed or mended."""
        self.notes.append(Text(en=en, zh=zh))

    def fail(self, line: int, en: str, zh: str) -> LogError:
        """Return the error of a file that cannot be read at all."""
        self.bad(line, en, zh)
        return LogError(self._listing(), self.problems)

    def settle(self) -> None:
        """Raise LogError where something was wrong, or note it where bad parts are to be skipped."""
        if not self.bad_count:
            return
        if not self.skip_bad:
            raise LogError(self._listing(), self.problems)
        first = self.problems[0]
        self.note(
            f"left out as wrong: {self.bad_count}, the first: {first.text('en')}",
            f"因有误而略去 {self.bad_count} 处，第一处：{first.text('zh')}",
        )

    def _listing(self) -> Text:
        return Text(en=self._lines("en"), zh=self._lines("zh"))

    def _lines(self, lang: Language) -> str:
        shown = [problem.text(lang) for problem in self.problems[:_SHOWN]]
        more = self.bad_count - len(shown)
        if more:
            shown.append(Text(en=f"… and {more} more", zh=f"……另有 {more} 处").get(lang))
        return "\n".join(shown)
