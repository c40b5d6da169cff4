"""Every problem at the edge: its HTTP status and the Dutch a person reads, in one table (RFC 9457)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.live.messages import moment
from domain.errors import Code, InvalidInput, Problem

MEDIA_TYPE = "application/problem+json"
URN = "urn:verkeerstoren:problem:"


@dataclass(frozen=True, slots=True)
class Text:
    """status: HTTP. title: what is wrong. detail: what to do, unless the case knows better."""

    status: int
    title: str
    detail: str


TEXTS: dict[Code, Text] = {
    Code.INVALID_INPUT: Text(
        400, "De invoer klopt niet", "Verbeter de genoemde velden. Er is niets gewijzigd."
    ),
    Code.BAD_SPREADSHEET: Text(
        400,
        "Er klopt iets niet in dit bestand",
        "Verbeter de genoemde regels, of sla het bestand op als .xlsx of .csv. Er is niets gewijzigd.",
    ),
    Code.BODY_TOO_LARGE: Text(
        413,
        "Het bericht is te groot",
        "Een bericht mag hoogstens 1 MB zijn, NDJSON 16 MB en een spreadsheet 4 MB. Er is niets"
        " gewijzigd.",
    ),
    Code.UNSUPPORTED_MEDIA_TYPE: Text(
        415, "Dit berichttype kennen we niet", "Stuur application/json. Er is niets gewijzigd."
    ),
    Code.NOT_SIGNED_IN: Text(
        401,
        "U bent niet aangemeld",
        "Stuur een geldige sleutel mee: Authorization: Bearer vt_… Er is niets gewijzigd.",
    ),
    Code.SIGN_IN_REFUSED: Text(
        401,
        "Inloggen is niet gelukt",
        "Gebruikersnaam of wachtwoord klopt niet. Probeer het nog eens, of vraag een nieuw"
        " wachtwoord aan.",
    ),
    Code.TOO_MANY_ATTEMPTS: Text(
        429, "Te veel pogingen", "Er is te vaak een verkeerd wachtwoord ingevuld. Wacht even."
    ),
    Code.NOT_ALLOWED: Text(
        403, "Dit mag met deze sleutel niet", "Vraag de beheerder om een sleutel met deze rol."
    ),
    Code.NOT_FOUND: Text(
        404, "Niet gevonden", "Dit bestaat niet, of het hoort bij een andere organisatie."
    ),
    Code.METHOD_NOT_ALLOWED: Text(
        405, "Dit kan hier niet", "Zie de kop Allow voor wat wel kan. Er is niets gewijzigd."
    ),
    Code.OBSERVED_IN_FUTURE: Text(
        400,
        "De waarneming ligt in de toekomst",
        "observed_at ligt meer dan vijf minuten na de klok van de server. Zet uw klok gelijk, of"
        " stuur sent_at mee, dan rekenen wij het verschil om. Er is niets gewijzigd.",
    ),
    Code.FIGURES_FROM_BEDS: Text(
        409,
        "Deze cijfers volgen uit de bedden",
        "Multifunctionele bedden worden bed voor bed gevolgd. Er is niets gewijzigd.",
    ),
    Code.POOL_CLOSED: Text(
        409, "Deze plaatsen bestaan niet meer", "De pool is beëindigd. Er is niets gewijzigd."
    ),
    Code.ALREADY_CLOSED: Text(
        409, "Dit is al beëindigd", "Wat beëindigd is, verandert niet meer. Er is niets gewijzigd."
    ),
    Code.STILL_IN_USE: Text(
        409,
        "Dit is nog in gebruik",
        "Beëindig of verplaats eerst wat er nog bij hoort (in_use). Er is niets gewijzigd.",
    ),
    Code.NOTHING_TO_CONFIRM: Text(
        409,
        "Er is nog niets om te bevestigen",
        "Meld eerst cijfers; daarna kan 'klopt nog'. Er is niets gewijzigd.",
    ),
    Code.VERSION_CHANGED: Text(
        412,
        "Een ander was u voor",
        "Dit is intussen door een ander gewijzigd. Bekijk het en probeer het opnieuw. Uw wijziging"
        " is niet gedaan.",
    ),
    Code.VERSION_REQUIRED: Text(
        428,
        "Zeg welke versie u zag",
        'Stuur de getoonde versie mee: If-Match: "<versie>". Er is niets gewijzigd.',
    ),
    Code.ALREADY_EXISTS: Text(
        409, "Dit bestaat al", "Er is al iets met deze code. Er is niets gewijzigd."
    ),
    Code.WRONG_STATE: Text(
        409,
        "Dit kan nu niet",
        "Het is intussen verder, of nog niet zover. Bekijk de aanmelding opnieuw. Er is niets gewijzigd.",
    ),
    Code.OFFER_ENDED: Text(
        409,
        "Op deze aanvraag kan niet meer geantwoord worden",
        "Zij is ingetrokken of losgelaten. Er is niets gewijzigd.",
    ),
    Code.TOO_MANY_OFFERS: Text(
        409,
        "Er wordt al genoeg tegelijk gevraagd",
        "Wacht op een antwoord, of trek eerst een aanvraag in. Er is niets gewijzigd.",
    ),
    Code.NO_PLACE_LEFT: Text(
        409,
        "Hier is geen plek vrij",
        "De plek is vergeven of wordt vastgehouden, of het is niet bekend of zij vrij is; bij het antwoord"
        " staat tot wanneer en wat er nog meer is. Er is niets gewijzigd.",
    ),
    Code.BOARD_CHECK_REQUIRED: Text(
        409,
        "Bekijk eerst de reguliere plaatsen",
        "Een multifunctioneel bed is een vangnet: leg eerst vast dat het bord bekeken is. Er is"
        " niets gewijzigd.",
    ),
    Code.ARGUMENT_REQUIRED: Text(
        400,
        "Geef in één regel de reden",
        "Dit wijkt af van het advies of van wat op het bord staat. Er is niets gewijzigd.",
    ),
    Code.TEAM_UNFIT: Text(
        409,
        "Dit team kan dit niet",
        "Bij het antwoord staat waarom niet, en welke teams het wel kunnen. Kies een ander team, of meld"
        " aan zonder team: dan zoekt het coördinatiepunt. Er is niets gewijzigd.",
    ),
    Code.IDEMPOTENCY_MISMATCH: Text(
        409,
        "Deze Idempotency-Key is al gebruikt",
        "De sleutel hoort bij een ander verzoek. Neem een nieuwe. Er is niets gewijzigd.",
    ),
    Code.UNKNOWN_POSITION: Text(
        410,
        "Deze positie hoort niet bij deze stroom",
        "Haal een nieuwe momentopname op (GET /v1/snapshot) en ga vandaar verder.",
    ),
    Code.NOT_YET_THERE: Text(
        503,
        "Nog niet zover",
        "Dit proces heeft min_position nog niet bereikt. Probeer het zo opnieuw.",
    ),
    Code.OUTCOME_UNKNOWN: Text(
        503,
        "Onbekend of het gelukt is",
        "De verbinding met de database viel weg. Herhalen is veilig: dezelfde melding, of hetzelfde"
        " verzoek met dezelfde Idempotency-Key, telt één keer.",
    ),
    Code.UNAVAILABLE: Text(
        503,
        "Even niet beschikbaar",
        "De dienst kan nu geen waar antwoord geven. Er is niets gewijzigd; probeer het zo opnieuw.",
    ),
    Code.OVERLOADED: Text(
        503, "Te druk", "Er wacht al te veel werk. Er is niets gewijzigd; probeer het zo opnieuw."
    ),
    Code.INTERNAL: Text(
        500,
        "Er ging iets mis bij ons",
        "De fout is genoteerd. Probeer het opnieuw of bel de beheerder.",
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A problem as it goes out."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer(problem: Problem) -> Answer:
    """The answer to an expected failure."""
    errors = None
    if isinstance(problem, InvalidInput) and problem.pointer:
        errors = [{"pointer": problem.pointer, "detail": problem.detail}]
    return describe(problem.code, detail=problem.detail, errors=errors, facts=problem.facts)


def describe(
    code: Code,
    *,
    detail: str = "",
    errors: list[dict[str, str]] | None = None,
    facts: dict[str, object] | None = None,
) -> Answer:
    """The answer to a problem with this code; `facts` are extra members, times among them."""
    text = TEXTS[code]
    body: dict[str, Any] = {
        "type": URN + code,
        "title": text.title,
        "status": text.status,
        "detail": detail or text.detail,
    }
    for name, fact in (facts or {}).items():
        body[name] = moment(fact) if isinstance(fact, datetime) else fact
    if errors:
        body["errors"] = errors
    headers = {"content-type": MEDIA_TYPE}
    if text.status == 401:
        headers["www-authenticate"] = 'Bearer realm="verkeerstoren"'
    if text.status == 503:
        headers["retry-after"] = "1"
    if code is Code.TOO_MANY_ATTEMPTS and facts:
        headers["retry-after"] = str(facts["retry_after"])
    if code is Code.VERSION_CHANGED and facts and "current" in facts:
        headers["etag"] = f'"{facts["current"]}"'
    return Answer(text.status, headers, orjson.dumps(body))
