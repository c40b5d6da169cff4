"""Our own mail server, which takes mail over by SMTP."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.settings import Settings
from domain.sending import Trouble

#: For a whole mail: connection, TLS, sign-in and message.
SECONDS = 30.0
_GOODBYE_SECONDS = 1.0


class ServerAway(Exception):
    """It isn't there, or takes nothing from us; that says nothing about the mail. The text is a code."""


class MailRefused(Exception):
    """It doesn't take this mail to this address. permanent: asking again is of no use."""

    def __init__(self, code: int) -> None:
        super().__init__(f"smtp-{code}")
        self.permanent = code >= 500


class MailUnknown(Exception):
    """The connection broke or hung while it took the mail over: it may have it. The text is a code."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """How it is reached."""

    host: str
    port: int | None
    scheme: str
    username: str | None
    password: str | None
    sender: str
    own_name: str
    tls: ssl.SSLContext | None = None
    seconds: float = SECONDS

    @classmethod
    def of(cls, settings: Settings, tls: ssl.SSLContext | None = None) -> "MailServer | None":
        """As the settings say; None when there is none. tls: whom to trust, by default whom the system does."""
        if not settings.can_mail:
            return None
        parts = urlsplit(settings.smtp_url)
        assert parts.hostname is not None
        return cls(
            host=parts.hostname,
            port=parts.port,
            scheme=parts.scheme,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            sender=settings.mail_from,
            own_name=urlsplit(settings.base_url).hostname or "localhost",
            tls=tls,
        )

    async def send(self, mail: EmailMessage, recipient: str) -> None:
        """Hands over one mail. Raises ServerAway, MailRefused and MailUnknown."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            local_hostname=self.own_name,
            use_tls=self.scheme == "smtps",
            start_tls=self.scheme == "smtp+starttls",
            tls_context=self.tls,
            timeout=self.seconds,
        )
        connected = False
        try:
            async with asyncio.timeout(self.seconds):
                await client.connect()
                connected = True
                await self._hand_over(client, mail, recipient)
            # It has been taken: what goes wrong in saying goodbye changes nothing.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_GOODBYE_SECONDS)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            if not connected:
                raise ServerAway(Trouble.MAIL_SERVER_AWAY) from error
            raise MailUnknown(Trouble.BROKEN_OFF) from error
        finally:
            client.close()

    async def _hand_over(self, client: aiosmtplib.SMTP, mail: EmailMessage, recipient: str) -> None:
        try:
            await client.sendmail(self.sender, recipient, mail.as_bytes())
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise MailRefused(error.recipients[0].code) from error
        except (aiosmtplib.SMTPHeloError, aiosmtplib.SMTPSenderRefused) as error:
            raise ServerAway(f"smtp-{error.code}") from error
        except aiosmtplib.SMTPResponseException as error:
            raise MailRefused(error.code) from error
