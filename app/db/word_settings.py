"""What somebody wants to hear of by mail: read, locked to be changed, and looked up for many at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from app.db.event_log import Connection
from app.db.tables import WordSettingRow
from app.db.unit_of_work import UnitOfWork
from domain.calendar import wall_text
from domain.errors import InvalidInput
from domain.notices import NoticeKind
from domain.word_settings import NOTHING_SET, Choice, WordSetting

_COLUMNS = """
s.id, s.organisation_id, s.version, s.address, s.choices, s.windows, s.quiet_from, s.quiet_to,
s.digest_at, s.acuut_always
"""
_READ = f"""
SELECT {_COLUMNS} FROM word_setting s
WHERE s.organisation_id = $1 AND s.person_id IS NOT DISTINCT FROM $2
"""
#: Who doesn't work there any more hears no more, whatever they set.
WORKS_THERE = """(s.person_id IS NULL OR EXISTS (
    SELECT FROM membership m WHERE m.person_id = s.person_id AND m.ended_at IS NULL
        AND m.organisation_id = s.organisation_id))"""
_OF_MANY = f"""
SELECT {_COLUMNS} FROM word_setting s
WHERE s.organisation_id = ANY($1::uuid[]) AND s.address IS NOT NULL AND {WORKS_THERE}
ORDER BY s.id
"""


@dataclass(frozen=True, slots=True)
class StoredSetting:
    """A setting as it stands; version 0: nobody set any."""

    version: int
    setting: WordSetting


async def read_setting(
    connection: Connection, organisation_id: UUID, person_id: UUID | None
) -> StoredSetting:
    """What a person wants of an organisation's word, or (None) what goes to its own mailbox."""
    row = await connection.fetchrow(_READ, organisation_id, person_id)
    return StoredSetting(0, NOTHING_SET) if row is None else StoredSetting(row["version"], _of(row))


async def lock_setting(
    work: UnitOfWork, organisation_id: UUID, person_id: UUID | None
) -> WordSettingRow:
    """A setting, locked to be changed; one that wasn't there is made, with version 0."""
    connection = await work.session.connection()
    new = {
        "organisation_id": organisation_id,
        "person_id": person_id,
        "version": 0,
        **columns(NOTHING_SET),
    }
    await connection.execute(insert(WordSettingRow).values(new).on_conflict_do_nothing())
    query = (
        select(WordSettingRow)
        .where(
            col(WordSettingRow.organisation_id) == organisation_id,
            col(WordSettingRow.person_id).is_not_distinct_from(person_id),
        )
        .with_for_update()
    )
    return (await work.session.exec(query)).one()


async def settings_of(
    work: UnitOfWork, organisation_ids: Collection[UUID]
) -> Mapping[UUID, list[tuple[UUID, WordSetting]]]:
    """By organisation the settings, with their ids, of all that hear of its notices by mail."""
    found: dict[UUID, list[tuple[UUID, WordSetting]]] = defaultdict(list)
    for row in await work.fetch(_OF_MANY, list(organisation_ids)):
        found[row["organisation_id"]].append((row["id"], _of(row)))
    return found


async def forget_person(work: UnitOfWork, person_id: UUID) -> None:
    """Nothing is known any more of what somebody wanted, nor of their address."""
    connection = await work.session.connection()
    await connection.execute(
        sa.update(WordSettingRow)
        .where(col(WordSettingRow.person_id) == person_id)
        .values(**columns(NOTHING_SET), version=col(WordSettingRow.version) + 1)
    )


def columns(setting: WordSetting) -> dict[str, Any]:
    """A setting as the columns of its row."""
    told = setting.to_json()
    times = ("quiet_from", "quiet_to", "digest_at")
    return {**told, **{name: getattr(setting, name) for name in times}}


def _of(row: asyncpg.Record) -> WordSetting:
    """What a row says. Another release may have written it: a kind or a choice that isn't known counts as
    left out, and of what else can't be read nothing goes out, rather than at the wrong time.
    """
    told: dict[str, Any] = {name: row[name] for name in ("address", "acuut_always")}
    for name in ("choices", "windows"):
        told[name] = orjson.loads(row[name]) if isinstance(row[name], str) else row[name]
    for name in ("quiet_from", "quiet_to", "digest_at"):
        told[name] = wall_text(row[name]) if row[name] is not None else None
    told["choices"] = {
        kind: choice
        for kind, choice in told["choices"].items()
        if kind in tuple(NoticeKind) and choice in tuple(Choice)
    }
    try:
        return WordSetting.from_json(told)
    except InvalidInput:
        return NOTHING_SET
