"""How far the processes of an organization are written down (梳理进度), and what they share. Judges no process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from procflow.analysis.finding import Finding
from procflow.analysis.metrics import group_name
from procflow.definition.organization import Department
from procflow.definition.resolved import Process
from procflow.machine.graph import state_graph
from procflow.simulation.statistics import Estimate, estimate

if TYPE_CHECKING:
    from procflow.simulation.run import Run

INCOMPLETE = "D17"
"""The rule that tells an incomplete definition."""


@dataclass(frozen=True)
class Coverage:
    """A department: the processes that it leads and takes part in, by name, and how many gaps those it leads have.

    ``mapped`` is one that leads a process, all of whose processes are without gaps.
    """

    department: Department
    leads: tuple[str, ...]
    takes_part: tuple[str, ...]
    gaps: int

    @property
    def mapped(self) -> bool:
        """Whether what it leads is written down completely, as far as the definitions tell."""
        return bool(self.leads) and not self.gaps


@dataclass(frozen=True)
class SharedStaff:
    """A group of people who serve several processes, and how busy they are in a run of all of them together."""

    department: str
    group: str
    processes: tuple[str, ...]
    utilization: Estimate

    @property
    def name(self) -> str:
        """The name of the group, with its department."""
        return group_name(self.department, self.group)


def coverage(processes: Sequence[Process], findings: Sequence[Finding]) -> tuple[Coverage, ...]:
    """Return every government or public department of an organization, and how far its processes are written down.

    ``findings`` are those of the processes, of which the rule D17 (incomplete definition) counts. How many processes a
    department ought to have written down no definition knows: the share of departments that are ``mapped`` is an upper
    bound where a department has more business than these files hold.

    >>> from procflow.definition import load
    >>> permit = load("process_defs/processes/food_license/as_is.yaml")
    >>> [row.department.name for row in coverage([permit], []) if row.mapped]
    ['market_regulation']
    """
    if not processes:
        return ()
    gaps = [finding.process for finding in findings if finding.rule == INCOMPLETE]
    working = {process.name: _departments(process) for process in processes}
    rows = []
    for department in processes[0].organization.departments:
        if department.kind not in ("government", "public"):
            continue
        leads = tuple(p.name for p in processes if p.definition.lead == department.name)
        takes_part = tuple(name for name, names in working.items() if department.name in names and name not in leads)
        rows.append(Coverage(department, leads, takes_part, sum(name in leads for name in gaps)))
    return tuple(rows)


def asked_by_several(processes: Sequence[Process]) -> dict[str, dict[str, int]]:
    """Return what two or more processes ask of the applicant: for each thing the number of asking steps by process.

    >>> from procflow.definition import load
    >>> names = ["business_startup", "food_license"]
    >>> found = asked_by_several([load(f"process_defs/processes/{name}/as_is.yaml") for name in names])
    >>> sorted(found["business.name"])
    ['business_startup', 'food_license']
    """
    found: dict[str, dict[str, int]] = {}
    for process in processes:
        graph = state_graph(process)
        for name in graph.leaves:
            for thing in dict.fromkeys(ask.thing for ask in graph.state(name).asks):
                entry = process.item(thing) or process.material(thing)
                by_process = found.setdefault(entry.name if entry else thing, {})
                by_process[process.name] = by_process.get(process.name, 0) + 1
    several = {thing: by for thing, by in found.items() if len(by) > 1}
    return dict(sorted(several.items(), key=lambda pair: (-len(pair[1]), -sum(pair[1].values()), pair[0])))


def shared_staff(run: "Run") -> tuple[SharedStaff, ...]:
    """Return the groups of people who worked for several processes of a run, the busiest first.

    Offices of one department are taken together. The interval is Student's t over replications.
    """
    homes = [
        {"process": process.name, "state": name, "department": graph.state(name).department}
        for process in run.processes
        for graph in (state_graph(process),)
        for name in graph.leaves
    ]
    schema: dict[str, pl.DataType] = {
        "process": run.events.schema["process"],
        "state": run.events.schema["state"],
        "department": pl.String(),
    }
    worked = run.events.filter((pl.col("work_us") > 0) & (pl.col("group") != "")).join(
        pl.DataFrame(homes, schema=schema), on=["process", "state"]
    )
    users = worked.group_by("department", "group").agg(pl.col("process").unique().sort())
    busy = run.staff.group_by("department", "group", "replication").agg(pl.col("busy_us", "on_duty_us").sum())
    rows = []
    for department, group, names in users.filter(pl.col("process").list.len() > 1).iter_rows():
        mine = busy.filter((pl.col("department") == department) & (pl.col("group") == group)).sort("replication")
        if mine.height:
            used = (mine["busy_us"] / mine["on_duty_us"]).to_list()
            rows.append(SharedStaff(department, group, tuple(names), estimate(used)))
    return tuple(sorted(rows, key=lambda row: (-row.utilization.mean, row.name)))


def _departments(process: Process) -> frozenset[str]:
    graph = state_graph(process)
    return frozenset(state.department for name in graph.leaves if (state := graph.state(name)).department)
