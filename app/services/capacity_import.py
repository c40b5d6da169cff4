"""A spreadsheet of figures: with one mistake nothing is done, and beforehand it tells what it would change.

Its rows become reports of the organisation's source for files, judged like any other; what changes
between the look and the commit (a pool that is closed at that moment) is told by its row.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from app.container import Container
from app.db.keys import own_source
from app.db.unit_of_work import UnitOfWork
from app.live.board import PoolFacts
from app.security.keys import Credential, Source
from app.services import reports
from app.services.report_batches import PoolReference, report_many
from app.services.reports import Given
from app.spreadsheets.cells import day, moment, text, whole_number
from app.spreadsheets.table import Cell, Findings, Row, Table
from domain.actors import Action, Actor, Role
from domain.capacity import Figures, Outcome, SourceKind, Terms
from domain.care_types import ClosedReason
from domain.errors import NotFound, Problem
from domain.identifiers import OrganisationId, SourceId
from domain.plausibility import Doubt

#: A column's name here, with what people write above it; compared without case, spaces and signs.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("pool", "code", "afdeling", "eigen code", "external_id"),
    "agb": ("agb", "agb-code"),
    "physical": ("bestaand", "plaatsen", "physical"),
    "operable": ("bemand", "beschikbaar", "operable"),
    "occupied": ("bezet", "occupied"),
    "planned": ("gepland", "planned"),
    "closed": ("gesloten", "closed"),
    "closed_reason": ("reden gesloten", "reden", "closed_reason"),
    "free": ("vrij nu", "vrij", "free"),
    "available_from": ("vrij vanaf", "available_from"),
    "observed_at": ("waargenomen op", "peilmoment", "observed_at"),
    "note": ("toelichting", "opmerking", "note"),
}
_COUNTS = ("physical", "operable", "occupied", "planned", "closed", "free")
_NAMED = (*_COUNTS, "closed_reason", "available_from")
_MOST_NOTE = 200
#: Others get their turn after so many rows.
_BREATHE_AFTER = 50


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that a row changes."""

    field: str
    was: object
    now: object


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What a row does. `outcome` None: not done, since this was a dry run."""

    number: int
    external_id: str
    outcome: Outcome | None
    changes: tuple[Change, ...]
    warnings: tuple[Doubt, ...]
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    row: Row
    external_id: str
    pool: PoolFacts
    given: Given
    changes: tuple[Change, ...]
    warnings: tuple[Doubt, ...]


@dataclass(slots=True)
class _Reader:
    """Reads rows, remembering every mistake with its place."""

    columns: Mapping[str, str]
    findings: Findings
    row: Row = field(init=False)

    def get(self, name: str, read: Callable[[Cell], object]) -> object:
        header = self.columns.get(name)
        if header is None:
            return None
        try:
            return read(self.row.cells[header])
        except ValueError as error:
            self.findings.add(self.row.number, header, str(error))
            return None

    def blame(self, name: str, detail: str) -> None:
        self.findings.add(self.row.number, self.columns.get(name), detail)


async def import_capacity(
    container: Container,
    credential: Credential,
    table: Table,
    *,
    agb: str | None = None,
    dry_run: bool,
    looked_at: datetime | None = None,
    address: str | None = None,
) -> list[ImportedRow]:
    """What each row does, in order. Raises BadSpreadsheet with every mistake by row: nothing is done.

    agb: the organisation whose codes the rows hold, unless a column says so; None: the caller's own.
    looked_at: when somebody looked at what the rows would do; what was reported since then stands.
    """
    findings = Findings()
    columns = _columns(table, findings)
    findings.refuse()
    source = _unkept_source() if dry_run else await _source(container, credential)
    as_file = replace(credential, source=source)
    received_at = container.now()
    reader = _Reader(columns, findings)
    read: list[_Read] = []
    seen: dict[object, int] = {}
    owner = agb or await reports.agb_of(container, credential.actor.organisation_id)
    for number, row in enumerate(table.rows):
        if number % _BREATHE_AFTER == 0:
            await asyncio.sleep(0)
        reader.row = row
        found = await _read(container, as_file, reader, owner, received_at, looked_at)
        if found is None:
            continue
        earlier = seen.setdefault(found.pool.id, row.number)
        if earlier != row.number:
            reader.blame("external_id", f"Deze code staat ook op regel {earlier}.")
        read.append(found)
    findings.refuse()
    if dry_run:
        return [
            ImportedRow(one.row.number, one.external_id, None, one.changes, one.warnings)
            for one in read
        ]
    answers = await report_many(
        container,
        as_file,
        [(PoolReference(pool_id=one.pool.id), one.given) for one in read],
        address=address,
    )
    return [
        ImportedRow(
            one.row.number,
            one.external_id,
            None if isinstance(answer, Problem) else answer.outcome,
            one.changes,
            one.warnings,
            answer if isinstance(answer, Problem) else None,
        )
        for one, answer in zip(read, answers, strict=True)
    ]


def _columns(table: Table, findings: Findings) -> dict[str, str]:
    """Which header stands above which of our columns."""
    known = {_plain(word): name for name, words in COLUMNS.items() for word in words}
    columns: dict[str, str] = {}
    for header in table.header:
        name = known.get(_plain(header))
        if name is None:
            wanted = ", ".join(words[0] for words in COLUMNS.values())
            findings.add(None, header, f"Deze kolom kennen we niet. Gebruik: {wanted}.")
        elif name in columns:
            findings.add(None, header, f"Dit is dezelfde kolom als '{columns[name]}'.")
        else:
            columns[name] = header
    if "external_id" not in columns:
        findings.add(None, None, "Er is geen kolom 'pool' met uw eigen code van de afdeling.")
    if not columns.keys() & set(_NAMED):
        findings.add(None, None, "Er is geen kolom met cijfers, zoals 'bezet' of 'vrij nu'.")
    return columns


def _plain(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


async def _read(
    container: Container,
    credential: Credential,
    reader: _Reader,
    agb: str,
    received_at: datetime,
    looked_at: datetime | None,
) -> _Read | None:
    """A row with its pool; None when there is something wrong with it, which the reader remembers."""
    before = reader.findings.count
    external_id = reader.get("external_id", text)
    if not external_id:
        reader.blame("external_id", "De code van de afdeling ontbreekt.")
        return None
    owner = str(reader.get("agb", text) or agb)
    pool = await _pool(container, credential, reader, owner, str(external_id))
    figures = _figures(reader, before)
    observed_at = reader.get("observed_at", moment)
    note = reader.get("note", text)
    if note is not None and len(str(note)) > _MOST_NOTE:
        reader.blame("note", f"De toelichting is langer dan {_MOST_NOTE} tekens.")
    if pool is None or reader.findings.count > before:
        return None
    assert observed_at is None or isinstance(observed_at, datetime)
    given = Given(figures, observed_at or looked_at, note=str(note) if note else None)
    try:
        prepared = reports.prepare_report(container, credential, pool, given, received_at, None)
    except Problem as problem:
        pointer = str(getattr(problem, "pointer", "")).removeprefix("/")
        reader.blame(pointer or "external_id", problem.detail or problem.code)
        return None
    standing = reports.standing(container, pool) or Figures()
    changes = tuple(
        Change(name, getattr(standing, name), getattr(figures, name))
        for name in (*_NAMED, "discharges", "admissions")
        if getattr(standing, name) != getattr(figures, name)
    )
    return _Read(reader.row, str(external_id), pool, given, changes, prepared.warnings)


async def _pool(
    container: Container, credential: Credential, reader: _Reader, agb: str, external_id: str
) -> PoolFacts | None:
    """The pool that a row is about; None when it can't be reported, which the reader remembers."""
    try:
        pool = await reports.find_pool_by_external_id(container, agb, external_id)
        reports.require(credential, Action.CAPACITY_REPORT, pool)
    except NotFound:
        reader.blame("external_id", f"'{external_id}' is geen afdeling van uw organisatie.")
        return None
    if pool.counted_by_bed:
        reader.blame("external_id", "Multifunctionele bedden worden bed voor bed gemeld.")
        return None
    if pool.ended:
        reader.blame("external_id", "Deze afdeling is beëindigd.")
        return None
    return pool


def _figures(reader: _Reader, before: int) -> Figures:
    counts = {name: reader.get(name, whole_number) for name in _COUNTS}
    empty = all(count is None for count in counts.values()) and not reader.get(
        "available_from", day
    )
    # Unless one can't be read, which is told already.
    if empty and reader.findings.count == before:
        reader.blame("external_id", "Op deze regel staat geen enkel cijfer.")
    return Figures(
        **counts,  # type: ignore[arg-type]  # each is a whole number or None, as read
        closed_reason=reader.get("closed_reason", _reason),  # type: ignore[arg-type]  # as its reader says
        available_from=reader.get("available_from", day),  # type: ignore[arg-type]  # as its reader says
    )


def _reason(cell: Cell) -> ClosedReason | None:
    said = text(cell)
    if not said:
        return None
    try:
        return ClosedReason(said.strip().casefold())
    except ValueError:
        raise ValueError(f"Kies uit: {', '.join(ClosedReason)}.") from None


def _unkept_source() -> Source:
    """For a dry run, which leaves nothing behind."""
    return Source(SourceId(uuid4()), SourceKind.FILE, Terms())


async def _source(container: Container, credential: Credential) -> Source:
    """The organisation's source for files; the sandbox stays a sandbox in whatever form it reports."""

    async def act(work: UnitOfWork) -> Source:
        source = await own_source(work, credential.actor.organisation_id, SourceKind.FILE)
        await work.commit()
        return source

    source = await container.act(act)
    sandbox = credential.source is not None and credential.source.sandbox
    return replace(source, sandbox=sandbox)


async def operator_of(container: Container, agb: str) -> Credential:
    """Who the command line imports as: this installation itself, for one organisation. Raises NotFound."""
    query = "SELECT id FROM organisation WHERE agb = $1"
    found = await container.read(lambda connection: connection.fetchval(query, agb))
    if found is None:
        raise NotFound(f"Er is geen organisatie met AGB-code {agb}.")
    actor = Actor(found, "import", Role.SYSTEM, OrganisationId(found), frozenset())
    return Credential(actor, _unkept_source())
