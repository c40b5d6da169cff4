"""What the database refuses of proposals. They are written once, so each is tried with one more row."""

#: Two proposals, the first with an item that was adopted.
PROPOSED = (
    "INSERT INTO proposal (region_id, owner_id, made_at, position, algorithm, left_out)"
    " SELECT 1, owner_id, now(), 'x', '2026-1', '[]' FROM referral, generate_series(1, 2);"
    "INSERT INTO proposal_item (proposal_id, referral_id, rank, urgency, filed_at, waited_minutes,"
    " norm_minutes, wrong_bed_days, pool_id, care_type, offer_id, adopted_at)"
    " SELECT p.id, r.id, 1, 'spoed', now(), 0, 60, 0, o.pool_id, 'grz', o.id, now()"
    " FROM referral r, offer o, (SELECT id FROM proposal ORDER BY id LIMIT 1) p;"
)
A_PROPOSAL = (
    "INSERT INTO proposal (id, region_id, owner_id, made_at, position, algorithm, left_out) SELECT"
)
_PLAIN = (
    *("proposal_id", "referral_id", "rank", "urgency", "filed_at", "waited_minutes"),
    *("norm_minutes", "wrong_bed_days"),
)
_PLACED = {"pool_id": "pool_id", "care_type": "care_type"}


def an_item(**differs: str) -> str:
    """One more item, of the second proposal, which differs from that of the first in these."""
    values = {name: name for name in _PLAIN} | {"proposal_id": "max"} | differs
    return (
        f"INSERT INTO proposal_item ({', '.join(values)}) SELECT {', '.join(values.values())}"
        " FROM proposal_item, (SELECT max(id::text)::uuid FROM proposal) p"
    )


#: For every constraint of these tables, something that it alone refuses.
REFUSED_PROPOSALS = {
    "proposal_item_adopted_check": an_item(**_PLACED, adopted_at="now()"),
    "proposal_item_alone_care_type_check": an_item(
        **_PLACED, alone_pool_id="pool_id", alone_care_type="'hotel'"
    ),
    "proposal_item_alone_check": an_item(**_PLACED, alone_pool_id="pool_id"),
    "proposal_item_alone_pool_id_fk": an_item(
        **_PLACED, alone_pool_id="uuidv7()", alone_care_type="'grz'"
    ),
    "proposal_item_care_type_check": an_item(pool_id="pool_id", care_type="'hotel'"),
    "proposal_item_offer_id_fk": an_item(**_PLACED, offer_id="uuidv7()", adopted_at="now()"),
    "proposal_item_offer_id_key": an_item(**_PLACED, offer_id="offer_id", adopted_at="now()"),
    "proposal_item_pk": an_item(**_PLACED, proposal_id="proposal_id"),
    "proposal_item_place_check": an_item(**_PLACED, unplaced="'niets-past'"),
    "proposal_item_pool_id_fk": an_item(pool_id="uuidv7()", care_type="'grz'"),
    "proposal_item_proposal_id_fk": an_item(**_PLACED, proposal_id="uuidv7()"),
    "proposal_item_referral_id_fk": an_item(**_PLACED, referral_id="uuidv7()"),
    "proposal_item_unplaced_check": an_item(unplaced="'zomaar'"),
    "proposal_item_urgency_check": an_item(**_PLACED, urgency="'ooit'"),
    "proposal_owner_id_fk": f"{A_PROPOSAL} uuidv7(), 1, uuidv7(), now(), 'x', '1', '[]'",
    "proposal_pk": f"{A_PROPOSAL} id, 1, owner_id, now(), 'x', '1', '[]' FROM proposal",
    "proposal_region_id_fk": f"{A_PROPOSAL} uuidv7(), 9, owner_id, now(), 'x', '1', '[]' FROM proposal",
}
