"""Benchmarks of procflow: how fast and how large, beside other programs. Measures; no part of the package."""
