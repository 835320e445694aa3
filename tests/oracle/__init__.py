"""A second simulator, in plain Python and written for clarity, straight from docs/reference/semantics.md.

It shares no code with the kernel, so that an error would have to be made twice to go unseen. It is slow, and keeps
everything in memory. Rules are cited by their number in that page.
"""

from tests.oracle.simulator import OracleRun, simulate

__all__ = ["OracleRun", "simulate"]
