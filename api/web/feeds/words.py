"""The words for what sources report: how they stand, warnings, and figures."""

from collections.abc import Callable, Iterable
from datetime import date

from api.web import labels
from api.web.feeds.standing import Standing
from api.web.language import marked, translations
from api.web.rendering import Spoken
from app.db.sandbox_reports import SandboxReport
from domain.beds import BedState
from domain.capacity import SourceKind
from domain.home_care import Light
from domain.plausibility import Oddity

#: What a source is; `labels.SOURCE` says how a figure came.
KIND: dict[SourceKind, str] = {
    SourceKind.API: marked("Koppeling"),
    SourceKind.PAGE: marked("Ingevoerd op de pagina"),
    SourceKind.FILE: marked("Bestand"),
    SourceKind.PHONE: marked("Telefonisch"),
}

STANDING: dict[Standing, str] = {
    Standing.SILENT: marked("Stil"),
    Standing.MISSED: marked("Melding gemist"),
    Standing.STALE: marked("Deels onbevestigd"),
    Standing.DOUBTED: marked("Kijk na"),
    Standing.SANDBOX: marked("Op proef"),
    Standing.NEVER: marked("Nog niets gemeld"),
    Standing.GOOD: marked("Goed"),
}

#: Class and shape of each.
STANDING_MARK: dict[Standing, tuple[str, str]] = {
    Standing.SILENT: ("stop", "stop"),
    Standing.MISSED: ("stop", "past-niet"),
    Standing.STALE: ("onb", "onb"),
    Standing.DOUBTED: ("vast", "let-op"),
    Standing.SANDBOX: ("toegezegd", "later"),
    Standing.NEVER: ("dicht", "leeg"),
    Standing.GOOD: ("vrij", "groen"),
}

_FIELD: dict[str, str] = {
    "physical": marked("bestaand"),
    "operable": marked("bemand"),
    "occupied": marked("bezet"),
    "planned": marked("gepland"),
    "closed": marked("gesloten"),
    "free": marked("vrij"),
}

_WARNING: dict[str, str] = {
    Oddity.JUMP: marked("Het getal wijkt sterk af van de vorige melding"),
    Oddity.CLOSED_AND_OPERABLE: marked("Gesloten en bemand zijn samen meer dan er plaatsen zijn"),
    Oddity.PLANNED_BEYOND_OPERABLE: marked("Er zijn meer opnames gepland dan er bemand is"),
    Oddity.ADMISSIONS_BEYOND_PLANNED: marked("Er staan meer opnamedatums dan geplande opnames"),
    Oddity.DISCHARGES_BEYOND_OCCUPIED: marked("Er staan meer ontslagdatums dan bezette plaatsen"),
    Oddity.SHORTAGE: marked("Er is meer bezet en gepland dan er bemand is: een tekort"),
    Oddity.FREE_AND_AVAILABLE_FROM: marked(
        "Er is nu plaats, en toch staat er een datum vrij vanaf"
    ),
}


class Words:
    """Puts what a source reported into words for one reader."""

    def __init__(self, language: str, spoken: Spoken) -> None:
        self._: Callable[[str], str] = translations(language).gettext
        self._spoken = spoken

    def warning(self, kept: str) -> str:
        """A warning as history keeps it: `code:field`; of a release that is gone it has no words."""
        code, _, field = kept.partition(":")
        told = _WARNING.get(code)
        if told is None:
            return self._("Een waarschuwing van een eerdere versie")
        if code == Oddity.JUMP and field in _FIELD:
            return f"{self._(told)} ({self._(_FIELD[field])})"
        return self._(told)

    def figures(self, report: SandboxReport) -> str:
        """What a report in the sandbox said."""
        told = report.figures
        match report.kind:
            case "bed":
                said = [self._(labels.BED_STATE[BedState(told["state"])])]
                said += self._dated(marked("ontslag %(day)s"), told["expected_discharge"])
            case "home-care-team":
                said = [self._(labels.LIGHT[Light(told["light"])])]
                said += self._dated(marked("vanaf %(day)s"), told["earliest_start"])
                if told["hours"] is not None:
                    said.append(self._("%(hours)s uur per week") % {"hours": told["hours"]})
            case _:
                said = [
                    f"{told[name]} {self._(word)}"
                    for name, word in _FIELD.items()
                    if told[name] is not None
                ]
        return ", ".join(said)

    def _dated(self, text: str, day: str | None) -> Iterable[str]:
        if day:
            yield self._(text) % {"day": self._spoken.day(date.fromisoformat(day))}


def kind_of(report: SandboxReport) -> str:
    """What was reported on."""
    return {"pool": marked("Pool"), "bed": marked("Bed"), "home-care-team": marked("Team")}[
        report.kind
    ]
