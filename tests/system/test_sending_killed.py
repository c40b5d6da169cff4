"""A worker that is killed while it sends loses nothing, and nothing arrives more than twice."""

import asyncio
import os
import subprocess
import sys
from collections import Counter

from app.settings import Settings
from tests.factories.word import make_delivery, make_endpoint, make_mailbox
from tests.factories.world import World
from tests.support.database import Database
from tests.support.receiving import mailbox, receiving
from tests.support.serving import ROOT


async def test_workers_killed_before_and_after_sending_lose_nothing_and_send_twice_at_most(
    settings: Settings, world: World, database: Database
) -> None:
    async with receiving() as receiver, mailbox() as box:
        for path in ("/a", "/b", "/c"):
            endpoint_id = await make_endpoint(world, receiver.url(path))
            for _ in range(2):
                await make_delivery(world, endpoint_id=endpoint_id)
        setting_id = await make_mailbox(world)
        mailed = str(await make_delivery(world, setting_id=setting_id))
        there = settings.model_copy(
            update={
                "webhook_networks": "127.0.0.0/8",
                "smtp_url": f"smtp://127.0.0.1:{box.port}",
                "mail_from": "toren@toren.example",
            }
        )
        ran = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "tests.support.dying_sender"],
            cwd=ROOT,
            env={**os.environ, **there.variables()},
            capture_output=True,
            check=False,
        )
        assert ran.stdout.splitlines()[-1] == b"[-9, -9, 0]", ran.stderr.decode()
        sent = Counter(got.id for got in receiver.got)
        mails = Counter(str(mail["message-id"]) for mail in box.mails)
    rows = await database.all("SELECT id, state, attempts FROM delivery")
    assert {row["state"] for row in rows} == {"verstuurd"}
    webhooks = {str(row["id"]) for row in rows} - {mailed}
    assert set(sent) == webhooks
    assert set(mails) == {f"<{mailed}@toren.example>"}
    # The second worker sent at least one, and marked none.
    assert max([*sent.values(), *mails.values()]) == 2
    # Killed before and after it was sent, and then sent: the third time.
    assert max(row["attempts"] for row in rows) == 3
