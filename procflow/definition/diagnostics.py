"""Turns pydantic's errors into problems: at the right place, in plain words of both languages, with a suggestion.

Says nothing about how files refer to each other; that is ``checks``.
"""

import difflib
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from procflow.definition import full_width, synonyms
from procflow.definition.base import Path
from procflow.definition.reader import Document
from procflow.errors import Problem, ProcflowError
from procflow.text import Text

ModelT = TypeVar("ModelT", bound=BaseModel)
Error = Mapping[str, Any]

_EXPECTED: Final[dict[str, tuple[str, str]]] = {
    "empty_text": ("a text with 'en', 'zh' or both", "文字:'en'、'zh' 至少给出一项"),
    "string_type": ("a text; put a number that is meant as text into quotes", "文字;若本意是文字,请给数字加引号"),
    "string_too_short": ("a text that is not empty", "非空文字"),
    "string_too_long": ("a text of at most {max_length} characters", "不超过 {max_length} 个字符的文字"),
    "string_pattern_mismatch": (
        "a name that does not begin with a space and contains no '/' or line break",
        "名称:不以空格开头,不含“/”和换行",
    ),
    "int_type": ("a whole number", "整数"),
    "int_from_float": ("a whole number", "整数"),
    "int_parsing": ("a whole number", "整数"),
    "float_type": ("a number", "数字"),
    "float_parsing": ("a number", "数字"),
    "finite_number": ("a finite number", "有限的数"),
    "bool_type": ("true or false", "true 或 false"),
    "bool_parsing": ("true or false", "true 或 false"),
    "greater_than": ("a number above {gt:g}", "大于 {gt:g} 的数"),
    "greater_than_equal": ("a number of at least {ge:g}", "不小于 {ge:g} 的数"),
    "less_than": ("a number below {lt:g}", "小于 {lt:g} 的数"),
    "less_than_equal": ("a number of at most {le:g}", "不大于 {le:g} 的数"),
    "too_short": ("a list of at least {min_length}", "至少 {min_length} 项的列表"),
    "too_long": ("a list of at most {max_length}", "至多 {max_length} 项的列表"),
    "tuple_type": ("a list: one '- ' entry per line, or [a, b]", "列表:每行一个“- ”条目,或写 [a, b]"),
    "list_type": ("a list: one '- ' entry per line, or [a, b]", "列表:每行一个“- ”条目,或写 [a, b]"),
    "dict_type": ("fields and values: one 'name: value' per line", "字段和值:每行一个“名称: 值”"),
    "model_type": ("fields and values: one 'name: value' per line", "字段和值:每行一个“名称: 值”"),
    "model_attributes_type": ("fields and values: one 'name: value' per line", "字段和值:每行一个“名称: 值”"),
}
_SHAPES: Final = {"AtLeast": "{at_least: 2}"}
"""How a model is best shown that is one choice among others."""
_DATES: Final = ("a date such as 2025-03-31", "日期,例如 2025-03-31")
_TIMES: Final = ("a time such as 2025-03-31 09:00", "日期和时间,例如 2025-03-31 09:00")


def validated(model: type[ModelT], document: Document) -> tuple[ModelT | None, list[Problem]]:
    """Return a model built from a document's data, or None, and all problems of the file so far."""
    problems = list(document.problems)
    try:
        return model.model_validate(document.data), problems
    except ValidationError as error:
        found = _merged(_without_consequences(error.errors(include_url=False), model), document.data)
        told = {(problem.line, problem.column) for problem in problems}  # a tag, say, that made a value unreadable
        more = (_problem(model, path, group, document) for path, group in found)
        return None, problems + [problem for problem in more if (problem.line, problem.column) not in told]
    except RecursionError:
        message = Text(en="nested too deeply", zh="嵌套过深")
        return None, [*problems, document.source.problem((), message, code="nested")]


def explained(error: Error) -> Text:
    """Return one of pydantic's errors about a value, without its place, in plain words of both languages."""
    return _wrong([error])


def did_you_mean(wrong: object, known: Iterable[str]) -> Text:
    """Return `` (did you mean 'x'?)`` for the known name nearest to ``wrong``, else the known names, else nothing."""
    names = [str(name) for name in known]
    near = [name for name in names if name.endswith(f"/{wrong}") or name.casefold() == str(wrong).casefold()]
    near = near or difflib.get_close_matches(str(wrong), names, n=1, cutoff=0.6)
    if near:
        return Text(en=f" (did you mean {near[0]!r}?)", zh=f"(是否想写 {near[0]!r}?)")
    if not names:
        return Text(en=" (there are none)", zh="(目前一个也没有)")
    shown, more = names[:8], len(names) > 8
    return Text(
        en=f" (known: {', '.join(shown)}{', …' if more else ''})",
        zh=f"(可用:{'、'.join(shown)}{'……' if more else ''})",
    )


def shown(value: Any) -> str:
    """Return a value as a message quotes it, at most 60 characters.

    >>> shown(None), shown(True), shown("wd")
    ('null', 'true', "'wd'")
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _without_consequences(errors: Iterable[Error], model: type[BaseModel]) -> list[Error]:
    """Return the errors less those that only follow from another one inside the same part."""
    kept = list(errors)
    misspelt = {
        (*error["loc"][:-1], _meant(model, error["loc"])) for error in kept if error["type"] == "extra_forbidden"
    }
    kept = [error for error in kept if error["type"] != "missing" or tuple(error["loc"]) not in misspelt]
    places = [tuple(error["loc"]) for error in kept]

    def follows(error: Error) -> bool:
        place = tuple(error["loc"])
        return error["type"] == "too_short" and any(
            len(other) > len(place) and other[: len(place)] == place for other in places
        )

    return [error for error in kept if not follows(error)]


def _merged(errors: Iterable[Error], data: Any) -> Iterator[tuple[Path, list[Error]]]:
    """Yield (path in the data, errors there); the alternatives of one value, of which none fits, come together."""
    groups: dict[tuple[Path, bool], list[Error]] = {}
    for error in errors:
        path = _data_path(tuple(error["loc"]), data)
        groups.setdefault((path, error["type"] in ("missing", "extra_forbidden")), []).append(error)
    for (path, about_key), group in groups.items():
        if about_key:
            yield from ((path, [error]) for error in group)
        else:
            yield path, group


def _data_path(loc: Path, data: Any) -> Path:
    """Return the part of an error's location that stands in the data.

    Tags of unions and the fields that short forms leave out ('visits' of ``work: 5 min``) are skipped.
    """
    path: list[str | int] = []
    for segment in loc:
        if isinstance(data, dict) and str(segment) in data:
            path.append(str(segment))
            data = data[str(segment)]
        elif isinstance(data, list) and isinstance(segment, int) and segment < len(data):
            path.append(segment)
            data = data[segment]
        elif isinstance(data, dict) and "first" in data and segment in (0, 1):
            name = ("first", "again")[int(segment)]
            path.append(name)
            data = data.get(name)
        elif segment == loc[-1] and isinstance(data, dict) and isinstance(segment, str):
            path.append(segment)  # a field that is missing
    return tuple(path)


def _meant(model: type[BaseModel], loc: Path) -> str | None:
    """Return the field that an unknown field at ``loc`` stands for, None where none is near."""
    name, known = full_width.plain(str(loc[-1])).partition(":")[0].strip(), _fields(model, loc[:-1])
    same = next((each for each in known if each.casefold() == name.casefold()), None)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return same or synonyms.meant(name, known) or next(iter(near), None)


def _problem(model: type[BaseModel], path: Path, group: list[Error], document: Document) -> Problem:
    return _slip(path, group, document) or _misfit(model, path, group, document)


def _slip(path: Path, group: list[Error], document: Document) -> Problem | None:
    """Return the problem of a full-width character that makes a field's name or a value unreadable, if there is one."""
    error = group[0]
    if error["type"] == "missing" or (error["type"].startswith("string_") and len(group) == 1):
        return None
    key = error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",)
    found = full_width.in_value(str(path[-1]) if key and path else error["input"])
    if found is None:
        return None
    inside, index, char = found
    problem = document.source.problem((*path, *inside), full_width.typed(char), key=key, code="full_width")
    quoted = not key and (*path, *inside) in document.source.quoted
    return replace(problem, column=problem.column + index + quoted)


def _misfit(model: type[BaseModel], path: Path, group: list[Error], document: Document) -> Problem:
    error = group[0]
    if error["type"] == "missing":
        return document.source.problem(path, _missing(error), key=True, code="missing")
    if error["type"] == "extra_forbidden":
        return document.source.problem(path, _unknown_field(model, error), key=True, code="unknown_field")
    if error["loc"] and error["loc"][-1] == "[key]":
        return document.source.problem(path, _wrong(group), key=True, code="key")
    return document.source.problem(path, _wrong(group), code=str(error["type"]))


def _missing(error: Error) -> Text:
    name = str(error["loc"][-1])
    if name == "procflow":
        return Text(
            en="the file does not say its format: begin it with 'procflow: 1'",
            zh="文件没有写明格式版本:请在开头写 'procflow: 1'",
        )
    return Text(en=f"field {name!r} is missing here: add it", zh=f"此处缺少字段 {name!r}:请补充")


def _unknown_field(model: type[BaseModel], error: Error) -> Text:
    *parent, name = error["loc"]
    meant = _meant(model, tuple(error["loc"]))
    hint = did_you_mean(name, _fields(model, tuple(parent)))
    if meant is not None:
        hint = Text(en=f" (did you mean {meant!r}?)", zh=f"(是否想写 {meant!r}?)")
    return Text(en=f"unknown field {name!r}{hint.en}", zh=f"未知字段 {name!r}{hint.zh}")


def _wrong(group: list[Error]) -> Text:
    own = [error for error in group if _own_message(error)]
    if own:
        return _own_message(own[0]) or Text(en="wrong", zh="有误")
    found = group[0]["input"]
    if group[0]["loc"] == ("procflow",):
        return Text(
            en=f"format {shown(found)} is not known: this version of procflow reads 'procflow: 1'",
            zh=f"未知的格式版本 {shown(found)}:当前版本只能读取 'procflow: 1'",
        )
    expected = [_expected(error) for error in group]
    choices = [choice for error in group for choice in _choices(error)]
    near = difflib.get_close_matches(str(found), choices, n=1, cutoff=0.6)
    return Text(
        en=f"{shown(found)} is wrong here: expected {' or '.join(dict.fromkeys(en for en, _ in expected))}"
        + (f" (did you mean {near[0]!r}?)" if near else ""),
        zh=f"此处的 {shown(found)} 有误:应为{'或'.join(dict.fromkeys(zh for _, zh in expected))}"
        + (f"(是否想写 {near[0]!r}?)" if near else ""),
    )


def _own_message(error: Error) -> Text | None:
    raised = error.get("ctx", {}).get("error")
    return raised.message if isinstance(raised, ProcflowError) else None


def _expected(error: Error) -> tuple[str, str]:
    kind, context = str(error["type"]), error.get("ctx", {})
    if context.get("class_name") in _SHAPES:
        return _SHAPES[context["class_name"]], _SHAPES[context["class_name"]]
    if kind in _EXPECTED:
        en, zh = _EXPECTED[kind]
        return en.format(**context), zh.format(**context)
    if kind == "literal_error":
        choices = _choices(error)
        return ("one of " if len(choices) > 1 else "") + ", ".join(choices), f" {'、'.join(choices)} "
    if kind.startswith("datetime"):
        return _TIMES
    if kind.startswith("date"):
        return _DATES
    return str(error["msg"]), f"其他内容({error['msg']})"


def _choices(error: Error) -> list[str]:
    if error["type"] != "literal_error":
        return []
    return [quoted or bare for quoted, bare in re.findall(r"'([^']*)'|(\d+)", str(error["ctx"]["expected"]))]


def _fields(model: type[BaseModel], loc: Path) -> list[str]:
    """Return the names of the fields that the part of a model at ``loc`` takes."""
    found: list[Any] = [model]
    for segment in loc:
        inner = [kind for each in found for kind in _inside(each, segment)]
        found = inner or found
    return sorted({_alias(each, name) for each in found if _is_model(each) for name in each.model_fields})


def _alias(model: type[BaseModel], name: str) -> str:
    return model.model_fields[name].alias or name


def _inside(kind: Any, segment: str | int) -> list[Any]:
    if _is_model(kind):
        names = {_alias(kind, name): name for name in kind.model_fields}
        field = kind.model_fields.get(names.get(str(segment), ""))
        return _alternatives(field.annotation) if field else []
    arguments = get_args(kind)
    if get_origin(kind) in (tuple, list):
        return _alternatives(arguments[0])
    return _alternatives(arguments[1]) if get_origin(kind) is dict else []


def _alternatives(annotation: Any) -> list[Any]:
    """Return what an annotation may be, unions and ``Annotated`` unwrapped."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [each for part in get_args(annotation) for each in _alternatives(part)]
    return [annotation]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
