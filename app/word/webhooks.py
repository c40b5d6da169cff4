"""Notices as webhooks: ids, codes and moments, and where to ask for more with a key of one's own."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import orjson

from app.db.word import StoredNotice
from domain.notices import Notice

CONTENT_TYPE = "application/json"
USER_AGENT = "Verkeerstoren-Webhooks"


def body_of(stored: StoredNotice, base_url: str) -> bytes:
    """What is sent, the same bytes at each attempt, but for an offer that came to nothing in between
    (it says less then). Nothing in it is about a person.

    The type is spelled as the specification of webhooks asks; `kind` as everywhere else in this house.
    """
    notice = stored.notice
    data = {
        "notice_id": str(stored.id),
        "kind": notice.kind.value,
        "urgent": notice.urgent,
        "region_id": notice.region_id,
        "organisation_id": str(notice.organisation_id),
        **{name: str(value) for name, value in _subjects(notice).items()},
        **notice.data.to_json(),
        "url": _url(stored, base_url),
    }
    return orjson.dumps(
        {
            "type": f"verkeerstoren.{notice.kind.replace('-', '_')}",
            "timestamp": stored.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "data": data,
        }
    )


def wait_asked(retry_after: str | None, now: datetime) -> timedelta | None:
    """How long a receiver asks us to wait, in seconds or until a date; None when it says nothing we know."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10:
        return timedelta(seconds=int(retry_after))
    try:
        until = parsedate_to_datetime(retry_after)
        # A date without a zone is UTC.
        return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None


def _subjects(notice: Notice) -> dict[str, object]:
    subjects = {
        "referral_id": notice.referral_id,
        "offer_id": notice.offer_id,
        "handover_id": notice.handover_id,
        "pool_id": notice.pool_id,
    }
    return {name: value for name, value in subjects.items() if value is not None}


def _url(stored: StoredNotice, base_url: str) -> str:
    """Where the receiver finds what it may see of the subject."""
    notice = stored.notice
    for noun, subject in (
        ("offers", notice.offer_id),
        ("handovers", notice.handover_id),
        ("referrals", notice.referral_id),
        ("pools", notice.pool_id),
    ):
        if subject is not None:
            return f"{base_url}/v1/{noun}/{subject}"
    return f"{base_url}/v1/notices/{stored.id}"
