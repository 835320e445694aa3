"""Examples of the rules on checks, approvals, branches and the order of steps (R6–R16, R21–R23)."""

from procflow.analysis.examples.model import CLERK, OFFICER, TOWN, Example, line
from procflow.text import Text

_SAME = "kind: review, checks: [{of: shop, criteria: [lawful], evidence: [lease]%s}]"
_REFUSED = "  - {name: refused, final: true}\n  - {name: end"


def _approval(name: str, department: str, role: str = "clerk") -> str:
    duty = f"checks: [{{of: shop, criteria: [{name}], duty: %s}}]"
    return f"{name}: department: {department}, role: {role}, work: 30 min, data: complete, kind: approval, {duty}"


def _approvals() -> str:
    found = (
        _approval("first", "office", "inspector"),
        _approval("second", "bureau"),
        _approval("third", "city_bureau"),
    )
    return line(*(each % "none" for each in found))


EXAMPLES = {
    "R6": Example(
        Text(en="Two reviews look at the same lease by the same criteria", zh="两次审查以同一标准核对同一份合同"),
        line(
            f"apply: {CLERK}, asks: [{{document: lease}}]",
            f"review: {CLERK}, {_SAME % ''}",
            f"review_again: {CLERK}, {_SAME % ''}",
        ),
        Text(en="four eyes are a duty", zh="属法定双人复核"),
        f"review_again, {CLERK}, {_SAME % ''}",
        f"review_again, {CLERK}, {_SAME % ', duty: four_eyes, basis: act art. 1'}",
    ),
    "R7": Example(
        Text(en="Of 20,000 cases the review refused 40", zh="两万件中审查仅否决 40 件"),
        line(
            f"review: {CLERK}, kind: review",
            ways="{trigger: no, source: review, dest: refused, probability: {value: 0.002, source: x, sample: 20000}}",
            more="basis: act art. 1",
        ).replace("  - {name: end", _REFUSED),
        Text(en="so few cases prove nothing", zh="样本过少，不能下结论"),
        "sample: 20000",
        "sample: 200",
    ),
    "R8": Example(
        Text(en="A step of five minutes that only hands on", zh="五分钟的转手环节，不产生任何内容"),
        line(
            f"review: {CLERK}, writes: [shop.record]",
            f"forward: {CLERK.replace('30', '5')}",
            f"decide: {CLERK}, reads: [shop.record]",
        ),
        Text(en="it starts a clock of law, for instance", zh="如属起算法定时限的登记节点"),
        CLERK.replace("30", "5"),
        CLERK.replace("30", "5") + ", milestone: true",
    ),
    "R9": Example(
        Text(
            en="Three approvals above one another, none of which looks at anything new",
            zh="逐级三次审批，均未审查新的内容",
        ),
        _approvals(),
        Text(en="law names these levels", zh="法律明定各级审批"),
        "duty: none}",
        "duty: statutory_level, basis: act art. 1}",
    ),
    "R10": Example(
        Text(en="Of thousands of cases hardly any takes the special way", zh="数千件中几乎无一件走专项通道"),
        line(
            f"sort: {CLERK}, kind: dispatch",
            f"decide: {CLERK}",
            ways="""{trigger: special, source: sort, dest: special, probability: {value: 0.00001, assumed: true}}
            {trigger: reviewed, source: special, dest: decide}""",
        ).replace("  - {name: end", f"  - {{name: special, {CLERK}}}\n  - {{name: end"),
        Text(en="an emergency is rare on purpose", zh="应急通道本应少用"),
        "assumed: true}}",
        "assumed: true}, emergency: true}",
        in_run=True,
    ),
    "R12": Example(
        Text(
            en="The short check that refuses three in ten comes after the long one",
            zh="三成不予通过的简短审查排在耗时审查之后",
        ),
        line(
            f"survey: {CLERK.replace('clerk', 'expert').replace('30 min', '2 h')}, kind: inspection",
            f"screen: {CLERK.replace('clerk', 'expert')}, kind: review",
            f"approve: {CLERK}, kind: approval",
            ways="{trigger: no, source: screen, dest: refused, probability: {value: 0.3, assumed: true}}",
            more="locks: []",
        ).replace("  - {name: end", _REFUSED),
        Text(en="law prescribes the order", zh="法律规定了先后顺序"),
        "locks: []",
        "locks: [{first: {done: survey}, then: {enter: screen}, basis: act art. 1}]",
    ),
    "R13": Example(
        Text(en="Three cases in ten go back from the decision to the review", zh="三成办件由决定环节退回重新审查"),
        line(
            f"review: {CLERK}, writes: [shop.record]",
            f"decide: {CLERK}, reads: [shop.record]",
            ways="{trigger: anew, source: decide, dest: review, probability: {value: [0.3, 0], assumed: true}}",
        ),
        Text(en="what comes in parts by law comes again", zh="依法分期分批办理"),
        "assumed: true}}",
        "assumed: true}, instalment: act art. 1}",
        in_run=True,
    ),
    "R15": Example(
        Text(
            en="The tax is assessed and then the shop inspected; neither needs the other",
            zh="核税与现场核查先后进行，彼此并不依赖",
        ),
        line(
            f"tax: {OFFICER}, kind: review, writes: [shop.owner]",
            f"visit: {TOWN}, kind: inspection, writes: [shop.record]",
            f"booking: {CLERK}, kind: decision, reads: [shop.owner, shop.record]",
            more="locks: []",
        ),
        Text(en="law locks the order", zh="法律锁定了先后顺序"),
        "locks: []",
        "locks: [{first: {done: tax}, then: {enter: visit}, basis: 契税法 art. 11}]",
        said=True,
    ),
    "R16": Example(
        Text(en="Low and high risks are inspected alike", zh="低风险与高风险一律同样核查"),
        line(
            f"visit: {CLERK}, kind: inspection",
            more="risk_classes: risk\nattributes: {risk: {categorical: {low: 0.7, high: 0.3}, assumed: true}}",
        ),
        Text(en="law wants all treated alike", zh="法律要求同等对待"),
        "risk_classes: risk\n",
        "risk_classes: risk\nequal_treatment: act art. 1\n",
    ),
    "R21": Example(
        Text(en="No law is cited for the consultation", zh="征求意见环节未载明法律依据"),
        line(f"consult: {CLERK}, kind: consultation"),
        Text(en="it has one", zh="已载明依据"),
        "kind: consultation",
        "kind: consultation, basis: act art. 1",
    ),
    "R22": Example(
        Text(en="Every case waits for an assessment by an intermediary", zh="每件均须等待中介评估"),
        line(f"apply: {CLERK}", "assessment: actor: external, delay: 5 d, kind: consultation", f"decide: {CLERK}"),
        Text(en="law demands it", zh="属法定中介服务"),
        "delay: 5 d, kind: consultation",
        "delay: 5 d, kind: consultation, basis: act art. 1",
    ),
    "R23": Example(
        Text(en="The same matter is announced twice to the same people", zh="同一事项先后向同一对象公示两次"),
        line(
            f"post: {CLERK}, kind: notice, notice: {{of: shop, to: neighbors}}",
            f"publish: {CLERK}, kind: notice, notice: {{of: shop, to: neighbors}}",
        ),
        Text(en="it opens another right of objection", zh="所对应的异议权不同"),
        f"publish, {CLERK}, kind: notice, notice: {{of: shop, to: neighbors}}",
        f"publish, {CLERK}, kind: notice, notice: {{of: shop, to: neighbors, objection: appeal}}",
    ),
}
