"""The probability that an attribute lies below a number: of ``procflow.machine``, under the name it had here."""

from procflow.machine.chance import below

__all__ = ["below"]
