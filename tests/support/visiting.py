"""A person at a browser without the browser: cookies, forms with their token, and what comes back."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.factories.people import MadePerson
from tests.support.serving import Serving

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Visitor:
    """One window. Redirects are not followed."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """A page."""
        return await self.client.get(path, headers=headers)

    async def token(self, path: str) -> str:
        """What a form on this page proves itself with."""
        page = await self.get(path)
        found = _TOKEN.search(page.text)
        assert found, page.text
        return found[1]

    async def post(
        self, path: str, fields: dict[str, Any], token: str = "", **headers: str
    ) -> httpx.Response:
        """Sends a form."""
        return await self.client.post(path, data={"csrf": token, **fields}, headers=headers)

    async def sign_in(
        self, person: MadePerson, to: str = "", password: str = "", path: str = "/inloggen"
    ) -> httpx.Response:
        """Signs in by the form."""
        fields = {
            "gebruikersnaam": person.username,
            "wachtwoord": password or person.password,
            "naar": to,
        }
        return await self.post("/inloggen", fields, await self.token(path))


@asynccontextmanager
async def visiting(api: Serving, person: MadePerson | None = None) -> AsyncIterator[Visitor]:
    """A window of its own, signed in as this person if there is one."""
    async with api.client() as client:
        visitor = Visitor(client)
        if person is not None:
            answer = await visitor.sign_in(person)
            assert answer.status_code == 303, answer.text
        yield visitor
