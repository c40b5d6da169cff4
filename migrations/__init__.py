"""The database's history, applied by the owner role (`verkeerstoren migrate`)."""
