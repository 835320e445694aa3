"""Says what a public function was given and what it expects, where the two differ. Converts nothing."""

from collections.abc import Sequence

from procflow.definition.diagnostics import shown
from procflow.errors import ArgumentError
from procflow.text import Text

_WAYS = {
    "Process": Text(en="a Process, as procflow.load(file) returns it", zh="Process（由 procflow.load(文件) 返回）"),
    "Scenario": Text(
        en="a Scenario, such as procflow.Scenario(arrivals='12 per wd')",
        zh="Scenario（例如 procflow.Scenario(arrivals='12 per wd')）",
    ),
    "Run": Text(
        en="a Run, as procflow.simulate(process, scenario) returns it",
        zh="Run（由 procflow.simulate(process, scenario) 返回）",
    ),
}


def expect(value: object, kind: type, *, argument: str) -> None:
    """Raise ArgumentError where a value is not of a kind.

    >>> from procflow.definition.resolved import Process
    >>> expect("permit.yaml", Process, argument="process")
    Traceback (most recent call last):
    procflow.errors.ArgumentError: process is 'permit.yaml' (str): expected a Process, as procflow.load(file) returns it
    """
    if not isinstance(value, kind):
        raise _wrong(value, kind.__name__, argument)


def expect_run(value: object, *, argument: str) -> None:
    """Raise ArgumentError where a value has not the tables of a run; what a run is is not known this far inside."""
    if not (hasattr(value, "provenance") and hasattr(value, "cases")):
        raise _wrong(value, "Run", argument)


def _wrong(value: object, kind: str, argument: str) -> ArgumentError:
    given = shown(value) if isinstance(value, str | int | float | None) else ""
    name = type(value).__name__
    wanted = _WAYS.get(kind) or Text(en=kind, zh=kind)
    return ArgumentError(
        Text(
            en=f"{argument} is " + (f"{given} ({name})" if given else name) + f": expected {wanted.get('en')}",
            zh=f"{argument} 为 " + (f"{given}（{name}）" if given else name) + f"：应为 {wanted.get('zh')}",
        )
    )


def expect_one_of(value: object, choices: Sequence[str], *, argument: str) -> None:
    """Raise ArgumentError where a value is none of the choices.

    >>> expect_one_of("huge", ("low", "high"), argument="severity")
    Traceback (most recent call last):
    procflow.errors.ArgumentError: severity is 'huge': expected one of low, high
    """
    if value in choices:
        return
    raise ArgumentError(
        Text(
            en=f"{argument} is {shown(value)}: expected one of {', '.join(choices)}",
            zh=f"{argument} 为 {shown(value)}：应为 {'、'.join(choices)} 之一",
        )
    )
