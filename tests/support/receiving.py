"""Those who get word, over real sockets: a webhook receiver and a mail server, which do as they are told."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

#: A certificate that nobody but these tests trusts, for ontvanger.test and localhost, until 2126.
_CERTIFICATE = Path(__file__).with_name("receiving.pem")


def tls_of_receivers() -> ssl.SSLContext:
    """What trusts the receivers here, and nobody else."""
    return ssl.create_default_context(cafile=str(_CERTIFICATE))


def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATE)
    return context


@dataclass(frozen=True, slots=True)
class Request:
    """What a webhook receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Under which the message came."""
        return self.headers["webhook-id"]


Answering = Callable[[Request], tuple[int, dict[str, str]] | None]


@dataclass(slots=True)
class Receiver:
    """Answers each request as `answer` says: a status with headers, or None: never."""

    answer: Answering = lambda _: (204, {})
    got: list[Request] = field(default_factory=list)
    port: int = 0
    #: Requests that wait for an answer at this moment, and the most that ever did.
    open: int = 0
    most_open: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """An address of it."""
        return f"{scheme}://{host}:{self.port}{path}"

    async def until(self, count: int) -> None:
        """Waits until it got so many requests."""
        async with asyncio.timeout(10):
            while len(self.got) < count:
                await asyncio.sleep(0.005)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            request = Request(head[0].split()[1], headers, body)
            self.got.append(request)
            answer = self.answer(request)
            if answer is None:
                await reader.read()  # until the caller has had enough
                return
            status, more = answer
            lines = [f"HTTP/1.1 {status} X", *(f"{n}: {v}" for n, v in more.items())]
            writer.write("\r\n".join([*lines, "content-length: 2", "", "ok"]).encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()


@asynccontextmanager
async def receiving(
    answer: Answering | None = None, *, tls: bool = False
) -> AsyncIterator[Receiver]:
    """A webhook receiver on a port of its own."""
    receiver = Receiver(answer or (lambda _: (204, {})))
    server = await asyncio.start_server(
        receiver._serve, "127.0.0.1", 0, ssl=_tls() if tls else None
    )
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


@dataclass(slots=True)
class Mailbox:
    """A mail server. refuse: how it answers a recipient (RCPT) or a message (DATA), None: takes it."""

    refuse_recipient: str | None = None
    refuse_message: str | None = None
    hangs: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0

    async def until(self, count: int) -> None:
        """Waits until it got so many mails."""
        async with asyncio.timeout(10):
            while len(self.mails) < count:
                await asyncio.sleep(0.005)

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """A recipient."""
        if self.refuse_recipient is not None:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # the name that aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """A message."""
        assert isinstance(envelope.content, bytes)
        if self.hangs:
            await asyncio.sleep(3600)
        if self.refuse_message is not None:
            return self.refuse_message
        mail = message_from_bytes(envelope.content, policy=default_policy)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append(envelope)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("cipher") is not None)
        return "250 OK"

    def sign_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: object
    ) -> AuthResult:
        """A name and password."""
        assert isinstance(data, LoginPassword)
        self.signed_in.append(data.login.decode())
        return AuthResult(success=data.password == b"goed p@ssword", handled=False)


@asynccontextmanager
async def mailbox(scheme: str = "smtp", port: int = 0) -> AsyncIterator[Mailbox]:
    """A mail server in this process, reached as the scheme of the settings says."""
    box = Mailbox()
    starttls = _tls() if scheme == "smtp+starttls" else None

    def session() -> SMTP:
        return SMTP(
            box,
            hostname="post.test",
            enable_SMTPUTF8=False,
            tls_context=starttls,
            require_starttls=starttls is not None,
            # It knows of no encryption but its own STARTTLS.
            auth_required=starttls is not None,
            auth_require_tls=starttls is not None,
            authenticator=box.sign_in,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", port, ssl=_tls() if scheme == "smtps" else None
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
