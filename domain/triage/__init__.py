"""Triage: versioned rules as data, and the one function that applies them."""
