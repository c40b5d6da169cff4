""" "Alles klopt nog" in one request: pools, pools of beds, and teams, each with the version shown of it."""

from typing import Any

from app.services.home_care_teams import TeamDetails, create_team
from domain.home_care import Coverage, Dagdeel, Skill
from domain.posting import PostingSchedule
from tests.factories.beds import FREE, make_beds, place_of, say
from tests.factories.world import World, counts
from tests.support.serving import Serving


async def test_each_part_is_confirmed_by_its_own_law(api: Serving, world: World) -> None:
    beds = await make_beds(world, 2)
    for bed in beds:
        await say(world, bed, FREE)
    of_beds = (await place_of(world, beds[0])).pool_id
    details = TeamDetails(
        external_id="team",
        name="Team",
        coverage=Coverage(
            frozenset({"2711"}), frozenset({Skill.BASIS}), frozenset({Dagdeel.OCHTEND})
        ),
        posting_schedule=PostingSchedule.DAILY_TWICE,
    )
    team = await create_team(world.container, None, world.provider.organisation_id, details)
    await world.report(counts(10, 6))
    async with api.client(world.provider.key) as client:
        said = await client.put(
            f"/v1/home-care-teams/{team.id}/report", json={"light": "groen", "hours": 4}
        )
        assert said.status_code == 200, said.text
        shown: list[dict[str, Any]] = [
            {"pool_id": str(world.pool_id), "version": 1},
            {"pool_id": str(of_beds), "version": 2},
            {"team_id": str(team.id), "version": 1},
            {"team_id": str(team.id), "version": 9},
            {"team_id": str(team.id), "pool_id": str(world.pool_id), "version": 1},
        ]
        answer = await client.post("/v1/confirmations", json=shown)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [result["status"] for result in body["results"]] == [200, 200, 200, 412, 400]
    assert [result["receipt"]["version"] for result in body["results"][:3]] == [2, 3, 2]
    assert (body["accepted"], body["refused"]) == (3, 2)
    assert body["results"][2]["receipt"]["team_id"] == str(team.id)
