"""Cases told apart by what guards can see: of ``procflow.machine``, under the name it had here."""

from procflow.machine.valuations import Truth, Valuations, Value, valuations

__all__ = ["Truth", "Valuations", "Value", "valuations"]
