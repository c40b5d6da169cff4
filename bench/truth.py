"""Are the answers right? What the API says, against asking every pool and team by the domain's rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx

from app.db.event_log import read_snapshot
from app.demo_postcodes import POSTCODES
from app.live.board import RegionBoard
from app.live.places import PlaceQuestion, Sort
from app.live.teams import TeamQuestion
from bench.region import Region
from bench.stage import Database
from domain.care_types import CareType
from domain.home_care import Dagdeel, Skill
from tests.support import brute_force

_POINTS = {postcode.pc4: postcode.point for postcode in POSTCODES}


async def check_answers(
    database: Database, port: int, region: Region, paths: Sequence[str]
) -> None:
    """Raises AssertionError at the first answer that is not what brute force finds; nothing may change meanwhile."""
    connection = await asyncpg.connect(database.url)
    try:
        found = await read_snapshot(connection, region.id)
    finally:
        await connection.close()
    assert found is not None
    position, subjects = found
    headers = {"authorization": f"Bearer {region.reporter}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        for path in paths:
            body = (await client.get(f"{path}&min_position={position}")).raise_for_status().json()
            now = datetime.fromisoformat(body["server_time"])
            expected = _expected(RegionBoard(position, subjects, now), path, now)
            if body["position"] != str(position) or body["items"] != expected[:20]:
                raise AssertionError(f"{path} is not answered as brute force does")


def _expected(board: RegionBoard, path: str, now: datetime) -> list[dict[str, Any]]:
    address = urlsplit(path)
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    if address.path == "/v1/home-care":
        dagdeel = asked.get("dagdeel")
        team = TeamQuestion(
            asked["postcode"], Skill(asked["skill"]), Dagdeel(dagdeel) if dagdeel else None
        )
        return brute_force.home_care(board, team, now)
    within = asked.get("within_km")
    place = PlaceQuestion(
        care_type=CareType(asked["care_type"]),
        near=_POINTS[asked["near"]],
        within_km=float(within) if within else None,
        sort=Sort(asked["sort"]),
    )
    return brute_force.availability(board, place, now)[0]
