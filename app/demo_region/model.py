"""What the tables of the demo region are made of, and how compact rows become the registers' own types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from zlib import crc32

from app.demo_postcodes import POSTCODES
from app.demo_region.places import KINDS, PlaceKind
from domain.actors import OrganisationKind, Role
from domain.capacity import Terms
from domain.care_types import CareType
from domain.geography import Point, Postcode
from domain.home_care import Coverage, Dagdeel, Skill
from domain.hours import ALWAYS, OnCall, WeeklyHours
from domain.identifiers import RegionId
from domain.locations import Location
from domain.organisations import Insurer, Organisation
from domain.pools import Pool, Posting
from domain.posting import PostingSchedule

REGION = RegionId(1)
PC4S: Mapping[str, Postcode] = MappingProxyType({postcode.pc4: postcode for postcode in POSTCODES})

#: At most so many degrees from the middle of its PC4, some two hundred metres.
_OFF_THE_MIDDLE = 0.002
_CONTRACTS_SINCE = date(2026, 1, 1)
_WORKDAYS = [["08:30", "17:00"]]


class Way(StrEnum):
    """How an organisation's figures come in, for the simulator to play.

    FEED: software that reports each pool by itself. BATCH: software that sends all pools at once.
    PEOPLE: pool by pool. ROUND: what changed by itself, then "alles klopt nog" for the rest.
    """

    FEED = "feed"
    BATCH = "batch"
    PEOPLE = "people"
    ROUND = "round"


@dataclass(frozen=True, slots=True)
class DemoPool:
    """`places` is how many exist; the register doesn't keep it, each report tells."""

    code: str
    name: str
    places: int
    kind: PlaceKind

    @property
    def care_types(self) -> tuple[CareType, ...]:
        """What the places may serve."""
        return self.kind.care_types

    @property
    def posting_schedule(self) -> PostingSchedule:
        """When figures are due."""
        return self.kind.schedule

    @property
    def register(self) -> Pool:
        """As the register takes it. Not every pool of a kind has the kind's further features."""
        further = self.kind.further if crc32(self.code.encode()) % 2 else ()
        return Pool(
            external_id=self.code,
            name=self.name,
            care_types=self.care_types,
            posting=Posting(self.kind.schedule, self.kind.time_to_live_minutes),
            features=frozenset((*self.kind.features, *further)),
            admission_rules=self.kind.rules,
        )


@dataclass(frozen=True, slots=True)
class DemoLocation:
    """A building with its places."""

    name: str
    address: str
    postcode: str
    telephone: str
    pools: tuple[DemoPool, ...] = ()

    @property
    def place(self) -> str:
        """By its PC4, as all below."""
        return self._known.place

    @property
    def gemeente(self) -> str:
        """CBS code."""
        assert self._known.gemeente is not None
        return self._known.gemeente

    @property
    def register(self) -> Location:
        """As the register takes it: a point near the middle of the PC4, hours and contacts."""
        offset = crc32(self.name.encode())
        north, east = (offset % 1000 / 500 - 1, offset // 1000 % 1000 / 500 - 1)
        middle = self._known.point
        care_types = {care_type for pool in self.pools for care_type in pool.care_types}
        at_night = any(pool.kind.rules is None for pool in self.pools)
        return Location(
            name=self.name,
            address=self.address,
            postcode=self.postcode,
            place=self.place,
            gemeente=self.gemeente,
            gemeente_year=self._known.gemeente_year,
            point=Point(
                round(middle.latitude + north * _OFF_THE_MIDDLE, 5),
                round(middle.longitude + east * _OFF_THE_MIDDLE, 5),
            ),
            telephone=self.telephone,
            wlz_contract=not _WLZ.isdisjoint(care_types),
            opening_hours=ALWAYS if self.pools else _hours(),
            intake_hours=ALWAYS if at_night else _hours(saturday=offset % 3 == 0),
            on_call=_contacts(self.telephone, at_night=at_night),
        )

    @property
    def _known(self) -> Postcode:
        return PC4S[self.postcode[:4]]


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """`roles` are those it gets a key for; `terms` say what its figures cover.

    pc4s: those that a coordination point serves. insurers: UZOVI-codes of its contracts.
    sandbox: it is trying out a new system, whose figures don't count yet.
    """

    agb: str
    name: str
    kind: OrganisationKind
    roles: tuple[Role, ...] = ()
    locations: tuple[DemoLocation, ...] = ()
    way: Way = Way.PEOPLE
    terms: Terms = Terms()
    sandbox: bool = False
    telephone: str | None = None
    pc4s: tuple[str, ...] = ()
    insurers: tuple[str, ...] = ()

    @property
    def register(self) -> Organisation:
        """As the register takes it."""
        return Organisation(
            agb=self.agb,
            name=self.name,
            kind=self.kind,
            regions=frozenset({REGION}),
            telephone=self.telephone,
            pc4s=frozenset(self.pc4s),
            insurers=tuple(Insurer(uzovi, _CONTRACTS_SINCE) for uzovi in self.insurers),
            on_call=(OnCall("Dienst", self.telephone, ALWAYS),)
            if self.telephone is not None and self.pc4s
            else (),
        )


@dataclass(frozen=True, slots=True)
class DemoTeam:
    """A home-care team of an organisation, by its AGB-code."""

    agb: str
    code: str
    name: str
    coverage: Coverage
    telephone: str
    schedule: PostingSchedule = PostingSchedule.WORKDAYS_TWICE


PoolRow = tuple[str, str, int, str]
LocationRow = tuple[str, str, str, str, tuple[PoolRow, ...]]
PlainRow = tuple[str, str, str, str]


def locations(*rows: LocationRow) -> tuple[DemoLocation, ...]:
    """From (name, address, postcode, telephone, pools as (code, name, places, kind))."""
    return tuple(
        DemoLocation(
            name,
            address,
            postcode,
            telephone,
            tuple(
                DemoPool(code, title, places, KINDS[kind]) for code, title, places, kind in pools
            ),
        )
        for name, address, postcode, telephone, pools in rows
    )


def numbered(prefix: str, dial: str, first: int, *rows: PlainRow) -> tuple[DemoLocation, ...]:
    """From (name, address, PC4, places as "woon 24, kort 8"), codes and telephones by number.

    first: the number of the first location; the codes are `prefix`, location and pool.
    """
    found = []
    for number, (name, address, pc4, places) in enumerate(rows, first):
        pools = []
        for letter, item in zip("ABCDEFGH", filter(None, places.split(", ")), strict=False):
            word, count = item.split()
            kind = KINDS[word]
            pools.append(DemoPool(f"{prefix}-{number}{letter}", kind.name, int(count), kind))
        telephone = f"{dial}{number:02}"
        found.append(DemoLocation(name, address, f"{pc4}ZX", telephone, tuple(pools)))
    return tuple(found)


def coverage(pc4s: Iterable[str], skills: Iterable[Skill], dagdelen: Iterable[Dagdeel]) -> Coverage:
    """What a team is for."""
    return Coverage(frozenset(pc4s), frozenset(skills), frozenset(dagdelen))


def terms(*, lag_minutes: int = 0, includes_holds: bool = False) -> Terms:
    """What a source's figures cover."""
    return Terms(timedelta(minutes=lag_minutes), includes_holds)


_WLZ = frozenset({CareType.WLZ_VV, CareType.WLZ_TIJDELIJK, CareType.WLZ_CRISIS})


def _hours(*, saturday: bool = False) -> WeeklyHours:
    days = dict.fromkeys(("ma", "di", "wo", "do", "vr"), _WORKDAYS)
    return WeeklyHours.from_json(days | ({"za": [["10:00", "14:00"]]} if saturday else {}))


def _contacts(telephone: str, *, at_night: bool) -> tuple[OnCall, ...]:
    """The desk by day, and where people are admitted at any hour the duty nurse too."""
    desk = OnCall("Opnamebureau", telephone, _hours())
    duty = OnCall("Dienstdoende verpleegkundige", telephone.replace("-00", "-01", 1), ALWAYS)
    return (desk, duty) if at_night else (desk,)
