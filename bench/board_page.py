"""board_page: what a coordinator waits for with an empty cache, against the same bytes made beforehand."""

import base64
import re
from dataclasses import dataclass
from statistics import median

import httpx

from bench.board_region import fill_board
from bench.clients.screens import Screen, windows
from bench.figures import Figure, Target, alternately
from bench.stage import Stage
from tests.support.browser import Browsers

_ROUNDS = 7
_ASKED_MS = 1000
_ASKED_KB = 300
_PAINTED = """
new Promise((done) => {
  const find = () => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    if (!paint || !seen.has("first-row")) return setTimeout(find, 10);
    done([paint.startTime, seen.get("first-row") - performance.timeOrigin]);
  };
  find();
})
"""


@dataclass(slots=True)
class _Visits:
    """What visits to one server took and brought."""

    first_paint: list[float]
    first_row: list[float]
    sent_kb: list[float]
    plain_kb: list[float]


async def board_page(stage: Stage) -> list[Figure]:
    """First content and first row in milliseconds, and everything that the first view loads in kB."""
    database = await stage.database("board_page")
    board = await fill_board(database)
    ours, theirs = _Visits([], [], [], []), _Visits([], [], [], [])
    with stage.api(database) as api, stage.reference("same_bytes", commanded=True) as reference:
        await reference.order(answers=await _answers(api.port, board.session))
        async with windows() as browsers:
            # The reference has no live connection to give.
            browsers.allow(rf":{reference.port}")
            await alternately(
                _ROUNDS,
                lambda: _visit(browsers, api.port, board.session, ours),
                lambda: _visit(browsers, reference.port, board.session, theirs),
            )
    within = Target("value", "at most", _ASKED_MS)
    return [
        Figure("board_first_content", "ms", ours.first_paint, theirs.first_paint, within),
        Figure("board_first_row", "ms", ours.first_row, theirs.first_row, within),
        Figure(
            "board_kb", "kB", ours.sent_kb, ours.plain_kb, Target("value", "at most", _ASKED_KB)
        ),
    ]


async def _visit(browsers: Browsers, port: int, session: str, visits: _Visits) -> float:
    """One with an empty cache, until nothing more is asked for."""
    screen = await Screen.open(browsers, port, session)
    loads = await screen.page.context.new_cdp_session(screen.page)
    sent: list[float] = []
    plain: list[float] = []
    loads.on("Network.loadingFinished", lambda done: sent.append(done["encodedDataLength"]))
    loads.on("Network.dataReceived", lambda part: plain.append(part["dataLength"]))
    await loads.send("Network.enable")
    await screen.page.goto("/bord")
    paint, row = await screen.evaluate(_PAINTED)
    await screen.page.wait_for_load_state("networkidle")
    await screen.close()
    visits.first_paint.append(paint)
    visits.first_row.append(row)
    visits.sent_kb.append(sum(sent) / 1000)
    visits.plain_kb.append(sum(plain) / 1000)
    return median(visits.first_paint)


async def _answers(port: int, session: str) -> dict[str, tuple[str, str, str]]:
    """The page and what it names, as they are on the wire."""
    found: dict[str, tuple[str, str, str]] = {}
    waiting = ["/bord"]
    async with httpx.AsyncClient(
        base_url=f"http://localhost:{port}",
        cookies={"vt_session": session},
        headers={"accept-encoding": "gzip, br"},
        timeout=60,
    ) as client:
        while waiting:
            path = waiting.pop()
            async with client.stream("GET", path) as answer:
                wire = b"".join([part async for part in answer.aiter_raw()])
            coding = answer.headers.get("content-encoding", "")
            kind = answer.headers["content-type"]
            found[path] = (kind, coding, base64.b64encode(wire).decode())
            if path == "/bord":
                text = (await client.get(path)).raise_for_status().text
                waiting += set(re.findall(r'"(/static/[^"]+)"', text))
    return found
