"""What ``procflow simulate --by`` prints: where the cycle time went. Computes nothing."""

from typing import TYPE_CHECKING

import typer

from procflow.cli.output import print_json, print_table
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.path_split import By
    from procflow.definition.resolved import Process
    from procflow.simulation.run import Run

_KEYS = {
    "state": Text(en="state", zh="状态"),
    "trigger": Text(en="left by", zh="离开方式"),
    "dest": Text(en="to", zh="去向"),
    "department": Text(en="department", zh="部门"),
    "level": Text(en="level", zh="层级"),
    "territory": Text(en="territory", zh="地域"),
    "system": Text(en="system", zh="系统"),
    "axes": Text(en="handed over between", zh="交接维度"),
}
SEGMENT_NAMES = {
    "batch_us": Text(en="sitting", zh="等待批次"),
    "batch_full_us": Text(en="sitting full", zh="批次满额"),
    "off_duty_us": Text(en="off duty", zh="非工作时间"),
    "contention_us": Text(en="busy staff", zh="排队等人"),
    "work_us": Text(en="work", zh="实际办理"),
    "paused_us": Text(en="interrupted", zh="办理中断"),
    "delay_us": Text(en="delay", zh="历时"),
    "call_us": Text(en="called process", zh="等待子流程"),
    "transfer_us": Text(en="transfer", zh="移送在途"),
}
"""Short names, for the heads of columns."""
_HOUR_US = 3_600_000_000


def print_split(run: "Run", by: "By", *, as_json: bool, lang: Language) -> None:
    """Print the hours per case of each part with its segments; as JSON the table as it is."""
    from procflow.analysis.path_split import path_split

    if as_json:
        print_json({process.name: path_split(run, process, by=by).to_dicts() for process in run.processes})
        return
    for process in run.processes:
        typer.echo(f"{process.label(lang)} · {process.variant}")
        _print_one(run, process, by, lang)


def _print_one(run: "Run", process: "Process", by: "By", lang: Language) -> None:
    from procflow.analysis.path_split import PATH_SEGMENTS, path_split

    table = path_split(run, process, by=by)
    keys = table.columns[: table.columns.index("visits")]
    segments = [name for name in PATH_SEGMENTS if table[name].sum() > 0]
    rows = []
    for row in table.iter_rows(named=True):
        per_case = row["mean_us"] / row["total_us"] / _HOUR_US if row["total_us"] else 0.0
        parts = (f"{row[name] * per_case:,.4g}" for name in segments)
        named = (_axes(row[key], lang) if key == "axes" else row[key] or "–" for key in keys)
        rows.append((*named, f"{row['mean_us'] / _HOUR_US:,.4g}", f"{row['share']:.1%}", *parts))
    heads = {"en": ("hours per case", "share"), "zh": ("每件小时数", "占比")}[lang]
    titles = (SEGMENT_NAMES[name].get(lang) for name in segments)
    print_table((*(_KEYS[key].get(lang) for key in keys), *heads, *titles), rows)


def _axes(names: str, lang: Language) -> str:
    """Return the axes of a handoff as people know them."""
    same = {"en": "the same hands", "zh": "未交接"}[lang]
    return " + ".join(_KEYS[name].get(lang) for name in names.split("+")) if names else same
