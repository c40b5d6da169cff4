"""Signatures of webhooks, by the Standard Webhooks specification (version 1.0.0, symmetric: `v1`)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

_PREFIX = "whsec_"
#: The specification asks for 24 to 64.
_SECRET_BYTES = 32


def new_secret() -> str:
    """A fresh secret, as the receiver's library takes it. We keep it too, since we sign with it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(
    signing: Sequence[str], message_id: UUID, at: datetime, body: bytes
) -> dict[str, str]:
    """The headers by which a receiver knows the sender, the message and the moment of this attempt.

    A signature for each secret: while a previous one is still good, a receiver may have either.
    """
    timestamp = str(int(at.timestamp()))
    signed = b".".join((str(message_id).encode(), timestamp.encode(), body))
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in signing),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
