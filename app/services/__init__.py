"""The use cases: one a function. Each opens the unit of work, lets the domain decide, commits once."""
