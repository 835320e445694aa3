"""Event logs: what happened to real cases, read, written and looked at. Judges nothing; findings are ``analysis``'s."""

from procflow.logs.log import EventLog, event_log

__all__ = ["EventLog", "event_log"]
