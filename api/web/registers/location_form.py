"""What a location's form asks, and the location that is meant by it."""

from typing import Any

from api.web.fields import Choice, Field, Number, Text, Tick
from api.web.language import marked
from api.web.registers import fields
from api.web.registers.editing import Section
from app.container import Container
from app.services import registers
from domain.errors import InvalidInput
from domain.geography import EAST, GEMEENTEN, GEMEENTEN_YEAR, NORTH, SOUTH, WEST, Point
from domain.hours import WeeklyHours, contacts_from_json
from domain.locations import Location


async def gemeente_names(container: Container) -> dict[str, str]:
    """The gemeenten that are known, by code."""
    return GEMEENTEN | await registers.gemeenten(container)


async def location_sections(
    container: Container, standing: dict[str, Any], *first: Field
) -> list[Section]:
    """The parts of the form; `first` are asked of a new location alone."""
    names = await gemeente_names(container)
    own = standing.get("gemeente")
    if own:
        names.setdefault(own, f"gemeente {own}")
    gemeenten = sorted(names.items(), key=lambda one: one[1])
    return [
        Section(
            "",
            (
                fields.NAME,
                *first,
                Text(name="address", label=marked("Straat en huisnummer"), required=True),
                Text(name="postcode", label=marked("Postcode"), most=10, required=True),
                Text(name="place", label=marked("Plaats"), required=True),
                fields.TELEPHONE,
                Text(
                    name="vestigingsnummer",
                    label=marked("Vestigingsnummer"),
                    most=12,
                    inputmode="numeric",
                ),
                Tick(
                    name="wlz_contract", label=marked("Het zorgkantoor contracteert hier Wlz-zorg")
                ),
            ),
        ),
        Section(
            marked("Op de kaart"),
            (
                Choice(
                    name="gemeente",
                    label=marked("Gemeente"),
                    options=gemeenten,
                    none=marked("Volgens de postcode"),
                ),
                Number(
                    name="latitude",
                    label=marked("Breedtegraad"),
                    least=SOUTH,
                    most=NORTH,
                    decimals=True,
                ),
                Number(
                    name="longitude",
                    label=marked("Lengtegraad"),
                    least=WEST,
                    most=EAST,
                    decimals=True,
                ),
            ),
            marked("Leeg laten mag: dan volgen gemeente en punt uit de postcode."),
        ),
        Section(
            marked("Tijden"),
            (
                fields.Week(name="opening_hours", label=marked("Open voor bezoek en vragen")),
                fields.Week(name="intake_hours", label=marked("Opname en intake")),
            ),
            marked(
                "Schrijf 08:30–17:00, meer tijden met een komma ertussen, gesloten, of dag en nacht."
                " Niets ingevuld: niet bekend."
            ),
        ),
        Section("", (fields.ON_CALL,)),
    ]


def meant_location(given: dict[str, Any], standing: dict[str, Any]) -> Location:
    """As the domain has it. Raises InvalidInput."""
    code = given["gemeente"]
    year = standing.get("gemeente_year") if code == standing.get("gemeente") else GEMEENTEN_YEAR
    return Location(
        name=given["name"],
        address=given["address"],
        postcode=given["postcode"],
        place=given["place"],
        gemeente=code,
        gemeente_year=year if code else None,
        point=_point(given["latitude"], given["longitude"]),
        vestigingsnummer=given["vestigingsnummer"],
        telephone=given["telephone"],
        wlz_contract=given["wlz_contract"],
        opening_hours=_hours(given, "opening_hours"),
        intake_hours=_hours(given, "intake_hours"),
        on_call=contacts_from_json(given["on_call"], "/on_call"),
    )


def _point(latitude: float | None, longitude: float | None) -> Point | None:
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        missing = "/latitude" if latitude is None else "/longitude"
        raise InvalidInput(marked("Vul beide in, of geen van beide."), missing)
    return Point(latitude, longitude)


def _hours(given: dict[str, Any], name: str) -> WeeklyHours | None:
    told = given[name]
    return WeeklyHours.from_json(told, f"/{name}") if told is not None else None
