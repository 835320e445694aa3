"""Examples of the rules on handoffs, returns, visits and places (H1–H10)."""

from procflow.analysis.examples.model import CLERK, OFFICER, TOWN, Example, line
from procflow.text import Text

_REFUSED = "  - {name: refused, final: true}\n  - {name: end"

EXAMPLES = {
    "H1": Example(
        Text(en="A case goes through five departments", zh="办件历经五次部门交接"),
        line(f"a: {CLERK}", f"b: {OFFICER}", f"c: {TOWN}", f"d: {OFFICER}", f"e: {CLERK}"),
        Text(en="the applicant is an actor and no department", zh="申请人是行为人而非部门"),
        f"c, {TOWN}",
        "c, actor: applicant, delay: 1 d",
    ),
    "H2": Example(
        Text(
            en="Three cases in ten go to the tax office and come back with nothing new",
            zh="三成办件转税务部门后原样退回",
        ),
        line(
            f"review: {CLERK}, writes: [shop.name]",
            ways="""{trigger: ask, source: review, dest: comment, probability: {value: 0.3, assumed: true}}
            {trigger: answer, source: comment, dest: review}""",
        ).replace("  - {name: end", f"  - {{name: comment, {OFFICER}}}\n  - {{name: end"),
        Text(en="it writes an opinion: a planned consultation", zh="出具意见，属有计划的征求意见"),
        OFFICER,
        OFFICER + ", writes: [shop.record]",
    ),
    "H3": Example(
        Text(
            en="Four applications in ten are returned, some of them more than once", zh="四成申请被退回，且有多次退回"
        ),
        line(
            f"review: {CLERK}, kind: intake, asks: [shop.name]",
            ways="""{trigger: back, source: review, dest: fix, probability: {value: 0.15, assumed: true}}
            {trigger: again, source: fix, dest: review}""",
        ).replace("  - {name: end", "  - {name: fix, actor: applicant, kind: correction, delay: 2 d}\n  - {name: end"),
        Text(en="each is returned once at most, and few are", zh="至多一次性告知一次，且为数不多"),
        "value: 0.15",
        "value: [0.15, 0]",
    ),
    "H4": Example(
        Text(en="A case goes down to the township and up again, and down once more", zh="办件在县乡之间多次上下往返"),
        line(f"a: {TOWN}", f"b: {CLERK}", f"c: {TOWN}", f"d: {CLERK}"),
        Text(en="the office signs for the bureau", zh="乡镇受委托代县局签署"),
        f"c, {TOWN}",
        f"c, {TOWN}, signs_for: bureau",
    ),
    "H5": Example(
        Text(en="Two departments, and none that leads", zh="两个部门参与而未明确牵头"),
        line(f"review: {CLERK}", f"assess: {OFFICER}", more="lead:"),
        Text(en="one leads", zh="已明确牵头部门"),
        "lead:\n",
        "lead: bureau\n",
    ),
    "H7": Example(
        Text(en="One visit is declared, and it takes two", zh="公布跑动一次，实际两次"),
        line(f"apply: {CLERK}, visits: 1", f"collect: {CLERK}, visits: 1", more="declared_visits: 1"),
        Text(en="law requires the applicant's presence", zh="法律要求申请人到场"),
        f"collect, {CLERK}, visits: 1",
        f"collect, {CLERK}, visits: 1, visits_basis: act art. 1",
    ),
    "H9": Example(
        Text(
            en="The township does the work, the county decides and agrees in 95 of 100 cases",
            zh="乡镇承担工作，县局决定且百分之九十五予以同意",
        ),
        line(
            f"visit: {TOWN.replace('30 min', '2 h')}, kind: inspection",
            f"decide: {CLERK}, kind: decision",
            ways="{trigger: no, source: decide, dest: refused, probability: {value: 0.05, assumed: true}}",
        ).replace("  - {name: end", _REFUSED),
        Text(en="the one who works decides", zh="由承担工作的层级决定"),
        f"decide, {CLERK}",
        f"decide, {TOWN}",
    ),
    "H10": Example(
        Text(
            en="The step is bound to the office of the residence, and no law says so", zh="限定由居住地办理而无法律依据"
        ),
        line(f"register: {CLERK}, territorial: {{to: residence}}"),
        Text(en="law says so", zh="有法律依据"),
        "{to: residence}",
        "{to: residence, basis: act art. 1}",
    ),
}
