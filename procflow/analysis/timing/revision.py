"""D18, the stale definition (版本漂移): a process last reviewed before the law that it rests on changed."""

from collections.abc import Iterable

from procflow.analysis.finding import Finding, Measurement, Remedy, Subject
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding
from procflow.text import Text


def _check(context: Context) -> Iterable[Finding]:
    definition = context.process.definition
    reviewed, changed = definition.reviewed_on, definition.law_changed_on
    if reviewed is None or changed is None or reviewed >= changed:
        return
    yield finding(
        context,
        "D18",
        (Subject("process", definition.process),),
        Text(
            en=f"the definition was last reviewed on {reviewed}, before the law changed on {changed}",
            zh=f"流程定义最近梳理于 {reviewed}，早于法律依据修改之日（{changed}）",
        ),
        (
            Measurement(
                Text(en="days from the review to the change", zh="梳理至修法相隔天数"),
                float((changed - reviewed).days),
                "d",
            ),
        ),
        severity="medium",
        legal_hook=definition.basis,
        remedies=(
            Remedy(
                "",
                Text(
                    en="review it against the law in force, and date the review",
                    zh="对照现行法律重新梳理，并更新梳理日期",
                ),
            ),
        ),
        path=("reviewed_on",),
    )


RULES = (
    Rule(
        id="D18",
        name=Text(en="stale definition", zh="版本漂移"),
        what=Text(
            en="a definition reviewed before the law changed; across processes, versions that differ by region",
            zh="修法之前梳理、此后未更新的流程定义；跨流程比对时，各地不一致的版本",
        ),
        why=Text(en="it may demand what the law no longer does", zh="可能仍在要求法律已取消的事项"),
        formula=Text(
            en="reviewed_on < law_changed_on; versions of one process with another `region` (`analyze_portfolio`): "
            "what differs from the one reviewed last",
            zh="reviewed_on 早于 law_changed_on；同一流程不同 region 的版本（analyze_portfolio）与最近梳理者的差异",
        ),
        source="procflow's own rule",
        trap=Text(en="a definition that names only one of the two dates", zh="只写了其中一个日期的定义"),
        check=_check,
    ),
)
