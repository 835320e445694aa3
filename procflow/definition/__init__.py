"""Definition files: their models, loading, checking and writing."""
