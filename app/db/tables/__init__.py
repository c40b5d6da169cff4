"""The tables, as SQLModel rows. They stay in `app/db`; `migrations/` makes them.

Times are UTC. `event`, `audit` and the reports are logs: they carry no foreign keys, so that the
hot statement pays for none and what they tell outlives what they tell of.
"""

from app.db.tables.capacity import (
    BedReportRow,
    BedRow,
    HomeCareReportRow,
    HomeCareTeamRow,
    PoolReportRow,
    PoolRow,
)
from app.db.tables.delivery_records import DeliveryRecordRow
from app.db.tables.logs import AuditRow, EventRow, IdempotencyRow
from app.db.tables.matching import MatchRow
from app.db.tables.norms import LocationHoursRow, NormSetRow
from app.db.tables.offers import ClaimRow, OfferRow, StayRow
from app.db.tables.people import (
    FavouriteRow,
    MembershipRow,
    PersonRow,
    SessionRow,
    SignInTryRow,
)
from app.db.tables.proposals import ProposalItemRow, ProposalRow
from app.db.tables.referrals import (
    AlertRow,
    BoardCheckRow,
    ContactRow,
    HandoverRow,
    QuestionRow,
    ReferralRow,
    ReferralStepRow,
    ReferralTextRow,
    TriageRow,
    WaitRow,
)
from app.db.tables.registers import (
    AdmissionStopRow,
    KeyRow,
    LocationRow,
    OrganisationRegionRow,
    OrganisationRow,
    PostcodeRow,
    RegionRow,
    SourceRow,
    StreamRow,
)
from app.db.tables.word import (
    DeliveryRow,
    NoticeReadRow,
    NoticeRow,
    WebhookEndpointRow,
    WordSettingRow,
)

__all__ = [
    "AdmissionStopRow",
    "AlertRow",
    "AuditRow",
    "BedReportRow",
    "BedRow",
    "BoardCheckRow",
    "ClaimRow",
    "ContactRow",
    "DeliveryRecordRow",
    "DeliveryRow",
    "EventRow",
    "FavouriteRow",
    "HandoverRow",
    "HomeCareReportRow",
    "HomeCareTeamRow",
    "IdempotencyRow",
    "KeyRow",
    "LocationHoursRow",
    "LocationRow",
    "MatchRow",
    "MembershipRow",
    "NormSetRow",
    "NoticeReadRow",
    "NoticeRow",
    "OfferRow",
    "OrganisationRegionRow",
    "OrganisationRow",
    "PersonRow",
    "PoolReportRow",
    "PoolRow",
    "PostcodeRow",
    "ProposalItemRow",
    "ProposalRow",
    "QuestionRow",
    "ReferralRow",
    "ReferralStepRow",
    "ReferralTextRow",
    "RegionRow",
    "SessionRow",
    "SignInTryRow",
    "SourceRow",
    "StayRow",
    "StreamRow",
    "TriageRow",
    "WaitRow",
    "WebhookEndpointRow",
    "WordSettingRow",
]
