"""Looking for home nursing: what is asked, what is answered, and why, without a browser."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
from starlette.datastructures import QueryParams

from api.web.home_care.answer import answer
from api.web.home_care.question import CareQuestion, read_question, tells_too_much
from api.web.home_care.reasons import Line, Mark, Reasons
from app.live.board import Board
from app.live.teams import TeamQuestion
from domain.calendar import AMSTERDAM
from domain.combined_care import Group, needs_of
from domain.events import Kind
from domain.home_care import RANK, Dagdeel, Reason, Skill
from tests.factories.places import NOW, PC4S, MadeRegion

TODAY = date(2026, 11, 22)


def read(query: str) -> CareQuestion:
    return read_question(QueryParams(query), TODAY)


def test_a_link_of_a_practice_system_asks_what_it_says() -> None:
    found = read("pc4=2725&zorg=wond&zorg=nacht&dagdeel=avond&vanaf=2026-11-23")
    assert (found.pc4, found.skills, found.dagdelen) == (
        "2725",
        (Skill.WOND, Skill.NACHT),
        (Dagdeel.AVOND,),
    )
    assert (found.start_by, found.misread) == (date(2026, 11, 23), False)
    assert (
        found.address
        == "/wijkverpleging?pc4=2725&zorg=wond&zorg=nacht&dagdeel=avond&vanaf=2026-11-23"
    )
    assert read_question(QueryParams(found.address.partition("?")[2]), TODAY) == found


@pytest.mark.parametrize("typed", ["2725AB", "2725 ab", " 2725AB ", "2725%20AB"])
def test_of_a_postcode_only_the_digits_are_kept(typed: str) -> None:
    found = read(f"pc4={typed}&zorg=wond")
    assert found.pc4 == "2725"
    assert tells_too_much(QueryParams(f"pc4={typed}"))
    assert "AB" not in found.address.upper()
    assert not tells_too_much(QueryParams("pc4=2725"))


def test_what_is_half_typed_is_no_mistake_and_what_is_no_postcode_is() -> None:
    for half in ("", "2", "272", " "):
        assert (read(f"pc4={half}").pc4, read(f"pc4={half}").complete) == ("", False)
    for wrong in ("0272", "27255", "abcd", "2725<"):
        found = read(f"pc4={wrong}")
        assert found.complete
        assert found.pc4 == ("2725" if wrong == "2725<" else "")


def test_a_day_without_which_or_one_that_has_passed_or_that_nobody_knows() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert read("pc4=2725").start_by == tomorrow
    assert read("vanaf=vandaag").start_by == TODAY
    assert read("vanaf=2026-10-01").start_by == TODAY, "a link that was kept"
    for nonsense in ("vanaf=ooit", "vanaf=2099-01-01", "zorg=wonden", "dagdeel=ooit"):
        assert read(nonsense).misread, nonsense
    assert read("vanaf=ooit").start_by == tomorrow
    far = read("vanaf=2027-02-01")
    assert far.days(TODAY)[-1] == far.start_by
    assert len(far.days(TODAY)) == 15


def of_index(region: Any, question: CareQuestion) -> list[tuple[int, str, str | None, set[Reason]]]:
    """The same, put together from the index's own answer to each need by itself."""
    merged: dict[str, tuple[list[int], list[str | None], set[Reason]]] = {}
    for need in needs_of(question.skills, question.dagdelen):
        asked = TeamQuestion(question.pc4, need.skill, need.dagdeel, question.start_by, 1000)
        for item in map(orjson.loads, region.teams.ask(asked, NOW).items):
            ranks, starts, reasons = merged.setdefault(item["id"], ([], [], set()))
            told = {Reason(reason["code"]) for reason in item["reasons"]}
            ranks.append(max((RANK[reason] for reason in told), default=0))
            starts.append(item["start"])
            reasons |= told
    found = [
        (
            max(ranks),
            None if None in starts else max(day for day in starts if day),
            team_id,
            reasons,
        )
        for team_id, (ranks, starts, reasons) in merged.items()
    ]
    found.sort(key=lambda each: (each[0], each[1] or "9999", each[2]))
    return [(rank, team_id, start, reasons) for rank, start, team_id, reasons in found]


def test_the_answer_is_what_the_index_says_of_each_need_put_together() -> None:
    region = MadeRegion(random.Random(5))
    region.fill(organisations=9, locations=0, pools=0, teams=60)
    made = region.board()
    board = Board()
    seen = 0
    kinds: set[Group] = set()
    for _ in range(400):
        question = CareQuestion(
            pc4=region.draw.choice(PC4S),
            complete=True,
            skills=tuple(region.draw.sample(list(Skill), region.draw.choice([0, 1, 1, 2, 3]))),
            dagdelen=tuple(region.draw.sample(list(Dagdeel), region.draw.choice([0, 0, 1, 2]))),
            start_by=NOW.date() + timedelta(days=region.draw.randint(0, 10)),
            misread=False,
        )
        found = answer(board, [made], question, NOW)
        told = [
            (
                team.fit.rank,
                team.id,
                team.fit.start and team.fit.start.isoformat(),
                {reason for _, fit in team.fit.parts for reason in fit.reasons},
            )
            for team in found.teams
        ]
        assert told == of_index(made, question)
        kinds |= {team.fit.group for team in found.teams}
        in_groups = [team.id for group in Group for team in found.of(group)]
        assert sorted(in_groups) == sorted(team.id for team in found.teams), "each stands once"
        seen += len(told)
    assert seen > 1000
    assert kinds == set(Group)


MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=AMSTERDAM)
ASKED = CareQuestion("2725", True, (Skill.WOND,), (), date(2026, 11, 24), misread=False)


def lines_of(question: CareQuestion, **said: Any) -> list[Line]:
    """The lines of one team of wound and basic care, in the morning and the evening."""
    region = MadeRegion(random.Random(1), now=MONDAY_NOON)
    region.fill(organisations=1, locations=0, pools=0, teams=0)
    organisation = next(key for kind, key in region.seen if kind == Kind.ORGANISATION)
    register = {
        "id": TEAM,
        "name": "Team",
        "organisation_id": organisation,
        "telephone": None,
        "status": "active",
        "pc4s": ["2725"],
        "skills": ["basis", "wond"],
        "dagdelen": ["ochtend", "avond"],
    }
    report = {
        "light": "groen",
        "earliest_start": None,
        "hours": None,
        "exceptions": [],
        "source": "api",
        "observed_at": "2026-11-23T10:20:00+00:00",
        "valid_until": "2026-11-23T20:00:00+00:00",
        "version": 1,
        **said,
    }
    region.seen[Kind.HOME_CARE_TEAM, TEAM] = orjson.dumps(register).decode()
    if said.get("light", "groen") is not None:
        region.seen[Kind.HOME_CARE, TEAM] = orjson.dumps(report).decode()
    (team,) = answer(Board(), [region.board()], question, MONDAY_NOON).teams
    return Reasons(question, MONDAY_NOON, "nl").of(team)


TEAM = "00000000-0000-4000-8000-000000000001"


def texts(question: CareQuestion, mark: Mark, **said: Any) -> list[str]:
    return [line.text for line in lines_of(question, **said) if line.mark is mark]


def test_a_team_that_fits_says_where_what_and_how_old_that_is() -> None:
    assert [line.text for line in lines_of(ASKED)] == [
        "werkt in 2725",
        "wondzorg",
        "ruimte gemeld om 11:20 (40 min geleden)",
    ]
    assert {line.mark for line in lines_of(ASKED)} == {Mark.YES}
    yesterday = lines_of(ASKED, observed_at="2026-11-22T16:20:00+00:00", source="phone", hours=6)
    assert [line.text for line in yesterday[2:]] == [
        "ruimte gemeld gisteren 17:20 (18 u geleden), telefonisch",
        "nog 6 uur per week",
    ]


def test_each_reason_against_is_told_with_what_it_is_about() -> None:
    assert texts(ASKED, Mark.CAREFUL, light="oranje") == ["in overleg: bel eerst"]
    assert texts(ASKED, Mark.NO, light="rood") == ["vol: neemt nu geen cliënten aan"]
    assert texts(ASKED, Mark.NO, light="rood", earliest_start="2026-11-30") == ["vol tot ma 30 nov"]
    later = "pas ma 30 nov, later dan u vroeg (morgen)"
    assert texts(ASKED, Mark.CAREFUL, earliest_start="2026-11-30") == [later]
    for no_room in ({"light": "rood"}, {"light": "oranje"}, {"earliest_start": "2026-11-30"}):
        assert not [line for line in lines_of(ASKED, **no_room) if "ruimte" in line.text]

    several = replace(ASKED, skills=(Skill.WOND, Skill.NACHT), dagdelen=(Dagdeel.NACHT,))
    assert texts(several, Mark.NO) == ["doet dit niet: nachtzorg", "komt niet in de nacht"]
    wound = {"light": "rood", "skill": "wond", "dagdeel": None, "earliest_start": None}
    both = replace(ASKED, skills=(Skill.BASIS, Skill.WOND))
    assert texts(both, Mark.NO, exceptions=[wound]) == [
        "vol: neemt nu geen cliënten aan (wondzorg)"
    ]
    evening = {**wound, "light": "oranje", "dagdeel": "avond"}
    twice = replace(both, dagdelen=(Dagdeel.OCHTEND, Dagdeel.AVOND))
    assert texts(twice, Mark.CAREFUL, exceptions=[evening]) == [
        "in overleg: bel eerst (wondzorg in de avond)"
    ]


def test_what_is_not_believed_says_so_first() -> None:
    first, *rest = lines_of(ASKED, valid_until="2026-11-23T10:59:00+00:00")
    assert first == Line(
        Mark.UNCONFIRMED,
        "onbevestigd: laatst gemeld vandaag 11:20 (40 min geleden), bel eerst",
    )
    assert not [line for line in rest if "ruimte" in line.text]
    assert lines_of(ASKED, light=None)[0].text == "heeft nog nooit iets gemeld: bel het team"
