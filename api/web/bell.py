"""The bell in the header of every page, and the one red banner for what can't wait."""

import asyncio
import hashlib

from starlette.requests import Request

from api.web.language import language_of
from api.web.visitor import session_of
from app.security.sessions import Session
from app.services.word import bell
from app.services.word.bell import Bell
from domain.actors import Action, scope_of
from domain.errors import Problem

#: Seconds that a page waits for it at most: it is there for something else.
_PATIENCE = 1


def hears(session: Session | None) -> bool:
    """Whether there are notices for this person, as what they work as now."""
    return (
        session is not None
        and session.actor is not None
        and scope_of(session.actor, Action.NOTICE_READ) is not None
    )


async def hear(request: Request) -> None:
    """Looks what there is for the reader of a page; what can't be had now is no reason to have no page."""
    session = session_of(request)
    if session is None or session.actor is None or not hears(session):
        return
    container = request.state.container
    try:
        async with asyncio.timeout(_PATIENCE):
            request.state.bell = await bell.look(container, session.actor, session.person_id)
    except (Problem, TimeoutError):
        return


def stand_of(request: Request, found: Bell) -> str:
    """Another text whenever a page has something else to show."""
    urgent = (found.urgent.notice.id, found.urgent.count) if found.urgent else None
    session = session_of(request)
    whose = session.membership.id if session and session.membership else None
    told = (found.unread, found.newest, urgent, whose, language_of(request))
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()
