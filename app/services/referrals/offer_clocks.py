"""The clock of an offer: by when it has to be answered, with the norm copied onto it."""

from datetime import timedelta

from app.db import offers
from app.db.cases import Case
from app.db.tables import OfferRow
from app.services.referrals.act import Act
from domain.alerts import AlertKind
from domain.deadlines import deadline
from domain.needs import Urgency


async def start(act: Act, case: Case, offer: OfferRow) -> None:
    """Starts the clock of an offer anew: whoever saw the old one has to look again."""
    urgency = Urgency(case.referral.urgency)
    intake = await offers.intake_hours(act.work, offer.pool_id)
    found = deadline(act.norms.answer[urgency], act.at, intake, act.norms_version)
    offer.deadline_at = found.at
    offer.norm_minutes, offer.norm_hours = found.minutes, found.hours
    offer.norms_version = found.norms_version
    offer.seen_at = None
    offer.unseen_at = None
    act.clear_alerts(case, {AlertKind.ACUUT_NIET_GEZIEN}, offer)
    if urgency is Urgency.ACUUT:
        offer.unseen_at = act.at + timedelta(minutes=act.norms.unseen_minutes)
