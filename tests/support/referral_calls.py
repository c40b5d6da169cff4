"""Examples of the calls about referrals, and the referrals that they are about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.container import Container
from app.services import organisations
from app.services.referrals import claims, desk, filing, matches, proposals, questions
from domain.actors import OrganisationKind
from domain.care_types import CareType
from domain.identifiers import RegionId
from domain.organisations import Organisation
from tests.factories.referrals import ELV_LAAG_FACTS, actor_of, filed, make_intake, triaged
from tests.factories.world import REGION, Party, World

_IN = "/v1/referrals/{referral_id}"
#: Served by the coordination point of the examples.
PC4 = "2713"
_LATER = (datetime.now(UTC) + timedelta(days=3)).isoformat()
_NEED = {
    "birth_year": 1942,
    "sex": "vrouw",
    "pc4": PC4,
    "setting": "seh",
    "features": ["tillift"],
    "urgency": "spoed",
    "what_happened": "Val thuis\nbovenarm gebroken",
    "callback": "070 123 45 67",
}

BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/referrals"): {
        **_NEED,
        "care_type_asked": "elv-laag",
        "route": "phone",
    },
    ("PUT", f"{_IN}/needs"): {**_NEED, "infection": "mrsa"},
    ("POST", "/v1/triage-advice"): {
        "facts": {"wlz": "geen", "medische-noodzaak": True},
        "need": {"birth_year": 1942, "sex": "man", "pc4": "2725", "setting": "thuis"},
    },
    ("POST", f"{_IN}/triage"): {"facts": dict(ELV_LAAG_FACTS), "chosen": "elv-laag"},
    ("POST", f"{_IN}/board-checks"): {"care_types": ["elv-hoog"]},
    ("POST", f"{_IN}/matches"): {"care_types": ["elv-laag", "wijkverpleging"], "limit": 5},
    ("POST", f"{_IN}/claims"): {"pool_id": "{pool_id}"},
    ("POST", f"{_IN}/questions"): {"text": "Welke medicatie?"},
    ("POST", f"{_IN}/questions/{{question_id}}/answer"): {"text": "De lijst is gestuurd."},
    ("POST", f"{_IN}/withdrawal"): {"reason": "niet-meer-nodig"},
    ("POST", f"{_IN}/death"): {"text": "Overleden op de SEH"},
    ("POST", f"{_IN}/closure"): {"outcome": "zelf-geregeld"},
    ("POST", f"{_IN}/no-place"): {"target_group": "gedrag"},
    ("POST", f"{_IN}/successor"): {"care_type": "wlz-vv", "urgency": "regulier"},
    ("PUT", f"{_IN}/call-back"): {"at": _LATER, "text": "Dochter bellen"},
    ("POST", f"{_IN}/notes"): {"text": "Wil dicht bij huis blijven."},
    ("POST", f"{_IN}/contacts"): {"kind": "call-out", "outcome": "no-answer", "seconds": 20},
    ("POST", f"{_IN}/discharge-waits"): {"care_type": "grz", "since": "2026-11-20T08:00:00Z"},
    ("POST", f"{_IN}/discharge-waits/{{care_type}}/end"): {"until": "{waited_until}"},
    ("PUT", f"{_IN}/wlz"): {"status": "afgegeven", "decided_on": "2026-11-20", "profile": "5VV"},
    ("POST", f"{_IN}/reviews"): {"next_at": _LATER},
    ("POST", "/v1/proposals/{proposal_id}/adoption"): {"items": ["{proposed_id}"]},
}
HEADERS: dict[tuple[str, str], dict[str, str]] = {
    ("PUT", f"{_IN}/needs"): {"if-match": '"1"'},
}
#: Which of the referrals a call is about, when not the one that was triaged.
INSTEAD: dict[tuple[str, str], dict[str, str]] = {
    ("PUT", f"{_IN}/needs"): {"referral_id": "filed_id"},
    ("POST", f"{_IN}/triage"): {"referral_id": "filed_id"},
    ("POST", f"{_IN}/submission"): {"referral_id": "draft_id"},
    ("DELETE", f"{_IN}/claims/{{claim_id}}"): {"referral_id": "claimed_id"},
    ("POST", f"{_IN}/questions"): {"referral_id": "filed_id"},
    ("POST", f"{_IN}/questions/{{question_id}}/answer"): {"referral_id": "asked_id"},
    ("POST", f"{_IN}/discharge-waits/{{care_type}}/end"): {"referral_id": "claimed_id"},
    ("POST", f"{_IN}/withdrawal"): {"referral_id": "withdrawn_id"},
    ("POST", f"{_IN}/death"): {"referral_id": "dying_id"},
    ("POST", f"{_IN}/closure"): {"referral_id": "closing_id"},
    ("POST", f"{_IN}/no-place"): {"referral_id": "stuck_id"},
    ("PUT", f"{_IN}/wlz"): {"referral_id": "staying_id"},
    ("POST", f"{_IN}/reviews"): {"referral_id": "staying_id"},
}


async def follow_referrals(world: World) -> dict[str, str]:
    """Makes the referrals that the calls are about; answers with what they go by."""
    container, coordinator = world.container, await actor_of(world)
    await serve(container, world.coordinator)
    made: dict[str, UUID] = {}
    for name in ("filed_id", "asked_id", "withdrawn_id", "dying_id", "closing_id"):
        made[name] = (await filed(world)).id
    for name in ("referral_id", "claimed_id", "stuck_id", "proposed_id"):
        made[name] = (await triaged(world)).referral_id
    draft = make_intake()
    drafted = await filing.file(
        container,
        coordinator,
        filing.Intake(draft.need, draft.urgency, draft.texts, draft=True),
    )
    asked = await questions.ask(container, coordinator, made["asked_id"], "Sinds wanneer?")
    claimed = await claims.claim(container, coordinator, made["claimed_id"], world.pool_id)
    matched = await matches.match_referral(container, coordinator, made["referral_id"], limit=5)
    since = container.now() - timedelta(days=2)
    await desk.begin_wait(container, coordinator, made["claimed_id"], CareType.WLZ_VV, since)
    proposal = await proposals.propose(container, coordinator, REGION)
    # "Mogelijk dubbel", of a referral that no call ends.
    alert_id = await container.read(
        lambda connection: connection.fetchval(
            "SELECT id FROM alert WHERE referral_id = $1", made["claimed_id"]
        )
    )
    return {
        **{name: str(referral_id) for name, referral_id in made.items()},
        "draft_id": str(drafted.id),
        "question_id": str(asked.id),
        "claim_id": str(claimed.id),
        "alert_id": str(alert_id),
        "match_id": str(matched.id),
        "proposal_id": str(proposal.id),
        "care_type": "wlz-vv",
        "waited_until": (since + timedelta(days=1)).isoformat(),
    }


async def serve(container: Container, party: Party, region_id: RegionId = REGION) -> None:
    """A coordination point serves the postcode of the examples."""
    of = Organisation(
        party.agb,
        "Coördinatiepunt",
        OrganisationKind.COORDINATION_POINT,
        frozenset({region_id}),
        telephone="079 123 45 67",
        pc4s=frozenset({PC4}),
    )
    await organisations.change_organisation(
        container, None, party.organisation_id, of, expected_version=1
    )
