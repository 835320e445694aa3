"""The rules that need no run, a module for each family."""
