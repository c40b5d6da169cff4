"""How a provider delivers what it posts, counted over a period: shares with their denominators.

"Who posts a place as available must deliver when called on" (model transferpunt, Salland). Few cases
say nothing of a provider, so there is no share of fewer than SMALLEST_SAMPLE.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.calendar import AMSTERDAM, MIDNIGHT, at_local, end_at_local
from domain.errors import InvalidInput
from domain.offers import Ending, Refusal

#: Of fewer no share is given *(design)*.
SMALLEST_SAMPLE = 10
#: What the board and a match go by: so many days, ending yesterday *(design)*.
DAYS = 90
LONGEST_DAYS = 400

#: What lies with the house itself: it could have known before, and told the board. Not what is about
#: somebody's care, behaviour or law, the room or the insurer, or how late was asked: no report says
#: those. Nor what the admitting doctor says: admission is a medical act, and counting a doctor's no
#: would press for a yes.
OWN_REASONS = frozenset(
    {Refusal.GEEN_PLEK, Refusal.GEEN_PERSONEEL, Refusal.OPNAMESTOP, Refusal.GEEN_ARTS_ANW}
    | {Refusal.TE_LAAT_BEANTWOORD, Refusal.BORD_KLOPTE_NIET}
)
#: A yes that the provider takes back is a no.
TAKEN_BACK = Ending.AANBIEDER_KAN_NIET


#: What was read of the board longer than this after what it is about says nothing of it: somebody typed
#: in later what was asked or answered on the telephone.
READ_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None: too few to say."""
        return self.count / self.of if self.of >= SMALLEST_SAMPLE else None


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """An organisation in a region, by the offers put to it on the days `since` to `until`, both
    included, in Amsterdam; what was told afterwards counts on the day on which it happened.

    refused_while_free: refused for one of OWN_REASONS, or the yes TAKEN_BACK, of the answered offers
    whose place was posted as free, and could be believed, both when it was asked for and when it was
    answered: by the board of that moment, so what was typed in long after it (READ_WITHIN) doesn't count.
    What was held for the very referral is free to it; what was asked although the board
    spoke against it doesn't count.
    unanswered: of the offers that were answered or expired; one that was withdrawn before its answer
    counts in `asked` alone. late: of the answers.
    not_arrived: promises of which it was told, once or more, that nobody came, of those whose
    admission was due: told so, admitted, or still promised when the agreed moment had passed.
    median_answer_minutes, slow_answer_minutes: half of the answers, and nine in ten, came within so
    many whole minutes, at all hours; None: too few answers.
    """

    organisation_id: UUID
    since: date
    until: date
    asked: int
    refused_while_free: Share
    unanswered: Share
    late: Share
    not_arrived: Share
    median_answer_minutes: int | None
    slow_answer_minutes: int | None

    @classmethod
    def of_counts(
        cls, organisation_id: UUID, since: date, until: date, counts: Mapping[str, Any]
    ) -> "DeliveryRecord":
        """The shares of what was counted, by the names that the table and the event have."""
        answered, unanswered = counts["answered"], counts["unanswered"]
        return cls(
            organisation_id=organisation_id,
            since=since,
            until=until,
            asked=counts["asked"],
            refused_while_free=Share(counts["refused_while_free"], counts["called_on"]),
            unanswered=Share(unanswered, answered + unanswered),
            late=Share(counts["late"], answered),
            not_arrived=Share(counts["not_arrived"], counts["admissions_due"]),
            median_answer_minutes=counts["median_answer_minutes"],
            slow_answer_minutes=counts["slow_answer_minutes"],
        )


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in Amsterdam, both included. Raises InvalidInput for what is no period."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise InvalidInput("De laatste dag ligt voor de eerste.", "until")
        if (self.until - self.since).days >= LONGEST_DAYS:
            raise InvalidInput("Vraag ten hoogste 400 dagen in een keer.", "since")

    @property
    def begins_at(self) -> datetime:
        """The first moment of it (UTC)."""
        return at_local(self.since, MIDNIGHT)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it (UTC)."""
        return end_at_local(self.until, None)


def last_days(now: datetime) -> Period:
    """What the board goes by at this moment: DAYS days, ending yesterday."""
    until = now.astimezone(AMSTERDAM).date() - timedelta(days=1)
    return Period(until - timedelta(days=DAYS - 1), until)
