"""What must hold of all referrals and places of a region, whatever was done: read from the rows."""

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from app.container import Container
from domain.capacity import balance
from domain.offers import Awaiting, OfferState
from domain.referrals import BY_OFFERS, TABLE, OfferStanding, ReferralState, Step, standing
from tests.support.pool_model import account_of

Rows = list[dict[str, Any]]
By = dict[UUID, Rows]

_QUERIES = {
    "referral": "SELECT * FROM referral ORDER BY id",
    "offer": "SELECT * FROM offer ORDER BY id",
    "claim": "SELECT * FROM claim WHERE state = 'open'",
    "stay": "SELECT * FROM stay WHERE left_at IS NULL",
    "handover": "SELECT * FROM handover WHERE state = 'aangeboden'",
    "question": "SELECT * FROM referral_question WHERE answered_at IS NULL",
    "alert": "SELECT * FROM alert WHERE cleared_at IS NULL AND referral_id IS NOT NULL",
    "step": "SELECT * FROM referral_step ORDER BY referral_id, version, id",
    "pool": "SELECT * FROM pool ORDER BY id",
    "bed": "SELECT * FROM bed ORDER BY id",
    "stream": "SELECT region_id, number FROM stream ORDER BY region_id",
}


class _Row:
    """A row as an object with its columns."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.__dict__.update(columns)


async def everything(container: Container) -> dict[str, Rows]:
    """All rows of referrals and places, as one moment has them."""

    async def read(connection: Any) -> dict[str, Rows]:
        async with connection.transaction(isolation="repeatable_read"):
            return {
                name: [dict(row) for row in await connection.fetch(query)]
                for name, query in _QUERIES.items()
            }

    return await container.read(read)


async def check_conserved(container: Container) -> dict[str, Rows]:
    """Asserts all of it; answers with the rows that were looked at."""
    rows = await everything(container)
    _check_places(rows)
    offers = _by_referral(rows["offer"])
    open_ones = {
        name: _by_referral(rows[name])
        for name in ("claim", "stay", "handover", "question", "alert")
    }
    steps = _by_referral(rows["step"])
    for referral in rows["referral"]:
        mine = {name: found[referral["id"]] for name, found in open_ones.items()}
        _check_referral(referral, offers[referral["id"]], mine)
        _check_history(referral, steps[referral["id"]])
    return rows


def _by_referral(rows: Rows) -> By:
    found: By = defaultdict(list)
    for row in rows:
        found[row["referral_id"]].append(row)
    return found


def _check_places(rows: dict[str, Rows]) -> None:
    """Each place that is held or promised counts once, on its pool's row and its bed."""
    promises = [row for row in rows["offer"] if row["state"] == "toegezegd"]
    for pool in rows["pool"]:
        told = f"pool {pool['id']}"
        claims = [row for row in rows["claim"] if row["pool_id"] == pool["id"]]
        promised = [row for row in promises if row["pool_id"] == pool["id"]]
        beds = [row for row in rows["bed"] if row["pool_id"] == pool["id"]]
        if "mfb" in pool["care_types"]:
            held = {bed["id"] for bed in beds if bed["hold"] == "claimed"}
            assert held == {row["bed_id"] for row in claims}, f"{told}: held {held}"
            kept = {bed["id"] for bed in beds if bed["hold"] == "promised"}
            assert kept == {row["bed_id"] for row in promised}, f"{told}: promised {kept}"
            # Somebody lies in it, or it is closed: then what it is held for takes no place besides.
            counted = {bed["id"] for bed in beds if bed["state"] in ("free", "cleaning")}
            holds = len(held & counted), len(kept & counted)
        else:
            holds = len(claims), len(promised)
            since = Counter(row["promised_at"] for row in promised)
            assert Counter(pool["promised_at"]) == since, f"{told}: {pool['promised_at']}"
        assert (pool["claimed"], len(pool["promised_at"])) == holds, f"{told}: not {holds}"
        if pool["counted_until"] is not None:
            left = balance(account_of(_Row(pool)))
            assert pool["balance"] == left, f"{told}: {pool['balance']}, not {left}"


def _check_referral(referral: dict[str, Any], offers: Rows, mine: dict[str, Rows]) -> None:
    """At most one promise; somebody whose it is and something to do; a state that its offers explain."""
    state, told = ReferralState(referral["state"]), f"referral {referral['id']} {referral['state']}"
    open_offers = [row for row in offers if OfferState(row["state"]).is_open]
    promised = [row for row in offers if row["state"] == "toegezegd"]
    assert len(promised) <= 1, told
    if promised:
        assert open_offers == promised, f"{told}: a sibling of a promise is open"
        assert not mine["claim"], told
        assert not mine["handover"], told
    for row in offers:
        assert (row["awaiting"] is None) or OfferState(row["state"]).is_open, told
    assert referral["owner_id"] is not None
    if state.ended:
        assert not open_offers, told
        assert not any(mine.values()), f"{told}: {[name for name, one in mine.items() if one]}"
        assert referral["next_action"] is referral["waits_on"] is None, told
        assert referral["watch_at"] is referral["next_targets"] is None, told
        return
    assert referral["next_action"] is not None, told
    assert referral["waits_on"] is not None, told
    stays = mine["stay"]
    assert bool(stays and not stays[0]["temporary"]) == (state is ReferralState.OPGENOMEN), told
    temporary = bool(stays and stays[0]["temporary"])
    resting = standing(
        [
            OfferStanding(
                OfferState(row["state"]), Awaiting(row["awaiting"]) if row["awaiting"] else None
            )
            for row in offers
        ],
        temporary=temporary,
    )
    if state in BY_OFFERS:
        assert resting is state, f"{told}: its offers say {resting}"
    elif state is ReferralState.GEEN_PLEK:
        assert not open_offers, told
    else:
        assert not open_offers, told
        assert not temporary, told


def _check_history(referral: dict[str, Any], steps: Rows) -> None:
    """From the first step to the state that it is in, each from where the one before led."""
    state = "concept"
    version = 0
    for row in steps:
        told = f"referral {referral['id']}: {row['step']} {row['before']} > {row['after']}"
        assert row["before"] == state, f"{told}, but it was {state}"
        before, after = ReferralState(row["before"]), ReferralState(row["after"])
        assert after in TABLE[Step(row["step"])][before], told
        assert row["version"] in (version, version + 1), told
        state, version = row["after"], row["version"]
    assert (state, version) == (referral["state"], referral["version"]), f"{referral['id']}"
