"""How feeds do, on pages: every source, and each with its days, warnings and sandbox reports."""
