"""What a referrer does with what it filed."""

from typing import Any

import pytest

from tests.workers.simulator.test_coordinating import TEMPO, ago
from workers.simulator.referring import decide

FILED: dict[str, Any] = {
    "id": "r1",
    "number": "2611-00001",
    "state": "getrieerd",
    "next_action": "aanbieden",
    "filed_at": ago(hours=1),
    "waits_since": ago(minutes=10),
}
ASKED = FILED | {"state": "aanvulling-gevraagd", "next_action": "aanvullen"}
OPEN = {"id": "q1", "answered_at": None}
ANSWERED = {"id": "q0", "answered_at": ago(minutes=1)}


@pytest.mark.parametrize(
    ("referral", "what"),
    [
        (FILED, None),
        (ASKED, "opened"),
        (ASKED | {"waits_since": ago(minutes=1)}, None),
        (ASKED | {"questions": [ANSWERED, OPEN]}, "answered"),
        (ASKED | {"questions": [ANSWERED]}, None),
        (FILED | {"filed_at": ago(days=3)}, "withdrawn"),
        (FILED | {"filed_at": ago(days=3), "state": "geaccepteerd"}, None),
        (FILED | {"filed_at": ago(days=3), "state": "opgenomen"}, None),
    ],
)
def test_a_referrer_answers_and_gives_up_in_time(referral: dict[str, Any], what: str) -> None:
    call = decide(referral, 1, TEMPO)
    assert (call.what if call else None) == what
    if what == "answered":
        assert call is not None
        assert call.path == "/v1/referrals/r1/questions/q1/answer"


def test_a_few_are_taken_back_early() -> None:
    old = FILED | {"filed_at": ago(hours=5)}
    calls = [decide(old | {"number": f"2611-{n:05}"}, 1, TEMPO) for n in range(300)]
    taken_back = [call for call in calls if call is not None]
    assert 0 < len(taken_back) < 60
    assert len({call.body["reason"] for call in taken_back}) == 3
