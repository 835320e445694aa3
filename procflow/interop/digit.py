"""Reads workflows of DIGIT (eGov Foundation), state machines in JSON, as a process definition and its organization.

Takes states, actions, roles and limits (``sla``, milliseconds). Times, headcounts, data, law and probabilities are not
in such a file: they are left out or, where a definition cannot do without, written bare, so that D17 tells them.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.errors import DefinitionError, Problem
from procflow.text import Text

_APPLICANT: Final = "CITIZEN"
_MACHINE: Final = "SYSTEM"
_KINDS: Final = (
    (r"CITIZEN.*ACTION", "correction"),
    (r"INSPECT", "inspection"),
    (r"DOC|VERIF", "review"),
    (r"PAYMENT", "payment"),
    (r"APPROV(AL|ER)", "approval"),
)
"""What a state's name says of its kind; the first that fits. A guess: nothing else in the file says it."""


@dataclass(frozen=True)
class Imported:
    """A process and its organization as read from another tool's file, and what could not be taken over."""

    definition: ProcessDefinition
    organization: Organization
    notes: tuple[Text, ...]


def read_digit(path: str | Path) -> Imported:
    """Return the process of a DIGIT workflow file.

    A state in which a citizen may act is the applicant's, also where a clerk may act for him. Each way out of a state
    gets the same bare probability. A state from which all actions lead back to it is an end, and they are left out.

    Raises DefinitionError where the file cannot be read, is no JSON or no such workflow.
    """
    file = Path(path)
    data = _data(file)
    states = data["states"]
    names = {state.get("state"): _name(state.get("state")) for state in states}
    _check(file, states, names)
    notes: list[Text] = []
    department = _slug(str(data.get("business") or data["businessService"]))
    written = [_state(state, names, department, notes) for state in states]
    start = next((s for s in states if s.get("state") is None), None) or next(
        (s for s in states if s.get("isStartState")), states[0]
    )
    definition = {
        "procflow": 1,
        "process": _slug(str(data["businessService"])),
        "title": {"en": str(data["businessService"])},
        "organization": f"{_slug(str(data['businessService']))}.organization.yaml",
        "lead": department,
        "limits": _limits(data),
        "initial": names[start.get("state")],
        "states": written,
        "transitions": [way for state in states for way in _ways(state, names)],
    }
    return Imported(
        ProcessDefinition.model_validate({k: v for k, v in definition.items() if v}),
        Organization.model_validate(_organization(department, data, states)),
        (*notes, *_left_out()),
    )


def _data(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(file, Text(en=f"cannot be read: {error}", zh=f"无法读取：{error}")) from error
    except json.JSONDecodeError as error:
        message = Text(en=f"this is no JSON: {error.msg}", zh=f"不是 JSON：{error.msg}")
        raise DefinitionError([Problem(str(file), error.lineno, error.colno, message)]) from error
    if isinstance(data, dict) and isinstance(data.get("BusinessServices"), list) and data["BusinessServices"]:
        data = data["BusinessServices"][0]
    shaped = isinstance(data, dict) and isinstance(data.get("states"), list) and data.get("businessService")
    if not shaped or not data["states"] or not all(isinstance(state, dict) for state in data["states"]):
        raise _wrong(
            file,
            Text(
                en="this is no DIGIT workflow: it needs 'businessService' and a list of 'states'",
                zh="不是 DIGIT 工作流：须有 businessService 和 states 列表",
            ),
        )
    return dict(data)


def _check(file: Path, states: list[dict[str, Any]], names: dict[str | None, str]) -> None:
    """Raise DefinitionError where an action leads to a state that is not there, or two states have one name."""
    for state in states:
        for action in _actions(state):
            if not isinstance(action, dict) or not action.get("action") or action.get("nextState") not in names:
                shown = action.get("nextState") if isinstance(action, dict) else action
                raise _wrong(
                    file,
                    Text(
                        en=f"an action of state {state.get('state')!r} leads to {shown!r}, and there is no such state",
                        zh=f"状态 {state.get('state')!r} 的动作转到 {shown!r}，但没有该状态",
                    ),
                )
    if len(set(names.values())) < len(states):
        raise _wrong(file, Text(en="two states have the same name", zh="有两个状态同名"))


def _wrong(file: Path, message: Text) -> DefinitionError:
    return DefinitionError([Problem(str(file), 0, 0, message)])


def _actions(state: dict[str, Any]) -> list[Any]:
    return state.get("actions") or []


def _state(state: dict[str, Any], names: dict[str | None, str], department: str, notes: list[Text]) -> dict[str, Any]:
    own = state.get("state")
    title = {"en": str(own or "start")}
    found: dict[str, Any] = {"name": names[own], "title": title}
    if not _leaves(state):
        idle = ", ".join(action["action"] for action in _actions(state))
        if idle:
            notes.append(
                Text(
                    en=f"{names[own]}: nothing but {idle} leads on, and back to the same state: it is taken as an end",
                    zh=f"{names[own]}：仅有返回本状态的 {idle}，按办结状态导入",
                )
            )
        return {**found, "final": True}
    kind = next((kind for pattern, kind in _KINDS if re.search(pattern, str(own or ""))), None)
    found |= {"kind": kind} if kind else {}
    roles = list(dict.fromkeys(role for action in _actions(state) for role in action.get("roles") or ()))
    staff = [role for role in roles if role != _APPLICANT and not role.startswith(_MACHINE)]
    if _APPLICANT in roles:
        found["actor"] = "applicant"
    elif staff:
        found |= {"department": department, "role": _slug(staff[0])}
        if len(staff) > 1:
            others = ", ".join(map(_slug, staff[1:]))
            notes.append(
                Text(
                    en=f"{names[own]}: {others} may act as well, and a state has one role",
                    zh=f"{names[own]}：{others} 亦可办理，而每个状态只有一个岗位",
                )
            )
    if state.get("sla"):
        found["limit"] = {"value": _hours(state["sla"]), "source": "sla of the workflow"}
    return found


def _leaves(state: dict[str, Any]) -> bool:
    return any(action["nextState"] != state.get("state") for action in _actions(state))


def _ways(state: dict[str, Any], names: dict[str | None, str]) -> list[dict[str, Any]]:
    """Return the ways out of a state, each as likely: the last one takes what the others leave."""
    actions = _actions(state) if _leaves(state) else []
    share = round(1 / len(actions), 4) if actions else 0.0
    return [
        {
            "trigger": _slug(str(action["action"])),
            "source": names[state.get("state")],
            "dest": names[action["nextState"]],
            **({"probability": share} if number < len(actions) - 1 else {}),
        }
        for number, action in enumerate(actions)
    ]


def _limits(data: dict[str, Any]) -> dict[str, Any]:
    sla = data.get("businessServiceSla")
    promised = {"value": _hours(sla), "source": "businessServiceSla of the workflow"} if sla else None
    return {"service": {"promised": promised}} if promised else {}


def _hours(milliseconds: float) -> str:
    """Return milliseconds as elapsed hours: the file knows no working days."""
    return f"{milliseconds / 3_600_000:g} h"


def _organization(department: str, data: dict[str, Any], states: list[dict[str, Any]]) -> dict[str, Any]:
    every = dict.fromkeys(r for s in states for a in _actions(s) for r in a.get("roles") or ())
    roles = [{"name": _slug(r)} for r in every if r != _APPLICANT and not r.startswith(_MACHINE)]
    return {
        "procflow": 1,
        "organization": f"{department}_organization",
        "levels": [{"name": "city"}],
        "departments": [
            {"name": department, "title": {"en": str(data.get("business") or department)}, "level": "city",
             "roles": roles}
        ],
    }  # fmt: skip


def _left_out() -> tuple[Text, ...]:
    return (
        Text(
            en="the file says nothing of work, delays, headcounts, data, materials and legal bases: add them",
            zh="原文件未载明工作时间、等待时间、人数、数据、材料和法律依据：请补充",
        ),
        Text(
            en="probabilities are placeholders: each way out of a state is taken to be as likely as the others",
            zh="概率均为占位：暂按各出路概率相等处理，请按实际填写",
        ),
        Text(
            en="kinds of states are guessed from their names; limits are elapsed hours",
            zh="环节类别由名称推断；时限按自然小时计",
        ),
    )


def _name(state: str | None) -> str:
    return "start" if state is None else _slug(state)


def _slug(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_").lower()
