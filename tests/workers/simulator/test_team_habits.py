"""Home-care teams and outbreaks: what they say is possible, in time, and follows from the seed."""

from datetime import date
from itertools import islice, pairwise

from domain.home_care import Dagdeel, Light, Skill, TeamException, TeamReport, check_team_report
from domain.posting import PostingSchedule
from workers.simulator.acts import ConfirmTeam, LiftStop, SayTeam, SetStop
from workers.simulator.outbreaks import stop_visits
from workers.simulator.team_habits import PlayedTeam, team_visits
from workers.simulator.ward import DAY, HOUR

START = 8 * HOUR
TODAY = date(2026, 11, 23)
TEAM = PlayedTeam(
    *("47990001", "team-01"),
    (Skill.BASIS, Skill.WOND, Skill.MSVT),
    (Dagdeel.OCHTEND, Dagdeel.AVOND),
    PostingSchedule.WORKDAYS_TWICE,
)


def test_what_a_team_says_is_possible_and_what_it_confirms_it_said() -> None:
    said = None
    seen: set[Light] = set()
    exceptions = confirmed = 0
    for visit in islice(team_visits(TEAM, 1, START), 400):
        assert visit.at // DAY % 7 < 5
        (act,) = visit.acts
        if isinstance(act, ConfirmTeam):
            assert act.said == said
            confirmed += 1
            continue
        assert isinstance(act, SayTeam)
        said = act
        seen.add(act.light)
        exceptions += len(act.differs)
        others = tuple(TeamException(o.light, o.skill, o.dagdeel) for o in act.differs)
        check_team_report(TeamReport(act.light, exceptions=others), TODAY)
        assert all(other.light is not act.light for other in act.differs)
    assert seen == set(Light)
    assert exceptions > 10
    assert confirmed > 200


def test_a_team_that_the_board_shows_says_nothing_until_it_is_time() -> None:
    shown = SayTeam(Light.ROOD, 4)
    team = PlayedTeam(TEAM.agb, TEAM.code, TEAM.skills, TEAM.dagdelen, TEAM.schedule, shown)
    first = next(team_visits(team, 1, START))
    assert first.at > START
    assert next(team_visits(TEAM, 1, START)).at == START


def test_stops_never_overlap_and_each_is_lifted() -> None:
    found = list(islice(stop_visits("47990001", ["Oost", "West"], (), 1, START), 40))
    acts = [visit.acts[0] for visit in found]
    for setting, lifting in zip(acts[::2], acts[1::2], strict=True):
        assert isinstance(setting, SetStop)
        assert lifting == LiftStop(setting.location)
        assert setting.note
        assert setting.ends_in_days >= 1
    assert {act.location for act in acts} == {"Oost", "West"}
    assert all(earlier.at < later.at for earlier, later in pairwise(found))
    assert list(islice(stop_visits("47990001", ["Oost", "West"], (), 2, START), 40)) != found


def test_a_stop_that_stands_when_the_play_begins_is_lifted_first() -> None:
    first, second, third = islice(stop_visits("47990001", ["A", "B"], {"B"}, 1, START), 3)
    assert first.acts == (LiftStop("B"),)
    assert isinstance(second.acts[0], SetStop)
    assert isinstance(third.acts[0], LiftStop)


def test_who_has_no_locations_has_no_outbreaks() -> None:
    assert list(stop_visits("47990001", [], (), 1, START)) == []
