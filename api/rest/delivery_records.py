"""Whether providers deliver what they post: `GET /v1/delivery-records`."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.boards import Cursor, Page
from api.cursors import Limit, decode, encode
from api.routing import Caller, GuardedRoute, Here, asks
from api.writes import Day
from app.db.delivery_records import RegionalRecord
from app.services import delivery_records
from domain.actors import Action
from domain.delivery_records import DAYS, LONGEST_DAYS, SMALLEST_SAMPLE, Period, Share, last_days
from domain.identifiers import RegionId

#: Regions are numbered in a smallint.
_LAST_REGION = 32_767

router = APIRouter(prefix="/v1", tags=["delivery"], route_class=GuardedRoute)


class ShareBody(BaseModel):
    """So many of so many."""

    count: int
    of: int
    share: Annotated[
        float | None, Field(description=f"From 0 to 1; null: of fewer than {SMALLEST_SAMPLE}.")
    ]
    too_few: Annotated[bool, Field(description="The counts say too little for a share.")]


class DeliveryRecordBody(BaseModel):
    """A provider in a region, by the offers that were put to it in these days."""

    organisation_id: UUID
    region_id: int
    since: date
    until: date
    asked: Annotated[int, Field(description="Offers put to it, those withdrawn later too.")]
    refused_while_free: Annotated[
        ShareBody,
        Field(
            description="Refused for a reason of the house itself, or its yes taken back, of the"
            " answers about a place that it posted as free when it was asked and when it answered."
        ),
    ]
    unanswered: Annotated[
        ShareBody, Field(description="Expired, of the offers that were answered or expired.")
    ]
    late: Annotated[ShareBody, Field(description="After the deadline, of the answers.")]
    not_arrived: Annotated[
        ShareBody, Field(description="Nobody came, of the promises whose admission was due.")
    ]
    median_answer_minutes: Annotated[
        int | None, Field(description="At all hours; null: too few answers.")
    ]
    slow_answer_minutes: Annotated[
        int | None, Field(description="Within which nine in ten answers came; as above.")
    ]


@router.get("/delivery-records", **asks(Action.DELIVERY_READ))
async def get_delivery_records(
    here: Here,
    caller: Caller,
    since: Annotated[
        Day | None,
        Query(description=f"By default {DAYS} days up to `until`; at most {LONGEST_DAYS}."),
    ] = None,
    until: Annotated[Day | None, Query(description="The last day; by default yesterday.")] = None,
    organisation_id: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DeliveryRecordBody]:
    """Who was asked for a place and what came of it: days in Amsterdam, counted as of now.

    A coordination point sees its regions; a provider itself alone.
    """
    found = await delivery_records.delivery_records(
        here,
        caller.actor,
        _period(since, until, last_days(here.now())),
        organisation_id=organisation_id,
        after=_after(cursor),
        limit=limit + 1,
    )
    page = found[:limit]
    following = None
    if len(found) > limit:
        following = encode(str(page[-1].record.organisation_id), str(page[-1].region_id))
    return Page(items=[_body(item) for item in page], next_cursor=following)


def _period(since: date | None, until: date | None, usual: Period) -> Period:
    if until is None:
        # Today's own, for who asks from today on.
        today = usual.until + timedelta(days=1)
        until = today if since == today else usual.until
    return Period(since or until - (usual.until - usual.since), until)


def _after(cursor: str | None) -> tuple[UUID, RegionId] | None:
    if cursor is None:
        return None
    return decode(cursor, UUID, _region)


def _region(text: str) -> RegionId:
    number = int(text)
    if not 0 < number <= _LAST_REGION:
        raise ValueError(text)
    return RegionId(number)


def _body(item: RegionalRecord) -> DeliveryRecordBody:
    record = item.record
    return DeliveryRecordBody(
        organisation_id=record.organisation_id,
        region_id=item.region_id,
        since=record.since,
        until=record.until,
        asked=record.asked,
        refused_while_free=_share(record.refused_while_free),
        unanswered=_share(record.unanswered),
        late=_share(record.late),
        not_arrived=_share(record.not_arrived),
        median_answer_minutes=record.median_answer_minutes,
        slow_answer_minutes=record.slow_answer_minutes,
    )


def _share(share: Share) -> ShareBody:
    value = share.value
    return ShareBody(count=share.count, of=share.of, share=value, too_few=value is None)
