"""The command line: one verb, one function. Shows what the library returns and computes nothing itself."""

from procflow.cli.app import main

__all__ = ["main"]
