"""How the simulator asks: on through every failure that may pass, and no further than a refusal."""

import httpx
import pytest

from app.demo_file import DemoKey
from domain.actors import Role
from workers.simulator.client import Desk, KeyRefusedError, Line

KEY = DemoKey(role=Role.PROVIDER_CAPACITY, organisation="Zorg", agb="47990001", key="vt_sleutel")


class Answers:
    """Gives one answer after the other, and keeps what was asked and how long was waited."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = iter(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def asked(*answers: httpx.Response | Exception) -> tuple[Line, Answers]:
    """A line to an API that gives these answers."""
    given = Answers(*answers)
    http = httpx.AsyncClient(transport=httpx.MockTransport(given.handle), base_url="http://api")
    return Line(http, given.wait), given


async def test_it_asks_on_until_the_api_is_back() -> None:
    line, given = asked(
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("silence"),
        httpx.RemoteProtocolError("cut off"),
        httpx.Response(500),
        httpx.Response(502, text="<html>proxy</html>"),
        httpx.Response(200),
    )
    assert (await line.ask("GET", "/")).status_code == 200
    assert given.waits == [0.25, 0.5, 1, 2, 4]


async def test_it_waits_as_long_as_it_is_told_but_no_minutes() -> None:
    line, given = asked(
        httpx.Response(503, headers={"retry-after": "3"}),
        httpx.Response(429, headers={"retry-after": "86400"}),
        httpx.Response(503, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        httpx.Response(200),
    )
    await line.ask("GET", "/")
    assert given.waits == [3, 60, 1]


async def test_each_attempt_has_a_body_of_its_own() -> None:
    line, given = asked(httpx.ConnectError("refused"), httpx.Response(200))
    numbers = iter((1, 2))
    await Desk(line, KEY).report("p", lambda: {"number": next(numbers)})
    assert [request.content for request in given.requests] == [b'{"number":1}', b'{"number":2}']
    assert {request.headers["authorization"] for request in given.requests} == {"Bearer vt_sleutel"}


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_ends_it(status: int) -> None:
    line, given = asked(httpx.ConnectError("refused"), httpx.Response(status))
    with pytest.raises(KeyRefusedError):
        await Desk(line, KEY).report("p", dict)
    assert len(given.requests) == 2


@pytest.mark.parametrize("status", [400, 404, 409, 412, 428])
async def test_a_refused_report_is_an_answer(status: int) -> None:
    line, given = asked(httpx.Response(status))
    assert (await Desk(line, KEY).report("p", dict)).status_code == status
    assert given.waits == []


async def test_a_confirmation_says_which_version_was_shown() -> None:
    line, given = asked(httpx.Response(200))
    await Desk(line, KEY).confirm("p", 13)
    (request,) = given.requests
    assert (request.method, request.url.path) == ("POST", "/v1/pools/p/confirmation")
    assert request.headers["if-match"] == '"13"'


async def test_lines_are_sent_as_they_are_at_each_attempt() -> None:
    line, given = asked(httpx.ConnectError("refused"), httpx.Response(200))
    await Desk(line, KEY).post_lines("/v1/reports", b"{}\n{}")
    assert [request.content for request in given.requests] == [b"{}\n{}"] * 2
    assert {request.headers["content-type"] for request in given.requests} == {
        "application/x-ndjson"
    }
