"""Simulated offices whose waiting is known exactly, and the logs that they would leave."""

import polars as pl

from procflow import Run, Scenario, simulate
from procflow.logs.log import EventLog, event_log
from tests.examples import make_process

ORGANIZATION = """
procflow: 1
organization: town
timezone: Asia/Shanghai
holidays: CN
calendars:
  - {name: office, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}
  - {name: mornings, hours: {mon-thu: "09:00-12:00"}}
  - {name: round_the_clock, holidays: false, hours: {mon-sun: "00:00-24:00"}}
working_calendar: office
actors:
  applicant: {calendar: round_the_clock}
levels:
  - {name: county}
departments:
  - name: hall
    level: county
    roles:
      - {name: clerk, staff: 3}
  - name: bureau
    level: county
    roles:
      - {name: reviewer, staff: 2}
      - {name: board, staff: 1}
      - {name: director, staff: 1, calendar: mornings}
"""

CATALOG = "procflow: 1\ncatalog: nothing\n"

PROCESS = """
initial: intake
attributes:
  urgency: {integer: {empirical: [0, 0, 0, 1]}}
states:
  - {name: intake, department: hall, role: clerk, work: {triangular: [10 min, 20 min, 40 min]}}
  - {name: correction, actor: applicant, delay: {triangular: [4 h, 20 h, 72 h]}}
  - name: registration
    department: hall
    role: clerk
    work: {triangular: [10 min, 20 min, 30 min]}
  - name: review
    department: bureau
    role: reviewer
    work: {triangular: [15 min, 35 min, 60 min]}
    PRIORITY
    delay: {triangular: [5 h, 6 h, 9 h]}
    calendar: round_the_clock
  - name: opinion
    department: bureau
    role: reviewer
    work: {triangular: [5 min, 10 min, 20 min]}
  - name: session
    department: bureau
    role: board
    work: {triangular: [5 min, 10 min, 15 min]}
    batch: {every: "weekly wed 14:00"}
  - {name: signature, department: bureau, role: director, work: {triangular: [2 min, 4 min, 8 min]}}
  - {name: issued, final: true, outcome: granted}
transitions:
  - {trigger: correct, source: intake, dest: correction, probability: 0.3}
  - {trigger: accept, source: intake, dest: registration, probability: 0.7}
  - {trigger: resubmit, source: correction, dest: registration}
  - trigger: send
    source: registration
    dest: review
    transfer: {delay: {triangular: [3 h, 4 h, 6 h]}, channel: courier, calendar: round_the_clock}
  - {trigger: ask, source: review, dest: opinion}
  - {trigger: submit, source: opinion, dest: session}
  - {trigger: sign, source: session, dest: signature}
  - {trigger: issue, source: signature, dest: issued}
"""


def office(*, priority: bool = False, per_day: float = 17, days: int = 240, seed: int = 5) -> Run:
    """Return a run of the office with all causes of waiting; with ``priority``, urgent reviews go first."""
    rule = "priority: urgency" if priority else ""
    process = make_process(PROCESS.replace("PRIORITY", rule), ORGANIZATION, CATALOG)
    scenario = Scenario.model_validate(
        {"arrivals": f"{per_day} per wd", "start": "2025-02-10", "days": days, "replications": 1, "seed": seed}
    )
    return simulate(process, scenario)


def log_of(run: Run) -> EventLog:
    """Return the log that an office would have of a run: who did what from when to when, and in which department.

    Work ends when it is done; what an applicant does takes its delay. The columns ``event_true_<cause>`` have the
    waiting before the work as the simulator split it, with the delay and the transfer that follow the step before;
    ``event_first`` marks what begins a case, whose wait no log shows.
    """
    start = pl.lit(run.scenario.start).cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai")
    department = {state.name: state.department for state in run.processes[0].definition.states}
    rows = run.events.filter(pl.col("start_us").is_not_null() & pl.col("exit_us").is_not_null()).sort(
        "case", "enter_us"
    )
    before = {name: pl.col(f"{name}_us").shift(1).over("case").fill_null(0) for name in ("delay", "transfer")}
    staffed = pl.col("people") != ""
    true = {
        "batch": pl.col("batch_us") + pl.col("batch_full_us"),
        "off_duty": pl.col("off_duty_us"),
        "contention": pl.col("contention_us"),
        "transfer": before["transfer"],
        "suspended": pl.when(staffed).then(0).otherwise(pl.col("delay_us")),
        "extraneous": pl.when(staffed.shift(1).over("case").fill_null(False)).then(before["delay"]).otherwise(0),
    }
    end = pl.when(staffed).then("done_us").otherwise("exit_us")
    events = rows.select(
        pl.col("case").cast(pl.String),
        activity="state",
        start=start + pl.duration(microseconds="start_us"),
        end=start + pl.duration(microseconds=end),
        resource=pl.when(staffed).then(pl.col("group") + "/" + pl.col("people")),
        department=pl.col("state").replace_strict(department, return_dtype=pl.String),
        event_first=pl.int_range(pl.len()).over("case") == 0,
        **{f"event_true_{name}": column for name, column in true.items()},
    )
    return event_log(events, zone="Asia/Shanghai")
