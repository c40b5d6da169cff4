"""`verkeerstoren matching` as it is typed: what was acted on is made again, by its own weights or others."""

import json
from pathlib import Path
from typing import Any

from app import matching_weights
from app.services.referrals import claims, matches
from app.settings import Settings
from domain.care_types import CareType
from tests.factories.referrals import actor_of, triaged
from tests.factories.world import REGION, World, counts, make_pool
from tests.support.commands import typed


async def test_a_replay_gives_the_same_and_other_weights_may_not(
    settings: Settings, world: World, tmp_path: Path
) -> None:
    container, coordinator = world.container, await actor_of(world)
    pools = [await make_pool(container, world.location_id, CareType.ELV_LAAG) for _ in range(2)]
    await world.settled()
    for pool_id, free in zip(pools, (1, 4), strict=True):
        await world.report(counts(5, 5 - free), pool_id=pool_id)
    await world.settled()
    referral_id = (await triaged(world)).referral_id
    # One place held at the second: by spread alone the first comes first.
    other = (await triaged(world)).referral_id
    await claims.claim(container, coordinator, other, pools[1])
    await world.settled()
    found = await matches.match_referral(container, coordinator, referral_id, limit=10)
    ids = [one.id for one in found.found.fits.items]
    assert len(ids) == 2
    await claims.claim(container, coordinator, referral_id, ids[0], match_id=found.id)

    same = typed(settings, "matching", "replay", "--region", f"regio-{REGION}")
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout == "Of 1 matches 0 would begin otherwise, 0 differ further down only.\n"
    weights: dict[str, Any] = matching_weights.current(found.at.date()).to_json()
    alone = dict.fromkeys(weights["of"], 0)
    file = tmp_path / "proef-1.json"
    # By nothing but how fresh they are, or else by id.
    file.write_text(json.dumps({**weights, "version": "proef-1", "of": {**alone, "versheid": 1}}))
    tried = typed(settings, "matching", "replay", "--weights", str(file))
    assert tried.returncode == 0
    assert tried.stdout.splitlines()[-1].startswith("Of 1 matches ")
    file.write_text(json.dumps({**weights, "version": "", "of": alone}))
    refused = typed(settings, "matching", "replay", "--weights", str(file))
    assert refused.returncode == 1
    assert "/version: hier hoort een code" in refused.stderr
    assert "Traceback" not in refused.stderr
