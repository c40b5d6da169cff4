"""The database: tables, the unit of work, a repository a noun, the event log and the hot statement."""
