"""The codes around a referral: how it came, what was said, who is called, where people go."""

from enum import StrEnum


class Route(StrEnum):
    """How a referral reached the coordination point."""

    PHONE = "phone"
    PAGE = "page"
    API = "api"


class TextKind(StrEnum):
    """What a free text is about. `callback` is a telephone number."""

    WHAT_HAPPENED = "what-happened"
    HELP_NEEDED = "help-needed"
    REMARK = "remark"
    CALLBACK = "callback"
    NOTE = "note"
    ARGUMENT = "argument"
    QUESTION = "question"
    ANSWER = "answer"
    REFUSAL = "refusal"
    APPOINTMENT = "appointment"


#: What is asked at intake, as text; one of each stands at a time.
INTAKE_TEXTS = (
    TextKind.WHAT_HAPPENED,
    TextKind.HELP_NEEDED,
    TextKind.REMARK,
    TextKind.CALLBACK,
)


class ContactKind(StrEnum):
    """How somebody was reached for."""

    CALL_OUT = "call-out"
    CALL_IN = "call-in"
    MAIL = "mail"


class ContactOutcome(StrEnum):
    """What came of it; only `spoken` is a call that was needed, the rest are attempts."""

    SPOKEN = "spoken"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    SENT = "sent"


class HandoverState(StrEnum):
    """Where a hand-over between coordination points is."""

    AANGEBODEN = "aangeboden"
    GEACCEPTEERD = "geaccepteerd"
    GEWEIGERD = "geweigerd"
    INGETROKKEN = "ingetrokken"


class HandoverReason(StrEnum):
    """Why another coordination point is asked to take over."""

    ANDERE_REGIO = "andere-regio"
    WOONPLAATS = "woonplaats"
    GEEN_PLEK_IN_REGIO = "geen-plek-in-regio"
    WENS_CLIENT = "wens-client"
    DIENST = "dienst"


class TargetGroup(StrEnum):
    """For whom no place could be found: the groups of the tussen-wal-en-schip register."""

    GEDRAG = "gedrag"
    GGZ_EN_SOMATIEK = "ggz-en-somatiek"
    JONG_DEMENTEREND = "jong-dementerend"
    ISOLATIE = "isolatie"
    BARIATRISCH = "bariatrisch"
    VERSLAVING = "verslaving"
    GESLOTEN_PLAATS = "gesloten-plaats"
    NACHTZORG_THUIS = "nachtzorg-thuis"
    WLZ_WACHT = "wlz-wacht"
    ANDERS = "anders"


class CizStatus(StrEnum):
    """Where an application for a Wlz indication is."""

    AANGEVRAAGD = "aangevraagd"
    AFGEGEVEN = "afgegeven"
    AFGEWEZEN = "afgewezen"


class Payer(StrEnum):
    """Who pays; for an MFB it is unsettled, and configuration."""

    ZVW = "zvw"
    WLZ = "wlz"
    WMO = "wmo"
    ONBEPAALD = "onbepaald"


class Closure(StrEnum):
    """How a referral ended without a stay that ran its course."""

    VERTROKKEN = "vertrokken"
    NAAR_ZIEKENHUIS = "naar-ziekenhuis"
    NAAR_GGZ_CRISISDIENST = "naar-ggz-crisisdienst"
    THUIS_MET_HULP = "thuis-met-hulp"
    ZELF_GEREGELD = "zelf-geregeld"
    DUBBEL = "dubbel"
    ANDERS = "anders"


class Destination(StrEnum):
    """Where somebody went after a stay."""

    THUIS = "thuis"
    WLZ_PLAATS = "wlz-plaats"
    ELV = "elv"
    GRZ = "grz"
    ZIEKENHUIS = "ziekenhuis"
    HOSPICE = "hospice"
    GGZ = "ggz"
    OVERLEDEN = "overleden"
    ELDERS = "elders"


class WithdrawalReason(StrEnum):
    """Why a referral is withdrawn before anybody came."""

    NIET_MEER_NODIG = "niet-meer-nodig"
    CLIENT_WIL_NIET = "client-wil-niet"
    ANDERE_OPLOSSING = "andere-oplossing"
    OPGENOMEN_ELDERS = "opgenomen-elders"
    VERGISSING = "vergissing"
    ANDERS = "anders"
