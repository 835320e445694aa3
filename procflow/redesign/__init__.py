"""Redesign operators: a process in, another one out, with what was kept checked on the result. Simulates nothing.

What the result gains is measured in ``procflow.redesign.alternatives``.
"""

from procflow.redesign.parallel import parallelize
from procflow.redesign.sequence import knock_out_order, resequence

__all__ = ["knock_out_order", "parallelize", "resequence"]
