"""What other rules would have advised: past triages once more, to see what a new version changes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from domain.triage.advice import advise
from domain.triage.facts import Facts
from domain.triage.rules import Rules


@dataclass(frozen=True, slots=True)
class PastTriage:
    """A triage as it was kept. version: of the rules that it went by; outcomes: codes in order."""

    referral_id: UUID
    version: str
    facts: Facts
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A triage that comes out otherwise. asks: the facts that the new rules would ask first."""

    referral_id: UUID
    version: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """version: of the rules that were tried. counts: changed triages by (before, after), most first."""

    version: str
    seen: int
    changed: tuple[Changed, ...]
    counts: tuple[tuple[tuple[str, ...], tuple[str, ...], int], ...]


def replay(rules: Rules, past: Iterable[PastTriage]) -> Replay:
    """Advises each by what was known then. A change of order counts as a change."""
    seen = 0
    changed = []
    for triage in past:
        seen += 1
        advice = advise(rules, triage.facts)
        if advice.codes != triage.outcomes:
            asks = tuple(ask.fact for ask in advice.asks)
            changed.append(
                Changed(triage.referral_id, triage.version, triage.outcomes, advice.codes, asks)
            )
    counted = Counter((change.before, change.after) for change in changed)
    counts = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return Replay(
        rules.version, seen, tuple(changed), tuple((*change, count) for change, count in counts)
    )
