"""The region of the month: some providers with as many places as its people need, and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import count, cycle
from math import ceil
from random import Random
from uuid import UUID

from app.container import Container
from app.demo_postcodes import POSTCODES
from app.demo_region.others import SERVED
from app.security.keys import Credential
from app.services import housekeeping, keys, locations, organisations, pools, postcodes, regions
from bench.month.arrivals import daily, leaves_at
from bench.month.houses import House, Posts, Ward
from domain.actors import Actor, OrganisationKind, Role
from domain.admission import AdmissionRules
from domain.calendar import WEEKDAYS
from domain.care_types import CareType
from domain.features import Feature
from domain.geography import Point
from domain.identifiers import LocationId, OrganisationId, PoolId, RegionId
from domain.locations import Location
from domain.organisations import Organisation
from domain.pools import Pool, Posting
from domain.posting import PostingSchedule
from workers.simulator.acts import seeded
from workers.simulator.intake import manners
from workers.simulator.ward import STAY_DAYS

REGION = RegionId(1)
#: Of those who come to a house one in three comes without this service.
OTHERS = 0.5
#: So much more is asked for than there are days in beds: who comes without this service goes
#: elsewhere when a house is full.
_PRESSED = 1.15
_TAKEN_AT_FIRST = 0.9
_MOST_IN_A_POOL = 8
_SHORT_STAY = (CareType.ELV_LAAG, CareType.ELV_HOOG)
#: Of a kind of care every second pool has the other rules.
_EVERY_DAY = AdmissionRules(opens=time(9), closes=time(20), holidays=True)
_TO_SATURDAY = AdmissionRules(frozenset(WEEKDAYS[:6]), time(10), time(17), time(15))
_AT_ANY_HOUR = frozenset({CareType.WLZ_CRISIS, CareType.OBSERVATIE})
_POSTS = (Posts.FEED, Posts.TWICE, Posts.FEED, Posts.TWICE, Posts.SELDOM)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large and how long. share: of the people of a whole region."""

    days: int = 30
    providers: int = 12
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Region:
    """Where it is played: the desk of the coordination point, and every pool."""

    coordinator: Actor
    wards: Sequence[Ward]
    homes: Mapping[str, Point]
    daily: Mapping[CareType, float]

    def ward(self, pool_id: UUID) -> Ward:
        """The pool with this id."""
        return next(ward for ward in self.wards if ward.pool_id == pool_id)


async def build(container: Container, scale: Scale, seed: int, now: datetime) -> Region:
    """Makes it all through the services, and waits until the board shows it."""
    await housekeeping.make_months(container)
    await regions.create_region(container, None, REGION, "maand", "Maandregio")
    await postcodes.import_postcodes(container, None, POSTCODES)
    middles = {one.pc4: one.point for one in POSTCODES}
    point = await _organisation(
        container, "75990010", OrganisationKind.COORDINATION_POINT, frozenset(SERVED)
    )
    coordinator = await _key(container, point, Role.COORDINATOR)
    houses = await _houses(container, scale.providers, seed)
    needed = {one: scale.share * a_day for one, a_day in daily(now.date()).items()}
    wards: list[Ward] = []
    dealt = _pools(needed)
    seeded(seed, "dealt").shuffle(dealt)
    for (house, location_id, pc4), (new, places) in zip(cycle(houses), dealt, strict=False):
        made = await pools.create_pool(container, None, location_id, new)
        ward = Ward(
            pool_id=PoolId(made.id),
            code=new.external_id,
            house=house,
            care_types=new.care_types,
            features=new.features,
            rules=new.admission_rules,
            schedule=new.posting.schedule,
            point=middles[pc4],
            places=places,
        )
        _fill(ward, now, seeded(seed, "first", ward.code))
        wards.append(ward)
    head = await container.read(
        lambda connection: connection.fetchval(
            "SELECT number FROM stream WHERE region_id = $1", REGION
        )
    )
    await container.follower.until_ready()
    if not await container.board.regions[REGION].reach(head, 10):
        raise AssertionError("the board doesn't show the region")
    return Region(coordinator.actor, wards, middles, needed)


async def _houses(
    container: Container, providers: int, seed: int
) -> list[tuple[House, LocationId, str]]:
    """The providers, each with a location somewhere else."""
    agbs = [f"47{990_001 + number}" for number in range(providers)]
    parts = manners(agbs, seed)
    where = seeded(seed, "locations").sample(SERVED, providers)
    found = []
    for agb, pc4, posts in zip(agbs, where, cycle(_POSTS), strict=False):
        id_ = await _organisation(container, agb, OrganisationKind.PROVIDER)
        reporter = await _key(container, id_, Role.PROVIDER_CAPACITY)
        intake = await _key(container, id_, Role.PROVIDER_INTAKE)
        new = Location(f"Huis {agb}", "Markt 1", pc4, "Plaats", wlz_contract=True)
        location_id = (await locations.create_location(container, None, id_, REGION, new)).id
        found.append((House(agb, id_, parts[agb], posts, reporter, intake.actor), location_id, pc4))
    return found


def _pools(needed: Mapping[CareType, float]) -> list[tuple[Pool, int]]:
    """The pools, with how many places each has."""
    numbers = count(1)
    made: list[tuple[Pool, int]] = []
    for care_type, a_day in needed.items():
        places = ceil(a_day * (1 + OTHERS) * STAY_DAYS[care_type] / _PRESSED)
        parts = ceil(places / _MOST_IN_A_POOL)
        for part in range(parts):
            number = next(numbers)
            both = care_type in _SHORT_STAY and part % 2
            daily_rules = None if care_type in _AT_ANY_HOUR else _EVERY_DAY
            new = Pool(
                external_id=f"P{number:02}",
                name=f"{care_type} {number}",
                care_types=_both(care_type) if both else (care_type,),
                posting=Posting(
                    PostingSchedule.WORKDAYS_TWICE if part % 3 else PostingSchedule.DAILY_TWICE
                ),
                features=_features(care_type, part),
                admission_rules=_TO_SATURDAY if daily_rules and part % 2 else daily_rules,
            )
            made.append((new, places // parts + (part < places % parts)))
    return made


def _both(care_type: CareType) -> tuple[CareType, ...]:
    return (care_type, *(other for other in _SHORT_STAY if other is not care_type))


def _features(care_type: CareType, part: int) -> frozenset[Feature]:
    found = {Feature.ROLSTOEL}
    if care_type is not CareType.ELV_LAAG or part % 3 == 0:
        found.add(Feature.ZUURSTOF)
    if part % 2 == 0:
        found |= {Feature.EENPERSOONSKAMER, Feature.ISOLATIE}
    return frozenset(found)


def _fill(ward: Ward, now: datetime, random: Random) -> None:
    for _ in range(ward.places):
        if random.random() < _TAKEN_AT_FIRST:
            ward.stays.append(leaves_at(ward.care_types[0], now, random, stayed=True))


async def _organisation(
    container: Container, agb: str, kind: OrganisationKind, pc4s: frozenset[str] = frozenset()
) -> OrganisationId:
    new = Organisation(agb, f"Organisatie {agb}", kind, frozenset({REGION}), pc4s=pc4s)
    return (await organisations.create_organisation(container, None, new)).id


async def _key(container: Container, owner: OrganisationId, role: Role) -> Credential:
    issued = await keys.issue_key(container, None, keys.NewKey(owner, role, role))
    assert issued.key is not None
    return await container.keys.find(issued.key)
