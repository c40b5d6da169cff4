"""The month that figures of matching are made by: nobody gets lost in it, and its figures add up."""

from datetime import timedelta

from app.settings import Settings
from bench.month.__main__ import play
from bench.month.figures import came_in_time
from bench.month.play import BEGINS
from bench.month.region import Scale
from bench.month.ways import Regional
from tests.support.database import Database

SMALL = Scale(days=3, providers=4, share=0.35)


async def test_everybody_filed_is_placed_waits_for_somebody_or_has_ended(
    settings: Settings, database: Database
) -> None:
    played = await play(settings, Regional(), SMALL, seed=5)

    filed = await database.all("SELECT id, next_action, state FROM referral")
    promised = await database.all(
        "SELECT referral_id FROM offer WHERE state IN ('toegezegd', 'opgenomen')"
    )
    rest = [row for row in filed if row["id"] not in {one["referral_id"] for one in promised}]
    assert len(filed) == played.filed > 8
    assert len(promised) == played.placed > 0
    assert len([row for row in rest if row["next_action"]]) == played.waiting
    assert len([row for row in rest if row["state"] == "afgesloten"]) == played.without
    assert played.placed + played.waiting + played.without == played.filed

    (told,) = await database.all(
        "SELECT (SELECT count(*) FROM contact) AS calls, (SELECT count(*) FROM offer) AS offers,"
        " (SELECT count(*) FROM match) AS matches, (SELECT count(*) FROM proposal) AS proposals"
    )
    assert (told["calls"], told["offers"]) == (played.calls, played.offers)
    due = await database.all(
        "SELECT s.admitted_at <= r.target_at AS in_time FROM referral r"
        " LEFT JOIN stay s ON s.referral_id = r.id WHERE r.target_at <= $1",
        BEGINS + timedelta(days=SMALL.days),
    )
    assert len(due) == played.due > 0
    assert [bool(row["in_time"]) for row in due].count(True) == played.in_time > 0
    assert 0 <= played.refused_while_free <= played.called_on
    assert 0.6 < played.occupied <= 1
    assert told["matches"] > 0
    assert told["proposals"] > 0
    assert played.calls < played.offers


def test_whoever_comes_at_the_target_comes_in_time_and_whoever_comes_later_or_never_does_not() -> (
    None
):
    late = BEGINS + timedelta(minutes=1)
    told = [came_in_time(admitted_at, BEGINS) for admitted_at in (BEGINS, late, None)]
    assert told == [True, False, False]
