"""Decides. Pure functions and values: no I/O, no framework, no clock."""
