"""The history of the store's tables, one revision a module; ``database.upgrade`` applies it."""
