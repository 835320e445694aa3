"""The file of accepted findings, beside a process file: which findings are accepted, why, by whom, and until when."""

from typing import Annotated, Literal

from pydantic import Field

from procflow.definition.base import Date, Frozen, Name, Reference
from procflow.text import Text


class Acceptance(Frozen):
    """One accepted finding: its ``rule``, and the names of all its subjects in any order.

    A finding that grows by a subject is another one, and not accepted. From the day after ``until`` it counts again.
    """

    rule: Name
    about: Annotated[tuple[Reference, ...], Field(min_length=1)]
    reason: Text
    until: Date
    by: str | None = None

    @property
    def key(self) -> tuple[str, frozenset[str]]:
        """What tells it from others: the rule and the subjects, whatever their order."""
        return self.rule, frozenset(self.about)


class AcceptedFindings(Frozen):
    """The content of a file of accepted findings: of the process ``accepted``, in one variant."""

    procflow: Literal[1]
    accepted: Name
    variant: Name = "as_is"
    findings: tuple[Acceptance, ...] = ()
