"""What an example of a rule is, the small county in which all of them play, and how they are written."""

from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import indent

from procflow.definition.catalog import Catalog
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.reader import read_text
from procflow.definition.resolved import Process
from procflow.text import Language, Text

CLERK = "department: bureau, role: clerk, work: 30 min, data: complete"
OFFICER = "department: tax, role: officer, work: 30 min, data: complete"
TOWN = "department: office, role: inspector, work: 30 min, data: complete"

_ORGANIZATION = """
procflow: 1
organization: example_county
calendars:
  - {name: office, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}
  - {name: market_days, hours: {tue: ["09:00-12:00", "13:00-17:00"]}}
levels: [{name: city}, {name: county}, {name: township}]
regions: [{name: here}, {name: elsewhere}]
departments:
  - {name: city_bureau, level: city, roles: [{name: clerk, staff: 3}]}
  - {name: bureau, level: county, region: here, roles: [{name: clerk, staff: 3}, {name: expert, staff: 1}]}
  - {name: tax, level: county, region: here, roles: [{name: officer, staff: 3}]}
  - {name: office, level: township, region: here, roles: [{name: inspector, staff: 3}]}
  - {name: market_hall, level: county, region: here, calendar: market_days, roles: [{name: keeper, staff: 1}]}
systems:
  - {name: platform, owner: bureau}
  - {name: tax_system, owner: tax}
  - {name: archive_system, owner: bureau, network: %(network)s}
interfaces:
  - {source: platform, dest: tax_system, items: [shop.name]}
"""

_CATALOG = """
procflow: 1
catalog: example_items
items:
  - {name: shop.name%(item)s}
  - {name: shop.owner}
  - {name: shop.record}
materials:
  - {name: lease%(material)s}
"""


@dataclass(frozen=True)
class Example:
    """A process in which a rule finds something, told in a ``text``, and what would excuse it.

    ``process`` is the definition from ``initial`` on. ``flagged`` is the part of it that is to blame, which ``spared``
    replaces in the twin of which nothing is told, for the ``reason`` given. ``item`` and ``material`` are further
    fields of the catalog's shop.name and lease, ``network`` that of the archive's system: as they are in the example,
    and in the twin. ``about`` narrows what is looked at to findings about one subject. ``in_run``: a run shows it.
    ``unsound``: files with such a defect are refused already. ``said``: of the twin it is told what excuses it, without
    a price. ``earlier``: the definition of a process of that name beside it, for what only both together show.
    """

    text: Text
    process: str
    reason: Text
    flagged: str = ""
    spared: str = ""
    item: tuple[str, str] = ("", "")
    material: tuple[str, str] = ("", "")
    network: tuple[str, str] = ("government", "government")
    about: str = ""
    in_run: bool = False
    unsound: bool = False
    said: bool = False
    earlier: str = ""
    name: str = "example"

    def build_all(self, *, excused: bool = False) -> list[Process]:
        """Return the earlier process, where there is one, and the process; or their twins that are excused."""
        alone = replace(self, process=self.earlier, flagged="", earlier="", name="earlier")
        return [*([alone.build(excused=excused)] if self.earlier else ()), self.build(excused=excused)]

    def build(self, *, excused: bool = False) -> Process:
        """Return the process, or its twin that is excused; whether it is sound is not looked at."""
        process, organization, catalog = (read_text(text).data for text in self.files(excused=excused))
        return Process(
            ProcessDefinition.model_validate(process),
            Organization.model_validate(organization),
            Catalog.model_validate(catalog),
        )

    def files(self, *, excused: bool = False) -> tuple[str, str, str]:
        """Return the texts of the process file, the organization and the catalog."""
        item, material = (f", {more}" if more else "" for more in (self.item[excused], self.material[excused]))
        head = f"procflow: 1\nprocess: {self.name}\norganization: organization.yaml\n"
        return (
            head + self.written(excused=excused),
            _ORGANIZATION % {"network": self.network[excused]},
            _CATALOG % {"item": item, "material": material},
        )

    def written(self, *, excused: bool = False) -> str:
        """Return the YAML of the process."""
        return self.process.replace(self.flagged, self.spared) if excused and self.flagged else self.process

    def wrong(self, lang: Language = "en") -> str:
        """Return what is wrong in it, as a sentence."""
        return self.text.get(lang) + ("。" if lang == "zh" else ".")

    def twin(self, lang: Language = "en") -> str:
        """Return what would excuse it, as a sentence."""
        excuse, reason = self._excuse(), self.reason.get(lang)
        if lang == "zh":
            return f"如改为 {excuse}，{'则仅说明缘由' if self.said else '则不予提示'}：{reason}。"
        told = "that is said, without a price" if self.said else "nothing is told"
        return f"With {excuse} instead, {told}: {reason}."

    def shown(self, lang: Language = "en") -> str:
        """Return the example as people read it: what is wrong, the definition, and what would excuse it."""
        return "\n".join([self.wrong(lang), indent(self.definitions().strip("\n"), "    "), self.twin(lang)])

    def definitions(self) -> str:
        """Return the YAML that people read: of the process, after that of the earlier one, each from its name on."""
        if not self.earlier:
            return self.process
        return f"process: earlier\n{self.earlier}---\nprocess: {self.name}\n{self.process}"

    def _excuse(self) -> str:
        changes = [f"`{self.spared.strip()}`"] if self.flagged else []
        for place, (_, twin) in (("shop.name", self.item), ("lease", self.material)):
            changes += [f"`{{name: {place}, {twin}}}`"] if twin else []
        changes += [f"`network: {self.network[1]}`"] if self.network[0] != self.network[1] else []
        return ", ".join(changes)


def line(*states: str, ways: str = "", more: str = "") -> str:
    """Return the YAML of states one after the other, each ``name: fields``, with an end, and of further transitions."""
    parts = [state.partition(":")[::2] for state in states]
    written = [f"  - {{name: {name}, {fields.strip()}}}" for name, fields in parts]
    onward = pairwise([*(name for name, _ in parts), "end"])
    steps = [f"  - {{trigger: {a}_done, source: {a}, dest: {b}}}" for a, b in onward]
    further = [f"  - {way.strip()}" for way in ways.strip().splitlines()]
    return "\n".join(
        [
            f"initial: {parts[0][0]}",
            *([more] if more else []),
            "states:",
            *written,
            "  - {name: end, final: true}",
            "transitions:",
            *further,
            *steps,
            "",
        ]
    )
