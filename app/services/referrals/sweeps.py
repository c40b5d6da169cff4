"""What the clocks do by themselves: end what nobody answered, let go of what was held, tell people.

Each batch is one commit of one region, whose referrals are locked before anything is decided. So a
worker that dies leaves nothing half done, and whatever was due still is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from app.container import Container
from app.db import sweeps, word
from app.db.cases import Case
from app.db.norms import norms_in
from app.db.plain_rows import PlainRows
from app.db.tables import ClaimRow, OfferRow
from app.db.unit_of_work import UnitOfWork
from app.services.referrals import answers, claims, places
from app.services.referrals.act import Act
from app.services.referrals.acting import audit, begin, finish_all
from domain.actors import Action
from domain.alerts import AlertKind
from domain.errors import OutcomeUnknown, Unavailable
from domain.identifiers import RegionId
from domain.notices import Notice, NoticeData, NoticeKind
from domain.offers import OfferState
from domain.referrals import Step

#: Referrals in one commit: many share its cost, and none is locked for long.
BATCH = 100
#: Pools that are told of at once; the others a minute later.
_STALE_AT_ONCE = 1_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Swept:
    """What one look came to. more: there may be more at once. failed: cases to leave alone for now."""

    count: int
    more: bool
    failed: Sequence[UUID] = ()


async def sweep(container: Container, put_off: Collection[UUID] = (), most: int = BATCH) -> Swept:
    """Does what is due longest, for at most so many referrals of one region.

    A batch that fails is done again one by one, so that one bad case holds up no other. Raises
    Unavailable and OutcomeUnknown: then nothing may have been done, and all of it is still due.
    """
    picked: list[UUID] = []
    full = False

    async def act(work: UnitOfWork) -> int:
        nonlocal full
        picked.clear()
        due = await sweeps.lock_due(work, most, put_off)
        # A commit holds up the streams that it writes to: regions don't wait for each other.
        picked.extend(referral_id for referral_id, region_id in due if region_id == due[0][1])
        full = len(due) == most or len(picked) < len(due)
        return await _look(container, picked, work) if picked else 0

    try:
        count = await container.act(act)
    except (Unavailable, OutcomeUnknown):
        raise
    except Exception:
        if not picked:
            raise
        log.warning("batch failed, its cases are done one by one", count=len(picked))
        return await _one_by_one(container, picked, full)
    return Swept(count, full)


async def _one_by_one(container: Container, picked: Sequence[UUID], full: bool) -> Swept:
    count, failed = 0, []
    for referral_id in picked:
        try:
            count += await container.act(partial(_look, container, [referral_id]))
        except (Unavailable, OutcomeUnknown):
            raise
        except Exception:
            log.exception("clock of a referral failed", referral=str(referral_id))
            failed.append(referral_id)
    return Swept(count, full, failed)


async def _look(container: Container, referral_ids: Sequence[UUID], work: UnitOfWork) -> int:
    """Does all that is due of these referrals, of one region, and what follows; how many were due."""
    rows = PlainRows(work)
    found = await rows.lock_cases_of(referral_ids)
    due = [case for case in found if _is_due(case, work.now)]
    if not due:
        return 0
    act = await begin(work, None, due[0].referral.region_id, None)
    held = {held.pool_id for case in due for held in _held_too_long(case, work.now)}
    act.places = await places.with_beds(work, await rows.lock_pools(held))
    for case in due:
        await _fire(container, act, case)
        audit(act, Action.REFERRAL_WRITE, case)
    await finish_all([(act, case) for case in due], rows.write)
    return len(due)


async def _fire(container: Container, act: Act, case: Case) -> None:
    """The clocks of a case that have come; those of the watchdog are looked at as the act finishes."""
    for held in _held_too_long(case, act.now):
        claims.expired(act, case, held)
    for offer in _asked_too_long(case, act.now):
        await answers.expired(container, act, case, offer)
    for offer in _unseen_too_long(case, act.now):
        offer.unseen_at = None
        act.raise_alert(case, AlertKind.ACUUT_NIET_GEZIEN, offer=offer)
        told = {"offer": str(offer.id)}
        act.step(case, Step.ALERTED, reason=AlertKind.ACUUT_NIET_GEZIEN, data=told)


def _is_due(case: Case, now: datetime) -> bool:
    """Whether a clock has come, by rows that nobody else can change now."""
    watch_at = case.referral.watch_at
    clocks = _held_too_long(case, now), _asked_too_long(case, now), _unseen_too_long(case, now)
    return any(clocks) or (watch_at is not None and watch_at <= now)


def _held_too_long(case: Case, now: datetime) -> list[ClaimRow]:
    return [held for held in case.claims if held.expires_at <= now]


def _asked_too_long(case: Case, now: datetime) -> list[OfferRow]:
    return [
        one for one in case.offers if one.state == OfferState.GEVRAAGD and one.deadline_at <= now
    ]


def _unseen_too_long(case: Case, now: datetime) -> list[OfferRow]:
    return [
        one
        for one in case.offers
        if one.state == OfferState.GEVRAAGD
        and one.seen_at is None
        and one.unseen_at is not None
        and one.unseen_at <= now
    ]


async def tell_stale(container: Container) -> int:
    """Tells each region, and each provider, which figures nobody has confirmed for long; how many
    alerts changed."""
    changed = 0
    for region_id in await container.read(sweeps.regions_of_pools):
        changed += await container.act(partial(_tell_stale, region_id))
    return changed


async def _tell_stale(region_id: RegionId, work: UnitOfWork) -> int:
    norms, _ = await norms_in(work, region_id)
    before = work.now - timedelta(minutes=norms.stale_minutes)
    cleared, raised = await sweeps.tell_stale(work, region_id, before, _STALE_AT_ONCE)
    told = [
        Notice(
            region_id=region_id,
            organisation_id=one.organisation_id,
            kind=NoticeKind.CAPACITEIT_OUD,
            urgent=False,
            data=NoticeData(valid_until=one.valid_until),
            pool_id=one.pool_id,
        )
        for one in raised
    ]
    await word.write_notices(work, told)
    await work.commit()
    return cleared + len(raised)
