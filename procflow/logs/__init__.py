"""Event logs: what happened to real cases, read, written and looked at. Judges nothing; findings are ``analysis``'s."""

from procflow.logs.log import EventLog, event_log
from procflow.logs.read import read_log
from procflow.logs.write import write_log

__all__ = ["EventLog", "event_log", "read_log", "write_log"]
