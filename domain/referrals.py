"""A referral's life: the states, and which step leads from which to which.

The one place that knows them. A step that isn't in the table is refused; what a referral's offers and
stay make of its state is worked out by `standing`, so that the two can't disagree.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import WrongState
from domain.offers import Awaiting, OfferState


class ReferralState(StrEnum):
    """Where a referral is (see docs/glossary.md for what each means)."""

    CONCEPT = "concept"
    INGEDIEND = "ingediend"
    AANVULLING_GEVRAAGD = "aanvulling-gevraagd"
    GETRIEERD = "getrieerd"
    AANGEBODEN = "aangeboden"
    TEGENVOORSTEL = "tegenvoorstel"
    ONDER_VOORBEHOUD_ARTS = "onder-voorbehoud-arts"
    WACHT_OP_CLIENT = "wacht-op-client"
    GEACCEPTEERD = "geaccepteerd"
    TIJDELIJK_GEPLAATST = "tijdelijk-geplaatst"
    OPGENOMEN = "opgenomen"
    OVERGEDRAGEN = "overgedragen"
    GEEN_PLEK = "geen-plek"
    AFGESLOTEN = "afgesloten"
    INGETROKKEN = "ingetrokken"
    OVERLEDEN = "overleden"

    @property
    def ended(self) -> bool:
        """Whether nothing follows any more; a successor is a referral of its own."""
        return self in _ENDED


S = ReferralState
_ENDED = frozenset({S.AFGESLOTEN, S.INGETROKKEN, S.OVERLEDEN})
_OPEN = frozenset(S) - _ENDED
#: A coordination point has it in hand and no place is promised.
_SEEKING = frozenset(
    {S.GETRIEERD, S.AANGEBODEN, S.TEGENVOORSTEL, S.WACHT_OP_CLIENT, S.TIJDELIJK_GEPLAATST}
    | {S.GEEN_PLEK}
)
PROMISED = frozenset({S.GEACCEPTEERD, S.ONDER_VOORBEHOUD_ARTS, S.WACHT_OP_CLIENT})
#: What offers and a temporary stay make of a referral that was triaged.
BY_OFFERS = frozenset(
    {S.GETRIEERD, S.AANGEBODEN, S.TEGENVOORSTEL, S.ONDER_VOORBEHOUD_ARTS, S.WACHT_OP_CLIENT}
    | {S.GEACCEPTEERD, S.TIJDELIJK_GEPLAATST}
)


class Step(StrEnum):
    """What somebody, or a clock, does to a referral or to one of its offers."""

    FILED = "filed"
    DRAFTED = "drafted"
    NEEDS_CHANGED = "needs-changed"
    ASKED = "asked"
    ANSWERED = "answered"
    TRIAGED = "triaged"
    BOARD_CHECKED = "board-checked"
    CLAIMED = "claimed"
    CLAIM_RELEASED = "claim-released"
    CLAIM_EXPIRED = "claim-expired"
    OFFERED = "offered"
    OFFER_SEEN = "offer-seen"
    OFFER_ACCEPTED = "offer-accepted"
    OFFER_REFUSED = "offer-refused"
    OFFER_WITHDRAWN = "offer-withdrawn"
    OFFER_EXPIRED = "offer-expired"
    COUNTER_PROPOSED = "counter-proposed"
    COUNTER_ACCEPTED = "counter-accepted"
    COUNTER_DECLINED = "counter-declined"
    CLIENT_ASKED = "client-asked"
    CLIENT_AGREED = "client-agreed"
    CLIENT_DECLINED = "client-declined"
    DOCTOR_AGREED = "doctor-agreed"
    DOCTOR_DECLINED = "doctor-declined"
    PROMISE_RELEASED = "promise-released"
    APPOINTED = "appointed"
    ADMITTED = "admitted"
    NOT_ARRIVED = "not-arrived"
    DISCHARGE_EXPECTED = "discharge-expected"
    DISCHARGE_READY = "discharge-ready"
    DISCHARGED = "discharged"
    STAY_KEPT = "stay-kept"
    NO_PLACE = "no-place"
    HANDOVER_OFFERED = "handover-offered"
    HANDOVER_ACCEPTED = "handover-accepted"
    HANDOVER_REFUSED = "handover-refused"
    HANDOVER_WITHDRAWN = "handover-withdrawn"
    TAKEN = "taken"
    CALL_BACK_SET = "call-back-set"
    CONTACTED = "contacted"
    NOTED = "noted"
    WAIT_BEGUN = "wait-begun"
    WAIT_ENDED = "wait-ended"
    REVIEWED = "reviewed"
    WLZ_RECORDED = "wlz-recorded"
    SUCCEEDED = "succeeded"
    ALERTED = "alerted"
    WITHDRAWN = "withdrawn"
    DIED = "died"
    CLOSED = "closed"


def _stays(states: Collection[ReferralState]) -> dict[ReferralState, frozenset[ReferralState]]:
    return {state: frozenset({state}) for state in states}


def _leads(
    states: Collection[ReferralState], to: Collection[ReferralState]
) -> dict[ReferralState, frozenset[ReferralState]]:
    return {state: frozenset(to) for state in states}


_TRIAGED = BY_OFFERS | {S.GEEN_PLEK}
#: Where a search goes on when a promise comes to nothing.
_BACK = frozenset({S.GETRIEERD, S.TIJDELIJK_GEPLAATST, S.GEEN_PLEK})

#: From which state a step may be taken, and where it may lead.
TABLE: Mapping[Step, Mapping[ReferralState, frozenset[ReferralState]]] = {
    Step.FILED: _leads({S.CONCEPT}, {S.INGEDIEND}),
    Step.DRAFTED: _stays({S.CONCEPT}),
    # With a place promised the provider is told; what was promised stays until a person ends it.
    Step.NEEDS_CHANGED: {
        **_stays(_OPEN - {S.OPGENOMEN}),
        S.AANVULLING_GEVRAAGD: frozenset({S.AANVULLING_GEVRAAGD, S.INGEDIEND}),
    },
    Step.ASKED: {
        **_leads({S.INGEDIEND, S.GETRIEERD, S.OVERGEDRAGEN}, {S.AANVULLING_GEVRAAGD}),
        **_stays(_OPEN - {S.INGEDIEND, S.GETRIEERD, S.OVERGEDRAGEN, S.CONCEPT}),
    },
    Step.ANSWERED: {
        **_stays(_OPEN - {S.CONCEPT}),
        S.AANVULLING_GEVRAAGD: frozenset({S.AANVULLING_GEVRAAGD, S.INGEDIEND, S.GETRIEERD}),
    },
    Step.TRIAGED: {
        **_stays(PROMISED | _SEEKING),
        **_leads({S.INGEDIEND, S.AANVULLING_GEVRAAGD, S.OVERGEDRAGEN}, {S.GETRIEERD}),
        S.GEEN_PLEK: _TRIAGED - PROMISED,
    },
    Step.BOARD_CHECKED: _stays(_SEEKING),
    Step.CLAIMED: _stays(_SEEKING),
    Step.CLAIM_RELEASED: _stays(_OPEN),
    Step.CLAIM_EXPIRED: _stays(_OPEN),
    Step.OFFERED: _leads(_SEEKING, {S.AANGEBODEN, S.TEGENVOORSTEL, S.WACHT_OP_CLIENT}),
    Step.OFFER_SEEN: _stays(_OPEN),
    Step.OFFER_ACCEPTED: _leads(
        {S.AANGEBODEN, S.TEGENVOORSTEL, S.WACHT_OP_CLIENT},
        {S.GEACCEPTEERD, S.ONDER_VOORBEHOUD_ARTS, S.WACHT_OP_CLIENT},
    ),
    Step.OFFER_REFUSED: _leads(_SEEKING | PROMISED, _TRIAGED),
    Step.OFFER_WITHDRAWN: _leads(_SEEKING | PROMISED, _TRIAGED),
    Step.OFFER_EXPIRED: _leads(_SEEKING, _TRIAGED - {S.GEACCEPTEERD}),
    Step.COUNTER_PROPOSED: _leads(
        {S.AANGEBODEN, S.TEGENVOORSTEL, S.WACHT_OP_CLIENT}, {S.TEGENVOORSTEL, S.WACHT_OP_CLIENT}
    ),
    Step.COUNTER_ACCEPTED: _leads({S.TEGENVOORSTEL, S.WACHT_OP_CLIENT}, {S.GEACCEPTEERD}),
    Step.COUNTER_DECLINED: _leads({S.TEGENVOORSTEL, S.WACHT_OP_CLIENT}, _TRIAGED),
    Step.CLIENT_ASKED: _leads({S.GEACCEPTEERD, S.TEGENVOORSTEL}, {S.WACHT_OP_CLIENT}),
    Step.CLIENT_AGREED: _leads({S.WACHT_OP_CLIENT}, {S.GEACCEPTEERD}),
    Step.CLIENT_DECLINED: _leads({S.WACHT_OP_CLIENT, S.GEACCEPTEERD, S.TEGENVOORSTEL}, _TRIAGED),
    Step.DOCTOR_AGREED: _leads({S.ONDER_VOORBEHOUD_ARTS}, {S.GEACCEPTEERD}),
    Step.DOCTOR_DECLINED: _leads({S.ONDER_VOORBEHOUD_ARTS}, _BACK),
    Step.PROMISE_RELEASED: _leads(PROMISED, _BACK),
    Step.APPOINTED: _stays(PROMISED),
    Step.ADMITTED: _leads({S.GEACCEPTEERD}, {S.OPGENOMEN, S.TIJDELIJK_GEPLAATST}),
    # Also while the client's or the doctor's word is waited for: nobody came all the same.
    Step.NOT_ARRIVED: _leads(PROMISED, PROMISED | _BACK),
    Step.DISCHARGE_EXPECTED: _stays(_OPEN),
    Step.DISCHARGE_READY: _stays(_OPEN),
    Step.DISCHARGED: {
        S.OPGENOMEN: frozenset({S.AFGESLOTEN}),
        S.TIJDELIJK_GEPLAATST: frozenset({S.GETRIEERD}),
        **_stays(_TRIAGED - {S.TIJDELIJK_GEPLAATST}),
    },
    Step.STAY_KEPT: _leads({S.TIJDELIJK_GEPLAATST, S.GEEN_PLEK}, {S.OPGENOMEN}),
    Step.NO_PLACE: _leads({S.GETRIEERD, S.TIJDELIJK_GEPLAATST}, {S.GEEN_PLEK}),
    Step.HANDOVER_OFFERED: _stays(
        (_SEEKING | {S.INGEDIEND, S.AANVULLING_GEVRAAGD, S.OVERGEDRAGEN}) - {S.TIJDELIJK_GEPLAATST}
    ),
    Step.HANDOVER_ACCEPTED: _leads(
        (_SEEKING | {S.INGEDIEND, S.AANVULLING_GEVRAAGD, S.OVERGEDRAGEN}) - {S.TIJDELIJK_GEPLAATST},
        {S.OVERGEDRAGEN},
    ),
    Step.HANDOVER_REFUSED: _stays(frozenset(S)),
    Step.HANDOVER_WITHDRAWN: _stays(frozenset(S)),
    Step.TAKEN: _stays(_OPEN),
    Step.CALL_BACK_SET: _stays(_OPEN),
    # What was said on the telephone, and what is worth knowing, may come after the end.
    Step.CONTACTED: _stays(frozenset(S)),
    Step.NOTED: _stays(frozenset(S)),
    Step.WAIT_BEGUN: _stays(_OPEN),
    Step.WAIT_ENDED: _stays(frozenset(S)),
    Step.REVIEWED: _stays(_OPEN),
    Step.WLZ_RECORDED: _stays(_OPEN),
    Step.SUCCEEDED: _stays(frozenset(S) - {S.CONCEPT, S.OVERLEDEN}),
    Step.ALERTED: _stays(_OPEN),
    Step.WITHDRAWN: _leads(_OPEN - {S.OPGENOMEN}, {S.INGETROKKEN}),
    Step.DIED: _leads(_OPEN, {S.OVERLEDEN}),
    Step.CLOSED: _leads(
        _OPEN - {S.CONCEPT, S.OPGENOMEN, S.GEACCEPTEERD, S.ONDER_VOORBEHOUD_ARTS}, {S.AFGESLOTEN}
    ),
}


def check_step(step: Step, state: ReferralState) -> None:
    """Raises WrongState unless this step may be taken in this state."""
    if state not in TABLE[step]:
        raise WrongState(step, state)


def check_led(step: Step, before: ReferralState, after: ReferralState) -> None:
    """Asserts that a step led where the table says; a defect of ours otherwise."""
    allowed = TABLE[step].get(before, frozenset())
    assert after in allowed, f"{step}: {before} may not lead to {after}"


@dataclass(frozen=True, slots=True)
class OfferStanding:
    """An offer as far as its referral's state follows from it."""

    state: OfferState
    awaiting: Awaiting | None = None


def standing(offers: Collection[OfferStanding], *, temporary: bool) -> ReferralState:
    """The state of a triaged referral by its offers; `temporary`: it waits in a temporary place."""
    waiting: dict[OfferState, set[Awaiting | None]] = {}
    for offer in offers:
        waiting.setdefault(offer.state, set()).add(offer.awaiting)
    # Whose word a promise needs is all that counts then, whatever else was being asked.
    if (promised := waiting.get(OfferState.TOEGEZEGD)) is not None:
        if Awaiting.ARTS in promised:
            return S.ONDER_VOORBEHOUD_ARTS
        return S.WACHT_OP_CLIENT if Awaiting.CLIENT in promised else S.GEACCEPTEERD
    if (proposed := waiting.get(OfferState.TEGENVOORSTEL)) is not None:
        return S.WACHT_OP_CLIENT if Awaiting.CLIENT in proposed else S.TEGENVOORSTEL
    if OfferState.GEVRAAGD in waiting:
        return S.AANGEBODEN
    return S.TIJDELIJK_GEPLAATST if temporary else S.GETRIEERD
