"""What the pages of somebody's own referrals show."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.problems import TEXTS
from api.web.language import language_of, marked
from api.web.my_referrals import words
from api.web.my_referrals.course import Course
from api.web.my_referrals.paths import PATH, path_of
from api.web.my_referrals.stand import stand_of
from api.web.rendering import Spoken, container_of, render
from api.web.visitor import actor_of, address_of
from app.db.followed_reads import FollowedSummary
from app.db.referral_reads import StoredReferral
from app.services.referrals import following, reading
from app.services.referrals.reading import Followed
from domain.calendar import AMSTERDAM
from domain.care_types import CareType
from domain.errors import InvalidInput, NotFound, Problem
from domain.needs import age_band
from domain.offers import OfferState
from domain.referrals import ReferralState

ONE = f"{PATH}/{{id:uuid}}"
#: Steps of one referral that are told; a life has fewer.
_STEPS = 200
#: What the form before this page brought about.
DONE = {
    "aangemeld": marked("Aangemeld. Hier ziet u hoe het verder gaat; u hoeft niet te bellen."),
    "beantwoord": marked("Uw antwoord is verstuurd."),
    "akkoord": marked("Uw akkoord is verstuurd. De start staat vast."),
    "niet-akkoord": marked("Verstuurd. Het coördinatiepunt zoekt verder."),
    "ingetrokken": marked("De aanmelding is ingetrokken. Wie gevraagd was, hoort het."),
}


async def list_context(request: Request) -> dict[str, Any]:
    """The list."""
    container = container_of(request)
    found = await following.follow(container, actor_of(request), address_of(request))
    return {
        "found": found,
        "stand": stand_of(request),
        "about": About(request),
        "words": words,
        "path_of": path_of,
    }


async def show_one(
    request: Request,
    *,
    template: str = "mijn_aanmelding.html",
    done: str = "",
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """One referral, with what was typed and what became of it. Raises NotFound."""
    container, actor = container_of(request), actor_of(request)
    referral_id = request.path_params["id"]
    address = address_of(request)
    followed = await reading.get_referral(container, actor, referral_id, address)
    if not isinstance(followed, Followed):
        raise NotFound
    steps = await reading.history(
        container, actor, referral_id, after=None, limit=_STEPS, address=address
    )
    typed = typed or {}
    proposal = proposal_of(followed)
    open_questions = [q for q in followed.questions if q.answered_at is None]
    may_withdraw = followed.referral.state not in _NOT_TO_WITHDRAW
    has_form = {
        "antwoord": typed.get("vraag") in {str(question.id) for question in open_questions},
        "toelichting": proposal is not None,
        "waarom": may_withdraw,
    }
    context = {
        "followed": followed,
        "referral": followed.referral,
        "about": About(request),
        "course": Course(container.now(), language_of(request)).of(followed, steps),
        "proposal": proposal,
        "open_questions": open_questions,
        "answered": [q for q in followed.questions if q.answer],
        "may_withdraw": may_withdraw,
        "words": words,
        "here": path_of(referral_id),
        "stand": stand_of(request),
        "done": DONE.get(done, ""),
        "problem": _told(problem),
        "typed": typed,
        # What was typed in a form that is gone by now: it stands beside the message.
        "homeless": "\n".join(
            typed[name] for name, there in has_form.items() if not there and typed.get(name)
        ),
    }
    return render(request, template, context, status=status)


#: Somebody is there already, or it is over.
_NOT_TO_WITHDRAW = frozenset(
    {ReferralState.OPGENOMEN, *(state for state in ReferralState if state.ended)}
)


def proposal_of(followed: Followed) -> Any:
    """What the team that was asked straight away proposes, while that is to be decided on."""
    offer = followed.team.offer if followed.team else None
    return offer if offer is not None and offer.state == OfferState.TEGENVOORSTEL else None


class About:
    """A referral in a few words."""

    def __init__(self, request: Request) -> None:
        now, language = container_of(request).now(), language_of(request)
        self._today = now.astimezone(AMSTERDAM).date()
        self._spoken = Spoken(now, language)

    def ages(self, one: StoredReferral | FollowedSummary) -> str:
        """The age band, as `80-89`."""
        first, last = age_band(one.birth_year, self._today)
        return f"{first}-{last}"

    def asked(self, one: StoredReferral) -> str:
        """By when it was asked: care at home begins on a day. Empty: nothing was told."""
        if one.needed_by is None:
            return ""
        if self.care(one) is CareType.WIJKVERPLEGING:
            return self._spoken.day(one.needed_by.astimezone(AMSTERDAM).date())
        return self._spoken.moment(one.needed_by)

    def state(self, one: StoredReferral | FollowedSummary) -> str:
        """How it stands."""
        state = ReferralState(one.state)
        if state is ReferralState.OPGENOMEN and self.care(one) is CareType.WIJKVERPLEGING:
            return words.STARTED
        return words.STATE[state]

    def mark(self, one: StoredReferral | FollowedSummary) -> tuple[str, str]:
        """The pill and mark of that."""
        return words.MARK.get(ReferralState(one.state), words.OTHER_MARK)

    def care(self, one: StoredReferral | FollowedSummary) -> CareType | None:
        """The type of care, as far as it is known."""
        if isinstance(one, FollowedSummary):
            code = one.care_type
        else:
            code = one.care_type_placed or one.care_type_triaged or one.care_type_asked
        return CareType(code) if code else None


def _told(problem: Problem | None) -> dict[str, str] | None:
    if problem is None:
        return None
    text = TEXTS[problem.code]
    pointer = problem.pointer if isinstance(problem, InvalidInput) else ""
    return {
        "title": text.title,
        "detail": problem.detail or text.detail,
        "pointer": pointer,
    }
