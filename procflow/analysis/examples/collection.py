"""All examples by the id of their rule."""

from procflow.analysis.examples import across, data, handoffs, steps, structure, timing
from procflow.analysis.examples.model import Example

EXAMPLES: dict[str, Example] = {
    **structure.EXAMPLES,
    **data.EXAMPLES,
    **steps.EXAMPLES,
    **handoffs.EXAMPLES,
    **timing.EXAMPLES,
    **across.EXAMPLES,
}
