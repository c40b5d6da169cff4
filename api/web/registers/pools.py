"""Pools: looked at, made, changed, given to another owner and closed."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web import labels
from api.web.fields import Choices, Number, Text, Tick
from api.web.language import marked
from api.web.registers import fields, hours, words
from api.web.registers.editing import Editor, Question, Section, Submission, ask, edit
from api.web.registers.locations import location_crumbs, location_path
from api.web.registers.organisations import organisation_of
from api.web.registers.owners import new_owner
from api.web.registers.showing import Crumb, done, show
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of
from app.container import Container
from app.services import pools, registers
from domain.actors import Action
from domain.admission import MOST_DAYS_AHEAD, MOST_PER_DAY, AdmissionRules
from domain.calendar import WEEKDAYS
from domain.care_types import CareType
from domain.events import Kind
from domain.features import Feature
from domain.identifiers import LocationId, OrganisationId, PoolId
from domain.pools import Pool, Posting
from domain.posting import PostingSchedule

_RULES = "admission_rules"


def pool_path(pool_id: object) -> str:
    """Where a pool's page is."""
    return f"/beheer/pools/{pool_id}"


async def pool_crumbs(container: Container, pool: dict[str, Any]) -> list[Crumb]:
    """The steps to a pool's page, and to it."""
    location = await registers.get_state(container, Kind.LOCATION, pool["location_id"])
    steps = await location_crumbs(container, location)
    return [*steps, Crumb(pool["name"], pool_path(pool["id"]))]


async def pool_page(request: Request) -> Response:
    """One pool, with its beds when they are followed one by one."""
    container = container_of(request)
    pool = await _standing(request)
    context = {
        "pool": pool,
        "owner": await organisation_of(container, pool["organisation_id"]),
        "beds": await registers.beds_of(container, UUID(pool["id"])),
        "by_bed": CareType.MFB in pool["care_types"],
        "crumbs": (await pool_crumbs(container, pool))[:-1],
    }
    return show(request, "beheer_pool.html", context)


async def new_pool(request: Request) -> Response:
    """A form for one more at a location."""
    container = container_of(request)
    location = await registers.get_state(container, Kind.LOCATION, request.path_params["id"])

    async def save(given: dict[str, Any], sent: Submission) -> str:
        written = await pools.create_pool(
            container,
            actor_of(request),
            LocationId(UUID(location["id"])),
            _meant(given),
            sent.request,
            address_of(request),
        )
        return done(pool_path(written.id), "gemaakt")

    editor = Editor(
        marked("Nieuwe pool"),
        location["name"],
        _SECTIONS,
        await location_crumbs(container, location),
        location_path(location["id"]),
        save,
        marked("Pool maken"),
        preset={"posting_schedule": PostingSchedule.WORKDAYS_TWICE.value},
        clash="/external_id",
    )
    return await edit(request, editor)


async def change_pool(request: Request) -> Response:
    """A form with what stands."""
    container = container_of(request)
    pool = await _standing(request)

    async def save(given: dict[str, Any], sent: Submission) -> str:
        await pools.change_pool(
            container,
            actor_of(request),
            PoolId(UUID(pool["id"])),
            _meant(given),
            sent.version,
            address_of(request),
        )
        return done(pool_path(pool["id"]), "bewaard")

    editor = Editor(
        marked("Pool wijzigen"),
        pool["name"],
        _SECTIONS,
        await pool_crumbs(container, pool),
        pool_path(pool["id"]),
        save,
        standing=pool,
        clash="/external_id",
    )
    return await edit(request, editor)


async def close_pool(request: Request) -> Response:
    """Asks before it ends."""
    container = container_of(request)
    pool = await _standing(request)

    async def act(sent: Submission) -> str:
        await pools.close_pool(
            container,
            actor_of(request),
            PoolId(UUID(pool["id"])),
            sent.version,
            address_of(request),
        )
        return done(pool_path(pool["id"]), "beeindigd")

    beds = await registers.beds_of(container, UUID(pool["id"]))
    active = sum(bed["status"] == "active" for bed in beds)
    question = Question(
        marked("Pool beëindigen"),
        pool["name"],
        [
            marked("De pool verdwijnt van het bord en er kan niet meer voor gemeld worden."),
            marked("De cijfers en de geschiedenis blijven. Dit kunt u niet terugdraaien."),
        ],
        marked("Pool beëindigen"),
        await pool_crumbs(container, pool),
        pool_path(pool["id"]),
        act,
        pool["version"],
        {"beds": active} if active else {},
    )
    return await ask(request, question)


async def transfer_pool(request: Request) -> Response:
    """Asks which organisation gets it."""
    container = container_of(request)
    pool = await _standing(request)

    async def give(to: OrganisationId, sent: Submission) -> None:
        await pools.transfer_pool(
            container,
            actor_of(request),
            PoolId(UUID(pool["id"])),
            to,
            sent.version,
            address=address_of(request),
        )

    return await new_owner(
        request,
        pool,
        marked("Pool overdragen"),
        marked("De cijfers en de geschiedenis gaan mee. Alleen de nieuwe eigenaar kan nog melden."),
        await pool_crumbs(container, pool),
        pool_path(pool["id"]),
        give,
    )


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    write = Action.REGISTER_WRITE
    one = "/beheer/pools/{id:uuid}"
    return [
        page("/beheer/locaties/{id:uuid}/pools/nieuw", new_pool, asks=write, methods=both),
        page(one, pool_page, asks=Action.REGISTER_VIEW),
        page(f"{one}/wijzigen", change_pool, asks=write, methods=both),
        page(f"{one}/beeindigen", close_pool, asks=write, methods=both),
        page(f"{one}/overdragen", transfer_pool, asks=write, methods=both),
    ]


async def _standing(request: Request) -> dict[str, Any]:
    return await registers.get_state(container_of(request), Kind.POOL, request.path_params["id"])


_TIME_HINT = marked("Bijvoorbeeld 10:00.")
_SECTIONS = [
    Section(
        "",
        (
            fields.NAME,
            fields.OWN_CODE,
            Choices(
                name="care_types",
                label=marked("Zorgsoorten"),
                hint=marked(
                    "Een multifunctioneel bed wordt bed voor bed gevolgd en deelt geen plaatsen met"
                    " een andere zorgsoort."
                ),
                options=[
                    (code.value, text) for code, text in labels.CARE.items() if code.has_places
                ],
                required=True,
            ),
            Choices(
                name="features",
                label=marked("Kenmerken"),
                hint=marked("Wat elke plaats van deze pool heeft."),
                options=fields.options_of(words.FEATURE),
            ),
        ),
    ),
    Section(
        marked("Opnameregels"),
        (
            Choices(
                name=f"{_RULES}.days",
                label=marked("Opnamedagen"),
                hint=marked("Geen dag gekozen: elke dag."),
                options=[(day.value, words.DAY[day]) for day in WEEKDAYS],
            ),
            Tick(name=f"{_RULES}.holidays", label=marked("Ook opname op feestdagen")),
            Text(name=f"{_RULES}.opens", label=marked("Opname vanaf"), hint=_TIME_HINT, most=5),
            Text(name=f"{_RULES}.closes", label=marked("Opname tot"), hint=_TIME_HINT, most=5),
            Text(
                name=f"{_RULES}.apply_before",
                label=marked("Aanmelden vóór"),
                hint=_TIME_HINT,
                most=5,
            ),
            Number(
                name=f"{_RULES}.apply_days_ahead",
                label=marked("Aanmelden hoe lang van tevoren"),
                least=0,
                most=MOST_DAYS_AHEAD,
                unit=marked("dagen"),
            ),
            Number(
                name=f"{_RULES}.max_per_day",
                label=marked("Hoogstens per dag"),
                least=1,
                most=MOST_PER_DAY,
                unit=marked("opnames"),
            ),
        ),
        marked("Niets ingevuld: opname kan altijd."),
    ),
    Section(marked("Cijfers"), fields.POSTING),
]


def _meant(given: dict[str, Any]) -> Pool:
    return Pool(
        external_id=given["external_id"],
        name=given["name"],
        care_types=tuple(CareType(code) for code in given["care_types"]),
        posting=Posting(PostingSchedule(given["posting_schedule"]), given["time_to_live_minutes"]),
        features=frozenset(Feature(code) for code in given["features"]),
        admission_rules=_rules(given),
    )


def _rules(given: dict[str, Any]) -> AdmissionRules | None:
    told = {
        name.partition(".")[2]: value
        for name, value in given.items()
        if name.startswith(f"{_RULES}.") and value not in (None, [], False)
    }
    if not told:
        return None
    for name in ("opens", "closes", "apply_before"):
        if name in told:
            told[name] = hours.read_time(told[name], f"/{_RULES}/{name}")
    return AdmissionRules.from_json(told, f"/{_RULES}")
