"""What a board shows of a region, as the simulator needs it to go on from there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from app.demo_region import ORGANISATIONS, DemoOrganisation, Way
from domain.actors import OrganisationKind
from domain.beds import BedState
from domain.capacity import Figures
from domain.care_types import CareType, ClosedReason
from domain.home_care import Dagdeel, Light, Skill
from domain.posting import PostingSchedule
from workers.simulator.acts import Differs, SayBed, SayTeam, seeded
from workers.simulator.bed_habits import PlayedBeds
from workers.simulator.habits import Habit, Played
from workers.simulator.team_habits import PlayedTeam

_KNOWN: Mapping[str, DemoOrganisation] = {known.agb: known for known in ORGANISATIONS}
_PLACES = {
    (known.agb, pool.code): pool.places
    for known in ORGANISATIONS
    for location in known.locations
    for pool in location.pools
}


@dataclass(frozen=True)
class Region:
    """A snapshot of a region: the state of each subject by kind and id."""

    subjects: Mapping[str, Mapping[str, dict[str, Any]]]
    today: date

    @classmethod
    def of(cls, snapshot: Mapping[str, Any], today: date) -> "Region":
        """From what `GET /v1/snapshot` answers."""
        subjects: dict[str, dict[str, dict[str, Any]]] = {}
        for subject in snapshot["subjects"]:
            subjects.setdefault(subject["kind"], {})[subject["id"]] = subject["data"]
        return cls(subjects, today)

    def all(self, kind: str) -> Mapping[str, dict[str, Any]]:
        """The subjects of a kind."""
        return self.subjects.get(kind, {})

    def own(self, kind: str, agb: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """An organisation's active subjects of a kind with their ids."""
        owner = self._owners.get(agb)
        for id_, state in sorted(self.all(kind).items()):
            if state["organisation_id"] == owner and state["status"] == "active":
                yield id_, state

    def pools(self, agb: str, seed: int) -> list[tuple[str, Played]]:
        """The ids of an organisation's pools that take reports, each with what is played there."""
        return [
            (id_, self._pool(agb, id_, pool, seed))
            for id_, pool in self.own("pool", agb)
            if not _by_bed(pool)
        ]

    def beds(self, agb: str) -> list[tuple[str, PlayedBeds, dict[str, str]]]:
        """The ids of its pools of beds, what is played there, and the beds' ids by code."""
        found = []
        for id_, pool in self.own("pool", agb):
            beds = [
                bed
                for bed in self.all("bed").values()
                if bed["pool_id"] == id_ and bed["status"] == "active"
            ]
            if _by_bed(pool) and beds:
                shown = {bed["external_id"]: self._bed(bed) for bed in beds}
                ids = {bed["external_id"]: bed["id"] for bed in beds}
                found.append((id_, PlayedBeds(agb, pool["external_id"], shown), ids))
        return found

    def teams(self, agb: str) -> list[tuple[str, PlayedTeam]]:
        """The ids of its home-care teams, each with what is played of it."""
        return [(id_, self._team(agb, id_, team)) for id_, team in self.own("home-care-team", agb)]

    def locations(self, agb: str) -> dict[str, str]:
        """The ids of its locations with places, by name."""
        used = {pool["location_id"] for _, pool in self.own("pool", agb)}
        return {place["name"]: id_ for id_, place in self.own("location", agb) if id_ in used}

    def stopped(self, agb: str) -> set[str]:
        """The names of its locations with an opnamestop."""
        stops = self.all("admission-stop")
        return {name for name, id_ in self.locations(agb).items() if id_ in stops}

    def organisation_id(self, agb: str) -> str | None:
        """The id of an organisation."""
        return self._owners.get(agb)

    def kind_of(self, agb: str) -> OrganisationKind:
        """What an organisation is."""
        return OrganisationKind(self.all("organisation")[self._owners[agb]]["kind"])

    def points(self) -> dict[str, frozenset[str]]:
        """The PC4s that each coordination point serves, by its id."""
        return {
            id_: frozenset(state["pc4s"])
            for id_, state in sorted(self.all("organisation").items())
            if state["kind"] == OrganisationKind.COORDINATION_POINT and state["pc4s"]
        }

    def pc4_of(self, agb: str) -> str | None:
        """Where an organisation is; None: it has no location."""
        found = next(self.own("location", agb), None)
        return found[1]["postcode"][:4] if found is not None else None

    def served_by(self, agb: str) -> set[str]:
        """The ids of the pools in the PC4s that a coordination point serves."""
        point = self.all("organisation").get(self._owners.get(agb, ""))
        pc4s = set(point["pc4s"]) if point else set()
        locations = self.all("location")
        return {
            id_
            for id_, pool in self.all("pool").items()
            if locations[pool["location_id"]]["postcode"][:4] in pc4s
        }

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {state["agb"]: id_ for id_, state in self.all("organisation").items()}

    def _pool(self, agb: str, id_: str, pool: dict[str, Any], seed: int) -> Played:
        """A pool of the demo region is played as its tables say, any other one as the seed says."""
        random = seeded(seed, "unknown", agb, pool["external_id"])
        way, places = random.choice((Way.FEED, Way.PEOPLE)), random.randint(4, 16)
        if agb in _KNOWN:
            way = _KNOWN[agb].way
        return Played(
            agb=agb,
            code=pool["external_id"],
            care_type=CareType(pool["care_types"][0]),
            places=_PLACES.get((agb, pool["external_id"]), places),
            schedule=PostingSchedule(pool["posting_schedule"]),
            habit=Habit.FEED if way in (Way.FEED, Way.BATCH) else Habit.PERSON,
            together=way in (Way.BATCH, Way.ROUND),
            shown=self._figures(id_),
        )

    def _figures(self, pool_id: str) -> Figures | None:
        said = self.all("capacity").get(pool_id)
        if said is None or said["version"] == 0:
            return None
        counts = (said["physical"], said["operable"], said["occupied"], said["planned"])
        if None in counts:
            return Figures(free=said["free"])
        reason = ClosedReason(said["closed_reason"]) if said["closed_reason"] else None
        return Figures(*counts, said["closed"], reason)

    def _bed(self, bed: dict[str, Any]) -> SayBed | None:
        if bed["state"] is None:
            return None
        reason = ClosedReason(bed["closed_reason"]) if bed["closed_reason"] else None
        leaves = self._days_to(bed["expected_discharge"])
        return SayBed(bed["external_id"], BedState(bed["state"]), reason, leaves)

    def _team(self, agb: str, id_: str, team: dict[str, Any]) -> PlayedTeam:
        said = self.all("home-care").get(id_)
        shown = None
        if said is not None and said["version"] > 0:
            shown = SayTeam(
                Light(said["light"]),
                self._days_to(said["earliest_start"]),
                said["hours"],
                tuple(self._differs(exception) for exception in said["exceptions"]),
            )
        return PlayedTeam(
            agb=agb,
            code=team["external_id"],
            skills=tuple(Skill(skill) for skill in team["skills"]),
            dagdelen=tuple(Dagdeel(dagdeel) for dagdeel in team["dagdelen"]),
            schedule=PostingSchedule(team["posting_schedule"]),
            shown=shown,
        )

    def _differs(self, said: dict[str, Any]) -> Differs:
        return Differs(
            Light(said["light"]),
            Skill(said["skill"]) if said.get("skill") else None,
            Dagdeel(said["dagdeel"]) if said.get("dagdeel") else None,
            self._days_to(said.get("earliest_start")),
        )

    def _days_to(self, day: str | None) -> int | None:
        return max(0, (date.fromisoformat(day) - self.today).days) if day is not None else None


def _by_bed(pool: Mapping[str, Any]) -> bool:
    return any(CareType(code).counted_by_bed for code in pool["care_types"])
