"""The numbers of a definition, with their place and where they come from. Judges none of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from procflow.analysis.finding import Place
from procflow.definition import words
from procflow.definition.base import Frozen, Path, Sourced, walk
from procflow.definition.citations import cited
from procflow.definition.glossary import said
from procflow.definition.organization import StaffCount
from procflow.definition.process import Attribute, Batch
from procflow.definition.quantities import Amount, Distribution, Durations, Probability, Term
from procflow.definition.resolved import Process, nested_states
from procflow.definition.source import SourceMap
from procflow.report.places import NOWHERE, Folder
from procflow.text import Language

_WORDS = {
    "states": ("state", "环节"), "transitions": ("transition", "流转"), "limits": ("limit", "时限"),
    "attributes": ("attribute", "属性"), "work": ("work", "办理用时"), "delay": ("delay", "历时"),
    "probability": ("probability", "概率"), "visits": ("visits", "跑动次数"), "statutory": ("statutory", "法定"),
    "promised": ("promised", "承诺"), "transfer": ("transfer", "移送"), "limit": ("limit", "环节时限"),
    "cases_per_year": ("cases per year", "年办件量"), "declared_visits": ("declared visits", "公布跑动次数"),
    "staff": ("staff", "人员"), "count": ("count", "人数"), "batch": ("sittings", "批次"),
}  # fmt: skip
_KINDS = {
    "fixed": "固定值", "uniform": "均匀分布", "exponential": "指数分布", "normal": "正态分布",
    "lognormal": "对数正态分布",
    "gamma": "伽马分布", "erlang": "爱尔朗分布", "weibull": "韦布尔分布", "triangular": "三角分布", "pert": "PERT分布",
    "empirical": "经验分布",
}  # fmt: skip
_SKIPPED = frozenset({"states", "transitions", "regions", "departments", "roles", "number", "integer"})
_Number = Sourced | Batch


@dataclass(frozen=True)
class NumberRow:
    """A number: where it stands, what it is, and its source ('' where it names none)."""

    where: str
    value: str
    assumed: bool
    source: str
    file: str


def number_rows(process: Process, lang: Language, folder: Folder = NOWHERE) -> tuple[NumberRow, ...]:
    """Return every number of the process file, then the staff of its departments, each file in its order.

    Files are named from the folder, and in full where there is none.

    Parts of a number that says its source are left out. Sittings count as numbers: how often they are held decides
    how long cases wait.
    """
    definition, organization = process.definition, process.organization
    rows = [_row(process.origin.process, definition, *found, lang, folder) for found in _outermost(definition)]
    used = {state.department for _, state, _ in nested_states(definition.states)}
    for index, department in enumerate(organization.departments):
        for path, number in _outermost(department) if department.name in used else ():
            rows.append(
                _row(process.origin.organization, organization, ("departments", index, *path), number, lang, folder)
            )
    return tuple(rows)


def _outermost(model: Frozen) -> Iterator[tuple[Path, _Number]]:
    """Yield the numbers inside a model; of one that says nothing itself the parts, if it has any."""
    numbers = [(path, found) for path, found in walk(model) if isinstance(found, Sourced | Batch)]
    said: Path | None = None
    for index, (path, number) in enumerate(numbers):
        if said is not None and path[: len(said)] == said:
            continue
        inner = any(other[: len(path)] == path for other, _ in numbers[index + 1 : index + 2])
        if number.is_bare and inner:
            continue  # its parts speak for themselves
        said = path
        yield path, number


def _row(source: SourceMap, model: Frozen, path: Path, number: _Number, lang: Language, folder: Folder) -> NumberRow:
    where = " · ".join(_parts(model, path, lang))
    place = Place(source.file, *source.locate(path))
    return NumberRow(where, _value(number, lang), number.assumed, cited(number.source or "", lang), folder.place(place))


def _parts(model: Any, path: Path, lang: Language) -> Iterator[str]:
    for key in path:
        inside: Any = model[key] if isinstance(model, (dict, tuple)) else getattr(model, str(key))  # type: ignore[index]
        if isinstance(key, int):
            if hasattr(inside, "label"):
                yield inside.label(lang)
            elif key:
                yield f"#{key + 1}"
        elif isinstance(model, dict):
            title = getattr(inside, "title", None)
            yield title.get(lang) if title else said(str(key), lang)
        elif key not in _SKIPPED and not (key == "visits" and isinstance(model, Durations)):
            en, zh = _WORDS.get(str(key), (str(key), str(key)))
            yield zh if lang == "zh" else en
        model = inside


def _value(number: _Number, lang: Language) -> str:
    if isinstance(number, Batch):
        most = f" ≤{number.max}" if number.max else ""
        return words.recurrence(number.every, lang) + most
    if isinstance(number, StaffCount):
        return f"{number.value}人" if lang == "zh" else f"{number.value} people"
    if isinstance(number, Term):
        return words.span(number.value, lang)
    if isinstance(number, Amount):
        return words.number(number.value)
    if isinstance(number, Probability):
        return words.probability(number, lang)
    if isinstance(number, Durations):
        comma = "；" if lang == "zh" else "; "
        return comma.join(_distribution(visit, lang) for visit in number.visits)
    if isinstance(number, Distribution):
        return _distribution(number, lang)
    if isinstance(number, Attribute):
        return _attribute(number, lang)
    return str(number.model_dump(exclude={"source", "assumed"}, mode="json"))


def _distribution(number: Distribution, lang: Language) -> str:
    shown = [words.span(a, lang) if not isinstance(a, float | int) else words.number(a) for a in number.arguments]
    name = _KINDS[number.kind] if lang == "zh" else number.kind
    return shown[0] if number.kind == "fixed" else f"{name}({', '.join(shown)})"


def _attribute(number: Attribute, lang: Language) -> str:
    if number.categorical is not None:
        return ("、" if lang == "zh" else ", ").join(
            f"{said(name, lang)} {words.number(100 * share)}%" for name, share in number.categorical.items()
        )
    if number.boolean is not None:
        return f"{words.number(100 * number.boolean)}%"
    inside = number.number or number.integer
    return _distribution(inside, lang) if inside else ""
