"""The bord: every place and team of a region, live, for who coordinates."""
