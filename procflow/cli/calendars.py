"""Whose working days a command counts: an organization file's, or a country's."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procflow.definition.organization import Organization


def calendar_of(country: str, path: Path | None) -> "Organization":
    """Return the organization of a file, or one with nothing but a country's public holidays."""
    if path is not None:
        from procflow.definition.loader import load_organization

        return load_organization(path)
    from procflow.analysis.clocks import of_country

    return of_country(country)
