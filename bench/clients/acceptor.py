"""Intake desks under load: raw keep-alive HTTP/1.1 connections that accept offers, each offer once."""

import asyncio
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Self

from bench.clients.reporter import Clock, Connection, LoadError

_ACCEPTED = b'"state":"toegezegd"'


@dataclass(slots=True, eq=False)
class Desk(Connection):
    """One desk: accepts the next offer as soon as the last was answered, while there are any."""

    accepted: bytes = _ACCEPTED
    offers: Iterator[str] = field(default_factory=lambda: iter(()))

    async def accept(self, offers: Iterator[str]) -> int:
        """Accepts from these until there are none left; returns how many."""
        self.offers = offers
        return await self.report_until(math.inf)

    def _send(self) -> None:
        assert self._transport is not None
        assert self._done is not None
        offer = next(self.offers, None)
        if offer is None:
            self._done.set_result(b"")
            return
        self._transport.write(
            f"POST /v1/offers/{offer}/acceptance HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\n"
            f"authorization: Bearer {self.token}\r\ncontent-type: application/json\r\n"
            "content-length: 2\r\n\r\n{}".encode()
        )


class Desks:
    """`count` desks that share out the offers."""

    def __init__(self, port: int, token: str, offers: Iterator[str], count: int) -> None:
        self._offers = offers
        self._desks = [Desk(port, token, (), Clock()) for _ in range(count)]

    async def __aenter__(self) -> Self:
        await asyncio.gather(*(desk.open() for desk in self._desks))
        return self

    async def __aexit__(self, *_: object) -> None:
        for desk in self._desks:
            desk.close()

    async def rate(self, offers: int) -> float:
        """Acceptances a second, for so many, all desks accepting without a pause."""
        taken = islice(self._offers, offers)
        started = time.perf_counter()
        accepted = sum(await asyncio.gather(*(desk.accept(taken) for desk in self._desks)))
        if accepted != offers:
            raise LoadError(f"{accepted} of {offers} offers were accepted")
        return accepted / (time.perf_counter() - started)
