"""Whose code an AGB-code is: an organisation that was merged goes on under its successor's hand."""

#: A query's beginning: `owner` holds the organisation with AGB-code $1 and those it went over to.
OWNERS = """
WITH RECURSIVE owner AS (
  SELECT id, merged_into FROM organisation WHERE agb = $1
  UNION SELECT o.id, o.merged_into FROM organisation o JOIN owner ON o.id = owner.merged_into
)
"""
