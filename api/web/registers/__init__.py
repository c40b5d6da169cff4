"""The operator's pages: the registers, the keys and the people. A module a noun."""
