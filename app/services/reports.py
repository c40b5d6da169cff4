"""Reports of a pool's figures: taken in, confirmed ("klopt nog"), and looked back at."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson

from app.container import Container
from app.db import registers
from app.db.event_log import Connection
from app.db.report_history import PastReport, read_history
from app.db.reports import ReportItem, ReportResult
from app.live.board import PoolFacts, pool_facts
from app.security.keys import Credential
from domain import capacity, outlook, plausibility, posting
from domain.actors import Action, Scope, Target, basis, may, scope_of
from domain.calendar import AMSTERDAM
from domain.capacity import Figures, Outcome
from domain.care_types import ClosedReason
from domain.errors import (
    Code,
    FiguresFromBeds,
    NotAllowed,
    NotFound,
    NothingToConfirm,
    PoolClosed,
    Problem,
    VersionChanged,
)
from domain.events import Kind, Position
from domain.identifiers import OrganisationId, PoolId
from domain.observations import check_day
from domain.outlook import Forecast
from domain.plausibility import Doubt

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Given:
    """A report as somebody gives it.

    observed_at: when it was true; None: now. sent_at: the sender's clock at sending.
    expected_version: it counts only while this version stands. note: who said so, for instance.
    """

    figures: Figures
    observed_at: datetime | None = None
    sent_at: datetime | None = None
    expected_version: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report, and the figures that stand after it."""

    outcome: Outcome
    pool_id: PoolId
    version: int
    observed_at: datetime | None
    received_at: datetime | None
    valid_until: datetime | None
    balance: int | None
    position: Position
    server_time: datetime
    warnings: tuple[Doubt, ...] = ()

    @property
    def free(self) -> int | None:
        """Places that may be offered; None: unknown."""
        return capacity.free_places(self.balance)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A report that the domain has nothing against, on its way to the hot statement."""

    pool: PoolFacts
    item: ReportItem
    warnings: tuple[Doubt, ...]


async def report_pool(
    container: Container,
    credential: Credential,
    pool: PoolFacts,
    given: Given,
    *,
    address: str | None = None,
) -> Receipt:
    """Takes a report in; it replaces all figures of the pool when its observation is the newest.

    Saying the same twice is harmless. Raises what `prepare_report` raises, VersionChanged,
    FiguresFromBeds, PoolClosed, and what `ReportQueue.submit` raises.
    """
    received_at = container.now()
    prepared = prepare_report(container, credential, pool, given, received_at, address)
    result = await container.reports.submit(pool.region_id, prepared.item)
    return receipt_of(prepared, result, received_at)


async def confirm_pool(
    container: Container,
    credential: Credential,
    pool: PoolFacts,
    shown_version: int,
    *,
    address: str | None = None,
) -> Receipt:
    """Takes a "klopt nog": the figures shown are true now, with the admissions since folded in.

    Raises VersionChanged when another report stands by now, NothingToConfirm when none does, and
    what `report_pool` raises.
    """
    received_at = container.now()
    prepared = prepare_confirmation(credential, pool, shown_version, received_at, address)
    result = await container.reports.submit(pool.region_id, prepared.item)
    return receipt_of(prepared, result, received_at)


def prepare_report(
    container: Container,
    credential: Credential,
    pool: PoolFacts,
    given: Given,
    received_at: datetime,
    address: str | None,
) -> Prepared:
    """Checks a report and compares it with what the board shows.

    Raises NotFound, NotAllowed, InvalidInput and ObservedInFuture.
    """
    # First: who may not report here must not learn from the figures' fate that the pool exists.
    require(credential, Action.CAPACITY_REPORT, pool)
    figures = given.figures
    capacity.check_figures(figures)
    if figures.forecast:
        outlook.check_forecast(figures.forecast, received_at.astimezone(AMSTERDAM).date())
    effective = capacity.effective_observation(given.observed_at, given.sent_at, received_at)
    check_day(figures.available_from, effective.astimezone(AMSTERDAM).date(), "/available_from")
    doubts = plausibility.doubts(figures, standing(container, pool))
    item = _item(
        credential,
        pool,
        figures,
        stated_at=given.observed_at or received_at,
        observed_at=effective,
        received_at=received_at,
        expected_version=given.expected_version,
        note=given.note,
        warnings=doubts,
        address=address,
    )
    return Prepared(pool, item, doubts)


def prepare_confirmation(
    credential: Credential,
    pool: PoolFacts,
    shown_version: int,
    received_at: datetime,
    address: str | None,
) -> Prepared:
    """A "klopt nog" for the version that was shown. Raises NotFound and NotAllowed."""
    item = _item(
        credential,
        pool,
        None,
        stated_at=received_at,
        observed_at=received_at,
        received_at=received_at,
        expected_version=shown_version,
        address=address,
    )
    return Prepared(pool, item, ())


def receipt_of(prepared: Prepared, result: ReportResult, server_time: datetime) -> Receipt:
    """The receipt of what the hot statement found. Raises the problem that it met."""
    outcome = _OUTCOMES.get(result.verdict)
    if outcome is None:
        raise _problem(result)
    assert result.position is not None
    return Receipt(
        outcome=outcome,
        pool_id=prepared.pool.id,
        version=result.version,
        observed_at=result.observed_at,
        received_at=result.received_at,
        valid_until=result.valid_until,
        balance=result.balance,
        position=result.position,
        server_time=server_time,
        warnings=prepared.warnings,
    )


async def find_pool(container: Container, pool_id: PoolId) -> PoolFacts:
    """A pool's facts: from the board, or from the database when it is too new. Raises NotFound."""
    facts = container.board.pool(pool_id)
    if facts is not None:
        return facts
    found = await container.read(lambda connection: registers.pool_state(connection, pool_id))
    if found is None:
        raise NotFound
    return pool_facts(found[0], orjson.loads(found[1]))


async def find_pool_by_external_id(container: Container, agb: str, external_id: str) -> PoolFacts:
    """A pool by its owner's AGB-code and own code for it. Raises NotFound."""
    facts = container.board.pool_by_external_id(agb, external_id)
    if facts is not None:
        return facts
    found = await container.read(
        lambda connection: registers.pool_id_by_external_id(connection, agb, external_id)
    )
    if found is None:
        raise NotFound
    return await find_pool(container, PoolId(found))


async def agb_of(container: Container, organisation_id: OrganisationId) -> str:
    """The AGB-code of an organisation. Raises NotFound."""
    query = "SELECT agb FROM organisation WHERE id = $1"
    found = await container.read(lambda connection: connection.fetchval(query, organisation_id))
    if found is None:
        raise NotFound
    return str(found)


async def history(
    container: Container,
    credential: Credential,
    pool: PoolFacts,
    *,
    before: tuple[datetime, bytes] | None,
    limit: int,
    sandbox: bool = False,
) -> Sequence[PastReport]:
    """Earlier reports of a pool, newest observation first, late ones too. Raises NotFound.

    sandbox: those that count for nothing, instead.
    """
    require(credential, Action.CAPACITY_HISTORY, pool)

    async def query(connection: Connection) -> Sequence[PastReport]:
        return await read_history(connection, pool.id, before, limit, sandbox=sandbox)

    return await container.read(query)


def standing(container: Container, pool: PoolFacts) -> Figures | None:
    """The figures that the board shows of a pool; None before the first report."""
    board = container.board.regions.get(pool.region_id)
    state = board.get(Kind.CAPACITY, pool.id) if board else None
    if state is None:
        return None
    data = orjson.loads(state)
    if data["version"] == 0:
        return None
    free = None
    if None in (data["operable"], data["occupied"]) and data["balance"] is not None:
        # Who looks at the beds sees those that are promised as free still.
        free = data["balance"] + data["claimed"] + data["promised"]
    reason, from_day = data["closed_reason"], data["available_from"]
    return Figures(
        physical=data["physical"],
        operable=data["operable"],
        occupied=data["occupied"],
        planned=data["planned"],
        closed=data["closed"],
        closed_reason=ClosedReason(reason) if reason else None,
        free=free,
        available_from=date.fromisoformat(from_day) if from_day else None,
        forecast=Forecast.from_data(data["forecast"]),
    )


def require(credential: Credential, action: Action, pool: PoolFacts) -> None:
    """Raises NotFound unless the caller may do this to this pool, as if it weren't there.

    And NotAllowed when its role may do this to none at all.
    """
    if scope_of(credential.actor, action) is None:
        raise NotAllowed
    if not may(credential.actor, action, Target(pool.region_id, pool.organisation_id)):
        raise NotFound


def _item(
    credential: Credential,
    pool: PoolFacts,
    figures: Figures | None,
    *,
    stated_at: datetime,
    observed_at: datetime,
    received_at: datetime,
    expected_version: int | None,
    note: str | None = None,
    warnings: Sequence[Doubt] = (),
    address: str | None,
) -> ReportItem:
    """`figures` None is a confirmation."""
    actor, source = credential.actor, credential.source
    scope = scope_of(actor, Action.CAPACITY_REPORT)
    if source is None or scope is None:
        raise NotAllowed
    require(credential, Action.CAPACITY_REPORT, pool)
    said = figures or Figures()
    content: list[object] = (
        ["klopt-nog", str(source.id), expected_version]
        if figures is None
        else [str(source.id), *(getattr(said, name) for name in Figures.__slots__)]
    )
    if source.sandbox:
        # Said again once the source is released, it is to count.
        content.append("sandbox")
    forecast = said.forecast.as_data()
    return ReportItem(
        pool_id=pool.id,
        # The owner is judged again under the pool's lock: it may change until then.
        owner_id=actor.organisation_id if scope is Scope.OWN else None,
        expected_version=expected_version,
        confirmation=figures is None,
        source_id=source.id,
        source_kind=source.kind,
        stated_at=stated_at,
        observed_at=observed_at,
        received_at=received_at,
        valid_until=posting.valid_until(pool.posting_schedule, observed_at, pool.time_to_live),
        posting_schedule=pool.posting_schedule,
        counted_until=observed_at - source.terms.lag,
        includes_holds=source.terms.includes_holds,
        physical=said.physical,
        operable=said.operable,
        occupied=said.occupied,
        planned=said.planned,
        closed=said.closed,
        closed_reason=said.closed_reason,
        free=said.free,
        available_from=said.available_from,
        forecast=orjson.dumps(forecast).decode() if forecast else None,
        sandbox=source.sandbox,
        note=note,
        warnings=";".join(map(str, warnings)) or None,
        digest=hashlib.blake2b(orjson.dumps(content), digest_size=16).digest(),
        tag=secrets.randbits(32),
        actor_id=actor.id,
        role=actor.role,
        organisation_id=actor.organisation_id,
        basis=basis(actor, Action.CAPACITY_REPORT),
        address=address,
    )


def _problem(result: ReportResult) -> Problem:
    match Code(result.verdict):
        case Code.NOT_FOUND:
            return NotFound()
        case Code.POOL_CLOSED:
            return PoolClosed()
        case Code.FIGURES_FROM_BEDS:
            return FiguresFromBeds()
        case Code.NOTHING_TO_CONFIRM:
            return NothingToConfirm()
        case Code.VERSION_CHANGED:
            return VersionChanged(result.version)
        case unexpected:
            raise AssertionError(f"the hot statement answered {unexpected}")
