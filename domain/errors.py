"""Failures that are expected, each with a code that never changes its meaning within v1.

The HTTP status and the Dutch texts are given at the edge, once (`api/errors.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

#: Errors of one spreadsheet that are told; past these a person starts again anyway.
MOST_TOLD = 50


class Code(StrEnum):
    """Every problem code there is; `urn:verkeerstoren:problem:<code>` at the edge."""

    INVALID_INPUT = "invalid-input"
    BAD_SPREADSHEET = "bad-spreadsheet"
    BODY_TOO_LARGE = "body-too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    NOT_SIGNED_IN = "not-signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    TOO_MANY_ATTEMPTS = "too-many-attempts"
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    OBSERVED_IN_FUTURE = "observed-in-future"
    FIGURES_FROM_BEDS = "figures-from-beds"
    POOL_CLOSED = "pool-closed"
    ALREADY_CLOSED = "already-closed"
    STILL_IN_USE = "still-in-use"
    NOTHING_TO_CONFIRM = "nothing-to-confirm"
    VERSION_CHANGED = "version-changed"
    VERSION_REQUIRED = "version-required"
    ALREADY_EXISTS = "already-exists"
    IDEMPOTENCY_MISMATCH = "idempotency-mismatch"
    UNKNOWN_POSITION = "unknown-position"
    NOT_YET_THERE = "not-yet-there"
    WRONG_STATE = "wrong-state"
    OFFER_ENDED = "offer-ended"
    TOO_MANY_OFFERS = "too-many-offers"
    NO_PLACE_LEFT = "no-place-left"
    BOARD_CHECK_REQUIRED = "board-check-required"
    ARGUMENT_REQUIRED = "argument-required"
    TEAM_UNFIT = "team-unfit"
    OUTCOME_UNKNOWN = "outcome-unknown"
    UNAVAILABLE = "unavailable"
    OVERLOADED = "overloaded"
    INTERNAL = "internal-error"


class Problem(Exception):
    """An expected failure. Nothing was changed, unless the code is `outcome-unknown`."""

    code: Code

    def __init__(self, detail: str = "", **facts: object) -> None:
        super().__init__(detail or self.code.value)
        self.detail = detail
        self.facts = facts


class InvalidInput(Problem):
    """The input breaks a rule; `pointer` is the JSON pointer of the offending member."""

    code = Code.INVALID_INPUT

    def __init__(self, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class SheetError:
    """What is wrong at one place of a spreadsheet.

    `row` is the number that the spreadsheet shows, `column` the name in the header, or the letter of
    a column without one; None when no row or column is to blame. `detail` is Dutch.
    """

    row: int | None
    column: str | None
    detail: str

    @property
    def pointer(self) -> str:
        """The place as other problems name one: `/5/bezet` is row 5 below the header "bezet"."""
        row = "" if self.row is None else f"/{self.row}"
        return row if self.column is None else f"{row}/{self.column}"


class BadSpreadsheet(Problem):
    """An uploaded file that can't be read as one table; `errors` are the first `MOST_TOLD`."""

    code = Code.BAD_SPREADSHEET

    def __init__(self, detail: str, errors: Sequence[SheetError] = ()) -> None:
        told = tuple(errors[:MOST_TOLD]) or (SheetError(None, None, detail),)
        places = [{"pointer": error.pointer, **asdict(error)} for error in told]
        super().__init__(detail, errors=places)
        self.errors = told


class NotSignedIn(Problem):
    """No key or session, an unknown one, or one that was ended."""

    code = Code.NOT_SIGNED_IN


class SignInRefused(Problem):
    """No such person, another password, or an account that was closed: the caller can't tell which."""

    code = Code.SIGN_IN_REFUSED


class TooManyAttempts(Problem):
    """Too many wrong passwords from here; `retry_after` says in how many seconds another try is free."""

    code = Code.TOO_MANY_ATTEMPTS

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        told = "een minuut" if minutes == 1 else f"{minutes} minuten"
        super().__init__(
            f"Er is te vaak een verkeerd wachtwoord ingevuld. Probeer het over {told} opnieuw.",
            retry_after=retry_after,
        )
        self.retry_after = retry_after


class NotAllowed(Problem):
    """Signed in, but the role has no leave for this act at all."""

    code = Code.NOT_ALLOWED


class NotFound(Problem):
    """There is no such thing, or it is somebody else's: the caller can't tell which."""

    code = Code.NOT_FOUND


class ObservedInFuture(Problem):
    """The observation lies more than five minutes after its receipt."""

    code = Code.OBSERVED_IN_FUTURE

    def __init__(self, observed_at: datetime, received_at: datetime) -> None:
        super().__init__(observed_at=observed_at, server_time=received_at)


class FiguresFromBeds(Problem):
    """The pool's figures come from its beds, so it takes no count report."""

    code = Code.FIGURES_FROM_BEDS


class PoolClosed(Problem):
    """The pool was ended and takes no more reports."""

    code = Code.POOL_CLOSED


class AlreadyClosed(Problem):
    """It was ended, and what was ended is not changed any more."""

    code = Code.ALREADY_CLOSED


class StillInUse(Problem):
    """Something active hangs on it; `in_use` says how many of what, by the name of the kind."""

    code = Code.STILL_IN_USE

    def __init__(self, in_use: Mapping[str, int], detail: str = "") -> None:
        super().__init__(detail, in_use=dict(in_use))
        self.in_use = dict(in_use)


class NothingToConfirm(Problem):
    """The pool has no report yet, so there is nothing to say "klopt nog" to."""

    code = Code.NOTHING_TO_CONFIRM


class VersionChanged(Problem):
    """Somebody else was first: the version the caller saw is not the current one."""

    code = Code.VERSION_CHANGED

    def __init__(self, current: int) -> None:
        super().__init__(current=current)


class VersionRequired(Problem):
    """The call needs `If-Match` with the version that was shown."""

    code = Code.VERSION_REQUIRED


class AlreadyExists(Problem):
    """Something with this identifier is there already."""

    code = Code.ALREADY_EXISTS


class WrongState(Problem):
    """The referral's state doesn't allow this step; `state` says where it is."""

    code = Code.WRONG_STATE

    def __init__(self, step: str, state: str) -> None:
        super().__init__(step=str(step), state=str(state))


#: What whoever answers too late, or once more, can do; by the offer's state.
_HOW_IT_ENDED = {
    "toegezegd": "De plek is al toegezegd. Kan het toch niet, laat de toezegging dan los en zeg waarom."
    " Er is niets gewijzigd.",
    "opgenomen": "De opname is al vastgelegd. Er is niets gewijzigd.",
    "geweigerd": "Deze aanvraag is al geweigerd. Is er toch plek, bel dan het coördinatiepunt. Er is niets"
    " gewijzigd.",
    "verlopen": "De antwoordtijd is voorbij. Is er plek, bel dan het coördinatiepunt. Er is niets"
    " gewijzigd.",
    "gevraagd": "Hier is nog geen plek toegezegd. Er is niets gewijzigd.",
    "tegenvoorstel": "Over het tegenvoorstel moet nog beslist worden. Er is niets gewijzigd.",
}


class OfferEnded(Problem):
    """The offer takes no answer any more: answered, withdrawn or expired; the facts say which and when."""

    code = Code.OFFER_ENDED

    def __init__(self, state: str, reason: str | None, ended_at: datetime | None) -> None:
        told = _HOW_IT_ENDED.get(str(state), "")
        super().__init__(told, state=str(state), reason=reason, ended_at=ended_at)


class TooManyOffers(Problem):
    """More providers would be asked at once than is allowed for this urgency."""

    code = Code.TOO_MANY_OFFERS

    def __init__(self, open_offers: int, most: int) -> None:
        super().__init__(
            f"Bij deze urgentie worden er hoogstens {most} tegelijk gevraagd; er staan er {open_offers}"
            " open. Er is niets gewijzigd.",
            open=open_offers,
            most=most,
        )


class NoPlaceLeft(Problem):
    """The last place was claimed or promised just before, or isn't known to be free.

    `held_until`: when a claim on it ends by itself; None: no claim, or nobody knows. Never for whom.
    """

    code = Code.NO_PLACE_LEFT

    def __init__(
        self,
        free: int | None,
        held_until: datetime | None = None,
        alternatives: Sequence[Mapping[str, object]] = (),
    ) -> None:
        super().__init__(free=free, held_until=held_until, alternatives=list(alternatives))
        self.free = free


class BoardCheckRequired(Problem):
    """An MFB is a safety net: the regular products on the board have to be checked first."""

    code = Code.BOARD_CHECK_REQUIRED


class ArgumentRequired(Problem):
    """This deviates from what was advised or found; one line has to say why."""

    code = Code.ARGUMENT_REQUIRED


class TeamUnfit(Problem):
    """The home-care team that was named can't do what is asked.

    failures: the hard criteria that it doesn't meet. teams: some that fit by now.
    """

    code = Code.TEAM_UNFIT

    def __init__(
        self, failures: Sequence[Mapping[str, object]], teams: Sequence[Mapping[str, object]]
    ) -> None:
        super().__init__(failures=list(failures), teams=list(teams))
        self.failures = tuple(failures)
        self.teams = tuple(teams)


class IdempotencyMismatch(Problem):
    """The Idempotency-Key was used before with another body."""

    code = Code.IDEMPOTENCY_MISMATCH


class UnknownPosition(Problem):
    """The position is not one of this stream: take a snapshot."""

    code = Code.UNKNOWN_POSITION


class NotYetThere(Problem):
    """The board had not reached `min_position` within a second."""

    code = Code.NOT_YET_THERE


class OutcomeUnknown(Problem):
    """The database connection was lost around the commit. Repeating is safe."""

    code = Code.OUTCOME_UNKNOWN


class Unavailable(Problem):
    """The service can't answer truthfully now (starting, or the database is away)."""

    code = Code.UNAVAILABLE


class Overloaded(Problem):
    """More work is waiting than can be taken on; come back in a moment."""

    code = Code.OVERLOADED
