"""Examples of the rules on what is asked, keyed, read and written (R1–R5, R18, R19)."""

from procflow.analysis.examples.model import CLERK, OFFICER, Example, line
from procflow.text import Text

_CORRECTION = """{trigger: back, source: review, dest: form, probability: {value: [0.3, 0], assumed: true}}"""

EXAMPLES = {
    "R1": Example(
        Text(en="Both steps ask the applicant for the shop's name", zh="两个环节都要求申请人填写店铺名称"),
        line(f"apply: {CLERK}, asks: [shop.name]", f"register: {CLERK}, asks: [shop.name]"),
        Text(en="the value may have changed meanwhile", zh="该项内容可能已变化，属再次确认"),
        f"register, {CLERK}, asks: [shop.name]",
        f"register, {CLERK}, asks: [{{item: shop.name, reason: value_may_have_changed}}]",
    ),
    "R1b": Example(
        Text(en="The clerk keys the name into two systems", zh="窗口人员将同一名称录入两个系统"),
        line(f"apply: {CLERK}, asks: [shop.name], enters: [{{item: shop.name, into: [platform, archive_system]}}]"),
        Text(en="keying twice on purpose, against slips", zh="为防差错而有意双录"),
        "into: [platform, archive_system]}",
        "into: [platform, archive_system], reason: double_keying}",
    ),
    "R1c": Example(
        Text(
            en="After a return the whole form is asked anew, though nothing of it was rejected",
            zh="退回后须整表重填，而并未否定任何一项",
        ),
        line(f"form: {CLERK}, asks: [shop.name]", f"review: {CLERK}", ways=_CORRECTION),
        Text(en="the return rejected just that", zh="退回时否定的正是该项"),
        "probability: {value: [0.3, 0], assumed: true}",
        "probability: {value: [0.3, 0], assumed: true}, rejects: [shop.name]",
    ),
    "R2": Example(
        Text(en="The lease is demanded twice", zh="同一份租赁合同索要两次"),
        line(f"apply: {CLERK}, asks: [{{document: lease}}]", f"register: {CLERK}, asks: [{{document: lease}}]"),
        Text(en="law requires the original each time", zh="法律要求每次核验原件"),
        material=("", "original_required: act art. 1"),
    ),
    "R3": Example(
        Text(en="The name is asked for, and no step uses it", zh="填写的名称无任何环节使用"),
        line(f"apply: {CLERK}, asks: [shop.name]", f"decide: {CLERK}"),
        Text(en="the statistics office reads it", zh="统计部门需要该项"),
        item=("", "kept_for: statistics"),
    ),
    "R4": Example(
        Text(en="The tax office reads the owner, whom nobody told it", zh="税务部门需查看业主，而无人向其提供"),
        line(f"apply: {CLERK}", f"assess: {OFFICER}, reads: [shop.owner]"),
        Text(en="it can do without", zh="没有也能办理"),
        "reads: [shop.owner]",
        "reads: [{item: shop.owner, optional: true}]",
    ),
    "R5": Example(
        Text(
            en="What the first step writes the second overwrites before anybody reads it",
            zh="前一环节填写的内容未经使用即被后一环节覆盖",
        ),
        line(
            f"visit: {CLERK}, writes: [shop.name]",
            f"measure: {CLERK}, writes: [shop.name]",
            f"decide: {CLERK}, reads: [shop.name]",
        ),
        Text(en="entries are added, none is replaced", zh="属追加记录，不覆盖"),
        item=("", "append_only: true"),
    ),
    "R18": Example(
        Text(
            en="The tax office retypes the owner, whom the platform holds", zh="平台已有业主信息，税务部门仍需重新录入"
        ),
        line(
            f"apply: {CLERK}, asks: [shop.owner], enters: [{{item: shop.owner, into: [platform]}}]",
            f"file: {CLERK}, enters: [{{item: shop.owner, into: [archive_system]}}]",
        ),
        Text(en="a classified network must stand alone", zh="涉密网络依法不得联通"),
        network=("government", "classified"),
    ),
    "R19": Example(
        Text(
            en="An interface brings the name to the tax system, and the office keys it all the same",
            zh="接口已推送名称，税务部门仍手工录入",
        ),
        line(
            f"apply: {CLERK}, asks: [shop.name], system: platform, enters: [{{item: shop.name, into: [platform]}}]",
            f"assess: {OFFICER}, system: tax_system, enters: [{{item: shop.name, into: [tax_system]}}]",
        ),
        Text(en="only while the interface is down", zh="仅在接口中断时手工录入"),
        "into: [tax_system]}",
        "into: [tax_system], reason: outage_fallback}",
    ),
}
