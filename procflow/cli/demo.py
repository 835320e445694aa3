"""``procflow demo``: everything once, with the shipped food license process as it is and as reformed."""

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, print_metrics
from procflow.cli.places import check_folder
from procflow.cli.running import run
from procflow.definition.shipped import folder
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding
    from procflow.definition.resolved import Process
    from procflow.definition.scenario import Scenario

PLAN = {"days": 365, "warmup_days": 60, "replications": 10, "seed": 7}
LICENSES = "8 per wd"
"""They make the 2,000 cases a year that the definition assumes."""

POST_CHECKS = "4.268 per wd"
"""Licenses granted on commitment are checked afterwards: 8 a working day × 55 % of low risk × 97 % eligible."""

_STEPS = {
    "check": Text(en="1. Check", zh="一、检查"),
    "draw": Text(en="2. Draw", zh="二、绘图"),
    "simulate": Text(en="3. Simulate", zh="三、仿真"),
    "analyze": Text(en="4. Analyze", zh="四、分析"),
    "compare": Text(en="5. Compare as it is with as reformed", zh="五、现行与改革后对比"),
    "report": Text(en="6. Report", zh="六、报告"),
}


@command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path("demo"),
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Check, draw, simulate, analyze and compare the shipped food license process."""
    if not as_json:
        _show(output, spoken(lang))
        return
    # what people read goes to stderr, so that stdout holds one object
    with contextlib.redirect_stdout(sys.stderr):
        shown = _show(output, spoken(lang))
    print_json(shown)


def _show(output: Path, language: Language) -> dict[str, Any]:
    """Go through the steps of the demo and return what its tables say as plain data."""
    from procflow import analyze, compare, report, summary
    from procflow.analysis.what_if.sensitivity import sensitivity
    from procflow.report.besides import besides

    check_folder(output)
    today, reformed, post_check = _checked(language)
    _draw({"as_is": today, "to_be": reformed}, output, language)
    _head("simulate", language)
    before = run([today], _plan({today.name: LICENSES}), language)
    # the price of the reform is simulated with it: the same inspectors check afterwards
    afterwards = _plan({reformed.name: LICENSES, post_check.name: POST_CHECKS})
    after = run([reformed, post_check], afterwards, language)
    measured = {(p.name, p.variant): summary(done, p) for done in (before, after) for p in done.processes}
    for process in (*before.processes, *after.processes):
        typer.echo(f"{process.label(language)} · {process.variant}")
        print_metrics(measured[process.name, process.variant], language)
        typer.echo()
    _head("analyze", language)
    findings = analyze(today, before)
    for finding in findings:
        typer.echo(_short(finding, language))
    _head("compare", language)
    delta = compare(before, after, process=today)
    typer.echo(delta.text(language))
    for beside in besides(before, after, reformed):
        typer.echo(f"\n{beside.text(language)}")
    _head("report", language)
    place = output / "report.html"
    page = report(
        today,
        before,
        findings,
        delta,
        after=reformed,
        after_run=after,
        after_findings=analyze(reformed, after),
        gains=sensitivity(before),
        lang=language,
    )
    page.save(place)
    typer.echo(Text(en=f"wrote {place}: open it in a browser", zh=f"已写入 {place}：请用浏览器打开").get(language))
    return {
        "metrics": [
            {"process": name, "variant": variant, "metrics": [metric.to_data() for metric in metrics]}
            for (name, variant), metrics in measured.items()
        ],
        "findings": findings.to_data(),
        "comparison": delta.to_data(),
        "report": str(place),
    }


def _checked(lang: Language) -> "list[Process]":
    from procflow import load

    _head("check", lang)
    names = ("food_license/as_is", "food_license/to_be", "food_license_post_check/to_be")
    files = [folder() / "processes" / f"{name}.yaml" for name in names]
    found = [load(file) for file in files]
    for file in files:
        typer.echo(Text(en=f"no problems in {file}", zh=f"{file} 无误").get(lang))
    return found


def _plan(arrivals: dict[str, str]) -> "Scenario":
    from procflow.definition.scenario import Scenario

    listed = [{"process": process, "arrivals": rate} for process, rate in arrivals.items()]
    return Scenario.model_validate({**PLAN, "processes": listed})


def _draw(processes: "dict[str, Process]", output: Path, lang: Language) -> None:
    from procflow import draw

    _head("draw", lang)
    for name, process in processes.items():
        place = output / f"{name}.svg"
        draw(process, lang=lang).save(place)
        typer.echo(Text(en=f"wrote {place}", zh=f"已写入 {place}").get(lang))


def _short(finding: "Finding", lang: Language) -> str:
    """Return a finding with the first of its evidence and its costs; the report has the rest."""
    from procflow.analysis.finding import severity_text

    lines = [f"{finding.rule} [{severity_text(finding.severity, lang)}] {finding.statement.get(lang)}"]
    shown = [finding.evidence[0].text(lang), *(cost.text(lang) for cost in finding.cost)]
    return "\n".join([*lines, *(f"    {line}" for line in shown)])


def _head(step: str, lang: Language) -> None:
    typer.echo(f"\n{_STEPS[step].get(lang)}\n")
