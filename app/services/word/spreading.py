"""Tells notices on: an event to whoever listens, and a delivery for each mailbox and endpoint that wants it.

All of it is one commit, in which the notice is marked too, so that each is told on once, however many
workers there are and whenever one dies.
"""

from collections.abc import Iterator

from app.container import Container
from app.db import webhook_endpoints, word, word_settings
from app.db.unit_of_work import UnitOfWork
from app.db.word import NewDelivery, StoredNotice
from domain.events import Kind
from domain.word_settings import due_at

#: Notices in one commit, which holds up the stream that it writes to.
BATCH = 200


async def spread(container: Container, most: int = BATCH) -> int:
    """Tells on the notices that wait longest, of one region; how many.

    0: none waits, or others have them in hand. Raises Unavailable and OutcomeUnknown: then they may
    still wait.
    """

    async def act(work: UnitOfWork) -> int:
        locked = await word.lock_to_spread(work, most)
        if not locked:
            return 0
        # Regions don't wait for each other; those of another are for the next commit.
        region_id = locked[0].notice.region_id
        waiting = [one for one in locked if one.notice.region_id == region_id]
        owners = {one.notice.organisation_id for one in waiting}
        settings = (
            await word_settings.settings_of(work, owners) if container.settings.can_mail else {}
        )
        endpoints = await webhook_endpoints.endpoints_of(work, owners)

        def deliveries(stored: StoredNotice) -> Iterator[NewDelivery]:
            told = stored.notice
            for setting_id, setting in settings.get(told.organisation_id, ()):
                due = due_at(setting, told.kind, urgent=told.urgent, now=work.now)
                if due is not None:
                    yield NewDelivery(stored.id, due.at, setting_id=setting_id, digest=due.digest)
            for endpoint_id, kinds in endpoints.get(told.organisation_id, ()):
                if not kinds or told.kind in kinds:
                    yield NewDelivery(stored.id, work.now, endpoint_id=endpoint_id)

        going_out = [delivery for stored in waiting for delivery in deliveries(stored)]
        await word.mark_spread(work, [one.id for one in waiting], going_out)
        for one in waiting:
            work.touch(Kind.NOTICE, one.id, region_id, one.notice.organisation_id)
        await work.commit()
        return len(waiting)

    return await container.act(act)
