"""Writes the rows, headings and tiles of the board in a language."""

import zlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from api.web import labels
from api.web.board.sums import GroupSum, Part
from api.web.language import translations
from api.web.rendering import Spoken, environment
from app.live.pool_views import PoolState, PoolView
from app.live.team_views import TeamState, TeamView
from domain.care_types import CareType
from domain.events import Kind
from domain.features import Feature

if TYPE_CHECKING:
    from app.live.board import RegionBoard

#: Where a row stands by default: what can be had soonest first, what is uncertain or shut last.
_RANK = {
    PoolState.NOW: 0,
    PoolState.LATER: 0,
    PoolState.FULL: 0,
    PoolState.SHORTAGE: 2,
    PoolState.UNCONFIRMED: 3,
    PoolState.UNKNOWN: 4,
    PoolState.STOPPED: 5,
}
_TEAM_RANK = {
    TeamState.NOW: 0,
    TeamState.LATER: 0,
    TeamState.ORANGE: 1,
    TeamState.RED: 2,
    TeamState.UNCONFIRMED: 3,
    TeamState.UNKNOWN: 4,
}
_NOT_FORESEEN = 1
_EPOCH = date(1970, 1, 1).toordinal()
#: Features that the board offers as filters; the others are found by searching.
FILTERS = (Feature.EENPERSOONSKAMER, Feature.ISOLATIE, Feature.ZUURSTOF)
_FAR = 9_999_999_999

Written = dict[str, tuple[str, tuple[object, ...], str]]


class RowWriter:
    """Writes what the board shows; knows the names of gemeenten."""

    def __init__(self, language: str) -> None:
        self.gemeenten: dict[str, str] = {}
        self.gemeente_of_pc4: Mapping[str, str | None] = {}
        self._language = language
        self._gettext = translations(language).gettext
        self._features: dict[tuple[Feature, ...], str] = {}
        self._macros: Any = environment(language).get_template("bord_rijen.html").module

    def learn_postcodes(self, registers: "RegionBoard | None") -> None:
        """Takes the names of gemeenten, and where each PC4 is, from the registers of everybody."""
        postcodes = [data for _, data in registers.all(Kind.POSTCODE)] if registers else []
        self.gemeente_of_pc4 = {p["pc4"]: p["gemeente"] for p in postcodes}
        self.gemeenten = {p["gemeente"]: p["gemeente_name"] for p in postcodes if p["gemeente"]}

    def pool_rows(self, view: PoolView, now: datetime) -> Written:
        """A pool's rows, one in each care type that it may serve."""
        at = int(view.admission_at.timestamp()) if view.admission_at else _FAR
        if view.immediate:
            at = 0
        rank = _RANK[view.state]
        if rank == 0 and at == _FAR:
            rank = _NOT_FORESEEN
        order = (rank, at, view.location, str(view.id))
        shared = {
            "pool": view,
            "features": self._named(view.features),
            "filtered": " ".join(f for f in FILTERS if f in view.features),
            "sort": rank * 10**10 + at,
            "gemeente": self.gemeenten.get(view.gemeente or "", view.place),
            **self._spoken(now),
        }
        found: Written = {}
        for care in view.care_types:
            others = [labels.CARE_SHORT[c] for c in view.care_types if c is not care]
            html = str(self._macros.pool_row(care=care.value, others=others, **shared))
            found[f"p-{view.id}-{care}"] = (care.value, order, _stamped(html))
        return found

    def team_row(self, view: TeamView, now: datetime) -> Written:
        """A team's row."""
        rank = _TEAM_RANK[view.state]
        day = view.start.toordinal() if view.start else 0
        where = Counter(self.gemeente_of_pc4.get(pc4) for pc4 in view.pc4s)
        code = max(where, key=lambda found: (where[found], found or "")) if where else None
        html = str(
            self._macros.team_row(
                team=view,
                sort=rank * 10**10 + max(0, day - _EPOCH) * 86400,
                code=code or "",
                gemeente=self.gemeenten.get(code or "", ""),
                **self._spoken(now),
            )
        )
        order = (rank, day, view.name, str(view.id))
        return {f"w-{view.id}": (CareType.WIJKVERPLEGING.value, order, _stamped(html))}

    def heading(self, care: CareType, total: GroupSum, now: datetime) -> str:
        """The heading of a care type."""
        gemeenten = sorted(
            (
                (self.gemeenten.get(code or "", ""), part)
                for code, part in total.by_gemeente.items()
            ),
            key=lambda found: (found[0] == "", found[0]),
        )
        return str(
            self._macros.heading(care=care, total=total, gemeenten=gemeenten, **self._spoken(now))
        )

    def tile(self, care: CareType | None, total: Part) -> str:
        """The tile of a care type; None: of all together."""
        return str(self._macros.tile(care=care, total=total))

    def _named(self, features: tuple[Feature, ...]) -> str:
        """Features in words; thousands of rows have the same."""
        if features not in self._features:
            words = (self._gettext(labels.FEATURE_SHORT[feature]) for feature in features)
            self._features[features] = ", ".join(words)
        return self._features[features]

    def _spoken(self, now: datetime) -> dict[str, Any]:
        spoken = Spoken(now.astimezone(UTC), self._language)
        return {"moment": spoken.moment, "day": spoken.day}


def _stamped(html: str) -> str:
    """With a digest of itself, so that a page which takes the list anew sees which rows changed."""
    return html.replace("data-v", f'data-v="{zlib.crc32(html.encode()):08x}"', 1)
