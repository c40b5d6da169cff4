"""Who can take somebody: hard criteria, and what a check of the board by them found."""
