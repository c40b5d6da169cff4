"""Reading rules strictly: what isn't as it should be is told, and read as empty.

So one reading finds all that is wrong. Findings are Dutch, each with the JSON pointer of where it stands
(`at`).
"""

import re
from collections.abc import Collection
from datetime import date

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BadData(ValueError):
    """This data can't be used. `findings` are all that is wrong, in Dutch, each with where it stands."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = tuple(findings)


def members(
    data: object, at: str, known: Collection[str], findings: list[str]
) -> dict[str, object]:
    """The members of an object; those that aren't known are left in."""
    if not isinstance(data, dict):
        findings.append(f"{at or '/'}: hier hoort een object")
        return {}
    findings.extend(f"{at}/{name}: onbekend veld" for name in data if name not in known)
    return data


def items(data: object, at: str, findings: list[str]) -> list[object]:
    """The items of a list."""
    if isinstance(data, list):
        return data
    findings.append(f"{at}: hier hoort een lijst")
    return []


def texts(data: object, at: str, findings: list[str]) -> dict[str, str]:
    """An object with texts only."""
    if not isinstance(data, dict):
        findings.append(f"{at}: hier hoort een object met teksten")
        return {}
    return {str(name): text(value, f"{at}/{name}", findings) for name, value in data.items()}


def text(data: object, at: str, findings: list[str]) -> str:
    """A text that says something."""
    if isinstance(data, str) and data.strip():
        return data
    findings.append(f"{at}: hier hoort een tekst")
    return ""


def slug(data: object, at: str, findings: list[str]) -> str:
    """A code, as `wlz-crisis` or `2026-1`."""
    if isinstance(data, str) and _SLUG.fullmatch(data):
        return data
    findings.append(f"{at}: hier hoort een code van kleine letters, cijfers en streepjes")
    return ""


def day(data: object, at: str, findings: list[str]) -> date:
    """A date as ISO 8601 writes it."""
    try:
        if isinstance(data, str) and _DAY.fullmatch(data):
            return date.fromisoformat(data)
    except ValueError:
        pass
    findings.append(f"{at}: hier hoort een datum, als 2026-01-31")
    return date.min
