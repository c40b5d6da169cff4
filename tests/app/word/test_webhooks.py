"""What a webhook holds, and what is read of an answer."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson
import pytest

from app.word.webhooks import body_of, wait_asked
from domain.notices import NoticeData, NoticeKind
from tests.factories.word import notice

BASE = "https://toren.example"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_webhook_holds_ids_codes_and_moments_and_where_to_look() -> None:
    offer_id = uuid4()
    stored = notice(offer_id=offer_id)
    assert orjson.loads(body_of(stored, BASE)) == {
        "type": "verkeerstoren.aanvraag",
        "timestamp": "2026-11-22T12:05:00Z",
        "data": {
            "notice_id": str(stored.id),
            "kind": "aanvraag",
            "urgent": True,
            "region_id": 1,
            "organisation_id": str(stored.notice.organisation_id),
            "offer_id": str(offer_id),
            "number": "2026-00123",
            "care_type": "elv-laag",
            "urgency": "acuut",
            "step": "offered",
            "deadline_at": "2026-11-22T12:35:00+00:00",
            "url": f"{BASE}/v1/offers/{offer_id}",
        },
    }
    assert body_of(stored, BASE) == body_of(stored, BASE)


def test_its_type_is_spelled_as_the_specification_asks() -> None:
    body = orjson.loads(body_of(notice(NoticeKind.VRAAG_BEANTWOORD), BASE))
    assert body["type"] == "verkeerstoren.vraag_beantwoord"
    assert body["data"]["kind"] == "vraag-beantwoord"


def test_it_points_at_what_its_reader_may_look_up() -> None:
    some = uuid4()
    found = [
        orjson.loads(body_of(stored, BASE))["data"]["url"].removeprefix(BASE)
        for stored in (
            notice(referral_id=some),
            notice(referral_id=some, handover_id=some),
            notice(pool_id=some),
        )
    ]
    assert found == [f"/v1/referrals/{some}", f"/v1/handovers/{some}", f"/v1/pools/{some}"]
    stored = notice(NoticeKind.EINDPUNT_GEPAUZEERD, NoticeData(endpoint_id=some))
    url = orjson.loads(body_of(stored, BASE))["data"]["url"]
    assert url == f"{BASE}/v1/notices/{stored.id}"


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("Sun, 22 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Sun, 22 Nov 2026 11:00:00 -0000", timedelta(hours=-1)),
        ("-5", None),
        ("straks", None),
        (f"Sun, 22 Nov {'9' * 30} 12:10:00 GMT", None),
        ("9" * 400, None),
        ("١٢", None),
    ],
)
def test_how_long_a_receiver_asks_us_to_wait(header: str | None, wait: timedelta | None) -> None:
    assert wait_asked(header, NOW) == wait
