"""Referrals to test with: an intake, its way to a promise, made through the services."""

from dataclasses import replace
from uuid import UUID

from app.services.referrals import acceptances, board_checks, filing, rounds, triages
from app.services.referrals.acting import Done
from app.services.referrals.answers import Acceptance
from app.services.referrals.filing import Intake
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.triages import Triage
from domain.actors import Actor
from domain.capacity import Figures
from domain.care_types import CareType
from domain.cases import TextKind
from domain.needs import Behaviour, Infection, Need, Setting, Sex, Urgency
from domain.triage.facts import Facts
from tests.factories.world import Party, World

#: What leads to ELV laag: at home isn't possible, medical need, going home expected, one condition.
ELV_LAAG_FACTS: Facts = {
    "medisch-specialistische-zorg": False,
    "acute-psychiatrie": False,
    "crisismaatregel": False,
    "val-met-onzekerheid": False,
    "thuis-mogelijk": False,
    "wlz": "geen",
    "levensverwachting-korter-dan-3-maanden": False,
    "revalidatiedoel": False,
    "grz-criteria": False,
    "medische-noodzaak": True,
    "terugkeer-naar-huis": True,
    "aandoeningen": "enkelvoudig",
}
TEXTS = {
    TextKind.WHAT_HAPPENED: "Val thuis, bovenarm gebroken",
    TextKind.HELP_NEEDED: "Wassen, kleden, transfer",
    TextKind.CALLBACK: "070 123 45 67",
}


def make_need(**differs: object) -> Need:
    """Somebody of 84 in Zoetermeer, at the SEH, without more that matters."""
    need = Need(
        birth_year=1942,
        sex=Sex.VROUW,
        pc4="2725",
        setting=Setting.SEH,
        infection=Infection.GEEN,
        behaviour=Behaviour.RUSTIG,
    )
    return replace(need, **differs)  # type: ignore[arg-type]


def make_intake(urgency: Urgency = Urgency.SPOED, **differs: object) -> Intake:
    """An intake with its texts; what differs is of the need."""
    return Intake(make_need(**differs), urgency, dict(TEXTS))


async def actor_of(world: World, party: Party | None = None) -> Actor:
    """Who a party's key says it is; by default the coordination point's."""
    return (await world.credential(party or world.coordinator)).actor


async def filed(world: World, urgency: Urgency = Urgency.SPOED, **differs: object) -> Done:
    """A referral that the coordination point has just typed."""
    return await filing.file(
        world.container, await actor_of(world), make_intake(urgency, **differs)
    )


async def triaged(
    world: World,
    urgency: Urgency = Urgency.SPOED,
    *,
    chosen: CareType = CareType.ELV_LAAG,
    facts: Facts | None = None,
    **differs: object,
) -> Done:
    """One that was triaged, by default to ELV laag."""
    done = await filed(world, urgency, **differs)
    given = Triage(facts or ELV_LAAG_FACTS, chosen)
    return await triages.triage(world.container, await actor_of(world), done.referral_id, given)


async def offered(
    world: World,
    *pool_ids: UUID,
    urgency: Urgency = Urgency.SPOED,
    referral_id: UUID | None = None,
) -> tuple[UUID, list[UUID]]:
    """A referral for which these pools are asked (by default the world's): its id, and the offers'."""
    if referral_id is None:
        referral_id = (await triaged(world, urgency)).referral_id
    asked = [AskedPlace(pool_id=pool_id) for pool_id in pool_ids or (world.pool_id,)]
    await rounds.offer(
        world.container,
        await actor_of(world),
        referral_id,
        Round(asked, argument="gevraagd in een test"),
    )
    return referral_id, await offer_ids(world, referral_id)


async def accepted(world: World, offer_id: UUID, given: Acceptance | None = None) -> Done:
    """What the coordination point types for a provider that says yes on the telephone."""
    return await acceptances.accept(
        world.container, await actor_of(world), offer_id, given or Acceptance()
    )


async def promised(world: World, **options: object) -> tuple[UUID, UUID]:
    """A referral with a place promised in the world's pool: its id, and the offer's."""
    referral_id, (offer_id,) = await offered(world, **options)  # type: ignore[arg-type]
    await accepted(world, offer_id)
    return referral_id, offer_id


async def board_checked(world: World, referral_id: UUID) -> bool:
    """Records a look at the board; whether no regular place was found."""
    found = await board_checks.check(world.container, await actor_of(world), referral_id)
    return bool(found.check.to_json()["regular_failed"])


async def offer_ids(world: World, referral_id: UUID) -> list[UUID]:
    """The offers of a referral, in order."""
    rows = await world.container.read(
        lambda connection: connection.fetch(
            "SELECT id FROM offer WHERE referral_id = $1 ORDER BY id", referral_id
        )
    )
    return [row["id"] for row in rows]


async def column(world: World, table: str, row_id: UUID, name: str) -> object:
    """One column of one row."""
    return await world.container.read(
        lambda connection: connection.fetchval(f"SELECT {name} FROM {table} WHERE id = $1", row_id)
    )


async def with_places(world: World, count: int, *, occupied: int = 0) -> None:
    """The world's pool reports so many places, and the board shows it."""
    await world.report(Figures(physical=count, operable=count, occupied=occupied, planned=0))
    await world.settled()
