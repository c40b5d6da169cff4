"""Pages without a browser: signed in by cookie, their forms filled in and sent as a browser does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser

import httpx

from domain.actors import Role
from domain.identifiers import OrganisationId
from tests.factories.people import make_person, signed_in
from tests.support.serving import Serving


class Filled(HTMLParser):
    """The fields of a page's last form that posts, as they stand; and every text and link there is."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}
        self.links: list[str] = []
        self.texts: list[str] = []
        self._posts = False
        self._select = self._textarea = ""
        self.feed(html)

    @property
    def text(self) -> str:
        """All that the page says."""
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes in a field, a form or a link."""
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._posts = given.get("method") == "post"
            if self._posts:
                self.fields, self.options = {}, {}
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "input" and self._posts and name:
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self.fields[name] = given.get("value", "")
        elif tag == "select" and self._posts:
            self._select = name
            self.options[name] = []
        elif tag == "option" and self._posts:
            self.options[self._select].append(given.get("value", ""))
            if "selected" in given or self._select not in self.fields:
                self.fields[self._select] = given.get("value", "")
        elif tag == "textarea" and self._posts:
            self._textarea = name
            self.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        """Ends what holds text."""
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        """Takes in a text."""
        if self._textarea:
            self.fields[self._textarea] += data
        else:
            self.texts.append(data)


class Window:
    """A person's browser, without scripts."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def look(self, path: str, status: int = 200) -> Filled:
        """Opens a page."""
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        return Filled(answer.text)

    async def send(
        self, path: str, form: Filled, status: int = 303, **typed: str | None
    ) -> httpx.Response:
        """Sends a form with this typed in; None unticks a box. Names have `__` for a dot."""
        fields = dict(form.fields)
        for name, value in typed.items():
            if value is None:
                fields.pop(name.replace("__", "."), None)
            else:
                fields[name.replace("__", ".")] = value
        answer = await self.client.post(path, data=fields)
        assert answer.status_code == status, (path, answer.status_code, Filled(answer.text).text)
        return answer

    async def fill(self, path: str, status: int = 303, **typed: str | None) -> str:
        """Opens a form and sends it; where one is sent on to."""
        answer = await self.send(path, await self.look(path), status, **typed)
        return str(answer.headers.get("location", ""))


@asynccontextmanager
async def window(
    api: Serving, role: Role, organisation_id: OrganisationId
) -> AsyncIterator[Window]:
    """The browser of somebody new with this role."""
    assert api.container is not None
    person = await make_person(api.container, role, organisation_id)
    session = await signed_in(api.container, person)
    async with api.client(cookies={"vt_session": session.token}) as client:
        yield Window(client)
