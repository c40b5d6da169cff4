"""A region as a board shows it: a place in every state, beds one by one, and teams."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.services import admission_stops, bed_reports, beds, locations, pools, postcodes
from app.services.observations import Told
from domain.admission_stops import Stop
from domain.beds import BedReport, BedState
from domain.care_types import CareType, ClosedReason
from domain.features import Feature
from domain.home_care import Light, TeamReport
from domain.identifiers import BedId, PoolId
from domain.locations import Location
from domain.pools import Pool, Posting
from domain.posting import PostingSchedule
from tests.factories.beds import make_beds
from tests.factories.home_care import make_team, tell
from tests.factories.postcodes import ZOETERMEER
from tests.factories.world import HOUR, REGION, World, counts

PHONE = "079 123 45 67"


@dataclass(slots=True)
class Scene:
    """The places by the name of their location."""

    world: World
    pools: dict[str, PoolId]
    bed_id: BedId
    teams: tuple[UUID, UUID]

    def row(self, name: str, care: str = "elv-laag") -> str:
        """The id of a row."""
        return f"p-{self.pools[name]}-{care}"


async def make_place(
    world: World, name: str, *care_types: CareType, minutes: int | None = None
) -> PoolId:
    """A pool at a location of its own."""
    here = Location(
        name, "Markt 10", "2725", "Zoetermeer", "0637", ZOETERMEER.gemeente_year, telephone=PHONE
    )
    location = await locations.create_location(
        world.container, None, world.provider.organisation_id, REGION, here
    )
    pool = Pool(
        name.lower().replace(" ", "-"),
        "Afdeling 1",
        care_types or (CareType.ELV_LAAG,),
        Posting(PostingSchedule.WORKDAYS_TWICE, minutes),
        features=frozenset({Feature.EENPERSOONSKAMER} if name < "M" else ()),
    )
    return (await pools.create_pool(world.container, None, location.id, pool)).id


async def make_scene(world: World) -> Scene:
    """Every state once, at least."""
    container = world.container
    await postcodes.import_postcodes(container, None, [ZOETERMEER])
    made: dict[str, PoolId] = {}
    for name, cares, figures in (
        ("De Vijverhof", (), counts(10, 8)),
        ("Rokkezicht", (), counts(10, 10)),
        ("Haaglinde", (), counts(10, 9, planned=3)),
        ("Duinrand", (CareType.ELV_LAAG, CareType.ELV_HOOG), counts(10, 7)),
        ("Statenhof", (CareType.GRZ,), counts(10, 5)),
        ("Strijphoeve", (CareType.GRZ,), counts(10, 9)),
        ("Wassenberg", (CareType.GRZ,), None),
    ):
        made[name] = await make_place(world, name, *cares)
        if figures is not None:
            await world.report(figures, pool_id=made[name])
    made["Vlietoever"] = await make_place(world, "Vlietoever", minutes=15)
    await world.settled()
    await world.report(
        counts(10, 9), pool_id=made["Vlietoever"], observed_at=container.now() - 2 * HOUR
    )
    credential = await world.credential(world.provider)
    stopped = await world.pool(made["Strijphoeve"])
    place = await admission_stops.find_location(container, stopped.location_id)
    until = (container.now() + timedelta(days=3)).date()
    stop = Stop(ClosedReason.UITBRAAK, "norovirus", expected_until=until)
    await admission_stops.set_stop(container, credential, place, stop)
    made["Mariahoeve"] = await make_place(world, "Mariahoeve", CareType.MFB)
    await world.settled()
    bed_ids = await make_beds(world, 2, made["Mariahoeve"])
    for bed_id, state in zip(bed_ids, (BedState.FREE, BedState.OCCUPIED), strict=True):
        bed = await beds.find_bed(container, bed_id)
        await bed_reports.report_bed(container, credential, bed, BedReport(state), Told())
    teams = [await make_team(world, name=f"Team {name}") for name in ("Noord", "Zuid")]
    await tell(world, teams[0], TeamReport(Light.GROEN))
    await world.settled()
    return Scene(world, made, bed_ids[1], (teams[0], teams[1]))
