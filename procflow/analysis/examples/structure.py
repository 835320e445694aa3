"""Examples of the rules on structure (S1–S8) and on gaps (D17)."""

from procflow.analysis.examples.model import CLERK, Example, line
from procflow.text import Text

_REGIONS = f"""initial: together
states:
  - name: together
    join: all
    regions:
      - {{name: fire, initial: visit, states: [{{name: visit, {CLERK}}}, {{name: done, final: true}}],
         transitions: [{{trigger: seen, source: visit, dest: done%s}}%s]}}
      - {{name: water, initial: visit, states: [{{name: visit, {CLERK}}}, {{name: done, final: true}}],
         transitions: [{{trigger: seen, source: visit, dest: done}}]}}
  - {{name: decide, {CLERK}}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: joined, source: together, dest: decide}}
  - {{trigger: decided, source: decide, dest: end}}
"""

EXAMPLES = {
    "S1": Example(
        Text(en="Nothing leads to the special review", zh="没有任何流转通向专项审查"),
        line(
            f"sort: {CLERK}",
            f"review: {CLERK}",
            ways="""{trigger: special, source: sort, dest: end, probability: {value: 0.1, assumed: true}}
            {trigger: reviewed, source: special, dest: end}""",
        ).replace("  - {name: end", f"  - {{name: special, {CLERK}}}\n  - {{name: end"),
        Text(en="some cases are special", zh="部分办件属专项审查"),
        "{trigger: special, source: sort, dest: end,",
        "{trigger: special, source: sort, dest: special,",
    ),
    "S2": Example(
        Text(en="Who withdraws stays in a state from which nothing leads on", zh="撤回后停在没有出口的状态"),
        line(
            f"review: {CLERK}",
            ways="{trigger: withdraw, source: review, dest: withdrawn, probability: 0.1}",
        ).replace("  - {name: end", f"  - {{name: withdrawn, {CLERK}}}\n  - {{name: end"),
        Text(en="a cancelling end is an end", zh="撤回终止也是办结"),
        f"{{name: withdrawn, {CLERK}}}",
        "{name: withdrawn, final: true, outcome: withdrawn}",
    ),
    "S3": Example(
        Text(en="Asking and answering lead to each other and to nothing else", zh="询问与答复相互往返而无出口"),
        line(
            f"review: {CLERK}",
            ways="""{trigger: ask, source: review, dest: asking, probability: 0.1}
            {trigger: asked, source: asking, dest: answering}
            {trigger: answered, source: answering, dest: asking}""",
        ).replace(
            "  - {name: end", f"  - {{name: asking, {CLERK}}}\n  - {{name: answering, {CLERK}}}\n  - {{name: end"
        ),
        Text(
            en="after the second answer the case goes on: a retry with a limit", zh="第二次答复后继续办理，属有限次重试"
        ),
        "{trigger: answered, source: answering, dest: asking}",
        "{trigger: answered, source: answering, dest: asking, probability: [1, 0]}\n"
        "  - {trigger: enough, source: answering, dest: review}",
    ),
    "S4": Example(
        Text(en="The join waits for three regions, and there are two", zh="汇合需三个分支，而实际只有两个"),
        (_REGIONS % ("", "")).replace("join: all", "join: {at_least: 3}")
        + "  - {trigger: late, source: together, dest: decide, timeout: 90 d}\n",
        Text(en="the join can complete", zh="汇合可以完成"),
        "at_least: 3",
        "at_least: 2",
        unsound=True,
    ),
    "S5": Example(
        Text(
            en="Nothing happens in the state in between, and nobody else takes over",
            zh="中间状态无任何办理内容，也未换人",
        ),
        line(f"review: {CLERK}", "between: department: bureau, data: complete", f"decide: {CLERK}"),
        Text(en="it marks an instant that law or people look at", zh="属法定或约定的节点"),
        "between, department: bureau, data: complete",
        "between, department: bureau, data: complete, milestone: true",
    ),
    "S6": Example(
        Text(en="Two transitions say the same", zh="两条流转完全重复"),
        line(
            f"review: {CLERK}",
            ways="{trigger: review_done, source: review, dest: end, probability: 0.5, basis: act art. 1}",
        ),
        Text(en="one of the two follows another rule of law", zh="二者各有不同的法定职责"),
        "- {trigger: review_done, source: review, dest: end}",
        "- {trigger: review_done, source: review, dest: end, basis: act art. 2}",
    ),
    "S7": Example(
        Text(en="One region goes on to the decision without waiting for the other", zh="一个分支不等汇合径直进入决定"),
        _REGIONS
        % (
            ", probability: {value: 0.9, assumed: true}",
            ",\n           {trigger: straight, source: visit, dest: decide}",
        ),
        Text(en="it ends the other region on purpose", zh="有意终止其他分支"),
        "dest: decide}]",
        "dest: decide, cancels: true}]",
    ),
    "S8": Example(
        Text(en="Two ways out, and nothing says which one a case takes", zh="两个出口，却未说明如何选择"),
        line(f"review: {CLERK}", ways="{trigger: refuse, source: review, dest: refused}").replace(
            "  - {name: end", "  - {name: refused, final: true}\n  - {name: end"
        ),
        Text(en="how many go that way is said", zh="已载明该出口的比例"),
        "dest: refused}",
        "dest: refused, probability: {value: 0.1, assumed: true}}",
        unsound=True,
    ),
    "D17": Example(
        Text(
            en="No law is named for a review of which it is not said that all is told",
            zh="审查未载明法律依据，数据亦未声明完整",
        ),
        line(f"review: {CLERK.replace('complete', 'partial')}, kind: review"),
        Text(en="it has a basis", zh="已载明依据"),
        "kind: review",
        "kind: review, basis: act art. 1",
        about="basis",
    ),
}
