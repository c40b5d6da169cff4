"""Asking what has to be known: of the referrer, or by a provider about what it was asked."""

from uuid import UUID

from app.container import Container
from app.db.cases import Case
from app.db.idempotency import Request
from app.db.tables import QuestionRow
from app.services.referrals import needs, offers
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting
from domain.actors import Action, Actor
from domain.alerts import AlertKind
from domain.cases import TextKind
from domain.errors import InvalidInput, NotFound
from domain.referrals import ReferralState, Step

S = ReferralState


async def ask(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    text: str,
    request: Request | None = None,
    *,
    address: str | None = None,
) -> Done:
    """Asks the referrer something. Before triage the referral waits for it. Raises NotFound, WrongState."""

    async def do(act: Act, case: Case) -> UUID:
        waits = S(case.referral.state) in (S.INGEDIEND, S.GETRIEERD, S.OVERGEDRAGEN)
        return await asked(act, case, None, text, to=S.AANVULLING_GEVRAAGD if waits else None)

    return await acting(
        container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address, request=request
    )


async def ask_about(
    container: Container,
    actor: Actor,
    offer_id: UUID,
    text: str,
    request: Request | None = None,
    *,
    address: str | None = None,
) -> Done:
    """A provider asks something about an offer; its clock runs on. Raises NotFound and OfferEnded."""

    async def do(act: Act, case: Case) -> UUID:
        row = case.offer(offer_id)
        offers.check_open(row)
        row.seen_at = row.seen_at or act.at
        act.clear_alerts(case, {AlertKind.ACUUT_NIET_GEZIEN}, row)
        return await asked(act, case, offer_id, text, to=None)

    return await acting(
        container,
        actor,
        Action.OFFER_ANSWER,
        offers.finder(offer_id),
        do,
        address=address,
        request=request,
        may_do=lambda case: offers.require_provider(actor, case, offer_id, Action.OFFER_ANSWER),
    )


async def answer(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    question_id: UUID,
    text: str,
    *,
    address: str | None = None,
) -> Done:
    """Answers a question: the referrer or the coordination point for it; a provider's, the latter only.

    Raises NotFound (no such question, or answered already), NotAllowed and InvalidInput.
    """

    async def do(act: Act, case: Case) -> UUID:
        row = next((q for q in case.questions if q.id == question_id), None)
        own = case.referral.owner_id == actor.organisation_id
        if row is None or (row.offer_id is not None and not own):
            raise NotFound
        _check(text)
        row.answered_at = act.at
        act.work.session.add(row)
        case.questions.remove(row)
        offer = case.offer(row.offer_id) if row.offer_id is not None else None
        act.say(case, TextKind.ANSWER, text, row.id)
        act.step(case, Step.ANSWERED, offer=offer, to=_after(case), data={"question": str(row.id)})
        return row.id

    return await acting(
        container,
        actor,
        Action.REFERRAL_REPLY,
        referral_id,
        do,
        address=address,
        may_do=lambda case: needs.require_party(actor, Action.REFERRAL_REPLY, case),
    )


async def asked(
    act: Act, case: Case, offer_id: UUID | None, text: str, *, to: ReferralState | None
) -> UUID:
    """Keeps a question; answers with its id."""
    _check(text)
    row = QuestionRow(
        referral_id=case.id,
        offer_id=offer_id,
        asked_by_id=act.person.organisation_id,
        asked_at=act.at,
    )
    await act.work.add(row)
    case.questions.append(row)
    act.say(case, TextKind.QUESTION, text, row.id)
    offer = case.offer(offer_id) if offer_id is not None else None
    act.step(case, Step.ASKED, offer=offer, to=to, data={"question": str(row.id)})
    return row.id


def _after(case: Case) -> ReferralState | None:
    """Where a referral that waited for an answer goes on, once nothing is asked any more."""
    referral = case.referral
    if S(referral.state) is not S.AANVULLING_GEVRAAGD:
        return None
    if any(question.offer_id is None for question in case.questions):
        return None
    return S.GETRIEERD if referral.triaged and not referral.needs_triage else S.INGEDIEND


def _check(text: str) -> None:
    if not text.strip():
        raise InvalidInput("Schrijf iets op.", "/text")
