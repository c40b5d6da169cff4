"""Plays pools: one by one, or an organisation's all at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

import httpx
import orjson

from domain.capacity import Figures, Outcome
from workers.simulator.acts import (
    Batch,
    Confirm,
    DaysAndPlaces,
    DeskAct,
    Phone,
    PoolAct,
    Repeat,
    RepeatBatch,
    Report,
    Round,
    Visit,
)
from workers.simulator.client import Desk, KeyRefusedError
from workers.simulator.habits import Habit, Played, desk_visits, visits
from workers.simulator.players import Context, GoneError


def body_of(report: Report, pool: Played, context: Context) -> dict[str, Any]:
    """A report as the API takes it, without the sender's clock."""
    figures = report.figures
    body: dict[str, Any] = {
        "physical": figures.physical,
        "operable": figures.operable,
        "occupied": figures.occupied,
        "planned": figures.planned,
        "closed": figures.closed,
        "closed_reason": figures.closed_reason,
        "free": figures.free,
        "available_from": context.day(report.available_in_days),
        "discharges": _dated(report.discharges, context),
        "admissions": _dated(report.admissions, context),
    }
    if report.age or pool.habit is Habit.FEED:
        body["observed_at"] = (own_clock(pool, context) - report.age).isoformat()
    return {name: value for name, value in body.items() if value is not None}


def own_clock(pool: Played, context: Context) -> datetime:
    """What the clock of the provider's software shows."""
    return context.now() + pool.clock_ahead


def _dated(places: DaysAndPlaces, context: Context) -> list[dict[str, Any]] | None:
    return [{"on": context.day(days), "places": count} for days, count in places] or None


class PoolPlayer:
    """Plays one pool, remembering what it said and which version the API then showed."""

    def __init__(
        self,
        desk: Desk,
        pool_id: str,
        pool: Played,
        context: Context,
        coordinator: Desk | None = None,
    ) -> None:
        self.desk = desk
        self.name = pool.code
        self.id = pool_id
        self.pool = pool
        self.context = context
        self._coordinator = coordinator
        self._said: Figures | None = None
        self._sent: dict[str, Any] = {}
        self._version = 0

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[PoolAct]]:
        """All that will be said of the pool."""
        return visits(self.pool, seed, start)

    async def do(self, act: PoolAct) -> None:
        """Does one act and takes the answer in. Raises KeyRefusedError and GoneError."""
        match act:
            case Report():
                await self._report(act)
            case Repeat():
                self._take(await self.desk.report(self.id, self._body), self._said)
            case Confirm():
                await self._confirm(act)
            case Phone():
                await self._phone(act)
            case _:
                assert_never(act)

    async def _report(self, report: Report) -> None:
        self._sent = body_of(report, self.pool, self.context)
        answer = await self.desk.report(self.id, self._body)
        self._take(answer, report.figures, refusal_expected=report.wrong)

    async def _confirm(self, confirmation: Confirm) -> None:
        if self._said == confirmation.figures:
            answer = await self.desk.confirm(self.id, self._version)
            receipt = self.context.take(
                answer, self.name, accepted="confirmed", refusal_expected=True
            )
            if receipt is not None:
                self._version = receipt["version"]
                return
            # Somebody else, such as the coordination point on the phone, reported meanwhile.
        await self._report(Report(confirmation.figures))

    async def _phone(self, call: Phone) -> None:
        if self._coordinator is None:
            return
        body = {"free": call.figures.free, "note": call.note}
        try:
            answer = await self._coordinator.report(self.id, lambda: body)
        except KeyRefusedError:
            # The provider isn't played by this key, and goes on without calls.
            self._coordinator.refused()
            self._coordinator = None
            return
        self.context.take(answer, self.name, accepted="phoned")

    def _body(self) -> dict[str, Any]:
        if self.pool.clock_ahead:
            return {**self._sent, "sent_at": own_clock(self.pool, self.context).isoformat()}
        return self._sent

    def _take(
        self, answer: httpx.Response, said: Figures | None, *, refusal_expected: bool = False
    ) -> None:
        receipt = self.context.take(answer, self.name, refusal_expected=refusal_expected)
        if receipt is not None:
            self._version = receipt["version"]
            if receipt["outcome"] == Outcome.ACCEPTED:
                self._said = said


class DeskPlayer:
    """Plays all pools of an organisation that says them at once."""

    def __init__(self, desk: Desk, pools: Sequence[tuple[str, Played]], context: Context) -> None:
        self.desk = desk
        self.name = "alle pools"
        self.ids: Mapping[str, str] = {pool.code: id_ for id_, pool in pools}
        self._pools = {pool.code: pool for _, pool in pools}
        self.context = context
        self._versions: dict[str, int] = {}
        self._sent = b""

    def visits(self, seed: int, start: timedelta) -> Iterator[Visit[DeskAct]]:
        """All that will be said of the pools."""
        return desk_visits(list(self._pools.values()), seed, start)

    async def do(self, act: DeskAct) -> None:
        """Does one act and takes the answers in. Raises KeyRefusedError."""
        match act:
            case Batch():
                self._sent = b"\n".join(
                    orjson.dumps({"external_id": code, **self._body(code, report)})
                    for code, report in act.reports
                )
                wrong = [code for code, report in act.reports if report.wrong]
                self._count(await self.desk.post_lines("/v1/reports", self._sent), len(wrong))
            case RepeatBatch():
                self._count(await self.desk.post_lines("/v1/reports", self._sent), 0)
            case Round():
                await self._round(act)
            case _:
                assert_never(act)

    async def _round(self, act: Round) -> None:
        for code, report in act.changed:
            await self._say(code, report)
        again = [(code, report) for code, report in act.same if code not in self._versions]
        held = [(code, report) for code, report in act.same if code in self._versions]
        if held:
            items = [
                {"pool_id": self.ids[code], "version": self._versions[code]} for code, _ in held
            ]
            answer = await self.desk.post("/v1/confirmations", lambda: items)
            for (code, report), result in zip(held, self._results(answer), strict=True):
                if result["status"] == httpx.codes.OK:
                    self.context.tally["confirmed"] += 1
                    self._versions[code] = result["receipt"]["version"]
                else:
                    # Somebody else reported meanwhile.
                    self.context.tally[str(result["status"])] += 1
                    again.append((code, report))
        for code, report in again:
            await self._say(code, report)

    async def _say(self, code: str, report: Report) -> None:
        body = self._body(code, report)
        try:
            receipt = self.context.take(
                await self.desk.report(self.ids[code], lambda: body), self.name
            )
        except GoneError:
            return
        if receipt is not None:
            self._versions[code] = receipt["version"]

    def _body(self, code: str, report: Report) -> dict[str, Any]:
        return body_of(report, self._pools[code], self.context)

    def _count(self, answer: httpx.Response, refusals: int) -> None:
        """Counts what became of each line."""
        for line in answer.text.splitlines() if answer.is_success else ():
            result = orjson.loads(line)
            receipt = result.get("receipt")
            self.context.tally[receipt["outcome"] if receipt else str(result["status"])] += 1
            refusals -= receipt is None
        if not answer.is_success:
            self.context.tally[str(answer.status_code)] += 1
        if refusals < 0:
            self.context.warn(self.desk.agb, answer.text[:1000])

    def _results(self, answer: httpx.Response) -> list[dict[str, Any]]:
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["results"]
        return found
