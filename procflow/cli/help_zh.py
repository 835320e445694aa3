"""The help texts of the command line in Chinese. What has no entry stays English; a test sees that all have one."""

from typing import Any

from typer import Context

PROGRAM = {
    "Find redundant steps and timing gaps in government processes, and prove what a reform gains.": (
        "找出政务流程中的冗余环节与时间差、频率差，并用仿真验证改革成效。"
    ),
    "Print the version and exit.": "显示版本并退出。",
}
VERBS = {
    "Write the definition files of a DIGIT workflow, and say what it leaves open.": (
        "将 DIGIT 工作流写为定义文件，并说明尚待补充的内容。"
    ),
    "Accept a finding with a reason and an expiry: it stays visible and no longer counts.": (
        "接受一条问题并写明理由与期限：仍予显示，但不再计入。"
    ),
    "Check definition files: all problems at once, by file, line and column.": (
        "检查定义文件：一次列出全部问题，注明文件、行、列。"
    ),
    "Draw a process as a diagram: its lanes, state machine or flow chart, or a map of its handoffs.": (
        "绘制流程：泳道图、状态机图、流程图，或移交、系统、采集关系图。"
    ),
    "Simulate processes and print how long cases take and why; Ctrl-C stops early with what is finished.": (
        "仿真运行流程，输出办件用时及其构成；按 Ctrl-C 可提前结束并保留已完成的重复。"
    ),
    "Find what costs more than it needs to: redundant steps, repeated capture, timing gaps.": (
        "查找不必要的成本：冗余环节、重复采集、时间差与频率差。"
    ),
    "Compare two variants of a process under the same cases and the same luck.": (
        "在相同办件、相同随机条件下比较同一流程的两个方案。"
    ),
    "Simulate variants under many scenarios and tabulate them; resumes where it was interrupted.": (
        "批量仿真多个方案与场景并汇总成表；中断后可接续运行。"
    ),
    "Simulate one more person, one more sitting, one hour longer: what would each give?": (
        "分别仿真增加一人、增加一个批次、延长一小时办公：各能带来多少改善？"
    ),
    "Show what the lead time is made of, and what would be gained if each part took no time.": (
        "显示全程用时的构成，以及各部分若不耗时可节省多少。"
    ),
    "Write a report for decision makers, of one variant or of two.": "生成供决策参考的报告，可为单一方案或两方案对比。",
    "Write a report on many processes: what is written down, what they share, where to begin.": (
        "生成多流程总览报告：梳理进度、共用资源与数据、优先次序。"
    ),
    "Check, draw, simulate, analyze and compare the shipped food license process.": (
        "对随附的食品经营许可流程依次检查、绘图、仿真、分析、对比。"
    ),
    "Write the JSON Schema of the definition files, one per kind of file, and of a report's JSON.": (
        "输出各类定义文件及报告 JSON 的 JSON Schema。"
    ),
    "Say how the cases of a log kept a legal limit: lived through, on the clock and suspended, side by side.": (
        "说明日志中各办件是否按法定时限办结：全程、机关计时、停表并列。"
    ),
    "Show what a log holds: cases, variants, what follows what, rework, handoffs, lateness.": (
        "查看日志内容：办件、路径、先后关系、返工、交接、超期。"
    ),
    "Convert a log to XES, CSV or Parquet; nothing is left out unless said.": (
        "将日志转换为 XES、CSV 或 Parquet；如有略去必予说明。"
    ),
    "Say how many cases of a log can happen by a definition, and where the others part from it.": (
        "判断日志中有多少办件符合流程定义，其余在何处偏离。"
    ),
    "Lay measured times beside the assumed ones, and write them into the definition where asked to.": (
        "将实测时长与假定时长并列，并可按要求写入流程文件。"
    ),
    "Find in a log what costs more than it needs to: waits, lateness, handoffs, rework.": (
        "从日志中查找问题：等待、超期、交接、返工。"
    ),
    "Write the definition files of a process that another tool describes.": "将其他工具描述的流程写为定义文件。",
    "List, show and delete the runs of a store.": "查看、删除库中保存的仿真运行。",
    "List the runs of a store, the newest first.": "列出库中的仿真运行，新的在前。",
    "Show the summaries and findings of a run.": "显示一次运行的汇总指标与发现的问题。",
    "Delete a run with its tables.": "删除一次运行及其数据表。",
    "List the rules of the analysis.": "列出全部分析规则。",
    "Look at the event log of real cases.": "分析真实办件的事件日志。",
    "Split the waiting of a log into its causes; roles, hours, holidays and batches are found in it.": (
        "将日志中的等待时间按原因分解；岗位、工作时间、节假日与批次均由日志推得。"
    ),
    "Say when a legal limit ends: working days, holidays, suspensions and extensions counted.": (
        "计算法定时限何时届满：计入工作日、节假日、停表与延长。"
    ),
    "Explain a rule: what it flags, why, by what formula, and what it takes care not to flag.": (
        "解释一条规则：查什么、为什么、怎么算、哪些情形不予提示。"
    ),
}
PARAMETERS = {
    "Workflow of DIGIT (JSON).": "DIGIT 工作流（JSON）。",
    "File of accepted findings; by default FILE.accepted.yaml beside the process file.": (
        "已接受问题的文件；默认为流程文件旁的 FILE.accepted.yaml。"
    ),
    "Subjects that tell the finding from others.": "可与其他问题区分的对象名称。",
    "Why it is accepted.": "接受的理由。",
    "Last day on which it is accepted, such as 2026-12-31.": "接受的最后一日，如 2026-12-31。",
    "Who accepts it.": "由谁接受。",
    "Event log: XES, CSV or Parquet, with starts and people.": "事件日志：XES、CSV 或 Parquet，须含开始时间与人员。",
    "Event log: XES, CSV or Parquet, with people.": "事件日志：XES、CSV 或 Parquet，须含人员。",
    "Whose public holidays to look for, such as CN; by default those of the zone.": (
        "按哪个国家的公众假日核对，如 CN；默认按时区所在国家。"
    ),
    "Show when cases arrive and people work, found in a log, and which public holidays they keep.": (
        "由日志推得办件到达与人员工作的时间，以及遵循哪些公众假日。"
    ),
    "Work calendars (JSON); found in the log by default.": "工作日历（JSON），默认由日志推得。",
    "What the rows of the table are.": "表格按何分行。",
    "Who could have done it: everybody of the role, or the person who did.": (
        "谁本可办理：同岗位全体人员，或实际经办人。"
    ),
    "Time zone of times that name none, such as Asia/Shanghai.": "未注明时区的时间所用时区，例如 Asia/Shanghai。",
    "Rows of the table, the longest waits first.": "表格行数，等待最长者在前。",
    "Language of messages; by default that of the environment.": "消息语言，默认随系统环境。",
    "Print JSON instead of a table.": "以 JSON 而非表格输出。",
    "Scenario file; the options below override what it says.": "场景文件；下列选项优先于文件内容。",
    "How cases arrive, for instance '12 per wd' (wd: working day).": "办件如何到达，例如 '12 per wd'（wd：工作日）。",
    "Calendar days to simulate.": "仿真的自然日数。",
    "Calendar days at the start that statistics leave out.": "开头不计入统计的预热天数（自然日）。",
    "Number of independent replications.": "独立重复次数。",
    "Write the tables in this folder as they come: runs of any size fit into memory.": (
        "边运行边将数据表写入此文件夹：任意规模的运行均不受内存限制。"
    ),
    "Print where the cycle time went instead of the metrics: the parts sum to it exactly.": (
        "输出用时的去向（替代指标表）：各部分之和与全程用时完全一致。"
    ),
    "Replicate until the 95 % interval of the mean cycle time is within this share of it, such as 0.02.": (
        "重复仿真，直到平均全程用时的 95 % 置信区间半宽不超过均值的这一比例，例如 0.02。"
    ),
    "Seed of all randomness.": "随机种子。",
    "Simulate with as many staff as needed: what remains is not queues.": "假定人员充足：剩下的时间与排队无关。",
    "Database of runs: an SQLite file or a database URL.": "保存运行的库：SQLite 文件或数据库地址。",
    "Save the run in this database: an SQLite file or a database URL.": "将运行存入该库：SQLite 文件或数据库地址。",
    "Save the run's tables in this folder.": "将运行的数据表存入该文件夹。",
    "Definition files of any kind.": "任意种类的定义文件。",
    "Process file.": "流程文件。",
    "Process files; by default those that the scenario file names.": "流程文件；默认为情景文件中列出的流程。",
    "Process files; several share the departments of one organization.": "流程文件；多个流程共用同一组织的部门。",
    "Process file of the process as it is.": "现行流程文件。",
    "Process file of the process as it is to be.": "改革后流程文件。",
    "Process file of the process as it is to be, to compare with.": "用于对比的改革后流程文件。",
    "Where to write; the ending (svg, png, pdf, dot, mmd) says as what.": (
        "输出文件；以扩展名（svg、png、pdf、dot、mmd）定格式。"
    ),
    "What to draw: the steps, or a map of handoffs, systems or captured data.": (
        "画什么：各环节，或移交关系、系统关系、数据采集矩阵。"
    ),
    "Numbers to lay over the steps, of a saved run or of a quick simulation.": (
        "叠加在环节上的数据，取自已保存的运行或即时仿真。"
    ),
    "Folder of a run that 'procflow simulate --save' wrote.": "由 'procflow simulate --save' 写出的运行文件夹。",
    "Process file after a reform: one picture of both.": "改革后流程文件：前后画在一张图上。",
    "Event log with standard columns, for its waiting or frequency.": "列名规范的事件日志，叠加其等待或频次。",
    "Flag what the analysis finds, by number.": "按编号标出分析发现的问题。",
    "Of a process over 500 states, also write a drawing of each department.": (
        "超过 500 个状态的流程，另为每个部门各写一张图。"
    ),
    "Where to write the report: .html, .xlsx (Excel) or .json.": "报告输出文件：.html、.xlsx（Excel）或 .json。",
    "Simulate too what small changes of means and the end of each part would give.": (
        "同时仿真各项小调整及各环节不耗时的效果。"
    ),
    "Folder for one file per kind; printed without.": "输出文件夹，每类一个文件；不给则打印。",
    "Experiment file.": "实验文件。",
    "Folder of results; run again to resume.": "结果文件夹；再次运行即接续。",
    "Threads, processes or local workers; by default all cores.": "线程、进程或本地工作节点数，默认用满所有核心。",
    "Where the cells run.": "在何处运行。",
    "Folder to write to.": "输出文件夹。",
    "Event log: .xes, .csv (also .gz), .parquet, or a case library's folder.": (
        "事件日志：.xes、.csv（均可加 .gz）、.parquet，或办件库文件夹。"
    ),
    "Which column holds a field, such as 'case=No.'; may be given several times.": (
        "某字段所在的列，例如 'case=办件编号'；可多次给出。"
    ),
    "Which state an activity is, such as 'T02 Check=review'; may be given several times.": (
        "日志环节对应的流程状态，例如 '材料审核=review'；可多次给出。"
    ),
    "How times are written, such as '%d/%m/%Y %H:%M'.": "时间的写法，例如 '%Y/%m/%d %H:%M'。",
    "Time zone of the log, such as Asia/Shanghai.": "日志的时区，例如 Asia/Shanghai。",
    "Encoding of text files, such as gb18030.": "文本文件的编码，例如 gb18030。",
    "Name activities by this classifier of an XES file.": "按 XES 文件中的该分类器命名环节。",
    "What becomes of columns about applicants.": "涉及申请人的列如何处理：drop 略去、hash 散列、keep 保留。",
    "Secret with which personal data are hashed.": "个人信息散列所用的密钥。",
    "Leave out what is wrong, counting it, instead of refusing the log.": "略去有误之处并计数，而不是拒绝整个日志。",
    "Process file: look with the rules over runs, too.": "流程文件：同时用面向仿真运行的规则检查。",
    "What parts the fields of text files, such as ';'.": "文本文件的分隔符，例如 ';'。",
    "Attribute of cases that holds their beginning.": "办件的受理时间属性名。",
    "Attribute of cases that holds their deadline.": "办件的期限属性名。",
    "Attribute of cases that holds their end.": "办件的办结时间属性名。",
    "Where to write; the ending (.xes, .csv, .parquet) says as what.": (
        "输出文件；以扩展名（.xes、.csv、.parquet）定格式。"
    ),
    "Write the measured times into the process file.": "将实测时长写入流程文件。",
    "Write them into this new file beside the process file instead.": "改为写入流程文件旁的这个新文件。",
    "Name of the variant that is written.": "所写方案的名称。",
    "Id of a rule, such as R1.": "规则编号，如 R1。",
    "Day (or instant, for hours) that starts the clock: 2025-01-23.": (
        "起算日（按小时计的时限写时刻），如 2025-01-23。"
    ),
    "Limit with its unit: '20 wd', '30 d', '1 month', '24 h'.": "时限及其单位：'20 wd'、'30 d'、'1 month'、'24 h'。",
    "Country whose public holidays count, such as CN.": "按哪一国家的节假日计算，如 CN。",
    "Organization file whose working days count instead.": "改用该组织文件的工作日。",
    "Suspension FIRST..LAST; may be given several times.": "停表 起..止；可多次给出。",
    "Lawful extension, such as '10 wd'; may be given several times.": "依法延长，如 '10 wd'；可多次给出。",
    "Move a last day that is no working day on to the next one.": "末日非工作日的，顺延至下一工作日。",
    "A single case instead of the mean: REPLICATION/CASE, such as 0/17.": (
        "只看单个办件而非均值：重复编号/办件编号，如 0/17。"
    ),
    "What each extension (延长审批) adds, such as '10 wd'.": "每次延长审批增加的时限，如 '10 wd'。",
    "Attribute of cases that holds when their clock starts.": "存放办件起算时间（如受理时间）的属性。",
    "Cases to list, the longest net times first.": "列出的办件数，机关计时最长者在前。",
    "Limit with its unit: '20 wd', '30 d', '1 month'.": "时限及单位：'20 wd'、'30 d'、'1 month'。",
    "Day for which to say how the clock stands.": "说明截至该日的计时情况：三种用时、灯号、提醒日。",
    "On which of its first and last days a suspension stops a limit; by default last.": (
        "停表首日、末日是否停止计时：last（默认，仅末日）、first、both、neither。"
    ),
    "Time to answer, such as '5 wd': silence accepts as of DATE, the receipt.": (
        "答复期限，如 '5 wd'：逾期未答复即自收件之日（DATE）起视为受理。"
    ),
    "Day of the first answer (acceptance, or all that is missing).": "首次答复（受理或一次性告知补正）之日。",
    "Id of a run, as 'procflow runs list' shows it.": "运行编号，见 'procflow runs list'。",
    "Also simulate steps in series at once and in another order (R15, R12).": (
        "另对可并未并的环节分别仿真并联办理与调整次序（R15、R12）。"
    ),
    "Only this rule; may be given several times.": "只用该规则；可多次给出。",
    "File of thresholds (YAML).": "阈值文件（YAML）。",
}
CHINESE = PROGRAM | VERBS | PARAMETERS


def translate(program: Any) -> None:
    """Put the help of a command, its options and its subcommands into Chinese, in place."""
    _translate_headings()
    shown = program.get_help_option(Context(program))
    if shown is not None:
        shown.help = "显示本帮助并退出。"
    program.help = CHINESE.get(program.help, program.help)
    for parameter in program.params:
        if getattr(parameter, "help", None):
            parameter.help = CHINESE.get(parameter.help, parameter.help)
    for inner in getattr(program, "commands", {}).values():
        translate(inner)


def _translate_headings() -> None:
    """Put the headings of typer's help into Chinese; what it says about usage has no name to change."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.ERRORS_PANEL_TITLE = "错误"
