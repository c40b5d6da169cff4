"""A check of the board: which care types were looked at for a need, and why each place failed.

An MFB is a safety net, for when no place exists within the existing facilities. What permits it is
this record of the regular products, not a round of refusals.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from domain.care_types import CareType
from domain.matching.criteria import (
    Candidate,
    Criterion,
    Detail,
    Failure,
    TeamCandidate,
    failures,
    team_failures,
)
from domain.needs import Need

#: So many places that fit, and as many that don't, are told of one check. The counts are complete.
MOST_TOLD = 200

#: Checked before an MFB when triage named nothing else: what it stands in for (herstel, respijt).
#: Not grz, the Wlz and palliatief, which ask an indication, nor care at home: who could have those
#: gets them named by triage.
REGULAR_FOR_MFB = (CareType.ELV_LAAG, CareType.ELV_HOOG, CareType.RESPIJT)

#: The MFB itself, and a visit, which takes nobody in and has no capacity on the board.
_NOT_CHECKED = frozenset({CareType.MFB, CareType.SPOEDCONSULT_SO})


@dataclass(frozen=True, slots=True)
class ProductCheck:
    """What was found of one care type: counts of all places, and which fit.

    failed: places by criterion; one with several failures counts at each. fitting: by id, at most
    MOST_TOLD of the `fits` there are.
    """

    care_type: CareType
    looked_at: int
    fits: int
    failed: Mapping[Criterion, int]
    fitting: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class FailedPlace:
    """Why a pool, or a team, doesn't fit for a care type."""

    care_type: CareType
    id: UUID
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class BoardCheck:
    """What a check found at a moment; `needed_by` as the need had it.

    products: in the order asked. places: those that failed least first, at most MOST_TOLD of the
    `failed` there are.
    """

    at: datetime
    needed_by: datetime | None
    products: tuple[ProductCheck, ...]
    places: tuple[FailedPlace, ...]
    failed: int

    @property
    def care_types(self) -> tuple[CareType, ...]:
        """What was looked at."""
        return tuple(product.care_type for product in self.products)

    def to_json(self) -> dict[str, object]:
        """To keep with a decision; moments in UTC."""
        return {
            "at": _written(self.at),
            "needed_by": _written(self.needed_by),
            "regular_failed": regular_failed(self),
            "products": [
                {
                    "care_type": product.care_type.value,
                    "looked_at": product.looked_at,
                    "fits": product.fits,
                    "fitting": [str(one) for one in product.fitting],
                    "failed": {code.value: count for code, count in product.failed.items()},
                }
                for product in self.products
            ],
            "failed": self.failed,
            "places": [
                {
                    "care_type": place.care_type.value,
                    "id": str(place.id),
                    "failures": [failure_json(failure) for failure in place.failures],
                }
                for place in self.places
            ],
        }


def regular_for_mfb(named: Iterable[CareType]) -> tuple[CareType, ...]:
    """Which care types have to be checked before an MFB: those that triage named, in its order.

    A named observatie is checked like the others; it may also come first, without any check.
    """
    return tuple(dict.fromkeys(c for c in named if c not in _NOT_CHECKED)) or REGULAR_FOR_MFB


def check(
    need: Need,
    care_types: Iterable[CareType],
    places: Iterable[Candidate],
    teams: Iterable[TeamCandidate],
    now: datetime,
) -> BoardCheck:
    """Looks at every place that serves one of these care types, once for each that it serves.

    For wijkverpleging that is every team, wherever it works.
    """
    places, teams = list(places), list(teams)
    products: list[ProductCheck] = []
    failed: list[FailedPlace] = []
    for care_type in dict.fromkeys(care_types):
        if care_type is CareType.WIJKVERPLEGING:
            judged = [(team.id, team_failures(need, team, now)) for team in teams]
        else:
            judged = [
                (place.id, failures(need, care_type, place, now))
                for place in places
                if care_type in place.care_types
            ]
        fitting = sorted(one for one, found in judged if not found)
        counts = Counter(failure.criterion for _, found in judged for failure in found)
        products.append(
            ProductCheck(
                care_type,
                len(judged),
                len(fitting),
                {criterion: counts[criterion] for criterion in Criterion if counts[criterion]},
                tuple(fitting[:MOST_TOLD]),
            )
        )
        failed += [FailedPlace(care_type, one, found) for one, found in judged if found]
    nearest = sorted(failed, key=lambda place: (len(place.failures), place.id))
    return BoardCheck(now, need.needed_by, tuple(products), tuple(nearest[:MOST_TOLD]), len(failed))


def regular_failed(check: BoardCheck) -> bool:
    """Whether regular products were checked and no place of any of them fits: this permits an MFB."""
    regular = [product for product in check.products if product.care_type not in _NOT_CHECKED]
    return bool(regular) and not any(product.fits for product in regular)


def failure_json(failure: Failure) -> dict[str, object]:
    """A failure with its detail."""
    return {"criterion": failure.criterion.value, "detail": detail_json(failure.detail)}


def detail_json(detail: Detail) -> dict[str, object]:
    """What is known of a failure, or of a near miss; moments in UTC."""
    return {
        name: _written(value) if isinstance(value, date) else _plain(value)
        for name, value in detail.items()
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _written(moment: date | None) -> str | None:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return None if moment is None else moment.isoformat()
