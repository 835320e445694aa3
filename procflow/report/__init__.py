"""The report for decision makers: one HTML file that needs no network, Excel or JSON. The package can be called.

``procflow.report(process, run, findings, comparison)`` is ``procflow.report.report(…)``: the name means one thing
however it was imported.
"""

import sys
from types import ModuleType
from typing import Any

from procflow.report.data import schema
from procflow.report.document import Report, report

__all__ = ["Report", "report", "schema"]


class _Callable(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> Report:
        return report(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
