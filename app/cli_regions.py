"""The region that a command is about."""

from typing import TYPE_CHECKING

from app.settings import SettingsError
from domain.identifiers import RegionId

if TYPE_CHECKING:
    from app.container import Container


async def region_called(container: "Container", code: str | None) -> RegionId | None:
    """The region with a code; None: no code, so all of them. Raises SettingsError."""
    if code is None:
        return None
    query = "SELECT id FROM region WHERE code = $1"
    found = await container.read(lambda connection: connection.fetchval(query, code))
    if found is None:
        raise SettingsError(f"There is no region with code {code}.")
    return RegionId(found)
