"""What somebody wants of word: apart for each, and changed by who saw it last."""

import asyncio
from datetime import time
from uuid import uuid4

import pytest

from app.services.word.settings import get_setting, set_setting
from domain.errors import NotFound, VersionChanged
from domain.hours import ALWAYS
from domain.notices import NoticeKind
from domain.word_settings import NOTHING_SET, Choice, WordSetting
from tests.factories.people import MadePerson
from tests.factories.referrals import actor_of
from tests.factories.world import World
from tests.support.database import Database

ONE = WordSetting(
    "een@zorg.example",
    {NoticeKind.VRAAG: Choice.METEEN},
    windows=ALWAYS,
    quiet_from=time(22),
    quiet_to=time(7),
    digest_at=time(9, 30),
    acuut_always=False,
)
OTHER = WordSetting("ander@zorg.example", {NoticeKind.ALARM: Choice.OVERZICHT})


async def test_a_person_and_the_organisation_set_their_own_and_who_was_not_up_to_date_is_told(
    world: World, person: MadePerson, database: Database
) -> None:
    container, actor = world.container, await actor_of(world, world.provider)
    mine = actor.organisation_id
    assert (await get_setting(container, mine)).version == 0
    assert (await get_setting(container, mine)).setting == NOTHING_SET
    at_once = await asyncio.gather(
        *(set_setting(container, actor, mine, ONE, 0, address="192.0.2.1") for _ in range(2)),
        return_exceptions=True,
    )
    (lost,) = [one for one in at_once if isinstance(one, BaseException)]
    assert isinstance(lost, VersionChanged)
    await set_setting(container, actor, mine, OTHER, 0, person_id=person.id)
    found = await get_setting(container, mine)
    assert (found.version, found.setting.to_json()) == (1, ONE.to_json())
    assert (await get_setting(container, mine, person.id)).setting.to_json() == OTHER.to_json()
    assert (await get_setting(container, world.other.organisation_id)).version == 0
    with pytest.raises(VersionChanged) as changed:
        await set_setting(container, actor, mine, OTHER, 0)
    assert changed.value.facts == {"current": 1}
    assert (await set_setting(container, actor, mine, OTHER, 1)).version == 2
    with pytest.raises(NotFound):
        await set_setting(container, actor, uuid4(), OTHER, 0)
    audited = await database.all("SELECT action FROM audit WHERE object_kind = 'word-setting'")
    assert sorted(row["action"] for row in audited) == ["notice.mark", "word.write", "word.write"]
    # An address is nobody's business in a log.
    assert "zorg.example" not in str(await database.all("SELECT to_jsonb(a)::text FROM audit a"))
