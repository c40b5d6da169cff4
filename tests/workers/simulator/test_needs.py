"""Who needs care: as often and as urgent as the hour allows, and each story leads to an advice."""

from collections import Counter
from datetime import date
from itertools import islice

import pytest

from app import triage_rules
from domain.actors import OrganisationKind
from domain.needs import Setting, Urgency
from domain.triage.advice import advise
from workers.simulator.acts import Visit
from workers.simulator.needs import STORIES, Asker, Need, heard, needs_of
from workers.simulator.ward import DAY, HOUR

POINT = Asker("75990010", OrganisationKind.COORDINATION_POINT, ("2711", "2725"), 1.5)
HOSPITAL = Asker("06990041", OrganisationKind.HOSPITAL, ("2725",), 0.7)
START = 8 * HOUR
RULES = triage_rules.current(date(2026, 11, 23))
COMES_TO = {
    "val-gebroken": "elv-laag",
    "val-onzeker": "observatie",
    "hartfalen": "elv-hoog",
    "heup": "grz",
    "mrsa": "grz",
    "mantelzorg": "respijt",
    "wond": "wijkverpleging",
    "laatste-weken": "elv-palliatief",
    "wlz-wacht": "wlz-tijdelijk",
    "wlz-crisis": "wlz-crisis",
    "niet-hier": "ziekenhuis",
}


def some(asker: Asker, seed: int = 1, number: int = 400) -> list[Visit[Need]]:
    """The first needs that come in through somebody."""
    return list(islice(needs_of(asker, seed, START, 2026), number))


def told(asker: Asker) -> list[Need]:
    """The same without their moments."""
    return [need for visit in some(asker) for need in visit.acts]


@pytest.mark.parametrize("name", STORIES)
def test_a_story_leads_triage_to_its_outcome_without_a_question_left(name: str) -> None:
    facts = {**STORIES[name].facts, "crisismaatregel": False}
    advice = advise(RULES, facts)
    assert advice.asks == ()
    assert next(one.outcome for one in advice.outcomes if one.usable) == COMES_TO[name]


@pytest.mark.parametrize("name", [name for name in STORIES if STORIES[name].told_late])
def test_triage_asks_for_what_was_forgotten(name: str) -> None:
    facts = {**STORIES[name].facts, "crisismaatregel": False}
    late = facts.pop(STORIES[name].told_late or "")
    assert late is not None
    assert [ask.fact for ask in advise(RULES, facts).asks][:1] == [STORIES[name].told_late]


def test_what_comes_in_follows_from_the_seed_and_never_goes_back() -> None:
    assert some(POINT) == some(POINT)
    assert some(POINT) != some(POINT, seed=2)
    moments = [visit.at for visit in some(POINT)]
    assert moments == sorted(moments)
    assert moments[0] > START


def test_it_is_a_mix_that_the_hour_makes_more_urgent() -> None:
    assert {need.story for need in told(POINT)} == {
        name for name, story in STORIES.items() if story.setting is not Setting.ZIEKENHUIS
    }
    assert {"heup", "mrsa"} <= {need.story for need in told(HOSPITAL)}
    by_day: Counter[Urgency] = Counter()
    by_night: Counter[Urgency] = Counter()
    for visit in some(POINT):
        office = visit.at // DAY % 7 < 5 and 8 <= visit.at % DAY / HOUR < 18
        (by_day if office else by_night).update(need.urgency for need in visit.acts)
    assert by_day[Urgency.REGULIER] > 0
    assert by_night[Urgency.REGULIER] == 0
    assert by_night[Urgency.ACUUT] / by_night.total() > by_day[Urgency.ACUUT] / by_day.total()
    assert {need.pc4 for need in told(POINT)} == set(POINT.pc4s)


@pytest.mark.parametrize(
    ("kind", "by_day"),
    [(OrganisationKind.OUT_OF_HOURS_POST, False), (OrganisationKind.GENERAL_PRACTICE, True)],
)
def test_each_asks_in_its_own_hours(kind: OrganisationKind, by_day: bool) -> None:
    for visit in some(Asker("1", kind, ("2725",), 0.5), number=100):
        office = visit.at // DAY % 7 < 5 and 8 <= visit.at % DAY / HOUR < 18
        assert office is by_day


def test_a_handful_comes_in_an_hour() -> None:
    visits = some(POINT)
    assert 0.8 < len(visits) / ((visits[-1].at - START) / HOUR) < 1.5


def test_who_hears_a_story_knows_it_and_nobody_else_s() -> None:
    words = STORIES["val-gebroken"].what_happened
    forgotten = {
        known.forgotten
        for number in range(40)
        if (known := heard(words, f"{number:05}", 1)) is not None
    }
    assert forgotten == {None, "terugkeer-naar-huis"}
    assert heard("Iets heel anders", "00001", 1) is None
    assert heard(None, "00001", 1) is None
