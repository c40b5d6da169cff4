"""Signatures that the reference library of the specification accepts, and it alone with a right secret."""

import base64
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.word.signatures import new_secret, signed_headers

BODY = '{"type":"verkeerstoren.aanvraag","data":{"é":1}}'.encode()


def test_the_reference_library_verifies_each_secret_that_is_good() -> None:
    secret, previous = new_secret(), new_secret()
    message_id, at = uuid4(), datetime.now(UTC)
    headers = signed_headers([secret, previous], message_id, at, BODY)
    for known in (secret, previous):
        assert Webhook(known).verify(BODY, headers)["type"] == "verkeerstoren.aanvraag"
    assert headers["webhook-id"] == str(message_id)
    assert headers["webhook-timestamp"] == str(int(at.timestamp()))
    assert headers["webhook-signature"].count("v1,") == 2
    assert (
        Webhook(secret).sign(str(message_id), at, BODY.decode())
        == (headers["webhook-signature"].split(" ")[0])
    )


def test_another_secret_body_id_or_moment_is_not_what_was_signed() -> None:
    secret = new_secret()
    headers = signed_headers([secret], uuid4(), datetime.now(UTC), BODY)
    other_id = {**headers, "webhook-id": str(uuid4())}
    later = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}
    for known, body, shown in (
        (new_secret(), BODY, headers),
        (secret, BODY + b" ", headers),
        (secret, BODY, other_id),
        (secret, BODY, later),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(known).verify(body, shown)


def test_a_secret_is_as_long_and_as_spelled_as_the_specification_asks() -> None:
    secret = new_secret()
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret != new_secret()
