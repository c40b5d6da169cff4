"""Whose word it is that somebody looks after: its own organisation's, or anybody's for an operator."""

from uuid import UUID

from domain.actors import Action, Actor, Scope, Target, may, scope_of
from domain.errors import NotAllowed, NotFound
from domain.identifiers import OrganisationId


def require_own(actor: Actor, action: Action, organisation_id: UUID | None) -> UUID | None:
    """The organisation that is meant; None named: the caller's own, or (answered None) everybody's.

    Raises NotAllowed for a role without leave at all, NotFound for somebody else's.
    """
    scope = scope_of(actor, action)
    if scope is None:
        raise NotAllowed
    if organisation_id is None:
        return None if scope is Scope.ALL else actor.organisation_id
    if not may(actor, action, Target(owner_id=OrganisationId(organisation_id))):
        raise NotFound
    return organisation_id
