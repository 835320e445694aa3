"""R2: documents demanded twice, or demanded although the public body that issues them may share them."""

from collections.abc import Iterator

from procflow.analysis.finding import Finding, Remedy
from procflow.analysis.pricing import cost, weighted
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.capture import Repeated, proofs, repeated, unrecorded
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.text import Text

HOOK = "《优化营商环境条例》第四十四条"


def _materials(context: Context) -> Iterator[Finding]:
    for found in repeated(context, documents=True):
        evidence = proofs(context, found)
        yield finding(
            context,
            "R2",
            subjects(("state", [found.state]), ("document", found.things)),
            _statement(context, found),
            evidence,
            cost=cost(context, "materials", weighted(context, {found.state: float(len(found.things))})),
            legal_hook=HOOK,
            blocked_by=unrecorded(context, found),
            remedies=_REMEDIES,
            thresholds={"validity_margin": context.profile.validity_margin},
            path=(*context.graph.nodes[found.state].path, "asks"),
        )


def _statement(context: Context, found: Repeated) -> Text:
    where = named(context, [found.state])
    en, zh = [], []
    if found.known:
        again = named(context, (ask.thing for ask in found.known))
        en.append(f"{again.get('en')} again, which an office has already")
        zh.append(f"重复索要此前已提交或已核发的{again.get('zh')}")
    others = [ask.thing for ask in found.at_hand if ask not in found.known]
    if others:
        held = named(context, others)
        en.append(f"{held.get('en')}, which the issuing body may share")
        zh.append(f"索要可由核发部门共享的{held.get('zh')}")
    return Text(
        en=f"{where.get('en')} demands {'; and '.join(en)}",
        zh=f"“{where.get('zh')}”{'；'.join(zh)}",
    )


_REMEDIES = (
    Remedy(
        "once_only",
        Text(en="fetch it from the body that issues or holds it", zh="由部门核验、共享获取，申请人免提交"),
    ),
    Remedy(
        "commitment",
        Text(en="where it cannot be fetched yet, accept a commitment", zh="暂不能共享的，推行告知承诺"),
    ),
)

RULES = (
    Rule(
        "R2",
        Text(en="duplicate or obtainable material", zh="重复提交、索要他部门核发材料"),
        Text(
            en="a document demanded although it was handed in before, or although the public body that issues it may "
            "share it",
            zh="此前已提交仍再次索要，或由政务部门核发、可共享仍要求申请人提交的材料",
        ),
        Text(en="the applicant carries papers between offices", zh="让群众替部门跑腿送材料"),
        Text(
            en="known on every path before, or issued by a government or public body with a permission to share; "
            "cost = expected visits × documents",
            zh="各路径上此前均已取得，或核发主体为政务部门且允许共享；成本=期望次数×材料份数",
        ),
        "Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., 9.2.6",
        Text(
            en="originals required by law, expired validity, refused sharing, documents that this process issues later",
            zh="法律要求原件、已过有效期、不予共享、本流程后续才核发的证照",
        ),
        _materials,
    ),
)
