"""The catalog file: data items, materials (documents) and who may share them how."""

from typing import Annotated, Literal

from pydantic import Field

from procflow.definition.base import Flag, Frozen, Name, Reference, Titled
from procflow.definition.quantities import Span
from procflow.text import Text


class Sharing(Frozen):
    """A permission to share an item or material: how, on what basis, and to whom (empty: any government body)."""

    mode: Literal["api", "push", "file", "paper"]
    basis: str | None = None
    to: tuple[Reference, ...] = ()
    refused: Literal["legal", "technical", "institutional"] | None = None


class DataItem(Titled):
    """A data item (数据项), named ``subject.item``, for instance ``business.name``.

    ``issuer`` is the department with authority over it; ``held_by`` the systems where it is at home;
    ``append_only`` items collect entries and are never overwritten; ``kept_for`` names a reader outside of
    every process (archive, statistics, supervision), with its basis.
    """

    issuer: Reference | None = None
    standard: str | None = None
    sensitivity: Literal["public", "internal", "personal", "sensitive", "classified"] = "internal"
    validity: Span | None = None
    immutable: Flag = False
    append_only: Flag = False
    held_by: tuple[Reference, ...] = ()
    share: Sharing | None = None
    kept_for: Literal["archive", "statistics", "supervision"] | None = None
    basis: str | None = None


class Material(Titled):
    """A material or document (材料, 证照): who issues it, what it contains, how long it is valid.

    ``original_required`` cites the law that demands the original on paper.
    """

    issuer: Reference | None = None
    contains: tuple[Reference, ...] = ()
    validity: Span | None = None
    held_by: tuple[Reference, ...] = ()
    share: Sharing | None = None
    original_required: str | None = None
    basis: str | None = None


class Catalog(Frozen):
    """The content of a catalog file."""

    procflow: Literal[1]
    catalog: Name
    title: Text | None = None
    items: tuple[DataItem, ...] = ()
    materials: Annotated[tuple[Material, ...], Field()] = ()

    def item(self, name: str) -> DataItem | None:
        """Return the data item called ``name``, or None."""
        return next((item for item in self.items if item.name == name), None)

    def material(self, name: str) -> Material | None:
        """Return the material called ``name``, or None."""
        return next((material for material in self.materials if material.name == name), None)
