"""Asks the API, and keeps asking while it is away. Only an answer that can't change ends that."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx
import structlog

from app.demo_file import DemoKey

_FIRST_WAIT_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 5.0

log = structlog.get_logger()


class KeyRefusedError(Exception):
    """The API doesn't know this key (any more), or it may not do this."""


class Line:
    """The connection to the API that all providers share; says once when it is lost and is back."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._wait = wait
        self._lost = False

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        params: Mapping[str, str | Sequence[str]] | None = None,
        body: Callable[[], Any] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """The API's answer, whatever it takes. `body` is made for each attempt: it may hold the time.

        Raises KeyRefusedError at 401 and 403. Other refusals are answers.
        """
        seconds = _FIRST_WAIT_SECONDS
        while True:
            asked_to_wait = 0.0
            try:
                answer = await self._http.request(
                    method,
                    path,
                    headers=headers,
                    params=params,
                    json=body() if body else None,
                    content=content,
                )
            except httpx.RequestError as error:
                self._tell(lost=True, why=repr(error))
            else:
                if answer.status_code in (401, 403):
                    raise KeyRefusedError
                if answer.status_code < 500 and answer.status_code != 429:
                    self._tell(lost=False)
                    return answer
                self._tell(lost=True, why=f"{answer.status_code} at {path}")
                asked_to_wait = _retry_after(answer)
            await self._wait(max(seconds, asked_to_wait))
            seconds = min(2 * seconds, _LONGEST_WAIT_SECONDS)

    async def until_ready(self) -> None:
        """Waits for an API that answers and has its board."""
        await self.ask("GET", "/health/ready")

    def _tell(self, *, lost: bool, why: str = "") -> None:
        if lost and not self._lost:
            log.warning("the API is away; trying on", why=why)
        elif self._lost and not lost:
            log.info("the API is back")
        self._lost = lost


class Desk:
    """Where an organisation calls from: the line, with its key."""

    def __init__(self, line: Line, key: DemoKey) -> None:
        self.agb = key.agb
        self.role = key.role
        self.key_refused = False
        self._line = line
        self._authorization = {"authorization": f"Bearer {key.key}"}

    def refused(self) -> None:
        """Remembers, and says once, that the API refuses this key."""
        if not self.key_refused:
            log.warning("key refused; this desk is played no more", agb=self.agb, role=self.role)
        self.key_refused = True

    async def get(
        self, path: str, params: Mapping[str, str | Sequence[str]] | None = None
    ) -> httpx.Response:
        """The answer to a question. Raises HTTPStatusError when it is refused."""
        answer = await self._line.ask("GET", path, headers=self._authorization, params=params)
        answer.raise_for_status()
        return answer

    async def call(self, method: str, path: str, body: Any) -> httpx.Response:
        """The answer to whatever was decided on, a refusal too."""
        return await self._line.ask(method, path, headers=self._authorization, body=lambda: body)

    async def put(self, path: str, body: Callable[[], Any]) -> httpx.Response:
        """The answer to a PUT."""
        return await self._line.ask("PUT", path, headers=self._authorization, body=body)

    async def delete(self, path: str) -> httpx.Response:
        """The answer to a DELETE."""
        return await self._line.ask("DELETE", path, headers=self._authorization)

    async def post(
        self, path: str, body: Callable[[], Any] | None = None, version: int | None = None
    ) -> httpx.Response:
        """The answer to a POST; `version` is the one that was shown."""
        shown = {} if version is None else {"if-match": f'"{version}"'}
        return await self._line.ask(
            "POST", path, headers={**self._authorization, **shown}, body=body
        )

    async def post_lines(self, path: str, lines: bytes) -> httpx.Response:
        """The answer to NDJSON."""
        headers = {**self._authorization, "content-type": "application/x-ndjson"}
        return await self._line.ask("POST", path, headers=headers, content=lines)

    async def report(self, pool_id: str, body: Callable[[], Any]) -> httpx.Response:
        """The answer to a report."""
        return await self.put(f"/v1/pools/{pool_id}/report", body)

    async def confirm(self, pool_id: str, version: int) -> httpx.Response:
        """The answer to "klopt nog" for the version that was shown."""
        return await self.post(f"/v1/pools/{pool_id}/confirmation", version=version)


def _retry_after(answer: httpx.Response) -> float:
    seconds = answer.headers.get("retry-after", "")
    return min(float(seconds), 60.0) if seconds.isdigit() else 0.0
