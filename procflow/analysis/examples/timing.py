"""Examples of the timing rules: sittings, couriers, office hours, limits and queues (T2–T14)."""

from procflow.analysis.examples.model import CLERK, OFFICER, Example, line
from procflow.text import Text

_HALL = "department: market_hall, role: keeper, work: 30 min, data: complete"
_WEEKLY = 'every: "weekly wed 09:00"'

_BOTH = """initial: both
states:
  - name: both
    regions:
      - {name: tax, initial: check, states: [{name: check, %s}, {name: ok, final: true}],
         transitions: [{trigger: done, source: check, dest: ok}]}
      - {name: bureau, initial: look, states: [{name: look, %s}, {name: ok, final: true}],
         transitions: [{trigger: done, source: look, dest: ok}]}
  - {name: end, final: true}
transitions:
  - {trigger: go, source: both, dest: end}
"""

EXAMPLES = {
    "T2": Example(
        Text(
            en="A file takes a day to a hall that opens on Tuesdays, and lies there",
            zh="案卷一天送达，而集市窗口仅周二开放，只能等候",
        ),
        line(
            f"review: {CLERK}",
            f"stamp: {_HALL}",
            ways="{trigger: review_done, source: review, dest: stamp, transfer: {delay: 1 wd}}",
        ).replace("  - {trigger: review_done, source: review, dest: stamp}\n", ""),
        Text(en="the tax office takes it whenever it comes", zh="税务部门随到随办"),
        f"stamp, {_HALL}",
        f"stamp, {OFFICER}",
    ),
    "T3": Example(
        Text(en="Cases come every day, and the meeting sits once a fortnight", zh="每天都有来件，而会议两周才开一次"),
        line(f"review: {CLERK}", f'meeting: {OFFICER}, batch: {{every: "fortnightly wed 09:00"}}'),
        Text(en="it sits every day", zh="每天召开"),
        "fortnightly wed 09:00",
        "daily 09:00",
    ),
    "T5": Example(
        Text(
            en="The bureau works from Monday to Friday, the market hall on Tuesdays",
            zh="县局周一至周五办公，集市窗口仅周二开放",
        ),
        line(f"review: {CLERK}", f"stamp: {_HALL}"),
        Text(en="it hands over to people of the same hours", zh="移交给同一办公时段的人员"),
        f"stamp, {_HALL}",
        f"stamp, {OFFICER}",
    ),
    "T6": Example(
        Text(en="The list of a weekly meeting is closed two days before it", zh="每周一次的会议提前两天截止报名"),
        line(f"review: {CLERK}", f"meeting: {OFFICER}, batch: {{{_WEEKLY}, cutoff: 2 wd}}"),
        Text(en="half an hour before is early enough", zh="提前半小时截止即可"),
        "cutoff: 2 wd",
        "cutoff: 30 min",
    ),
    "T8": Example(
        Text(en="Every fourth case or so takes longer than is promised", zh="约四分之一的办件超过承诺时限"),
        line(
            f"review: {CLERK}, delay: {{uniform: [2 wd, 10 wd]}}",
            more="limits: {decision: {statutory: 20 wd, promised: 8 wd, start: {enter: review}, stop: {exit: review}}}",
        ),
        Text(en="the promise can be kept", zh="承诺时限可以兑现"),
        "promised: 8 wd",
        "promised: 11 wd",
        in_run=True,
    ),
    "T12": Example(
        Text(en="One expert, busy nearly all of the day", zh="仅一名专家，几乎全天满负荷"),
        line("assess: department: bureau, role: expert, work: {exponential: 97 min}, data: complete"),
        Text(en="the work is shorter, and hardly anybody waits", zh="用时缩短，几乎无人排队"),
        "exponential: 97 min",
        "exponential: 40 min",
        in_run=True,
    ),
    "T13": Example(
        Text(
            en="A weekly meeting has 21 seats for the 20 cases that a week brings on average",
            zh="每周会议 21 个名额，而平均每周来件 20 件",
        ),
        line(f"meeting: {CLERK.replace('30 min', '1 min')}, batch: {{{_WEEKLY}, max: 21}}"),
        Text(en="there is a seat for everybody", zh="名额充足"),
        "max: 21",
        "max: 60",
        in_run=True,
    ),
    "T14": Example(
        Text(
            en="The bureau's look is done at once, and waits a week for the tax office", zh="县局即时办结，却等税务一周"
        ),
        _BOTH % (f"{OFFICER}, delay: 6 wd", f"{CLERK}"),
        Text(en="both take as long", zh="两者用时相同"),
        f"look, {CLERK}",
        f"look, {CLERK}, delay: 6 wd",
        in_run=True,
    ),
}
