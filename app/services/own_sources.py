"""Who reports from a page: a person, with their organisation's own source for what is typed there."""

from app.container import Container
from app.db.keys import own_source
from app.db.unit_of_work import UnitOfWork
from app.security.keys import Credential, Source
from domain.actors import Actor
from domain.capacity import SourceKind


async def credential_of(container: Container, actor: Actor, kind: SourceKind) -> Credential:
    """A person as a reporter: kind PAGE for their own figures, PHONE for what somebody told them."""

    async def act(work: UnitOfWork) -> Source:
        source = await own_source(work, actor.organisation_id, kind)
        await work.commit()
        return source

    return Credential(actor, await container.act(act))
