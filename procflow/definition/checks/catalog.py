"""Checks of a catalog file: names are given once, contents are known, owners and systems exist."""

from collections.abc import Iterator

from procflow.definition.base import Path
from procflow.definition.catalog import Catalog, DataItem, Material
from procflow.definition.checks.common import Fault, Names, fault, located
from procflow.definition.organization import Organization
from procflow.definition.source import SourceMap
from procflow.errors import Problem
from procflow.text import Text


def check_catalog(catalog: Catalog, source: SourceMap, organization: Organization | None) -> list[Problem]:
    """Return what is wrong in a catalog, in an organization where one is given."""
    faults = [*_names(catalog)]
    if organization is not None:
        faults += _owners(catalog, organization)
    return located(faults, source)


def unknown_contents(catalog: Catalog, others: Catalog) -> Iterator[Fault]:
    """Yield a fault for every item that a material of ``catalog`` contains and that ``others`` does not know."""
    items = Names("item", "data item", "数据项", [item.name for item in others.items])
    for index, material in enumerate(catalog.materials):
        yield from items.each_unknown(("materials", index, "contains"), material.contains)


def _names(catalog: Catalog) -> Iterator[Fault]:
    items = Names("item", "data item", "数据项", [item.name for item in catalog.items])
    materials = Names("document", "document", "材料", [material.name for material in catalog.materials])
    yield from items.twice(("items",), items.known)
    yield from materials.twice(("materials",), materials.known)
    for index, name in enumerate(materials.known):
        if name in items.known:
            yield fault(
                ("materials", index, "name"),
                "duplicate",
                f"{name!r} is a data item and a document: rename one of them",
                f"{name!r} 既是数据项又是材料:请改名",
            )


def _owners(catalog: Catalog, organization: Organization) -> Iterator[Fault]:
    departments = Names("department", "department", "部门", [each.name for each in organization.departments])
    systems = Names("system", "system", "系统", [system.name for system in organization.systems])
    entries: list[tuple[Path, DataItem | Material]] = [
        *((("items", index), item) for index, item in enumerate(catalog.items)),
        *((("materials", index), material) for index, material in enumerate(catalog.materials)),
    ]
    for path, entry in entries:
        yield from departments.unknown((*path, "issuer"), entry.issuer)
        yield from systems.each_unknown((*path, "held_by"), entry.held_by)
        if entry.share is not None:
            yield from departments.each_unknown((*path, "share", "to"), entry.share.to)


def merge_catalogs(catalogs: list[tuple[Catalog, SourceMap]]) -> tuple[Catalog, list[Problem]]:
    """Return one catalog of all, and a problem for each name that stands in more than one of them."""
    problems = []
    for field in ("items", "materials"):
        first: dict[str, str] = {}
        for catalog, source in catalogs:
            for index, entry in enumerate(getattr(catalog, field)):
                other = first.setdefault(entry.name, source.file)
                if other != source.file:
                    message = Text(
                        en=f"{entry.name!r} is already in the catalog {other}: keep it in one of the two",
                        zh=f"{entry.name!r} 已在目录 {other} 中:请只保留一处",
                    )
                    problems.append(source.problem((field, index, "name"), message, code="duplicate"))
    if len(catalogs) == 1:
        return catalogs[0][0], problems
    name = " + ".join(catalog.catalog for catalog, _ in catalogs)[:300] or "empty"
    items = tuple(item for catalog, _ in catalogs for item in catalog.items)
    materials = tuple(material for catalog, _ in catalogs for material in catalog.materials)
    return Catalog(procflow=1, catalog=name, items=items, materials=materials), problems
