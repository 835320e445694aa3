"""The administrative facts of a state: what it asks for, keys, reads and checks."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_serializer, model_validator

from procflow.definition.base import Flag, Frozen, Reference, as_tuple
from procflow.errors import UnitError
from procflow.text import Text

Duty = Literal["none", "four_eyes", "statutory_level", "appeal", "registration"]


class Ask(Frozen):
    """Something demanded of the applicant: a data item, or a document in some form.

    ``basis`` is the rule that demands it; ``no_basis`` says that a rule was looked for and not found; ``reason`` says
    why it is asked although it is known (for instance ``double_keying`` on purpose).
    """

    item: Reference | None = None
    document: Reference | None = None
    form: Literal["original", "copy", "electronic", "shown"] = "copy"
    basis: str | None = None
    no_basis: Flag = False
    reason: Literal["double_keying", "value_may_have_changed", "original_required_by_law"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"item": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_thing(self) -> "Ask":
        if (self.item is None) == (self.document is None):
            raise UnitError(Text(en="ask for one 'item' or one 'document'", zh="每项要求写一个 item 或一个 document"))
        return self

    @model_serializer
    def _written(self) -> Any:
        form = self.form if self.form != "copy" else None
        fields: dict[str, Any] = {"item": self.item, "document": self.document, "form": form}
        fields |= {"basis": self.basis, "no_basis": self.no_basis or None, "reason": self.reason}
        written = {key: value for key, value in fields.items() if value is not None}
        return self.item if set(written) == {"item"} else written

    @property
    def thing(self) -> str:
        """The name of the item or document."""
        return self.item or self.document or ""


class Entry(Frozen):
    """A data item keyed by staff into one or more systems."""

    item: Reference
    into: Annotated[tuple[Reference, ...], Field(min_length=1)]
    reason: Literal["double_keying", "outage_fallback"] | None = None

    @field_validator("into", mode="before")
    @classmethod
    def _one_or_more(cls, data: Any) -> Any:
        return as_tuple(data)


class Read(Frozen):
    """A data item or document that a step needs; ``optional`` ones may be missing."""

    item: Reference
    optional: Flag = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"item": data} if isinstance(data, str) else data

    @model_serializer
    def _written(self) -> Any:
        return {"item": self.item, "optional": True} if self.optional else self.item


class Check(Frozen):
    """A check: its object, its criteria, its evidence, and the duty by which it may be a repetition."""

    of: Reference
    criteria: tuple[str, ...]
    evidence: tuple[Reference, ...] = ()
    duty: Duty = "none"
    basis: str | None = None

    @field_validator("criteria", "evidence", mode="before")
    @classmethod
    def _one_or_more(cls, data: Any) -> Any:
        return as_tuple(data)


class Notice(Frozen):
    """A public notice (公示): ``of`` what, ``to`` whom, and the right of ``objection`` that it opens, if any.

    Two notices of one matter to one audience could be one, unless they open different rights.
    """

    of: Reference
    to: Text
    objection: str | None = None


class Territorial(Frozen):
    """What binds a step to the office of one region (属地): ``to`` what, and on what ``basis``."""

    to: Literal["household", "residence", "workplace", "registration", "premises", "property", "former_place"]
    basis: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"to": data} if isinstance(data, str) else data

    @model_serializer
    def _written(self) -> Any:
        return {"to": self.to, "basis": self.basis} if self.basis is not None else self.to
