"""Mijn capaciteit: a provider's own figures, beds, teams and opnamestop, and its spreadsheets."""
