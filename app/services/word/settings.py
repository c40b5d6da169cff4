"""What somebody wants to hear of by mail: a person of its organisation, or the organisation itself."""

from uuid import UUID

from app.container import Container
from app.db import registers, word_settings
from app.db.unit_of_work import UnitOfWork
from app.db.word_settings import StoredSetting
from domain.actors import Action, Actor
from domain.errors import VersionChanged
from domain.word_settings import WordSetting


async def get_setting(
    container: Container, organisation_id: UUID, person_id: UUID | None = None
) -> StoredSetting:
    """What a person wants, or (without one) what goes to the organisation's mailbox."""
    return await container.read(
        lambda connection: word_settings.read_setting(connection, organisation_id, person_id)
    )


async def set_setting(
    container: Container,
    actor: Actor,
    organisation_id: UUID,
    setting: WordSetting,
    expected_version: int,
    *,
    person_id: UUID | None = None,
    address: str | None = None,
) -> StoredSetting:
    """Other wishes, for what happens from now on; 0 expects that there are none yet.

    Raises NotFound and AlreadyClosed (the organisation) and VersionChanged.
    """

    async def act(work: UnitOfWork) -> StoredSetting:
        await registers.get_organisation(work, organisation_id)
        row = await word_settings.lock_setting(work, organisation_id, person_id)
        if row.version != expected_version:
            raise VersionChanged(row.version)
        for name, value in word_settings.columns(setting).items():
            setattr(row, name, value)
        row.version += 1
        work.session.add(row)
        asked = Action.WORD_WRITE if person_id is None else Action.NOTICE_MARK
        work.audit(actor, asked, "word-setting", row.id, address=address)
        await work.commit()
        return StoredSetting(row.version, setting)

    return await container.act(act)
