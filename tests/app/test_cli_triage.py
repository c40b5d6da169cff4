"""`verkeerstoren triage` as it is typed: a new version of the rules over what was advised before."""

import json
from datetime import timedelta
from pathlib import Path

from app.settings import Settings
from domain.triage.facts import Facts
from domain.triage.replay import PastTriage
from tests.factories.owned import make_referral
from tests.factories.triage_rules import small
from tests.factories.triages import keep
from tests.factories.world import REGION, World
from tests.support.commands import typed


async def test_a_replay_shows_what_new_rules_would_change_and_what_is_wrong_in_a_few_lines(
    settings: Settings, world: World, tmp_path: Path
) -> None:
    referral = await make_referral(world.container, world.coordinator.organisation_id)
    calm = {"medisch-specialistische-zorg": False}
    kept: list[tuple[int, Facts, tuple[str, ...]]] = [
        (3, {**calm, "thuis-mogelijk": False, "wlz": "geen"}, ("elv-hoog", "mfb")),
        (2, {**calm, "thuis-mogelijk": True}, ("thuis",)),
        (1, {**calm, "thuis-mogelijk": False}, ("mfb",)),
    ]
    for ago, facts, outcomes in kept:
        past = PastTriage(referral, "2026-1", facts, outcomes)
        await keep(world, referral, past, REGION, timedelta(hours=ago))
    good, bad = tmp_path / "proef-1.json", tmp_path / "fout.json"
    good.write_text(json.dumps(small()), "utf-8")
    bad.write_text(json.dumps({**small(), "version": "", "steps": []}), "utf-8")

    shown = typed(settings, "triage", "replay", "--rules", str(good), "--region", f"regio-{REGION}")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == [
        f"{referral}  2026-1 -> proef-1: elv-hoog, mfb -> elv-laag, mfb",
        f"{referral}  2026-1 -> proef-1: mfb -> nothing yet (asks wlz)",
        "1 x elv-hoog, mfb -> elv-laag, mfb",
        "1 x mfb -> nothing yet",
        "2 of 3 triages would be advised otherwise.",
    ]
    for words, told in (
        (("--rules", str(bad)), "/version: hier hoort een code"),
        (("--rules", str(good), "--region", "nergens"), "no region with code nergens"),
    ):
        refused = typed(settings, "triage", "replay", *words)
        assert (refused.returncode, told in refused.stderr) == (1, True), refused.stderr
        assert "Traceback" not in refused.stderr
