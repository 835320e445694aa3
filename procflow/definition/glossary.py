"""Words that definition files use as names (outcomes, causes, classes, networks), as people read them in Chinese.

What has a title of its own in a file is called by that. A name that is not here is shown as it is written.
"""

from procflow.text import Language

_ZH = {
    # outcomes
    "granted": "准予", "refused": "不予", "rejected": "驳回", "withdrawn": "撤回", "not_accepted": "不予受理",
    "lapsed": "逾期失效", "deemed_granted": "视为准予", "confirmed": "确认", "operating": "具备经营条件",
    "revoked": "撤销", "completed": "办结", "terminated": "终止办理", "passed": "合格", "failed": "不合格",
    # why a clock stands still
    "rectification": "整改", "correction": "补正", "public notice": "公示", "notice": "公示", "hearing": "听证",
    "inspection": "检验检测", "testing": "检测", "expert review": "专家评审", "appraisal": "鉴定",
    # attributes and their classes
    "risk": "风险等级", "low": "低风险", "general": "一般风险", "medium": "中风险", "high": "高风险",
    # networks of systems
    "internet": "互联网", "government": "政务外网", "intranet": "政务内网", "classified": "涉密网",
    "private": "专网", "dedicated": "专网",
}  # fmt: skip


def said(name: str, lang: Language) -> str:
    """Return a name from a definition file as people read it.

    >>> said("public notice", "zh"), said("deemed_granted", "en"), said("自定", "zh")
    ('公示', 'deemed granted', '自定')
    """
    if lang == "zh":
        return _ZH.get(name, name)
    return name.replace("_", " ") if name.isascii() else name
