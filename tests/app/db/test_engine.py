"""One address means the same to every kind of connection."""

import pytest
import sqlalchemy as sa

from app.db.engine import connect, create_engine, create_pool
from tests.support.database import Database


@pytest.mark.parametrize("option", ["sslmode=disable", "application_name=iemand"])
async def test_options_that_a_hosting_party_puts_in_an_address_work_everywhere(
    database: Database, option: str
) -> None:
    url = f"{database.url}&{option}"
    connection = await connect(url)
    assert await connection.fetchval("SELECT current_setting('TimeZone')") == "UTC"
    await connection.close()
    async with await create_pool(url) as pool:
        assert await pool.fetchval("SELECT current_setting('TimeZone')") == "UTC"
    engine = create_engine(url)
    async with engine.connect() as registers:
        assert await registers.scalar(sa.text("SELECT current_setting('TimeZone')")) == "UTC"
        assert await registers.scalar(sa.text("SELECT current_user")) == "verkeerstoren_app"
    await engine.dispose()
