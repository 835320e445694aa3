"""Words that people write for the fields of definition files, and the field that is meant. Only used in hints."""

from collections.abc import Collection
from typing import Final

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "trigger": ("event", "action", "name", "触发", "事件", "动作"),
    "source": ("from", "src", "来源", "从"),
    "dest": ("to", "target", "destination", "next", "到", "去向"),
    "when": ("guard", "condition", "if", "where", "条件"),
    "probability": ("prob", "chance", "p", "概率"),
    "work": ("duration", "service_time", "effort", "processing_time", "time", "工时", "办理时间"),
    "delay": ("wait", "waiting", "lag", "duration", "等待"),
    "staff": ("people", "headcount", "persons", "人数", "人员"),
    "count": ("people", "headcount", "number", "人数"),
    "department": ("dept", "unit", "office", "部门"),
    "role": ("position", "post", "岗位"),
    "name": ("id", "key", "label", "名称"),
    "title": ("label", "caption", "标题"),
    "final": ("end", "is_final", "terminal", "终止"),
    "initial": ("start", "begin", "first", "起点"),
    "states": ("steps", "nodes", "activities", "状态", "环节"),
    "transitions": ("edges", "arcs", "flows", "转换"),
    "regions": ("parallel", "branches", "并行"),
    "batch": ("meeting", "sitting", "批次"),
    "limit": ("deadline", "时限"),
    "limits": ("deadlines", "时限"),
    "basis": ("law", "legal_basis", "依据"),
    "asks": ("requires", "documents", "materials", "材料"),
    "actor": ("who", "performer", "办理人"),
    "timeout": ("timer", "after", "超时"),
    "days": ("horizon", "length", "天数"),
    "warmup_days": ("warmup", "warm_up", "预热"),
}
"""For each field, what else is written for it."""


def meant(written: str, known: Collection[str]) -> str | None:
    """Return the field among ``known`` for which people write ``written``, None where there is none.

    >>> meant("guard", ["source", "when"])
    'when'
    """
    word = written.casefold()
    return next((name for name, words in FIELDS.items() if name in known and word in words), None)
