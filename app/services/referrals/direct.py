"""Straight to a home-care team: where the norms of a region let a referrer's aanmelding go there.

The coordination point has it in hand all the same: it sees everything, and goes on where the team
declines or doesn't answer.
"""

from uuid import UUID

from app.container import Container
from app.db import offers
from app.db.cases import Case
from app.live import team_choice
from app.services.referrals import needs, rounds, triages
from app.services.referrals.act import Act
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.triages import Triage
from domain.actors import Role
from domain.care_types import CareType
from domain.errors import InvalidInput, TeamUnfit
from domain.identifiers import RegionId
from domain.matching.board_checks import failure_json
from domain.triage.facts import Facts

#: Why a triage was recorded without anybody's choosing: the norm of that name.
DIRECT_TO_TEAM = "direct-to-team"
#: What whoever asks a team for care at home says by that.
_SAID: Facts = {"thuis-mogelijk": True, "thuis-wijkverpleging": True}
_ARGUMENT = "De verwijzer koos dit team en meldde rechtstreeks aan."


async def check_there(act: Act, region_id: RegionId, team_id: UUID) -> None:
    """Raises InvalidInput for a team that doesn't work in a region (any more)."""
    team = await offers.find_team(act.work, team_id)
    if team is None or not team.active or team.region_id != region_id:
        raise InvalidInput("Dit team is er niet (meer) in deze regio.", "/team_id")


async def ask_team(container: Container, act: Act, case: Case, team_id: UUID) -> None:
    """Triages what was just filed as it was asked, and asks the team; or leaves it to the coordination
    point, where the norms say so or a person has to look first. Raises TeamUnfit.
    """
    board = container.board.regions.get(RegionId(case.referral.region_id))
    # Where the board or the team isn't there (yet) nobody looked at the hard criteria: that is for a person.
    if board is None:
        return
    need = needs.need_of(case.referral)
    failures = team_choice.unfit(board, need, team_id, act.now)
    if failures is None:
        return
    if failures:
        raise TeamUnfit(
            [failure_json(one) for one in failures], team_choice.fitting(board, need, act.now)
        )
    if not act.norms.direct_to_team or act.person.role is not Role.REFERRER:
        return
    advice, _ = triages.advice_now(container, _SAID, need)
    if advice.outcomes and advice.codes[0] != CareType.WIJKVERPLEGING:
        return
    await triages.triaged(
        act, case, Triage(_SAID, CareType.WIJKVERPLEGING), by_setting=DIRECT_TO_TEAM
    )
    asked = Round([AskedPlace(team_id=team_id)], CareType.WIJKVERPLEGING, _ARGUMENT)
    (row,) = await rounds.offered(container, act, case, asked)
    row.posted = {**row.posted, "direct": True}
