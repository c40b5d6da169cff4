"""What an organisation's form asks, and the organisation that is meant by it."""

from typing import Any

from api.web import labels
from api.web.fields import Choice, Choices, Day, Rows, Text
from api.web.language import marked
from api.web.registers import fields
from api.web.registers.editing import Section
from app.container import Container
from app.services import registers
from domain.actors import OrganisationKind
from domain.hours import contacts_from_json
from domain.identifiers import RegionId
from domain.organisations import Insurer, Organisation


async def organisation_sections(container: Container) -> list[Section]:
    """The parts of the form."""
    regions = [(str(each["id"]), each["name"]) for each in await registers.regions(container)]
    return [
        Section(
            "",
            (
                fields.NAME,
                Choice(
                    name="kind",
                    label=marked("Soort"),
                    options=fields.options_of(labels.ORGANISATION_KIND),
                    required=True,
                ),
                Text(
                    name="agb",
                    label=marked("AGB-code"),
                    hint=marked("Acht cijfers."),
                    most=8,
                    inputmode="numeric",
                    required=True,
                ),
                Text(name="ura", label=marked("URA-nummer"), most=8, inputmode="numeric"),
                Text(name="kvk", label=marked("KvK-nummer"), most=8, inputmode="numeric"),
                fields.TELEPHONE,
                Choices(name="regions", label=marked("Regio's"), options=regions, required=True),
            ),
        ),
        Section(
            marked("Coördinatiepunt"),
            (
                fields.pc4s(
                    marked("Postcodes die het bedient"),
                    marked(
                        "Vier cijfers elk, met spaties ertussen. Alleen voor coördinatiepunten."
                    ),
                    fields.MOST_SERVED_PC4S,
                ),
            ),
        ),
        Section("", (fields.ON_CALL,)),
        Section(
            "",
            (
                Rows(
                    name="insurers",
                    label=marked("Contracten met zorgverzekeraars"),
                    row=marked("Contract"),
                    most=200,
                    columns=(
                        Text(
                            name="uzovi",
                            label=marked("UZOVI-code"),
                            most=4,
                            inputmode="numeric",
                            required=True,
                        ),
                        Day(name="valid_from", label=marked("Vanaf"), required=True),
                        Day(name="valid_until", label=marked("Tot en met")),
                    ),
                ),
            ),
        ),
    ]


def meant_organisation(given: dict[str, Any]) -> Organisation:
    """As the domain has it. Raises InvalidInput."""
    return Organisation(
        agb=given["agb"],
        name=given["name"],
        kind=OrganisationKind(given["kind"]),
        regions=frozenset(RegionId(int(number)) for number in given["regions"]),
        ura=given["ura"],
        kvk=given["kvk"],
        telephone=given["telephone"],
        pc4s=frozenset(given["pc4s"]),
        insurers=tuple(
            Insurer(one["uzovi"], one["valid_from"], one["valid_until"])
            for one in given["insurers"]
        ),
        on_call=contacts_from_json(given["on_call"], "/on_call"),
    )
