"""`python -m tests.support.dying_sender`: workers that send, killed just before and just after they did.

Each comes when the former's hold on what it took has ended. The last one lives until all is sent.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from typing import Any

from app.container import Container, running, utc_now
from app.db import sending as stored
from app.security.outbound import Outbound
from app.services.word import sending
from app.settings import get_settings
from workers.sending import send_forever


def die(*_: object, **__: object) -> Any:
    """As by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


async def work(number: int) -> None:
    """Sends as a worker does, until nothing waits."""
    offset = (sending.LEASE + timedelta(seconds=1)) * number

    def now() -> datetime:
        return utc_now() + offset

    async with running(get_settings(), now) as container:
        loop = asyncio.create_task(send_forever(container, 0.05))
        while await waiting(container):
            await asyncio.sleep(0.02)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def waiting(container: Container) -> int:
    """How many deliveries aren't sent."""
    found: int = await container.read(
        lambda connection: connection.fetchval(
            "SELECT count(*) FROM delivery WHERE state <> 'verstuurd'"
        )
    )
    return found


def main() -> None:
    """Forks them, since to start each anew would take a second. Tells how each ended."""
    codes = []
    for number, (where, what) in enumerate(((Outbound, "post"), (stored, "mark"), (None, ""))):
        child = os.fork()
        if child == 0:
            if where is not None:
                setattr(where, what, die)
            asyncio.run(work(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        codes.append(os.waitstatus_to_exitcode(status))
    sys.stdout.write(f"{codes}\n")


if __name__ == "__main__":
    main()
