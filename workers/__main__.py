"""One worker process: `python -m workers`."""

import asyncio

import structlog

from app import logs
from app.container import running
from app.loops import Loops
from app.settings import Settings, get_settings
from workers.housekeeping import keep_house
from workers.sending import send_forever
from workers.spreading import spread_forever
from workers.stopping import until_stopped
from workers.sweeper import watch_clocks, watch_figures

log = structlog.get_logger()


async def work(settings: Settings) -> None:
    """Runs every loop of this process; one that ends by a defect ends the process, to be restarted."""
    async with running(settings) as container, Loops() as loops:
        log.info("working")
        loops.start("housekeeping", keep_house(container))
        loops.start("clocks", watch_clocks(container))
        loops.start("figures", watch_figures(container))
        loops.start("notices", spread_forever(container))
        loops.start("sending", send_forever(container))
        await loops.watch()


def main() -> None:
    """Reads the settings and works until told to stop."""
    settings = get_settings()
    logs.configure(settings.log_level)
    asyncio.run(until_stopped(work(settings)))


if __name__ == "__main__":
    main()
