"""The installation that a command works on: its settings, and a container on its database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from app.settings import Settings, SettingsError, load
from domain.errors import BadSpreadsheet, Problem

if TYPE_CHECKING:
    from app.container import Container

T = TypeVar("T")


def with_servers(settings: Settings) -> Settings:
    """The settings with the addresses of a demo that runs in this folder, when they have none."""
    from app.embedded import EmbeddedServers
    from app.supervisor import embedded_home, with_addresses

    home = embedded_home(settings)
    if settings.database_url or not home.exists():
        return settings
    embedded = EmbeddedServers(home)
    return with_addresses(settings, embedded) if embedded.attach() else settings


def in_container(act: "Callable[[Container], Awaitable[T]]", *, with_board: bool = False) -> T:
    """Runs an act of this installation's own, with a database but without an API.

    with_board: the act reads the board, so it begins when that is there.
    """
    from app import logs
    from app.container import running

    settings = with_servers(load())
    if not settings.database_url:
        raise SettingsError("DATABASE_URL is missing, and no demo runs in this folder.")
    logs.configure("warning")

    async def once() -> T:
        async with running(settings) as container:
            if with_board:
                await container.follower.until_ready()
            return await act(container)

    try:
        return asyncio.run(once())
    except BadSpreadsheet:
        # Its errors are a list, which the command shows in its own way.
        raise
    except Problem as problem:
        raise SettingsError(f"{problem.code}: {problem}") from None
    except OSError as error:
        raise SettingsError(f"The database can't be reached: {error}") from None
