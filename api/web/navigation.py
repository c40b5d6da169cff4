"""Which pages a person finds in the menu, by what their role may do, and where they begin."""

from dataclasses import dataclass

from api.web.language import marked
from app.security.sessions import Session
from domain.actors import Action, Role, scope_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the menu; `current`: the page is there, or below it."""

    path: str
    text: str
    current: bool = False


#: path, text, what it asks, and the roles that have it in their menu; None: all that may.
_MENU: tuple[tuple[str, str, Action, frozenset[Role] | None], ...] = (
    ("/bord", marked("Bord"), Action.BOARD_VIEW, None),
    (
        "/mijn-capaciteit",
        marked("Mijn capaciteit"),
        Action.CAPACITY_HISTORY,
        frozenset({Role.PROVIDER_CAPACITY, Role.PROVIDER_INTAKE}),
    ),
    (
        "/wijkverpleging",
        marked("Wijkverpleging"),
        Action.CAPACITY_READ,
        frozenset({Role.COORDINATOR, Role.REFERRER, Role.PROVIDER_INTAKE}),
    ),
    ("/mijn-aanmeldingen", marked("Mijn aanmeldingen"), Action.STATUS_FOLLOW, None),
    (
        "/koppelingen",
        marked("Koppelingen"),
        Action.SOURCE_READ,
        frozenset({Role.OPERATOR, Role.PROVIDER_CAPACITY}),
    ),
    ("/beheer", marked("Beheer"), Action.REGISTER_VIEW, None),
)


def entries(session: Session | None, path: str) -> list[Entry]:
    """The menu of a person as of a page."""
    if session is None or session.actor is None:
        return []
    actor = session.actor
    return [
        Entry(where, text, path == where or path.startswith(where + "/"))
        for where, text, asks, roles in _MENU
        if scope_of(actor, asks) is not None and (roles is None or actor.role in roles)
    ]


def home(session: Session) -> str:
    """Where a person begins: the first page of their menu."""
    found = entries(session, "")
    return found[0].path if found else "/weergave"
