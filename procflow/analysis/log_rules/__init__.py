"""The rules over an event log of real cases, without a definition. Each says what a log lacks for it."""
