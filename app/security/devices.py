"""Tokens of browsers that a person signed in with before.

Signed with what is stored of the password, so they end with it and need no secret of their own.
"""

import hashlib
import hmac
import secrets

_LONGEST = 200


def new_device(username: str, password_hash: str) -> str:
    """A fresh token for the browser in which a person has just shown their password."""
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{_signature(nonce, username, password_hash)}"


def is_device(device: str | None, username: str, password_hash: str) -> bool:
    """Whether a token was given to a browser in which this person showed this very password."""
    if device is None or len(device) > _LONGEST or not device.isascii():
        return False
    nonce, _, signature = device.partition(".")
    return hmac.compare_digest(signature, _signature(nonce, username, password_hash))


def _signature(nonce: str, username: str, password_hash: str) -> str:
    return hmac.new(
        password_hash.encode(), f"device {nonce} {username}".encode(), hashlib.sha256
    ).hexdigest()
