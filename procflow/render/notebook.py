"""How processes, drawings, runs, findings, comparisons and diffs show themselves in a notebook, in Chinese and English.

Words are those of ``draw``'s default language, Chinese; ``draw(…, lang="en")`` and ``.text("en")`` give the other.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from procflow.analysis.compare import Comparison, unit_name
from procflow.analysis.finding import Finding, Findings, severity_text
from procflow.analysis.metrics import summary
from procflow.definition.resolved import Process
from procflow.errors import ProcflowError, RenderError
from procflow.machine.diff import Diff
from procflow.render.drawing import Drawing, draw
from procflow.simulation.run import Run
from procflow.text import Language

_LANG: Language = "zh"


def bundle(thing: object) -> dict[str, Any]:
    """Return the forms of a thing by media type, as Jupyter's ``_repr_mimebundle_`` does; text for anything else.

    Without Graphviz a drawing is given as Mermaid text, which JupyterLab draws, with the error as text.
    """
    if isinstance(thing, Process):
        return _drawing(draw(thing, lang=_LANG), repr(thing))
    if isinstance(thing, Diff):
        return _drawing(draw(thing.before.process, after=thing.after.process, lang=_LANG), repr(thing))
    if isinstance(thing, Drawing):
        return _drawing(thing, repr(thing))
    html = _html(thing)
    return {"text/plain": repr(thing), **({"text/html": html} if html else {})}


def _drawing(drawing: Drawing, text: str) -> dict[str, Any]:
    try:
        return {"image/svg+xml": drawing.svg(), "text/plain": text}
    except RenderError as error:
        return {"text/vnd.mermaid": drawing.mermaid(), "text/plain": f"{text}\n{error.text(_LANG)}"}


def _html(thing: object) -> str:
    if isinstance(thing, Run):
        return _run(thing)
    if isinstance(thing, Comparison):
        return _comparison(thing)
    if isinstance(thing, Findings):
        return _findings(thing)
    return _finding(thing) if isinstance(thing, Finding) else ""


def _run(run: Run) -> str:
    parts = [f"<p>{escape(str(run))}</p>"]
    for process in run.processes:
        try:
            drawn = draw(process, run=run, lang=_LANG).svg(prefix=f"{process.name}-")
        except ProcflowError as error:
            drawn = f"<p>{escape(error.text(_LANG))}</p>"
        rows = [
            (m.name.get(_LANG), f"{m.estimate.mean:,.4g}", f"{m.estimate.low:,.4g} – {m.estimate.high:,.4g}",
             unit_name(m.unit, _LANG))
            for m in summary(run, process)
        ]  # fmt: skip
        parts += [f"<h4>{escape(process.label(_LANG))}</h4>", _table(("指标", "均值", "95 % 置信区间", "单位"), rows)]
        parts.append(f"<details><summary>泳道图</summary>{drawn}</details>")
    return "".join(parts)


def _comparison(found: Comparison) -> str:
    title = f"<p>{escape(f'{found.process}: {found.before} → {found.after}')}</p>"
    rows = [difference.cells(_LANG) for difference in found.differences]
    four = [reduction.cells(_LANG) for reduction in found.reductions]
    first = _table(("指标", found.before, found.after, "变化"), rows)
    return title + first + _table(("四减", found.before, found.after, "减幅"), four)


def _findings(findings: Findings) -> str:
    rows = [
        (f.rule, severity_text(f.severity, _LANG), f.statement.get(_LANG), ";".join(c.text(_LANG) for c in f.cost))
        for f in findings
    ]
    accepted = [f"<p>{escape(each.text(_LANG))}</p>" for each in findings.accepted]
    return "".join([_table(("规则", "严重程度", "发现", "代价"), rows), *accepted])


def _finding(finding: Finding) -> str:
    rows = [("证据", evidence.text(_LANG)) for evidence in finding.evidence]
    rows += [("代价", cost.text(_LANG)) for cost in finding.cost]
    rows += [("措施", remedy.text.get(_LANG)) for remedy in finding.remedies]
    title = f"{finding.rule} [{severity_text(finding.severity, _LANG)}] {finding.statement.get(_LANG)}"
    return f"<p><b>{escape(title)}</b></p>{_table((), rows)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"
