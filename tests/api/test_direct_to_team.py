"""Filing straight to a home-care team, where the norms of the region let a referrer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from httpx import codes

from app.live import team_choice
from app.services import norms
from app.services.referrals import sweeps
from app.word.texts import what_happened
from domain.actors import Role
from domain.home_care import Coverage, Dagdeel, Light, Skill, TeamReport
from domain.identifiers import TeamId
from domain.norms import Norms
from domain.notices import NoticeData, NoticeKind
from domain.referrals import ReferralState
from tests.factories.home_care import make_team, tell
from tests.factories.world import REGION, World, make_party
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.referral_calls import PC4
from tests.support.scenarios import Desk
from tests.support.serving import Serving

COVERAGE = Coverage(frozenset({PC4}), frozenset({Skill.WOND}), frozenset({Dagdeel.OCHTEND}))
NEED: dict[str, Any] = {
    "birth_year": 1951,
    "sex": "man",
    "pc4": PC4,
    "setting": "thuis",
    "skills": ["wond"],
    "dagdelen": ["ochtend"],
    "urgency": "spoed",
    "help_needed": "Wond verbinden",
    "care_type_asked": "wijkverpleging",
}


async def allow(world: World, *, on: bool = True, version: int = 0) -> None:
    """Sets the norm."""
    await norms.set_norms(world.container, None, REGION, Norms(direct_to_team=on), version)


@pytest.fixture
async def team(served: World, point: Desk) -> TeamId:
    """A team of the provider that can do it."""
    made = await make_team(served, name="Rokkeveen", coverage=COVERAGE, telephone="079 444 55 66")
    await tell(served, made, TeamReport(Light.GROEN))
    await served.settled()
    return made


def asking(team: TeamId, **differs: Any) -> dict[str, Any]:
    return {**NEED, "team_id": str(team), **differs}


async def told_by(desk: Desk) -> list[str]:
    """What its organisation was told, the oldest first: how it stands, or what was done."""
    items = reversed((await desk.get("/notices"))["items"])
    return [
        one["data"]["state"] or one["data"]["step"] for one in items if not one["data"]["alert"]
    ]


async def alerts_of(point: Desk, path: str) -> list[str]:
    return [one["kind"] for one in (await point.get(path))["alerts"]]


async def test_without_the_norm_a_team_is_a_wish_that_the_coordination_point_finds_there(
    served: World,
    point: Desk,
    referrer: Desk,
    team: TeamId,
    provider: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = await referrer.post("/referrals", asking(team))
    path = f"/referrals/{done['id']}"
    assert (done["state"], done["version"]) == ("ingediend", 1)
    wish = {
        "id": str(team),
        "name": "Rokkeveen",
        "organisation": (await referrer.get(path))["team"]["organisation"],
        "telephone": "079 444 55 66",
        "offer": None,
    }
    assert (await point.get(path))["team"] == (await referrer.get(path))["team"] == wish
    assert (await provider.get("/offers"))["items"] == []
    assert (await point.get(path))["next_action"] == "trieren"
    # Nor is it the referrer's to know what that team answers the coordination point.
    triage = {"facts": {}, "chosen": "wijkverpleging", "argument": "thuis"}
    await point.post(f"{path}/triage", triage)
    await point.post(f"{path}/offers", {"to": [{"team_id": str(team)}]})
    assert (await referrer.get(path))["team"] == wish
    # What a coordinator types is a wish too, whatever the norm: asking is the next thing it does.
    await allow(served)
    typed = await point.post("/referrals", asking(team))
    assert typed["state"] == "ingediend"
    assert (await point.get(f"/referrals/{typed['id']}"))["team"] == wish
    # Nor is it for the rules to be passed by where they say something else.
    crisis = await referrer.post("/referrals", asking(team, legal_status="wvggz-cm"))
    assert crisis["state"] == "ingediend"
    # Nor is a team asked that the board doesn't have yet: whether it can, nobody looked at.
    with monkeypatch.context() as without:
        without.setattr(team_choice, "team_candidate", lambda *_: None)
        assert (await referrer.post("/referrals", asking(team)))["state"] == "ingediend"
    plain = await referrer.post("/referrals", NEED)
    assert (await point.get(f"/referrals/{plain['id']}"))["team"] is None


async def test_with_the_norm_the_team_is_asked_at_once_and_the_coordination_point_has_it_in_hand(
    served: World, point: Desk, referrer: Desk, team: TeamId, provider: Desk, clock: Clock
) -> None:
    await allow(served)
    done = await referrer.post("/referrals", asking(team))
    path = f"/referrals/{done['id']}"
    assert (done["state"], done["version"]) == ("aangeboden", 1), "one act, so one version"
    whole = await point.get(path)
    (offer,) = whole["offers"]
    assert (offer["place"]["team_name"], offer["state"]) == ("Rokkeveen", "gevraagd")
    assert (whole["next_action"], whole["waits_on"]) == ("antwoord-afwachten", "aanbieder")
    assert whole["next_at"] == offer["deadline_at"]
    triage = whole["triage"]
    assert (triage["chosen"], triage["deviates"]) == ("wijkverpleging", False)
    assert triage["facts"]["thuis-wijkverpleging"] is True
    steps = (await point.get(f"{path}/history"))["items"]
    assert [(one["step"], one["reason"]) for one in steps] == [
        ("filed", None),
        ("triaged", "direct-to-team"),
        ("offered", None),
    ]
    assert {one["role"] for one in steps} == {"referrer"}
    assert len({one["version"] for one in steps}) == 1
    seen = await provider.get(f"/offers/{offer['id']}")
    assert seen["need"]["skills"] == ["wond"]
    followed = await referrer.get(path)
    assert followed["team"]["offer"]["id"] == offer["id"]
    assert followed["team"]["offer"]["state"] == "gevraagd"

    # Nobody is told off for not having taken what a team is to answer first.
    container = served.container
    clock.set(clock.now() + timedelta(minutes=35))
    while (await sweeps.sweep(container)).more:
        pass
    assert "geen-eigenaar" not in await alerts_of(point, path)
    await provider.post(f"/offers/{offer['id']}/refusal", {"code": "geen-personeel"})
    assert await alerts_of(point, path) == ["alle-geweigerd"]
    whole = await point.get(path)
    assert (whole["next_action"], whole["waits_on"]) == ("verder-zoeken", "coordinatiepunt")
    clock.set(clock.now() + timedelta(minutes=31))
    while (await sweeps.sweep(container)).more:
        pass
    assert "geen-eigenaar" in await alerts_of(point, path), "from when it became theirs"
    assert (await referrer.get(path))["team"]["offer"]["state"] == "geweigerd"
    assert await told_by(referrer) == ["getrieerd"]

    # A team that says nothing: the clock as for any offer.
    silent = await referrer.post("/referrals", asking(team, birth_year=1960))
    clock.set(clock.now() + timedelta(hours=4, minutes=1))
    while (await sweeps.sweep(container)).more:
        pass
    path = f"/referrals/{silent['id']}"
    assert "niemand-antwoordde" in await alerts_of(point, path)
    assert (await referrer.get(path))["team"]["offer"]["state"] == "verlopen"
    assert await told_by(referrer) == ["getrieerd", "getrieerd"]
    as_mailed = what_happened(NoticeKind.STATUS, NoticeData(state=ReferralState.GETRIEERD))
    assert as_mailed == "er wordt een plek gezocht"
    # Of what came to nothing a provider keeps no more than that.
    kept = (await provider.get("/notices"))["items"]
    assert [one["kind"] for one in kept] == ["verlopen", "aanvraag", "aanvraag"]
    for one in [*kept, await provider.get(f"/notices/{kept[1]['id']}")]:
        assert one["data"]["step"]
        assert {one["data"][name] for name in ("number", "care_type", "urgency")} == {None}
    assert all(one["data"]["number"] for one in (await point.get("/notices"))["items"])


async def test_a_referrer_decides_on_what_the_team_that_it_asked_proposes(
    api: Serving, served: World, point: Desk, referrer: Desk, team: TeamId, provider: Desk
) -> None:
    await allow(served)
    proposed_at = (served.container.now() + timedelta(days=2)).replace(microsecond=0)
    proposal = {"admission_at": proposed_at.isoformat()}
    agreed = {"agreed": True, "text": "De praktijk overbrugt"}
    offers = []
    for filing in (asking(team), asking(team, birth_year=1960), NEED):
        done = await referrer.post("/referrals", filing)
        path = f"/referrals/{done['id']}"
        if filing is NEED:
            triage = {"facts": {}, "chosen": "wijkverpleging", "argument": "thuis"}
            await point.post(f"{path}/triage", triage)
            await point.post(f"{path}/offers", {"to": [{"team_id": str(team)}]})
        (offer,) = (await point.get(path))["offers"]
        await provider.post(f"/offers/{offer['id']}/counter-proposal", proposal)
        offers.append((path, f"/offers/{offer['id']}/counter-decision"))
    (mine, decide), (second, decline), (theirs, by_point) = offers
    for path, waits_on in ((mine, "verwijzer"), (theirs, "coordinatiepunt")):
        told = await referrer.get(path)
        assert (told["next_action"], told["waits_on"]) == ("tegenvoorstel-beoordelen", waits_on)
    told = await referrer.get(mine)
    assert told["team"]["offer"]["proposed_at"].startswith(proposed_at.isoformat()[:16])

    # What the coordination point asked is its own to decide on; so is nobody else's anything.
    await referrer.refused("not-found", "POST", by_point, agreed)
    stranger = await make_party(served.container, Role.REFERRER)
    async with api.client(stranger.key) as client:
        desk = Desk(client, str(stranger.organisation_id), stranger.key)
        await desk.refused("not-found", "POST", decide, agreed)
    await provider.refused("not-allowed", "POST", decide, agreed)

    done = await referrer.post(decide, agreed)
    assert (done["offer"]["state"], done["state"]) == ("toegezegd", None)
    told = await referrer.get(mine)
    assert (told["state"], told["place"]["team"]) == ("geaccepteerd", "Rokkeveen")
    assert told["place"]["admission_at"].startswith(proposed_at.isoformat()[:16])
    await referrer.refused("offer-ended", "POST", decide, agreed)
    await referrer.post(decline, {"agreed": False})
    # Who is waited on hears of it, and the coordination point of what was decided without it.
    assert await told_by(referrer) == ["tegenvoorstel", "tegenvoorstel", "getrieerd"]
    assert (await told_by(point))[-2:] == ["counter-accepted", "counter-declined"]
    told = await referrer.get(second)
    assert (told["state"], told["waits_on"]) == ("getrieerd", "coordinatiepunt")
    assert told["next_action"] == "verder-zoeken"
    assert (await point.post(by_point, agreed))["state"] == "geaccepteerd"


async def test_a_team_that_cannot_do_it_is_refused_with_those_that_can(
    served: World, point: Desk, referrer: Desk, team: TeamId, database: Database
) -> None:
    red = await make_team(served, name="Vol", coverage=COVERAGE)
    later = await make_team(served, name="Later", coverage=COVERAGE)
    silent = await make_team(served, name="Stil", coverage=COVERAGE)
    today = served.container.now().date()
    await tell(served, red, TeamReport(Light.ROOD))
    await tell(served, later, TeamReport(Light.GROEN, today + timedelta(days=9)))
    await served.settled()
    needed_by = (served.container.now() + timedelta(days=1)).isoformat()
    for version in (0, 1):
        for asked, criterion in (
            (asking(red, needed_by=needed_by), "stoplicht"),
            (asking(team, skills=["wond", "nacht"]), "vaardigheid"),
            (asking(team, dagdelen=["avond"]), "dagdeel"),
        ):
            problem = await referrer.refused("team-unfit", "POST", "/referrals", asked)
            assert [one["criterion"] for one in problem["failures"]] == [criterion]
            fits = [one["name"] for one in problem["teams"]]
            assert fits == (["Rokkeveen"] if criterion == "stoplicht" else [])
        elsewhere = await make_team(
            served, coverage=Coverage(frozenset({"2725"}), COVERAGE.skills, COVERAGE.dagdelen)
        )
        await tell(served, elsewhere, TeamReport(Light.GROEN))
        await served.settled()
        away = await referrer.refused("team-unfit", "POST", "/referrals", asking(elsewhere))
        assert [one["criterion"] for one in away["failures"]] == ["werkgebied"]
        for wrong in (
            asking(TeamId(served.pool_id)),
            asking(team, care_type_asked="elv-laag"),
            asking(team, draft=True),
        ):
            problem = await referrer.refused("invalid-input", "POST", "/referrals", wrong)
            assert [one["pointer"] for one in problem["errors"]] == ["/team_id"]
        if version == 0:
            await allow(served)
    assert await database.value("SELECT count(*) FROM referral") == 0
    assert await database.value("SELECT count(*) FROM referral_step") == 0
    # Later than asked, or silent, is for the team to answer: that is what asking is for.
    for asked in (asking(later, needed_by=needed_by), asking(silent, birth_year=1940)):
        assert (await referrer.post("/referrals", asked))["state"] == "aangeboden"


async def test_sent_twice_it_is_one_and_each_goes_by_the_norm_that_held_when_it_was_kept(
    served: World, point: Desk, referrer: Desk, team: TeamId, database: Database
) -> None:
    await allow(served)
    once = {"idempotency-key": "een-keer"}
    same = [referrer.post("/referrals", asking(team), **once) for _ in range(4)]
    assert len({done["id"] for done in await asyncio.gather(*same)}) == 1
    assert await database.value("SELECT count(*) FROM offer") == 1
    again = await referrer.client.post("/v1/referrals", json=NEED, headers=once)
    assert again.status_code == codes.CONFLICT

    filings = [referrer.post("/referrals", asking(team, birth_year=1930 + n)) for n in range(6)]
    await asyncio.gather(*filings[:3], allow(served, on=False, version=1), *filings[3:])
    rows = await served.container.read(
        lambda connection: connection.fetch(
            "SELECT r.norms_version, r.state, r.triaged,"
            " (SELECT count(*) FROM offer o WHERE o.referral_id = r.id) AS offers FROM referral r"
        )
    )
    assert len(rows) == 7
    for row in rows:
        went = row["norms_version"] == 1
        assert (row["state"] == "aangeboden", row["triaged"], row["offers"]) == (went, went, went)
    assert (await referrer.post("/referrals", asking(team)))["state"] == "ingediend"
