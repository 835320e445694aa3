"""How often a case visits each state, as expected: of ``procflow.machine``, under the name it had here."""

from procflow.machine.expectation import Visits, expected_visits

__all__ = ["Visits", "expected_visits"]
