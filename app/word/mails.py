"""Notices as mail: that something happened and where to look, never what only the service may show."""

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID, uuid5

from babel.dates import format_datetime

from app.db.sending import MailDue
from app.word.texts import what_happened
from domain.calendar import AMSTERDAM
from domain.care_types import LABELS
from domain.identifiers import is_mail_address
from domain.notices import Notice, NoticeKind

#: Any server takes it: nothing but ASCII on the way.
_POLICY = SMTP.clone(cte_type="7bit")
_PRODUCT = "Verkeerstoren"
_FOOTER = (
    "Dit bericht is automatisch verstuurd; antwoorden worden niet gelezen. Het bevat geen gegevens van"
    " cliënten.\nWelke berichten u krijgt en wanneer, stelt u in Verkeerstoren in."
)
#: The pages where what a notice is about is to be seen (api/web/word/paths.py and its neighbours).
_NOTICES_PAGE = "/meldingen"
_CAPACITY_PAGE = "/mijn-capaciteit"
_FOLLOWED_PAGE = "/mijn-aanmeldingen"


def mail_of(due: MailDue, address: str, sender: str, base_url: str, now: datetime) -> EmailMessage:
    """One notice, or all that waited for a digest, to an address.

    Raises ValueError when the address can't be one of a mail.
    """
    if not is_mail_address(address):
        raise ValueError("not an address")
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(_PRODUCT, addr_spec=sender)
    mail["To"] = Address(addr_spec=address)
    mail["Subject"] = f"{_PRODUCT}: {_subject(due)}"
    mail["Date"] = now
    mail["Message-ID"] = f"<{_message_id(due.ids)}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    # Exchange doesn't heed the former.
    mail["X-Auto-Response-Suppress"] = "All"
    if any(stored.notice.urgent for stored in due.notices):
        mail["Importance"] = "high"
    mail.set_content("\n\n".join([*_told(due, base_url), _FOOTER]) + "\n")
    return mail


def _message_id(ids: Sequence[UUID]) -> UUID:
    """The same for the same deliveries, however often they are sent."""
    return ids[0] if len(ids) == 1 else uuid5(ids[0], " ".join(str(one) for one in ids[1:]))


def _subject(due: MailDue) -> str:
    if due.digest and len(due.notices) > 1:
        return f"overzicht van {len(due.notices)} meldingen"
    return _headline(due.notices[0].notice)


def _told(due: MailDue, base_url: str) -> list[str]:
    if due.digest:
        listed = "\n".join(
            f"- {_moment(each.created_at)}: {_line(each.notice)}" for each in due.notices
        )
        return [listed, f"Bekijk ze in {_PRODUCT}: {base_url}{_NOTICES_PAGE}"]
    (stored,) = due.notices
    return [
        f"{_capital(_line(stored.notice))}.",
        f"Gemeld {_moment(stored.created_at)}.",
        f"Bekijk het in {_PRODUCT}: {base_url}{_page(stored.notice)}",
    ]


def _page(notice: Notice) -> str:
    if notice.data.state is not None and notice.referral_id is not None:
        return f"{_FOLLOWED_PAGE}/{notice.referral_id}"
    return _CAPACITY_PAGE if notice.kind is NoticeKind.CAPACITEIT_OUD else _NOTICES_PAGE


def _headline(notice: Notice) -> str:
    """What happened, with the number and how soon it matters."""
    data = notice.data
    number = f" {data.number}" if data.number else ""
    urgency = f" ({data.urgency})" if data.urgency else ""
    return f"{what_happened(notice.kind, data)}{number}{urgency}"


def _line(notice: Notice) -> str:
    data = notice.data
    said = [_headline(notice)]
    if data.care_type is not None:
        said.append(LABELS[data.care_type])
    if data.deadline_at is not None:
        said.append(f"antwoord vóór {_moment(data.deadline_at)}")
    if data.valid_until is not None:
        said.append(f"bevestigd tot {_moment(data.valid_until)}")
    return ", ".join(said)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _moment(at: datetime) -> str:
    return format_datetime(at, "EEEE d MMMM HH:mm", tzinfo=AMSTERDAM, locale="nl")
