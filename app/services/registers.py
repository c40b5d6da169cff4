"""Reading the registers for their own pages: what the database holds at this moment.

Which pages a role has is asked there; who may look at the registers' pages sees all of them.
"""

from collections.abc import Sequence
from uuid import UUID

from app.container import Container
from app.db import register_reads, sources
from app.db.register_reads import FoundOrganisations, State
from app.db.sources import SourceRecord
from domain.actors import OrganisationKind
from domain.errors import NotFound
from domain.events import Kind

#: An organisation has a handful of sources.
_MOST_SOURCES = 500


async def get_state(container: Container, kind: Kind, subject_id: object) -> State:
    """A subject with its `region_id`. Raises NotFound."""
    found = await container.read(
        lambda connection: register_reads.read_state(connection, kind, subject_id)
    )
    if found is None:
        raise NotFound
    return found


async def states_of_organisation(
    container: Container, kind: Kind, organisation_id: UUID
) -> list[State]:
    """Its locations, pools or teams by name, ended ones too."""
    return await container.read(
        lambda connection: register_reads.read_states(
            connection, kind, "organisation_id", organisation_id
        )
    )


async def pools_at(container: Container, location_id: UUID) -> list[State]:
    """A location's pools by name, ended ones too."""
    return await container.read(
        lambda connection: register_reads.read_states(
            connection, Kind.POOL, "location_id", location_id
        )
    )


async def beds_of(container: Container, pool_id: UUID) -> list[State]:
    """A pool's beds by name, ended ones too."""
    return await container.read(
        lambda connection: register_reads.read_states(connection, Kind.BED, "pool_id", pool_id)
    )


async def regions(container: Container) -> list[State]:
    """All regions by name."""
    return await container.read(register_reads.read_regions)


async def organisation_names(container: Container) -> list[tuple[str, str]]:
    """Every active organisation: its id, and its name and AGB-code as people pick it from a list."""
    return await container.read(register_reads.read_organisation_names)


async def gemeenten(container: Container) -> dict[str, str]:
    """The names of the gemeenten that postcodes are known of, by code."""
    return await container.read(register_reads.read_gemeenten)


async def find_postcode(container: Container, pc4: str) -> State | None:
    """What is known of a postcode."""
    return await container.read(
        lambda connection: register_reads.read_state(connection, Kind.POSTCODE, pc4)
    )


async def sources_of(container: Container, organisation_id: UUID) -> Sequence[SourceRecord]:
    """An organisation's sources."""
    return await container.read(
        lambda connection: sources.read_sources(connection, organisation_id, None, _MOST_SOURCES)
    )


async def search_organisations(
    container: Container,
    text: str,
    kind: OrganisationKind | None,
    region_id: int | None,
    status: str | None,
    *,
    limit: int,
    offset: int,
) -> FoundOrganisations:
    """Organisations by name, by the name of a location, or by one of their numbers."""
    return await container.read(
        lambda connection: register_reads.search_organisations(
            connection, text, kind, region_id, status, limit=limit, offset=offset
        )
    )
