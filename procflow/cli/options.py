"""The options that several verbs share, and the scenario that they describe."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procflow.errors import ProcflowError
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.definition.scenario import Scenario

LangOption = Annotated[
    Language | None, typer.Option("--lang", help="Language of messages; by default that of the environment.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
ScenarioOption = Annotated[
    Path | None, typer.Option("--scenario", help="Scenario file; the options below override what it says.")
]
ArrivalsOption = Annotated[
    str | None, typer.Option("--arrivals", help="How cases arrive, for instance '12 per wd' (wd: working day).")
]
DaysOption = Annotated[int | None, typer.Option("--days", help="Calendar days to simulate.")]
WarmupOption = Annotated[
    int | None, typer.Option("--warmup-days", help="Calendar days at the start that statistics leave out.")
]
ReplicationsOption = Annotated[int | None, typer.Option("--replications", help="Number of independent replications.")]
SeedOption = Annotated[int | None, typer.Option("--seed", help="Seed of all randomness.")]
UnlimitedOption = Annotated[
    bool, typer.Option("--unlimited-staff", help="Simulate with as many staff as needed: what remains is not queues.")
]
AcceptedOption = Annotated[
    Path | None,
    typer.Option(
        "--accepted", help="File of accepted findings; by default FILE.accepted.yaml beside the process file."
    ),
]
SaveToOption = Annotated[
    str | None, typer.Option("--store", help="Save the run in this database: an SQLite file or a database URL.")
]
StoreOption = Annotated[str, typer.Option("--store", help="Database of runs: an SQLite file or a database URL.")]


@dataclass(frozen=True)
class Plan:
    """What the run options of a command line say; None where an option was not given."""

    scenario: Path | None = None
    arrivals: str | None = None
    days: int | None = None
    warmup_days: int | None = None
    replications: int | None = None
    seed: int | None = None
    unlimited_staff: bool = False

    @property
    def asks_for_a_run(self) -> bool:
        """Whether it says how cases arrive."""
        return self.scenario is not None or self.arrivals is not None

    @property
    def asks_for_anything(self) -> bool:
        """Whether any run option was given."""
        return self != Plan()

    def resolve(self) -> "Scenario":
        """Return the scenario: that of the file with what the options override, or that of the options alone.

        Raises ProcflowError where nothing says how cases arrive, and where a value is out of range.
        """
        if not self.asks_for_a_run:
            raise ProcflowError(
                Text(
                    en="how do cases arrive? give --scenario FILE or --arrivals '12 per wd'",
                    zh="办件如何到达？请给出 --scenario 文件 或 --arrivals '12 per wd'",
                )
            )
        return _validated({**self._of_file(), **self._given()})

    def _of_file(self) -> dict[str, Any]:
        if self.scenario is None:
            return {}
        from procflow import load_scenario

        data = load_scenario(self.scenario).model_dump(by_alias=True)
        if self.arrivals is not None:
            data.pop("processes")
        return data

    def _given(self) -> dict[str, Any]:
        given = {
            "arrivals": self.arrivals,
            "days": self.days,
            "warmup_days": self.warmup_days,
            "replications": self.replications,
            "seed": self.seed,
            "unlimited_staff": self.unlimited_staff or None,
        }
        return {name: value for name, value in given.items() if value is not None}


_PLAN_OPTIONS = {
    "scenario": ScenarioOption,
    "arrivals": ArrivalsOption,
    "days": DaysOption,
    "warmup_days": WarmupOption,
    "replications": ReplicationsOption,
    "seed": SeedOption,
    "unlimited_staff": UnlimitedOption,
}


def takes_plan(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the run options in place of its parameter ``plan``, which gets what they say as a ``Plan``."""

    @wraps(verb)
    def run(*args: Any, **options: Any) -> None:
        plan = Plan(**{name: options.pop(name) for name in _PLAN_OPTIONS})
        verb(*args, plan=plan, **options)

    own = inspect.signature(verb).parameters.values()
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=getattr(Plan, name), annotation=kind)
        for name, kind in _PLAN_OPTIONS.items()
    ]
    keywords = inspect.Parameter.KEYWORD_ONLY
    kept = [parameter.replace(kind=keywords) for parameter in own if parameter.name != "plan"]
    first = [parameter for parameter in kept if parameter.default is inspect.Parameter.empty]
    rest = [parameter for parameter in kept if parameter.default is not inspect.Parameter.empty]
    parameters = [*first, *added, *rest]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _validated(data: dict[str, Any]) -> "Scenario":
    from pydantic import ValidationError

    from procflow.definition.scenario import Scenario

    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        problems = [_problem(part) for part in error.errors()]
        raise ProcflowError(
            Text(en="\n".join(p.get("en") for p in problems), zh="\n".join(p.get("zh") for p in problems))
        ) from error


def _problem(part: Any) -> Text:
    """Return a pydantic error as a message that names the option."""
    from procflow.definition.diagnostics import explained

    option = "--" + str(part["loc"][0]).replace("_", "-") if part["loc"] else ""
    reason = explained(part)
    lead = f"{option}: " if option else ""
    return Text(en=f"{lead}{reason.get('en')}", zh=f"{lead}{reason.get('zh')}")
