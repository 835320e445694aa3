"""The reference pages of the rules, written from the rules themselves.

``python -m procflow.analysis.reference`` in the project's folder writes them anew.
"""

from pathlib import Path

from procflow.analysis.examples.collection import EXAMPLES
from procflow.analysis.log_registry import log_rules
from procflow.analysis.portfolio import PORTFOLIO_RULES
from procflow.analysis.registry import Description, needs, rules, said_of
from procflow.text import Language, Text

_HEAD = """\
# Rules of the analysis

[中文](rules.zh.md)

What each rule flags, why, how it is computed, what it takes care not to flag, and an example with what would excuse it.
This page is written from the rules themselves by `python -m procflow.analysis.reference`, and a test holds it to them.
`procflow explain R1` says the same of one rule. Thresholds are those of `Profile`; every finding prints the ones it
depends on. The examples play in a small county: a bureau and a tax office, a city bureau above them, a township office
below.

## What the words mean

**Known and held.** A fact is an item or document and a place. R1 and R2 ask whether a thing is *known* to anybody who
may share it with whoever asks (`procflow.analysis.knowledge`); R4 asks whether it is *held* where it is read
(`procflow.analysis.holdings`): only interfaces, carried documents and keying move data between holders. A carried
document whose contents the catalog does not list is a case file: it carries all that is known.

**When effects hold.** A state's effects happen at its *done* and hold on the ways out after it. A time-out may come
before or after them: on all paths only what held before is certain, on some path both may hold.

**Parallel regions.** After a join of *n* out of *m* regions a fact holds on all paths if it held at the fork, or at
the end of at least *m − n + 1* regions, and no region beside may destroy it, cancelled ones included. The same goes
inside a region. Leaving a composite early keeps what held in the own region, less what the others may destroy. This is
on the safe side: where two regions both destroy a fact and both give it anew, no order loses it, yet it is not claimed.

**On some path.** What may hold and what is live (used before it is overwritten; R3, R5) is exact: claimed where some
order in which the regions go on shows it, and nowhere else. Durations are not looked at. What follows from other facts
(what interfaces pass on and documents carry) is asked for on all paths only: whether a value can go from hand to hand
through several regions may hang on one order of all their steps.

**Guards.** The analysis goes through every valuation of the attributes that guards compare with constants. Past
`valuations` or `guard_atoms`, or where guards cannot be told apart, it claims nothing from a missing path.

**Silence is not independence.** What concludes from the absence of data (R3, R5, R8, R9, R15, R21, S5) speaks only
where the states involved say `data: complete`; elsewhere D17 says where that would matter. For R4 a state that does not
say so may pass on all that is known, and may have produced what no state is said to capture.

**Expected visits** come from the probabilities of the definition, visit by visit and guard by guard. Regions count as
independent and time-outs as not firing; where a probability is not known, a finding has no price.

**What outside registers hold** counts as known where the catalog names a public issuer, a system that holds it and a
permission to share, unless the process itself writes an item of the same subject and issuer: a business that is being
founded is on no register yet.

**Severity** is that of the heaviest cost per case, never of the rule.

## The rules
"""


_ACROSS = """
## Rules across processes

Over several processes of one organization, `procflow.analysis.portfolio.analyze_portfolio(processes)` finds what no
process shows alone.
"""

_IN_LOGS = """
## Rules over event logs

`procflow log analyze LOG`, or `procflow.analysis.log_registry.analyze_log(log)`, finds in the log of real cases what it
shows without a definition. Rules for which the log lacks something are named with what it lacks. A rule of the same
name above finds the same thing in a definition or a run.
"""


_HEAD_ZH = """\
# 分析规则

[English](rules.md)

每条规则提示什么、为什么、如何计算、不应提示什么，并附示例及其正当理由。本页由规则自身生成（`python -m
procflow.analysis.reference`），并有测试保证一致；`procflow explain R1 --lang zh` 可查看单条规则。阈值见 `Profile`，
每条结论均列出所用阈值。示例均设在一个小县：县局与税务局，其上有市局，其下有乡镇所。

## 用语

**已知与持有。** 一项事实由数据项（或材料）与所在处构成。R1、R2 问的是：是否有可以共享的一方*已知*该项
（`procflow.analysis.knowledge`）；R4 问的是：在使用之处是否*持有*该项（`procflow.analysis.holdings`）。只有接口、随件
流转的材料和录入才能使数据在各处之间移动。目录未列明所含内容的随件材料视为卷宗，载有全部已知信息。

**何时生效。** 环节的效果在其*办结（done）*时产生，此后的出口均可用。计时触发可能先于也可能后于该效果：就全部路径而言，
只有此前成立的才确定；就某一路径而言，两者皆有可能。

**并行分支。** *m* 个分支中 *n* 个完成即汇合时，一项事实在全部路径上成立的条件是：分岔时已成立，或至少在
*m − n + 1* 个分支结束时成立，且没有并行分支（包括被取消的）可能使其失效；分支内部同理。提前离开复合环节时，
保留本分支所得，扣除其他分支可能使之失效的部分。此口径偏于稳妥：两个分支都先使某事实失效、又都重新产生时，无论先后均不丢失，
但仍不据以认定。

**就某一路径而言。** “可能成立”与“活跃”（被覆盖之前有人使用；R3、R5）是精确的：当且仅当各分支按某种先后次序推进时
确会出现，才予认定；不考虑时长。由其他事实推得的事实（经接口传递、随材料流转）只就全部路径判断：一个值能否经多个分支辗转传递，
可能取决于全部步骤的某一种先后次序。

**条件。** 对条件中与常数比较的属性逐一取值分析。超过 `valuations` 或 `guard_atoms`，或条件无法区分时，
不据缺少路径下结论。

**未写明不等于不相关。** 依据“没有数据”得出结论的规则（R3、R5、R8、R9、R15、R21、S5）只在所涉环节写明 `data: complete`
时提示；否则由 D17 指出。对 R4 而言，未写明的环节可能转交全部已知信息，也可能产生了定义未载明的信息。

**期望次数** 按定义中的概率，逐次、逐条件推算。各分支视为相互独立，计时触发视为不发生；概率未知时结论不计价。

**外部登记的内容** 在目录载明公共签发机关、持有系统和共享许可时视为已知；但流程自身写入同一主体、同一机关的数据项时
除外：正在设立的企业尚不在任何登记之中。

**严重程度** 取决于每件成本最高的一项，与规则本身无关。

## 规则
"""

_ACROSS_ZH = """
## 跨流程规则

对同一组织的多个流程，`procflow.analysis.portfolio.analyze_portfolio(processes)` 可发现单个流程看不出的问题。
"""

_IN_LOGS_ZH = """
## 事件日志规则

`procflow log analyze LOG` 或 `procflow.analysis.log_registry.analyze_log(log)` 无需流程定义即可从实际办件日志中发现
问题；日志缺少某条规则所需内容时会说明。上文同名规则在流程定义或仿真中查找同一问题。
"""


def rules_page(lang: Language = "en") -> str:
    """Return the reference page of all rules as Markdown."""
    head, across, in_logs = {"en": (_HEAD, _ACROSS, _IN_LOGS), "zh": (_HEAD_ZH, _ACROSS_ZH, _IN_LOGS_ZH)}[lang]
    sections = [head, *(_section(rule, needs(rule), lang) for rule in rules())]
    sections += [across, *(_section(rule, needs(rule), lang) for rule in PORTFOLIO_RULES)]
    sections += [in_logs, *(_section(rule, needs(rule), lang, example=False) for rule in log_rules())]
    return "".join(sections)


def _section(rule: Description, needed: Text, lang: Language, *, example: bool = True) -> str:
    (_, what), *more = said_of(rule, needed, lang)
    colon, stop = ("：", "。") if lang == "zh" else (":", ".")
    name, other = rule.name.get(lang), rule.name.get("en" if lang == "zh" else "zh")
    lines = [f"\n### {rule.id} {name} {other}\n", f"{what[:1].upper()}{what[1:].rstrip('.。')}{stop}\n"]
    lines += [f"- **{title}{colon}** {body}" for title, body in more]
    if example and rule.id in EXAMPLES:
        shown = EXAMPLES[rule.id]
        title = {"en": "Example:", "zh": "示例："}[lang]
        lines += [f"\n**{title}** {shown.wrong(lang)}\n", f"```yaml\n{shown.definitions()}```\n", shown.twin(lang)]
    return "\n".join([*lines, ""])


def write(folder: Path) -> None:
    """Write the pages in both languages to a folder."""
    for lang, name in PAGES.items():
        (folder / name).write_text(rules_page(lang), encoding="utf-8")


PAGES: dict[Language, str] = {"en": "rules.md", "zh": "rules.zh.md"}

if __name__ == "__main__":
    write(Path("docs/reference"))
