"""Simulation: scenarios compiled to arrays, run by the kernel, and made into tables and estimates."""
