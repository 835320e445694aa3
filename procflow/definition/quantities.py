"""Numbers as definition files write them: spans, distributions, probabilities, limits, recurrences.

Each accepts the short forms of the definition language and is written back in the shortest one.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_serializer, model_validator

from procflow.definition import distributions
from procflow.definition.base import Fraction, PositiveCount, Sourced
from procflow.definition.recurrence import Recurrence as _Recurrence
from procflow.errors import UnitError
from procflow.text import Text
from procflow.units import Span as _Span


def _span(value: Any) -> _Span:
    if isinstance(value, _Span):
        return value
    if isinstance(value, str):
        return _Span.parse(value)
    raise UnitError(
        Text(
            en=f"{value!r} has no unit: write a number and a unit, such as '5 min' or '20 wd'",
            zh=f"{value!r} 没有单位:请写数字和单位,例如 '5 min'(分钟)或 '20 wd'(工作日)",
        )
    )


def _recurrence(value: Any) -> _Recurrence:
    if isinstance(value, _Recurrence):
        return value
    if isinstance(value, str):
        return _Recurrence.parse(value)
    raise UnitError(
        Text(
            en=f"{value!r} is no recurrence: write for instance 'weekly wed 09:00'",
            zh=f"{value!r} 不是周期:例如写 'weekly wed 09:00'",
        )
    )


Span = Annotated[
    _Span,
    PlainValidator(_span),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["5 min", "2 h", "3 d", "20 wd"]}),
]
Recurrence = Annotated[
    _Recurrence,
    PlainValidator(_recurrence),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["daily 16:00", "weekly wed 09:00", "monthly 15 14:00"]}),
]

_SOURCE_KEYS = frozenset({"source", "assumed"})


def _source_of(data: dict[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in _SOURCE_KEYS if key in data}


def _wrong(en: str, zh: str) -> ValueError:
    return UnitError(Text(en=en, zh=zh))


class Term(Sourced):
    """A length of time with its source, such as a statutory limit: ``20 wd`` or ``{value: 20 wd, source: …}``."""

    value: Span

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return data if isinstance(data, (dict, Term)) else {"value": data}

    @model_serializer
    def _written(self) -> Any:
        return self._with_source(str(self.value))


class Amount(Sourced):
    """A number with its source: ``4`` or ``{value: 4, assumed: true}``."""

    value: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return data if isinstance(data, (dict, Amount)) else {"value": data}

    @model_serializer
    def _written(self) -> Any:
        return self._with_source(int(self.value) if self.value == int(self.value) else self.value)


class Probability(Sourced):
    """A probability that may depend on the visit: ``0.3``, or a list of which the last value holds on.

    ``sample`` is how many decisions the source counted, so that an interval can be told: ``{value: 0.003, source:
    "register 2024", sample: 2400}``.
    """

    values: Annotated[tuple[Fraction, ...], Field(min_length=1)]
    sample: PositiveCount | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, Probability):
            return data
        if not isinstance(data, dict):
            return {"values": data if isinstance(data, list | tuple) else [data]}
        if "values" in data:
            return data
        about = {key: data[key] for key in (*_SOURCE_KEYS, "sample") if key in data}
        rest = {key: value for key, value in data.items() if key not in about}
        if set(rest) == {"value"}:
            value = rest["value"]
            return {"values": value if isinstance(value, list | tuple) else [value], **about}
        if set(rest) == {"first", "again"}:
            return {"values": [rest["first"], rest["again"]], **about}
        raise _wrong(
            f"a probability is a number, a list, {{value: …}} or {{first: …, again: …}}, not {sorted(rest)}",
            f"概率应写成数字、列表、{{value: …}} 或 {{first: …, again: …}},而不是 {sorted(rest)}",
        )

    @model_validator(mode="after")
    def _counted(self) -> "Probability":
        if self.sample is not None and self.source is None:
            raise _wrong(
                f"a sample of {self.sample} was counted somewhere: name its 'source'",
                f"样本量 {self.sample} 须有出处:请写明 source",
            )
        return self

    @model_serializer
    def _written(self) -> Any:
        written = self._with_source(self.values[0] if len(self.values) == 1 else list(self.values))
        return written if self.sample is None else {**written, "sample": self.sample}

    def at(self, visit: int) -> float:
        """Return the probability at a visit, counted from 1."""
        return self.values[min(visit, len(self.values)) - 1]


class Distribution(Sourced):
    """A probability distribution: of time where its arguments are spans, of a number otherwise.

    Written ``5 min``, ``{triangular: [5 min, 12 min, 40 min]}`` or ``{lognormal: {mean: 2 h, sd: 1 h}}``;
    kinds and arguments are those of ``procflow.definition.distributions``.
    """

    kind: distributions.Kind
    arguments: tuple[Span | float, ...]

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, Distribution) or (isinstance(data, dict) and "arguments" in data):
            return data
        if not isinstance(data, dict):
            return {"kind": "fixed", "arguments": (_argument(data),)}
        if set(data) - _SOURCE_KEYS == {"value"}:
            return {"kind": "fixed", "arguments": (_argument(data["value"]),), **_source_of(data)}
        kinds = [key for key in data if key not in _SOURCE_KEYS]
        if len(kinds) != 1 or kinds[0] not in distributions.ARGUMENTS:
            known = ", ".join(distributions.ARGUMENTS)
            raise _wrong(
                f"{', '.join(map(repr, kinds)) or 'nothing'} is no distribution: use one of {known}",
                f"{'、'.join(map(repr, kinds)) or '空'} 不是分布:可用 {known}",
            )
        kind = kinds[0]
        return {"kind": kind, "arguments": _arguments(kind, data[kind]), **_source_of(data)}

    @model_validator(mode="after")
    def _possible(self) -> "Distribution":
        timed = [isinstance(argument, _Span) for argument in self._scaled_arguments]
        if any(timed) and not all(timed):
            raise _wrong(
                f"{self.kind}: either every argument has a unit of time or none has",
                f"{self.kind}:要么所有参数都带时间单位,要么都不带",
            )
        working = {argument.is_working for argument in self.arguments if isinstance(argument, _Span)}
        if len(working) == 2:
            raise _wrong(
                f"{self.kind} mixes working days with other units: their ratio depends on the calendar",
                f"{self.kind} 混用了工作日和其他单位:二者的换算取决于日历",
            )
        written = tuple(str(a) if isinstance(a, _Span) else f"{a:g}" for a in self.arguments)
        distributions.validate(self.kind, self.values(wd_seconds=28_800.0), written, is_time=self.is_time)
        return self

    @model_serializer
    def _written(self) -> Any:
        written = [str(a) if isinstance(a, _Span) else a for a in self.arguments]
        return self._with_source(written[0] if self.kind == "fixed" else {self.kind: written})

    @property
    def _scaled_arguments(self) -> tuple[_Span | float, ...]:
        return self.arguments[1:] if self.kind in ("erlang", "weibull") else self.arguments

    @property
    def is_time(self) -> bool:
        """Whether it is a distribution of lengths of time."""
        return bool(self.arguments) and isinstance(self.arguments[-1], _Span)

    @property
    def is_working(self) -> bool:
        """Whether its lengths are counted in working days."""
        return any(isinstance(argument, _Span) and argument.is_working for argument in self.arguments)

    def values(self, wd_seconds: float | None = None) -> tuple[float, ...]:
        """Return the arguments as numbers, spans in seconds; ``wd_seconds`` is the length of a working day."""
        return tuple(a.seconds(wd_seconds) if isinstance(a, _Span) else float(a) for a in self.arguments)

    def mean(self, wd_seconds: float | None = None) -> float:
        """Return the mean, in seconds for times."""
        return distributions.mean(self.kind, self.values(wd_seconds))

    def variance(self, wd_seconds: float | None = None) -> float:
        """Return the variance, in square seconds for times."""
        return distributions.variance(self.kind, self.values(wd_seconds))

    def support(self, wd_seconds: float | None = None) -> tuple[float, float]:
        """Return the least and the greatest possible value, in seconds for times."""
        return distributions.support(self.kind, self.values(wd_seconds))


def _argument(value: Any) -> _Span | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str | _Span):
        raise _wrong(f"{value!r} is neither a number nor a length of time", f"{value!r} 既不是数字也不是时长")
    return float(value) if isinstance(value, int | float) else _span(value)


def _arguments(kind: str, written: Any) -> tuple[_Span | float, ...]:
    names = distributions.ARGUMENTS[kind]
    if isinstance(written, dict):
        if set(written) != set(names):
            raise _wrong(
                f"{kind} takes {', '.join(names)}, not {', '.join(map(str, written)) or 'nothing'}",
                f"{kind} 的参数是 {'、'.join(names)},而不是 {'、'.join(map(str, written)) or '空'}",
            )
        written = [written[name] for name in names]
    elif not isinstance(written, list | tuple):
        written = [written]
    if kind != "empirical" and len(written) != len(names):
        raise _wrong(
            f"{kind} takes {len(names)} arguments ({', '.join(names)}), not {len(written)}",
            f"{kind} 需要 {len(names)} 个参数({'、'.join(names)}),而不是 {len(written)} 个",
        )
    return tuple(_argument(value) for value in written)


class Durations(Sourced):
    """Lengths of time by visit: one distribution, a list, or ``{first: …, again: …}``; the last one holds on."""

    visits: Annotated[tuple[Distribution, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, Durations) or (isinstance(data, dict) and "visits" in data):
            return data
        if isinstance(data, list | tuple):
            return {"visits": data}
        if isinstance(data, dict) and ("first" in data or "again" in data):
            if set(data) - _SOURCE_KEYS != {"first", "again"}:
                raise _wrong(
                    "work or delay by visit takes 'first' and 'again', both",
                    "按次数写时须同时给出 'first' 和 'again'",
                )
            return {"visits": [data["first"], data["again"]], **_source_of(data)}
        return {"visits": [data]}

    @model_validator(mode="after")
    def _of_time(self) -> "Durations":
        for distribution in self.visits:
            if not distribution.is_time:
                raise _wrong(
                    "a length of time needs a unit: write for instance '5 min' or '3 wd'",
                    "时长需要单位:例如写 '5 min' 或 '3 wd'",
                )
        return self

    @model_serializer
    def _written(self) -> Any:
        written = [visit.model_dump() for visit in self.visits]
        if self.is_bare:
            return written[0] if len(written) == 1 else written
        if len(written) == 2:
            return self._with_source({"first": written[0], "again": written[1]})
        return self._with_source({"visits": written})

    def at(self, visit: int) -> Distribution:
        """Return the distribution at a visit, counted from 1."""
        return self.visits[min(visit, len(self.visits)) - 1]


IfClosed = Literal["next", "skip", "previous"]
