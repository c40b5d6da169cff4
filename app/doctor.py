"""What `verkeerstoren doctor` looks at: whether this installation has what it needs."""

import asyncio
import shutil
import socket
from dataclasses import dataclass

import asyncpg
import redis.asyncio
from redis.exceptions import RedisError

from app.db.engine import LOST, connect
from app.db.migrate import current_version, newest_version
from app.settings import Settings

_ROOM = 2**30
_OLDEST_DATABASE = 18


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    well: bool
    text: str


async def examine(settings: Settings) -> list[Finding]:
    """Looks at everything; one that is wrong doesn't keep the others from being looked at."""
    return [
        _disk(settings),
        _port(settings),
        *await asyncio.gather(_database(settings), _owner(settings), _redis(settings)),
    ]


def _disk(settings: Settings) -> Finding:
    folder = settings.var.resolve()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Finding("disk", free >= _ROOM, f"{free // 2**20} MB free in {folder}")


def _port(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((settings.host, settings.port))
        except OSError as error:
            # Taken is as it should be while the API runs.
            return Finding("port", True, f"{where} is in use ({error.strerror})")
    return Finding("port", True, f"{where} is free")


async def _database(settings: Settings) -> Finding:
    if not settings.database_url:
        return Finding(
            "database", False, "DATABASE_URL is missing, and no demo runs in this folder"
        )
    try:
        connection = await connect(settings.database_url)
    except (*LOST, asyncpg.PostgresError) as error:
        return Finding("database", False, str(error))
    try:
        major = connection.get_server_version().major
        if major < _OLDEST_DATABASE:
            return Finding("database", False, f"PostgreSQL {major}; {_OLDEST_DATABASE} is needed")
        version, newest = await current_version(connection), newest_version()
    except asyncpg.PostgresError as error:
        return Finding("database", False, str(error))
    finally:
        await connection.close()
    if version != newest:
        return Finding(
            "database", False, f"migrations are at {version}, not {newest}: `verkeerstoren migrate`"
        )
    return Finding("database", True, f"PostgreSQL {major}, migrations are at {newest}")


async def _owner(settings: Settings) -> Finding:
    if not settings.database_owner_url:
        return Finding("owner", True, "DATABASE_OWNER_URL is not set: no migrations from here")
    try:
        connection = await connect(settings.database_owner_url)
    except (*LOST, asyncpg.PostgresError) as error:
        return Finding("owner", False, str(error))
    await connection.close()
    return Finding("owner", True, "the owner of the database can sign in")


async def _redis(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding("redis", True, "REDIS_URL is not set: every process polls once a second")
    try:
        async with redis.asyncio.Redis.from_url(settings.redis_url, socket_timeout=5) as client:
            await client.ping()
    except (RedisError, OSError) as error:
        return Finding("redis", False, str(error))
    return Finding("redis", True, "it answers")
