"""A look at the regular products on the board, recorded: what permits the MFB."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.container import Container
from app.db import triages
from app.db.cases import Case
from app.db.tables import BoardCheckRow
from app.live.board_checks import check_board
from app.services.referrals import needs
from app.services.referrals.act import Act
from app.services.referrals.acting import Done, acting
from domain.actors import Action, Actor
from domain.care_types import CareType
from domain.errors import Unavailable
from domain.identifiers import RegionId
from domain.matching.board_checks import BoardCheck, regular_failed, regular_for_mfb
from domain.referrals import Step
from domain.triage.outcomes import care_type_of


@dataclass(frozen=True, slots=True)
class Checked:
    """A recorded check and what it found."""

    done: Done
    check: BoardCheck


async def check(
    container: Container,
    actor: Actor,
    referral_id: UUID,
    care_types: Sequence[CareType] = (),
    *,
    address: str | None = None,
) -> Checked:
    """Looks at the board for a referral and keeps what was found, with the reason of each failure.

    care_types: besides those that triage named, which are always looked at. Raises NotFound,
    WrongState and Unavailable.
    """
    found: list[BoardCheck] = []

    async def do(act: Act, case: Case) -> UUID:
        found.append(await checked(container, act, case, care_types))
        return case.id

    answer = await acting(container, actor, Action.REFERRAL_WRITE, referral_id, do, address=address)
    return Checked(answer, found[-1])


async def checked(
    container: Container, act: Act, case: Case, care_types: Sequence[CareType] = ()
) -> BoardCheck:
    """Checks the board for a case, as it is in this process's memory."""
    board = container.board.regions.get(RegionId(case.referral.region_id))
    if board is None:
        raise Unavailable
    advised = [care_type_of(code) for code in await triages.last_outcomes(act.work, case.id)]
    regular = regular_for_mfb([one for one in advised if one is not None])
    asked = tuple(dict.fromkeys((*regular, *care_types)))
    looked, position = check_board(board, needs.matched(case.referral), asked, act.now)
    failed = regular_failed(looked)
    row = BoardCheckRow(
        referral_id=case.id,
        at=act.at,
        by=act.by,
        position=str(position),
        regular_failed=failed,
        found=looked.to_json(),
    )
    await act.work.add(row)
    act.step(
        case,
        Step.BOARD_CHECKED,
        data={
            "board_check": str(row.id),
            "care_types": [str(one) for one in looked.care_types],
            "regular_failed": failed,
        },
    )
    return looked
