"""Who looks at a page, and the token that says a form is from one of our own pages."""

import base64
import hmac
import secrets

from starlette.requests import Request

from app.security.sessions import Session
from domain.actors import Actor

#: Where the token stands in a form, and in a request that a script makes.
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD"})


def session_cookie(base_url: str) -> str:
    """The session cookie's name."""
    return secret_cookie("vt_session", base_url)


def secret_cookie(name: str, base_url: str) -> str:
    """A cookie's name. Over https such a one can be set by this very host alone, for all of it."""
    return f"__Host-{name}" if base_url.startswith("https://") else name


def session_of(request: Request) -> Session | None:
    """Whose request it is; None: nobody's."""
    session: Session | None = request.state.session
    return session


def actor_of(request: Request) -> Actor:
    """Who acts, on a page that asked for it."""
    session = session_of(request)
    assert session is not None
    assert session.actor is not None
    return session.actor


def address_of(request: Request) -> str | None:
    """Where the request came from, for the audit."""
    return request.client.host if request.client else None


def number_of(text: str) -> int | None:
    """A number in an address; None for anything else, and for what is no number of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def masked(secret: str) -> str:
    """A secret as one page shows it.

    Another mask each time: answers are compressed, and a secret that stays the same beside text
    from outside could be guessed from their length.
    """
    plain = secret.encode()
    mask = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(mask + _xor(mask, plain)).decode()


def unmasks_to(told: str, secret: str) -> bool:
    """Whether a text is this secret, masked."""
    try:
        both = base64.urlsafe_b64decode(told)
    except ValueError:
        return False
    half = len(both) // 2
    return hmac.compare_digest(_xor(both[:half], both[half:]), secret.encode())


async def from_our_page(request: Request, secret: str) -> bool:
    """Whether a request that changes something comes from a page of ours that was told the secret."""
    if request.method in _SAFE:
        return True
    # What the browser itself says of where a request comes from; old ones say nothing.
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    told = request.headers.get(CSRF_HEADER)
    if told is None:
        # Kept by the request, so that the page reads the same form.
        value = (await request.form()).get(CSRF_FIELD)
        told = value if isinstance(value, str) else ""
    return unmasks_to(told, secret)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=False))
