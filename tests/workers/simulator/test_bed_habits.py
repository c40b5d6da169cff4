"""Beds one by one: each goes through its states in the only order there is."""

from itertools import islice

from domain.beds import BedState
from workers.simulator.acts import BedAct, ConfirmBeds, SayBed, Visit
from workers.simulator.bed_habits import PlayedBeds, bed_visits
from workers.simulator.ward import DAY, HOUR

START = 8 * HOUR
NEW = PlayedBeds("47990001", "LV-04", {"1": None, "2": None, "3": None, "4": None})
FOLLOWING = {
    BedState.FREE: {BedState.OCCUPIED, BedState.CLOSED},
    BedState.OCCUPIED: {BedState.CLEANING, BedState.OCCUPIED},
    BedState.CLEANING: {BedState.FREE},
    BedState.CLOSED: {BedState.FREE},
}


def weeks(pool: PlayedBeds, number: int = 30) -> list[Visit[BedAct]]:
    found = []
    for visit in bed_visits(pool, 1, START):
        if visit.at > START + number * 7 * DAY:
            break
        found.append(visit)
    return found


def test_every_bed_is_said_at_the_start_and_goes_from_state_to_state() -> None:
    visits = weeks(NEW)
    assert {visit.at for visit in visits[:4]} == {START}
    now: dict[str, BedState] = {}
    seen = set()
    for visit in visits:
        (act,) = visit.acts
        if isinstance(act, SayBed):
            if act.code in now:
                assert act.state in FOLLOWING[now[act.code]]
                seen.add((now[act.code], act.state))
            now[act.code] = act.state
            assert (act.leaves_in_days is not None) == (act.state is BedState.OCCUPIED)
            assert (act.closed_reason is not None) == (act.state is BedState.CLOSED)
    assert seen == {(state, after) for state, others in FOLLOWING.items() for after in others}
    moments = [visit.at for visit in visits]
    assert moments == sorted(moments)


def test_people_leave_in_the_morning_of_workdays_and_nobody_comes_at_night() -> None:
    for visit in weeks(NEW)[4:]:
        (act,) = visit.acts
        hour = visit.at % DAY / HOUR
        if isinstance(act, SayBed) and act.state is BedState.CLEANING:
            assert visit.at // DAY % 7 < 5
            assert 9 <= hour < 22
        elif isinstance(act, SayBed) and act.state is BedState.OCCUPIED:
            assert 8 <= hour < 22


def test_all_are_confirmed_about_twice_a_day() -> None:
    confirmations = [visit for visit in weeks(NEW, 10) if visit.acts == (ConfirmBeds(),)]
    assert 110 < len(confirmations) < 141


def test_the_seed_decides_and_the_board_is_gone_on_from() -> None:
    assert weeks(NEW) == weeks(NEW)
    assert list(islice(bed_visits(NEW, 2, START), 20)) != weeks(NEW)[:20]
    shown = PlayedBeds(NEW.agb, NEW.code, {"1": SayBed("1", BedState.CLEANING)})
    act = next(
        act
        for visit in bed_visits(shown, 1, START)
        for act in visit.acts
        if isinstance(act, SayBed)
    )
    assert act == SayBed("1", BedState.FREE)
