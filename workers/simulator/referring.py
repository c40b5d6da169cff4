"""What a referrer does with the referrals it filed: answer, and take back what is needed no more. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.cases import WithdrawalReason
from domain.next_actions import NextAction
from domain.referrals import ReferralState
from workers.simulator.acts import seeded
from workers.simulator.calls import Call, Tempo, running_number
from workers.simulator.ward import DAY, HOUR

_ANSWERS_AFTER = timedelta(minutes=6)
_CHANCE_TO_WITHDRAW = 0.06
#: Whoever has no place after this long found another way.
_LONGEST = 2 * DAY
_REASONS = (
    *(WithdrawalReason.NIET_MEER_NODIG, WithdrawalReason.CLIENT_WIL_NIET),
    WithdrawalReason.ANDERE_OPLOSSING,
)
_PLACED = (ReferralState.GEACCEPTEERD, ReferralState.OPGENOMEN, ReferralState.TIJDELIJK_GEPLAATST)


def decide(referral: Mapping[str, Any], seed: int, tempo: Tempo) -> Call | None:
    """What the referrer does; None: it waits. `questions` are only in a referral that was opened."""
    path = f"/v1/referrals/{referral['id']}"
    random = seeded(seed, "referrer", running_number(referral["number"]))
    gives_up, reason = random.random() < _CHANCE_TO_WITHDRAW, random.choice(_REASONS)
    after = HOUR * random.uniform(0.2, 4) if gives_up else _LONGEST
    if ReferralState(referral["state"]) not in _PLACED and tempo.passed(
        referral["filed_at"], after
    ):
        body: dict[str, Any] = {"reason": reason if gives_up else WithdrawalReason.ANDERE_OPLOSSING}
        return Call("withdrawn", "POST", f"{path}/withdrawal", body)
    if referral["next_action"] != NextAction.AANVULLEN or not tempo.passed(
        referral["waits_since"], _ANSWERS_AFTER
    ):
        return None
    if "questions" not in referral:
        return Call("opened", "GET", path)
    for question in referral["questions"]:
        if question["answered_at"] is None:
            body = {"text": "Ja, dat is nagevraagd en klopt."}
            return Call("answered", "POST", f"{path}/questions/{question['id']}/answer", body)
    return None
