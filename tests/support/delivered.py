"""Sends what is due, and looks what became of it."""

import asyncio
from uuid import UUID

from app.container import Container
from app.services.word import sending
from app.services.word.sending import Ways
from tests.support.database import Database


async def send_due(container: Container, to: Ways) -> int:
    """Sends all that is due now; how many messages that were."""
    count = 0
    while True:
        taken = await sending.take(container, (), webhooks=10, failing=10, mails=10)
        if not (taken.webhooks or taken.mails):
            return count
        count += len(taken.webhooks) + len(taken.mails)
        await asyncio.gather(
            *(sending.send_webhook(container, to.outbound, due) for due in taken.webhooks),
            *(sending.send_mail(container, to.mail_server, due) for due in taken.mails),
        )


async def row(database: Database, delivery_id: UUID) -> tuple[str, int, str | None]:
    """How a delivery stands: state, attempts, last error."""
    found = await database.one(
        "SELECT state, attempts, last_error FROM delivery WHERE id = $1", delivery_id
    )
    return found["state"], found["attempts"], found["last_error"]
