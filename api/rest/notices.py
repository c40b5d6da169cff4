"""What the caller's organisation was told: listed, counted, marked as read."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.boards import Cursor, Page
from api.cursors import Limit, decode, encode
from api.routing import Caller, GuardedRoute, Here, asks
from api.writes import Input
from app.db.word import MOST_COUNTED, MOST_LOOKED_AT, StoredNotice
from app.services.word import notices
from domain.actors import Action
from domain.alerts import AlertKind
from domain.care_types import CareType
from domain.cases import HandoverState
from domain.errors import Code
from domain.needs import Urgency
from domain.notices import NoticeKind
from domain.referrals import ReferralState, Step

router = APIRouter(prefix="/v1", tags=["word"], route_class=GuardedRoute)


class NoticeDataBody(BaseModel):
    """All that a notice says; the rest is read where it is about, under the permission of then.

    `number`, `care_type` and `urgency` are null for a provider whose offer ended without anybody coming.
    """

    number: Annotated[str | None, Field(description="Of the referral.")]
    care_type: CareType | None
    urgency: Urgency | None
    step: Annotated[Step | None, Field(description="What was done.")]
    state: Annotated[
        ReferralState | None, Field(description="How it stands, for a referrer in place of `step`.")
    ]
    alert: AlertKind | None
    handover: HandoverState | None
    deadline_at: Annotated[datetime | None, Field(description="When an answer is due.")]
    valid_until: Annotated[datetime | None, Field(description="Of a figure to be confirmed.")]
    endpoint_id: Annotated[UUID | None, Field(description="The webhook that was paused.")]


class NoticeBody(BaseModel):
    """A notice. What it is about is named by what the organisation may look up."""

    id: UUID
    kind: NoticeKind
    urgent: Annotated[bool, Field(description="Breaks through quiet hours where those agree.")]
    region_id: int
    referral_id: UUID | None
    offer_id: UUID | None
    handover_id: UUID | None
    pool_id: UUID | None
    data: NoticeDataBody
    created_at: datetime
    read: Annotated[bool, Field(description="By a system of the organisation, for keys.")]


class NoticePageBody(Page[NoticeBody]):
    """Notices, with how many weren't read."""

    unread: Annotated[
        int, Field(description=f"Of the newest {MOST_LOOKED_AT}; counted up to {MOST_COUNTED}.")
    ]


class ReadInput(Input):
    """Up to where notices were read."""

    until: Annotated[
        UUID | None, Field(description="The newest notice that was read; null: all there are.")
    ] = None


@router.get("/notices", **asks(Action.NOTICE_READ))
async def get_notices(
    here: Here,
    caller: Caller,
    kind: NoticeKind | None = None,
    unread: bool | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> NoticePageBody:
    """What the caller's organisation was told in the last ninety days, the newest first."""
    actor = caller.actor
    found = await notices.list_notices(
        here,
        actor,
        actor.organisation_id,
        kind=kind,
        unread=unread,
        before=decode(cursor, str, UUID)[1] if cursor is not None else None,
        limit=limit + 1,
    )
    page = found.notices[:limit]
    following = encode("", str(page[-1].id)) if len(found.notices) > limit else None
    return NoticePageBody(
        items=[_body(one) for one in page], next_cursor=following, unread=found.unread
    )


@router.get("/notices/{notice_id}", **asks(Action.NOTICE_READ, Code.NOT_FOUND))
async def get_notice(here: Here, caller: Caller, notice_id: UUID) -> NoticeBody:
    """One notice."""
    actor = caller.actor
    return _body(await notices.get_notice(here, actor, actor.organisation_id, notice_id))


@router.post(
    "/notices/{notice_id}/read",
    status_code=204,
    **asks(Action.NOTICE_MARK, Code.NOT_FOUND, Code.OUTCOME_UNKNOWN),
)
async def post_notice_read(here: Here, caller: Caller, notice_id: UUID) -> None:
    """A system of the organisation has read a notice. What people read is theirs alone."""
    actor = caller.actor
    await notices.mark_read(here, actor, actor.organisation_id, notice_id)


@router.post("/notice-marks", status_code=204, **asks(Action.NOTICE_MARK, Code.OUTCOME_UNKNOWN))
async def post_notice_marks(here: Here, caller: Caller, body: ReadInput) -> None:
    """A system of the organisation has read all notices, or all up to one."""
    actor = caller.actor
    await notices.mark_all_read(here, actor, actor.organisation_id, body.until)


def _body(stored: StoredNotice) -> NoticeBody:
    notice = stored.notice
    told: dict[str, Any] = {
        name: getattr(notice.data, name) for name in NoticeDataBody.model_fields
    }
    return NoticeBody(
        id=stored.id,
        kind=notice.kind,
        urgent=notice.urgent,
        region_id=notice.region_id,
        referral_id=notice.referral_id,
        offer_id=notice.offer_id,
        handover_id=notice.handover_id,
        pool_id=notice.pool_id,
        data=NoticeDataBody(**told),
        created_at=stored.created_at,
        read=stored.read,
    )
