"""A match: a better place never does worse, the order of what goes in is nothing, failures are true."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.care_types import CareType
from domain.delivery_records import Share
from domain.features import Feature
from domain.matching.criteria import NEEDS_CONTRACT, Candidate, Criterion, failures
from domain.matching.near_misses import Change
from domain.matching.ranking import Ranking
from domain.matching.replay import Inputs
from domain.matching.scoring import ScoredPlace, Tier, score
from domain.needs import Need, Sex
from tests.factories import matching
from tests.factories.matching import NOW, with_candidate

Improve = Callable[[ScoredPlace, Inputs], ScoredPlace]

ROOM_OF = {Sex.MAN: Feature.KAMER_MAN, Sex.VROUW: Feature.KAMER_VROUW}


def _fewer(share: Share) -> Share:
    return replace(share, count=max(0, share.count - 1))


def _nearer(place: ScoredPlace, inputs: Inputs) -> ScoredPlace:
    near = inputs.asked.home or inputs.asked.partner
    return replace(place, where=near) if place.where and near else place


def _sooner(place: ScoredPlace, inputs: Inputs) -> ScoredPlace:
    earliest = place.candidate.earliest
    sooner = earliest and max(NOW, earliest - timedelta(minutes=90))
    return with_candidate(place, earliest=sooner)


def _fresher(place: ScoredPlace, inputs: Inputs) -> ScoredPlace:
    observed = place.candidate.observed_at
    later = observed and min(NOW, observed + timedelta(minutes=70))
    return with_candidate(place, observed_at=later)


def _longer(place: ScoredPlace, inputs: Inputs) -> ScoredPlace:
    until = place.candidate.valid_until
    return with_candidate(place, valid_until=until and until + timedelta(hours=9))


def _freer(place: ScoredPlace, inputs: Inputs) -> ScoredPlace:
    balance = place.candidate.balance
    return with_candidate(place, balance=None if balance is None else balance + 1)


def _offering_more(place: ScoredPlace, inputs: Inputs) -> ScoredPlace:
    return with_candidate(place, features=frozenset(Feature) - matching.ROOMS)


BETTER: dict[str, Improve] = {
    "nearer": _nearer,
    "sooner": _sooner,
    "fresher": _fresher,
    "longer": _longer,
    "freer": _freer,
    "less held": lambda place, _: replace(place, held=max(0, place.held - 1)),
    "refuses less": lambda place, _: replace(
        place, refused_while_free=_fewer(place.refused_while_free)
    ),
    "takes in more": lambda place, _: replace(place, not_arrived=_fewer(place.not_arrived)),
    "offers more": _offering_more,
    "contract": lambda place, _: with_candidate(place, wlz_contract=True),
    "stop lifted": lambda place, _: with_candidate(place, stop=None),
    "in the wijk": lambda place, inputs: replace(place, pc4=min(inputs.asked.wijk)),
    "gemeente": lambda place, inputs: replace(
        place, gemeente=inputs.asked.gemeente or place.gemeente
    ),
}

#: These make a place fit, or not, and add nothing.
HARD_ONLY = {"offers more", "contract", "stop lifted"}


@given(matching.inputs)
def test_a_better_place_never_does_worse_and_others_keep_their_order(inputs: Inputs) -> None:
    was = [fit.id for fit in inputs.rank().fits]
    place, others = inputs.places[0], inputs.places[1:]
    mine = place.candidate.id
    for improve in BETTER.values():
        better = replace(inputs, places=(improve(place, inputs), *others))
        now = [fit.id for fit in better.rank().fits]
        assert [one for one in was if one != mine] == [one for one in now if one != mine]
        assert len(now) >= len(was)
        if mine in was:
            assert now.index(mine) <= was.index(mine)


def test_each_way_to_be_better_gives_points_or_the_wijk_and_none_takes_them() -> None:
    gained: Counter[str] = Counter()
    for number in range(60):
        inputs = matching.any_inputs(Random(number))
        for place in inputs.places:
            before = score(inputs.asked, place, inputs.weights, NOW)
            for axis, improve in BETTER.items():
                after = score(inputs.asked, improve(place, inputs), inputs.weights, NOW)
                assert after.points >= before.points, axis
                assert after.tier is Tier.WIJK or before.tier is Tier.REGIO, axis
                gained[axis] += (after.tier, after.points) != (before.tier, before.points)
    assert {axis for axis in BETTER if not gained[axis]} == HARD_ONLY


def test_the_wijk_comes_before_the_region_whatever_the_points() -> None:
    inputs = next(
        made
        for made in (matching.any_inputs(Random(number)) for number in range(1000))
        if len({fit.tier for fit in made.rank().fits}) == 2
        and len({fit.care_type for fit in made.rank().fits}) == 1
        and made.rank().fits[0].points < made.rank().fits[-1].points
    )
    tiers = [fit.tier for fit in inputs.rank().fits]
    assert (tiers[0], tiers[-1]) == (Tier.WIJK, Tier.REGIO)


@given(matching.inputs, st.integers(0, 9))
def test_the_order_of_what_goes_in_is_nothing(inputs: Inputs, seed: int) -> None:
    places, teams = list(inputs.places), list(inputs.teams)
    Random(seed).shuffle(places)
    Random(seed).shuffle(teams)
    mixed = replace(inputs, places=tuple(places), teams=tuple(teams))
    assert mixed.rank() == inputs.rank()
    assert mixed.home() == inputs.home()


@given(matching.inputs)
def test_everything_is_told_once_in_its_order_and_counted(inputs: Inputs) -> None:
    found = inputs.rank()
    told = [
        *(one.id for one in found.fits),
        *(one.id for one in found.near),
        *(one.id for one in found.failed),
    ]
    looked_at = [
        place.candidate.id
        for place in inputs.places
        if place.candidate.care_types & set(inputs.care_types)
    ]
    if CareType.WIJKVERPLEGING in inputs.care_types:
        looked_at += [team.candidate.id for team in inputs.teams]
    assert sorted(told) == sorted(looked_at)
    assert found.looked_at == len(told)
    order = [inputs.care_types.index(fit.care_type) for fit in found.fits]
    assert order == sorted(order), "the first choice of triage comes first"
    for care_type in inputs.care_types:
        fits = [fit for fit in found.fits if fit.care_type is care_type]
        tiers = [fit.tier for fit in fits]
        assert tiers == sorted(tiers, key=list(Tier).index), "wijk first, region next"
        for tier in Tier:
            points = [fit.points for fit in fits if fit.tier is tier]
            assert points == sorted(points, reverse=True)
    for fit in found.fits:
        assert fit.points == sum(reason.points for reason in fit.reasons)
        assert all(0 <= reason.points <= reason.of for reason in fit.reasons)
    calls = [near.miss.change in (Change.BEVESTIGD, Change.IN_OVERLEG) for near in found.near]
    assert calls == sorted(calls, reverse=True), "what a call settles comes first"
    assert [len(one.failures) for one in found.failed] == sorted(
        len(one.failures) for one in found.failed
    )
    assert sum(found.counts.values()) >= len(found.near) + len(found.failed)


def true_failures(need: Need, care_type: CareType, place: Candidate) -> set[Criterion]:
    """What stands in the way, told in another way than criteria.py does."""
    found = {
        Criterion(feature.value)
        for feature in need.features - {Feature.WZD, Feature.WVGGZ}
        if feature not in place.features
    }
    if need.infection.needs_isolation and Feature.ISOLATIE not in place.features:
        found.add(Criterion.ISOLATIE)
    closed = need.required & {Feature.WZD, Feature.WVGGZ}
    rooms = place.features & matching.ROOMS
    known = place.valid_until is not None and place.balance is not None
    believed = known and place.valid_until is not None and place.valid_until > NOW
    by = NOW if need.needed_by is None else max(NOW, need.needed_by)
    late = place.earliest is None or (need.needed_by is not None and place.earliest > by)
    full = place.earliest is None and (place.balance or 0) <= 0
    for criterion, fails in {
        Criterion.ZORGSOORT: care_type not in place.care_types,
        Criterion.WZD_WVGGZ: not closed <= place.features,
        Criterion.KAMER: bool(rooms)
        and Feature.EENPERSOONSKAMER not in place.features
        and ROOM_OF.get(need.sex) not in rooms,
        Criterion.WLZ_CONTRACT: care_type in NEEDS_CONTRACT and not place.wlz_contract,
        Criterion.OPNAMESTOP: place.stop is not None,
        Criterion.ONBEKEND: not known,
        Criterion.ONBEVESTIGD: known and not believed,
        Criterion.TEKORT: believed and late and full and (place.balance or 0) < 0,
        Criterion.VOL: believed and late and full and place.balance == 0,
        Criterion.VROEGSTE_OPNAME: believed
        and late
        and not full
        and not (place.earliest is None and place.stop is not None),
    }.items():
        if fails:
            found.add(criterion)
    return found


@given(matching.inputs)
def test_each_failure_is_named_and_true_and_what_fits_has_none(inputs: Inputs) -> None:
    need = inputs.asked.need
    there = {place.candidate.id: place.candidate for place in inputs.places}
    found: Ranking = inputs.rank()
    for one in found.failed:
        if one.id in there:
            named = {failure.criterion for failure in one.failures}
            assert named == true_failures(need, one.care_type, there[one.id])
    for fit in found.fits:
        if fit.id in there:
            assert true_failures(need, fit.care_type, there[fit.id]) == set()
    for place in there.values():
        for care_type in matching.CARE_TYPES:
            named = {failure.criterion for failure in failures(need, care_type, place, NOW)}
            assert named == true_failures(need, care_type, place)
