"""A pool as the domain's functions alone make it: what the database is held against."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.db.reports import ReportItem
from domain import capacity
from domain.capacity import Account, Admission, Figures, Ledger, Precedence
from domain.care_types import ClosedReason


@dataclass(slots=True)
class Standing:
    """The report that stands."""

    account: Account
    precedence: Precedence
    stated_at: datetime


@dataclass(slots=True)
class PoolModel:
    """Takes reports as the hot statement should, with nothing but the domain to decide."""

    version: int = 0
    standing: Standing | None = None
    ledger: Ledger = field(default_factory=Ledger)
    taken: set[tuple[datetime, bytes]] = field(default_factory=set)

    @property
    def account(self) -> Account | None:
        """The standing figures beside the ledger of now."""
        return replace(self.standing.account, ledger=self.ledger) if self.standing else None

    @property
    def balance(self) -> int | None:
        """Places left."""
        return capacity.balance(self.account) if self.account else None

    def take(self, item: ReportItem) -> str:
        """The verdict, with what follows from it done."""
        verdict = self._judge(item)
        if verdict in ("accepted", "superseded", "sandbox"):
            self.taken.add((item.stated_at, item.digest))
        if verdict == "accepted":
            self.version += 1
            self.standing = self._confirmed(item) if item.confirmation else _reported(item)
        return verdict

    def _judge(self, item: ReportItem) -> str:
        standing = self.standing
        if (
            standing is not None
            and standing.precedence.digest == item.digest
            and (item.confirmation or standing.stated_at == item.stated_at)
        ):
            return "repeated"
        if item.confirmation and standing is None:
            return "nothing-to-confirm"
        if item.expected_version not in (None, self.version):
            return "version-changed"
        taken = (item.stated_at, item.digest) in self.taken
        if item.sandbox:
            return "repeated" if taken else "sandbox"
        if standing is None or item.confirmation:
            return "accepted"
        if taken:
            return "superseded"
        newer = _reported(item).precedence.outranks(standing.precedence)
        return "accepted" if newer else "superseded"

    def _confirmed(self, item: ReportItem) -> Standing:
        assert self.standing is not None
        assert self.account is not None
        folded = capacity.fold(self.account)
        observed_at = max(item.observed_at, self.standing.precedence.observed_at)
        precedence = Precedence(observed_at, folded.figures.base, item.digest)
        return Standing(folded, precedence, item.stated_at)


def _reported(item: ReportItem) -> Standing:
    account = Account(figures_of(item), item.counted_until, item.includes_holds)
    precedence = Precedence(item.observed_at, account.figures.base, item.digest)
    return Standing(account, precedence, item.stated_at)


def figures_of(row: Any) -> Figures:
    """The figures of a report item, or of a pool's row given as an object with its columns."""
    reason = row.closed_reason
    return Figures(
        row.physical,
        row.operable,
        row.occupied,
        row.planned,
        row.closed,
        ClosedReason(reason) if reason else None,
        row.free,
        row.available_from,
    )


def account_of(row: Any) -> Account:
    """A pool's row as the domain sees it."""
    return Account(
        figures_of(row),
        row.counted_until,
        row.includes_holds,
        row.folded_admissions,
        row.folded_discharges,
        Ledger(
            row.claimed,
            tuple(row.promised_at),
            tuple(
                Admission(at, promised)
                for at, promised in zip(row.admitted_at, row.admission_promised_at, strict=True)
            ),
            tuple(row.discharged_at),
        ),
    )
