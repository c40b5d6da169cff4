"""Word goes out: what is due is taken, sent, and marked as what became of it.

Each of the three is by itself. A worker that dies after sending and before marking leaves a delivery
that another sends again under the same id; one that dies before sending leaves one that is sent later.
"""

import random
import ssl
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from app.container import Container
from app.db import sending as stored
from app.db.sending import MailDue, WebhookDue
from app.db.unit_of_work import UnitOfWork
from app.db.word import write_notices
from app.security.outbound import AddressRefused, NotReached, Outbound
from app.settings import Settings
from app.word import webhooks
from app.word.mail_server import MailRefused, MailServer, MailUnknown, ServerAway
from app.word.mails import mail_of
from app.word.signatures import signed_headers
from domain.deliveries import DeliveryState
from domain.notices import Notice, NoticeData, NoticeKind
from domain.sending import ARRIVED, Trouble, Verdict, failed, refused, server_away, unwanted

#: When somebody else may try what a worker took and never marked; longer than any attempt lasts.
LEASE = timedelta(minutes=1)
#: The most notices in one mail; the others follow in a next one.
_MOST_IN_DIGEST = 100
_GONE = "http-410"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ways:
    """How word leaves this process."""

    outbound: Outbound
    mail_server: MailServer | None

    @classmethod
    def of(cls, settings: Settings, tls: ssl.SSLContext | None = None) -> "Ways":
        """As the settings say. tls: whom to trust, by default whom the system does."""
        tls = tls or ssl.create_default_context()
        return cls(Outbound(settings.webhook_allowed, tls), MailServer.of(settings, tls))


@dataclass(frozen=True, slots=True)
class Taken:
    """What this process sends now, and nobody else for as long as LEASE."""

    webhooks: Sequence[WebhookDue]
    mails: Sequence[MailDue]


async def take(
    container: Container, busy: Collection[UUID], *, webhooks: int, failing: int, mails: int
) -> Taken:
    """Takes at most so many of each, and nothing of busy endpoints. failing: webhooks to endpoints at which
    something that failed still waits, so that those leave room for the others. Raises Unavailable,
    OutcomeUnknown.
    """

    async def act(work: UnitOfWork) -> Taken:
        until = work.now + LEASE
        due = []
        for most, fails in ((webhooks, False), (failing, True)):
            if most:
                due += await stored.take_webhooks(work, until, busy, most, failing=fails)
        single = await stored.take_mails(work, until, mails) if mails else []
        left = mails - len(single)
        digests = await stored.take_digests(work, until, left, _MOST_IN_DIGEST) if left else []
        if due or single or digests:
            await work.commit()
        return Taken(due, [*single, *digests])

    return await container.act(act)


async def send_webhook(container: Container, outbound: Outbound, due: WebhookDue) -> None:
    """Sends one webhook and keeps what became of it; one to an endpoint that is of no use any more pauses
    that. Raises Unavailable, OutcomeUnknown.
    """
    verdict = await _posted(container, outbound, due)

    async def act(work: UnitOfWork) -> bool:
        await stored.mark(work, [due.id], verdict)
        paused = await _is_useless(work, due, verdict) and await _pause(work, due)
        await work.commit()
        return paused

    paused = await container.act(act)
    if verdict.state is not DeliveryState.VERSTUURD:
        _tell("webhook", due.id, verdict, due.sending.attempts, endpoint=str(due.endpoint_id))
    if paused:
        log.warning("webhook endpoint paused", endpoint=str(due.endpoint_id), error=verdict.error)


async def send_mail(container: Container, server: MailServer | None, due: MailDue) -> bool:
    """Sends one mail and keeps what became of it; False when the mail server is away.

    Raises Unavailable, OutcomeUnknown.
    """
    verdict = await _mailed(container, server, due)
    await _mark(container, due.ids, verdict)
    if verdict.state is not DeliveryState.VERSTUURD:
        _tell("mail", due.ids[0], verdict, due.sending.attempts, setting=str(due.setting_id))
    return verdict.counts


async def put_off(container: Container, due: WebhookDue | MailDue) -> None:
    """After a defect of ours: the attempt counts, so that even these end some time.

    Raises Unavailable, OutcomeUnknown.
    """
    ids = [due.id] if isinstance(due, WebhookDue) else due.ids
    await _mark(container, ids, failed(due.sending, Trouble.DEFECT, container.now(), _luck()))


async def _posted(container: Container, outbound: Outbound, due: WebhookDue) -> Verdict:
    body = webhooks.body_of(due.notice, container.settings.base_url)
    headers = {
        "content-type": webhooks.CONTENT_TYPE,
        "user-agent": webhooks.USER_AGENT,
        **signed_headers(due.secrets, due.id, container.now(), body),
    }
    try:
        answer = await outbound.post(due.url, body, headers)
    except AddressRefused:
        return failed(due.sending, Trouble.ADDRESS_REFUSED, container.now(), _luck())
    except NotReached as missed:
        return failed(due.sending, missed.reason, container.now(), _luck())
    if 200 <= answer.status < 300:
        return ARRIVED
    error = f"http-{answer.status}"
    if error == _GONE:
        return refused(error)
    now = container.now()
    asked = webhooks.wait_asked(answer.retry_after, now)
    return failed(due.sending, error, now, _luck(), asked)


async def _mailed(container: Container, server: MailServer | None, due: MailDue) -> Verdict:
    if due.address is None:
        return unwanted(Trouble.NO_ADDRESS)
    if server is None:
        return unwanted(Trouble.NO_MAIL_SERVER)
    try:
        mail = mail_of(
            due, due.address, server.sender, container.settings.base_url, container.now()
        )
    except ValueError:
        return refused(Trouble.BAD_ADDRESS)
    try:
        await server.send(mail, due.address)
    except ServerAway as away:
        return server_away(due.sending, str(away), container.now(), _luck())
    except MailRefused as refusal:
        if refusal.permanent:
            return refused(str(refusal))
        return failed(due.sending, str(refusal), container.now(), _luck())
    except MailUnknown as unknown:
        return failed(due.sending, str(unknown), container.now(), _luck())
    return ARRIVED


async def _mark(container: Container, ids: Sequence[UUID], verdict: Verdict) -> None:
    async def act(work: UnitOfWork) -> None:
        await stored.mark(work, ids, verdict)
        await work.commit()

    await container.act(act)


async def _is_useless(work: UnitOfWork, due: WebhookDue, verdict: Verdict) -> bool:
    """Whether an endpoint says so itself, or took nothing at all during a whole schedule, days long."""
    if verdict.state is not DeliveryState.DOOD:
        return False
    since = due.sending.created_at
    return verdict.error == _GONE or await stored.nothing_arrived_since(
        work, due.endpoint_id, since
    )


async def _pause(work: UnitOfWork, due: WebhookDue) -> bool:
    """Pauses an endpoint, which its organisation has to know; False when it was paused already, or goes to
    another address by now.
    """
    owner = await stored.pause_endpoint(work, due.endpoint_id, due.url, Trouble.ENDPOINT_PAUSED)
    if owner is None:
        return False
    told = Notice(
        region_id=due.notice.notice.region_id,
        organisation_id=owner,
        kind=NoticeKind.EINDPUNT_GEPAUZEERD,
        urgent=False,
        data=NoticeData(endpoint_id=due.endpoint_id),
    )
    await write_notices(work, [told])
    return True


def _luck() -> float:
    return random.random()  # noqa: S311 - spreads tries, guards nothing


def _tell(channel: str, delivery: UUID, verdict: Verdict, attempts: int, **where: str) -> None:
    """In the log: ids and codes, never an address."""
    say = log.warning if verdict.state is DeliveryState.DOOD else log.info
    say(
        f"{channel} not delivered",
        delivery=str(delivery),
        state=verdict.state.value,
        error=verdict.error,
        attempts=attempts,
        **where,
    )
