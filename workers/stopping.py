"""How a worker process ends: at SIGTERM or Ctrl-C, whatever it is doing."""

import asyncio
import signal
from collections.abc import Coroutine


async def until_stopped(work: Coroutine[None, None, None]) -> None:
    """Runs work until it ends by itself or the process is told to stop.

    Stopping cancels the work and waits until it has put its things away. What it raises is raised.
    """
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
