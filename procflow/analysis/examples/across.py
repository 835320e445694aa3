"""Examples of the rules across processes (R1p, R2p, R18p): two processes of one county."""

from procflow.analysis.examples.model import CLERK, Example, line
from procflow.text import Text

_REGISTER = "issuer: bureau"

EXAMPLES = {
    "R1p": Example(
        Text(
            en="Both processes of the bureau ask applicants for the shop's name, of which it keeps the register itself",
            zh="县局的两个流程都要求申请人填写店铺名称，而该项登记正由县局负责",
        ),
        line(f"renew: {CLERK}, asks: [shop.name]"),
        Text(en="the value on file expires", zh="存档内容有有效期"),
        item=(_REGISTER, f"{_REGISTER}, validity: 6 month"),
        earlier=line(f"open: {CLERK}, asks: [shop.name]"),
    ),
    "R2p": Example(
        Text(
            en="Whoever has opened the shop and now wants its license hands in the lease a second time",
            zh="同属一件事，开办时已交的租赁合同，办证时再次索要",
        ),
        line(f"license: {CLERK}, asks: [{{document: lease}}]", more="bundle: shop\nfollows: [earlier]"),
        Text(en="law requires the original each time", zh="法律要求每次核验原件"),
        material=("", "original_required: act art. 1"),
        earlier=line(f"open: {CLERK}, asks: [{{document: lease}}]", more="bundle: shop"),
    ),
    "R18p": Example(
        Text(
            en="One process keys the name into the platform, the other one into the archive's system, and nothing "
            "joins the two",
            zh="一个流程将名称录入办事平台，另一个流程录入档案系统，两个系统之间无任何接口",
        ),
        line(f"file: {CLERK}, enters: [{{item: shop.name, into: [archive_system]}}]"),
        Text(en="a classified network must not be joined to others", zh="涉密网络不得与其他网络互联"),
        network=("government", "classified"),
        earlier=line(f"open: {CLERK}, enters: [{{item: shop.name, into: [platform]}}]"),
    ),
}
