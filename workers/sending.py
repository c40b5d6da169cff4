"""Sends word: what is due goes out at once, many at a time and few to one receiver."""

import asyncio
import contextlib
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.container import Container
from app.db.sending import MailDue, WebhookDue
from app.loops import Loops
from app.services.word import sending
from app.services.word.sending import Ways
from domain.errors import Problem

EVERY_SECONDS = 1.0
#: One that hangs keeps no more than these from the others.
_MOST_TO_ONE = 2
_MOST_WEBHOOKS = 48
#: Besides those, to endpoints at which something that failed still waits: however many of them hang,
#: the others have their room.
_MOST_TO_FAILING = 16
_MOST_MAILS = 4
#: Our mail server is left alone this long when it is away.
_MAIL_RESTS = timedelta(minutes=1)

log = structlog.get_logger()


async def send_forever(
    container: Container, every_seconds: float = EVERY_SECONDS, ways: Ways | None = None
) -> None:
    """Runs until cancelled. What is under way then is sent again by whoever looks a minute later."""
    async with Loops() as flights:
        sender = _Sender(container, ways or Ways.of(container.settings), flights)
        flights.start("looking", sender.look_forever(every_seconds))
        await flights.watch()


class _Sender:
    """What of one process is on its way."""

    def __init__(self, container: Container, ways: Ways, flights: Loops) -> None:
        self._container = container
        self._ways = ways
        self._flights = flights
        self._to: Counter[UUID] = Counter()
        self._to_failing = 0
        self._mails = 0
        self._mail_rests_until: datetime | None = None
        self._landed = asyncio.Event()

    async def look_forever(self, every_seconds: float) -> None:
        """Looks when something may be due, at once again while something was."""
        while True:
            self._landed.clear()
            try:
                if await self._look():
                    continue
            except Problem as problem:
                log.warning("sending put off", code=problem.code)
            except Exception:
                log.exception("sending failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._landed.wait(), every_seconds)

    async def _look(self) -> bool:
        busy = [endpoint for endpoint, count in self._to.items() if count >= _MOST_TO_ONE]
        rests = self._mail_rests_until is not None and (
            self._container.now() < self._mail_rests_until
        )
        taken = await sending.take(
            self._container,
            busy,
            webhooks=_MOST_WEBHOOKS - (self._to.total() - self._to_failing),
            failing=_MOST_TO_FAILING - self._to_failing,
            mails=0 if rests else _MOST_MAILS - self._mails,
        )
        for webhook in taken.webhooks:
            self._to[webhook.endpoint_id] += 1
            self._to_failing += webhook.failing
            self._flights.start("webhook", self._fly(webhook))
        for mail in taken.mails:
            self._mails += 1
            self._flights.start("mail", self._fly(mail))
        return bool(taken.webhooks or taken.mails)

    async def _fly(self, due: WebhookDue | MailDue) -> None:
        """One that fails holds up no other; what isn't marked is due again after a while."""
        try:
            await (self._webhook(due) if isinstance(due, WebhookDue) else self._mail(due))
        except Problem as problem:
            log.warning("word not marked", code=problem.code)
        except Exception:
            log.exception("word failed")
            with contextlib.suppress(Problem):
                await sending.put_off(self._container, due)
        finally:
            self._landed.set()

    async def _webhook(self, due: WebhookDue) -> None:
        try:
            await sending.send_webhook(self._container, self._ways.outbound, due)
        finally:
            self._to_failing -= due.failing
            self._to[due.endpoint_id] -= 1
            self._to += Counter()  # without those that have none

    async def _mail(self, due: MailDue) -> None:
        try:
            there = await sending.send_mail(self._container, self._ways.mail_server, due)
            self._mail_rests_until = None if there else self._container.now() + _MAIL_RESTS
        finally:
            self._mails -= 1
