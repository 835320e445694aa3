"""Arrival streams as rows of the kernel's model, with the attributes and offices that a new case draws."""

import math
from collections.abc import Sequence

import numpy as np

from procflow.definition.arrivals import Arrivals, Log, Profile
from procflow.definition.expressions import category_codes
from procflow.definition.given import given_numbers
from procflow.definition.process import Attribute
from procflow.definition.quantities import Distribution
from procflow.definition.resolved import ALWAYS, Process
from procflow.definition.scenario import Scenario
from procflow.errors import SimulationError, UnitError
from procflow.kernel import layout as at
from procflow.machine.graph import StateGraph
from procflow.simulation.naming import hash_of
from procflow.simulation.staffing import offices
from procflow.simulation.tables import Row, Tables
from procflow.text import Text
from procflow.units import SECONDS

YEAR = 365.2425 * 86_400
_LENGTHS = {**SECONDS, "month": YEAR / 12, "year": YEAR}


def stream_row(tables: Tables, graph: StateGraph, arrivals: Arrivals | None, initial: int) -> Row:
    """Add the attributes of a process and return the row of its arrival stream; None where it is only called."""
    process = graph.process
    fields = {
        at.A_NODE: initial,
        at.A_PROCESS: hash_of(process.name),
        at.A_KEY: hash_of("@arrivals"),
        at.A_SIZE: 1 if arrivals is None else arrivals.size,
        at.A_ATTRIBUTE: len(tables.attributes),
        at.A_ATTRIBUTES: len(process.definition.attributes),
    }
    for slot, (name, attribute) in enumerate(process.definition.attributes.items()):
        codes = category_codes(process.definition.attributes).get(name, {})
        tables.attributes.append(_attribute(tables, name, slot, attribute, codes))
    come = {at.A_KIND: at.STREAM_CALLED} if arrivals is None else _arrivals(tables, graph, arrivals)
    return fields | come | _regions(tables, graph)


def _arrivals(tables: Tables, graph: StateGraph, arrivals: Arrivals) -> Row:
    process = graph.process
    if arrivals.rate is not None or arrivals.interval is not None:
        between, calendar = gap(process, arrivals)
        fields = {at.A_KIND: at.STREAM_GAPS, at.A_GAP: tables.distribution(between, calendar)}
        return fields if arrivals.profile is None else fields | _profile(tables, arrivals.profile, calendar)
    if arrivals.every is not None:
        times = tables.occurrences(arrivals.every, ALWAYS, "next").tolist()
        order = list(range(len(times)))
    else:
        if arrivals.log is not None and not arrivals.times:
            raise _unread(arrivals.log)
        ticks = [tables.clock.ticks(moment) for moment in arrivals.instants(tables.clock.start)]
        order = sorted((n for n, t in enumerate(ticks) if t >= 0), key=ticks.__getitem__)
        times = [ticks[n] for n in order]
    fields = {at.A_KIND: at.STREAM_TIMES, at.A_TIMES: tables.arena.put(times), at.A_TIMES_N: len(times)}
    return fields | _given(tables, graph, arrivals, order)


def _given(tables: Tables, graph: StateGraph, arrivals: Arrivals, order: Sequence[int]) -> Row:
    """Return the columns of the attributes and regions that are given for cases, in the order of their arrival."""
    fields, attributes = {}, graph.process.definition.attributes
    try:
        columns = {name: given_numbers(values, name, attributes) for name, values in arrivals.attributes.items()}
    except UnitError as error:
        raise SimulationError(error.message) from error
    if columns:
        numbers = (columns[name][n] if name in columns else math.nan for n in order for name in attributes)
        fields[at.A_GIVEN] = tables.arena.put_floats(numbers)
    if arrivals.regions:
        served = region_shares(graph) or tables.regions
        places = {None: at.NONE} | {region: tables.regions.index(region) for region in served}
        for region in arrivals.regions:
            if region not in places:
                raise SimulationError(
                    Text(
                        en=f"a case is said to arrive in {region!r}, which is no region with all offices of "
                        f"{graph.process.name}",
                        zh=f"有办件到达 {region!r}，而该区域不存在或未设齐 {graph.process.name} 的办事机构",
                    )
                )
        fields[at.A_GIVEN_REGION] = tables.arena.put(places[arrivals.regions[n]] for n in order)
    return fields


def _unread(log: Log) -> SimulationError:
    return SimulationError(
        Text(
            en=f"the log {log.file!r} has not been read: load the scenario from its file, or read it by "
            "procflow.definition.arrival_log.replayed",
            zh=f"到达记录 {log.file!r} 尚未读入：请从情景文件加载，或调用 procflow.definition.arrival_log.replayed",
        )
    )


def _profile(tables: Tables, profile: Profile, calendar: str) -> Row:
    found = tables.clock.profile(profile, calendar)
    amounts = found.amounts
    before = np.cumsum(amounts) - amounts
    fields = {
        at.P_N: len(found.on),
        at.P_ON: tables.arena.put(found.on),
        at.P_OFF: tables.arena.put(found.off),
        at.P_BEFORE: tables.arena.put(before),
        at.P_WEIGHT: tables.arena.put_floats(found.weight),
        at.P_TOTAL: int(amounts.sum()) if len(amounts) else -1,
    }
    return {at.A_PROFILE: tables.arena.put(fields[column] for column in range(len(fields)))}


def gap(process: Process, arrivals: Arrivals) -> tuple[Distribution, str]:
    """Return the distribution of the gaps between arrivals by rate or interval, and their calendar."""
    usual = process.organization.default_calendar
    if arrivals.interval is not None:
        return arrivals.interval, arrivals.calendar or (usual if arrivals.interval.is_working else ALWAYS)
    rate, unit = arrivals.per_unit()
    calendar = arrivals.calendar or (usual if unit == "wd" else ALWAYS)
    length = process.nominal_day_seconds(calendar) if unit == "wd" else _LENGTHS[unit]
    return Distribution(kind="exponential", arguments=(length / rate,)), calendar


def _attribute(tables: Tables, name: str, slot: int, attribute: Attribute, codes: dict[str, int]) -> Row:
    fields = {at.AT_SLOT: slot, at.AT_KEY: hash_of("@attribute " + name)}
    if attribute.categorical is not None:
        shares = tables.arena.put_floats(attribute.categorical.values())
        numbers = tables.arena.put(codes[category] for category in attribute.categorical)
        return fields | {
            at.AT_KIND: at.AT_CATEGORY,
            at.AT_F: shares,
            at.AT_N: len(attribute.categorical),
            at.AT_CODES: numbers,
        }
    if attribute.boolean is not None:
        return fields | {at.AT_KIND: at.AT_BOOLEAN, at.AT_F: tables.arena.put_floats([attribute.boolean])}
    whole = attribute.integer is not None
    distribution = attribute.integer if attribute.integer is not None else attribute.number
    if distribution is None:
        raise AssertionError(name)
    kind = at.AT_INTEGER if whole else at.AT_NUMBER
    return fields | {at.AT_KIND: kind, at.AT_DISTRIBUTION: tables.distribution(distribution, ALWAYS)}


def _regions(tables: Tables, graph: StateGraph) -> Row:
    """Return the columns of a case's office."""
    shares = region_shares(graph)
    if not shares:
        return {at.A_REGION_N: 0}
    return {
        at.A_REGION: tables.arena.put(tables.regions.index(region) for region in shares),
        at.A_REGION_N: len(shares),
        at.A_SHARE: tables.arena.put_floats(shares.values()),
        at.A_REGION_KEY: hash_of("@region"),
    }


def region_shares(graph: StateGraph) -> dict[str, float]:
    """Return the share of cases of each region in which every office per region of a process exists.

    Empty where no department of the process has an office per region; raises SimulationError where no region has
    all of them.
    """
    process = graph.process
    owners = {d.name: d for node in graph.nodes.values() if (d := process.department(node.state)) and d.per}
    if not owners:
        return {}
    places = [set(offices(process.organization, department)) for department in owners.values()]
    common = [r for r in process.organization.regions if all(r.name in place for place in places)]
    if not common:
        raise SimulationError(
            Text(
                en=f"no region has an office of each of {', '.join(sorted(owners))}",
                zh=f"没有一个区域同时设有 {'、'.join(sorted(owners))} 的办事机构",
            )
        )
    total = sum(region.share for region in common)
    return {region.name: region.share / total for region in common}


def arrivals_of(processes: Sequence[Process], scenario: Scenario) -> list[Arrivals]:
    """Return how the cases of each process arrive; raise SimulationError where the scenario does not say."""
    if scenario.arrivals is not None and len(processes) == 1:
        return [scenario.arrivals]
    if len(scenario.processes) == len(processes):
        return [each.arrivals for each in scenario.processes]
    if len(processes) == 1:
        raise SimulationError(
            Text(
                en="the scenario says nothing of how cases arrive: give it arrivals, such as '12 per wd'",
                zh="情景没有说明案件如何到达：请给出 arrivals，例如 '12 per wd'",
            )
        )
    raise SimulationError(
        Text(
            en=f"{len(processes)} processes are simulated, but the scenario gives arrivals of "
            f"{len(scenario.processes)}: list them in its 'processes', in the same order",
            zh=f"要仿真 {len(processes)} 个流程，情景却只给出 {len(scenario.processes)} 个流程的到达："
            "请在 processes 中按相同顺序逐一列出",
        )
    )
