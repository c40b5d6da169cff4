"""Rules for tests: the version that is in use, and a small set that a test can spoil."""

from typing import Any

from app.triage_rules import rules_of
from domain.triage.rules import BadRules, Rules

IN_USE = rules_of("2026-1")

#: No red flag is up.
CALM: dict[str, bool | str] = {
    "medisch-specialistische-zorg": False,
    "acute-psychiatrie": False,
    "crisismaatregel": False,
}
NOT_AT_HOME: dict[str, bool | str] = {
    **CALM,
    "thuis-mogelijk": False,
    "val-met-onzekerheid": False,
}
NO_WLZ: dict[str, bool | str] = {**NOT_AT_HOME, "wlz": "geen"}
NOT_TERMINAL: dict[str, bool | str] = {**NO_WLZ, "levensverwachting-korter-dan-3-maanden": False}
NO_REHABILITATION: dict[str, bool | str] = {**NOT_TERMINAL, "revalidatiedoel": False}


def small() -> dict[str, Any]:
    """Sound rules as data: a red flag, then home or ELV, then a step that always holds."""
    return {
        "version": "proef-1",
        "valid_from": "2026-01-01",
        "red_flags": [
            {
                "id": "vlag",
                "source": "Gids",
                "if": {"fact": "medisch-specialistische-zorg", "is": True},
                "then": {"advise": [said("ziekenhuis", "vlag")]},
            }
        ],
        "steps": [
            {
                "id": "thuis",
                "source": "Gids",
                "if": {"fact": "thuis-mogelijk", "is": True},
                "then": {"advise": [said("thuis", "thuis")]},
                "else": {"next": "wlz"},
            },
            {
                "id": "wlz",
                "source": "Wet",
                "if": {"fact": "wlz", "is": "geen"},
                "then": {"advise": [said("elv-laag", "elv")], "next": "vangnet"},
                "else": {"exclude": [said("elv-laag", "wlz", facts=["wlz"])], "next": "vangnet"},
            },
            {
                "id": "vangnet",
                "source": "Afspraak",
                "then": {"advise": [said("mfb", "vangnet", zorgsoorten=["mfb"])]},
            },
        ],
        "reasons": {
            "vlag": "Rode vlag.",
            "thuis": "Het kan thuis.",
            "elv": "Er is geen Wlz-indicatie.",
            "wlz": "Er is {wlz}.",
            "vangnet": "Anders een {zorgsoorten}.",
        },
        "questions": {
            "medisch-specialistische-zorg": "Medisch-specialistische zorg?",
            "thuis-mogelijk": "Kan het thuis?",
            "wlz": "Is er een Wlz-indicatie?",
        },
    }


def said(outcome: str, code: str, **params: list[str]) -> dict[str, Any]:
    """A verdict as data, on one outcome for one reason."""
    return {"outcomes": [outcome], "reasons": [{"code": code, **params}]}


def findings(data: object) -> tuple[str, ...]:
    """What is found wrong with rules; nothing when they are good."""
    try:
        Rules.from_data(data)
    except BadRules as refused:
        return refused.findings
    return ()
