"""Three ways of placing people: one by one by their match, the whole list at once, and by telephone."""

from datetime import timedelta

from app.services.referrals import adoptions, matches, proposals
from app.services.referrals.matches import Matched
from bench.month import asking
from bench.month.houses import Ward
from bench.month.play import Case, Play
from bench.month.region import REGION
from domain.calendar import AMSTERDAM
from domain.geography import distance_km
from domain.matching.near_misses import Change
from domain.needs import Urgency

#: How long a coordinator lets something lie that waits for the coordination point.
_THINKS = {
    Urgency.ACUUT: timedelta(minutes=1),
    Urgency.SPOED: timedelta(minutes=4),
    Urgency.REGULIER: timedelta(minutes=15),
}
_LOOKS_AGAIN = timedelta(minutes=30)
#: A place that comes so much too late is better than none.
_TOO_LATE_MINUTES = 24 * 60
_BETTER_THAN_NONE = "Er past niets op tijd; dit komt het dichtst bij."
#: Of each list of a match.
_MOST = 40


class OneByOne:
    """Each takes the top of its own match as soon as it waits."""

    name = "one-by-one"

    def begin(self, play: Play) -> None:
        """Nothing is done by the clock."""

    def waits(self, play: Play, case: Case) -> None:
        """Looks for a place soon."""
        play.plan(play.now + _THINKS[case.urgency], lambda: _seek_on(play, case))


class Regional:
    """Every half hour a proposal for all who wait, adopted whole; what is acuut is placed at once."""

    name = "regional"

    def begin(self, play: Play) -> None:
        """Looks at the whole list every so often."""
        play.repeat(_LOOKS_AGAIN, lambda: self._propose(play))

    def waits(self, play: Play, case: Case) -> None:
        """It is on the list; what is acuut doesn't wait for that."""
        if case.urgency is Urgency.ACUUT:
            play.plan(play.now + _THINKS[case.urgency], lambda: _seek_on(play, case))

    async def _propose(self, play: Play) -> None:
        cases = {case.id: case for case in _waiting(play) if case.urgency is not Urgency.ACUUT}
        if not cases:
            return
        await play.shown()
        container, coordinator = play.container, play.region.coordinator
        proposal = await proposals.propose(container, coordinator, REGION)
        now = play.now
        wanted = [
            item.referral_id
            for item in proposal.items
            if item.together is not None
            and item.referral_id in cases
            # Nobody is asked twice a day for the same one.
            and cases[item.referral_id].may_ask(play.region.ward(item.together.pool_id), now)
        ]
        places = {item.referral_id: item.together for item in proposal.items}
        for adopted in await adoptions.adopt(container, coordinator, proposal.id, wanted):
            place = places[adopted.referral_id]
            if adopted.offer_id is None or place is None:
                # Somebody else was first; it waits for the next one.
                continue
            ward = play.region.ward(place.pool_id)
            await asking.asked(play, cases[adopted.referral_id], ward, adopted.offer_id)
        for case in cases.values():
            if case.id not in wanted:
                await _seek(play, case)


class ByPhone:
    """As it goes without a board: the nearest first, one call after the other."""

    name = "by-phone"

    _EVERY = timedelta(minutes=15)
    #: Calls in that time, of two people by day and one at night.
    _BY_DAY, _AT_NIGHT = 3, 1

    def begin(self, play: Play) -> None:
        """Sits down at the telephone."""
        play.repeat(self._EVERY, lambda: self._call_round(play))

    def waits(self, play: Play, case: Case) -> None:
        """It is on the list."""

    async def _call_round(self, play: Play) -> None:
        local = play.now.astimezone(AMSTERDAM)
        left = self._BY_DAY if 8 <= local.hour < 22 else self._AT_NIGHT
        for case in sorted(_waiting(play), key=lambda case: case.order):
            ward = _nearest(play, case)
            if ward is None or (local.hour < 8 and case.urgency is not Urgency.ACUUT):
                continue
            await asking.call(play, case, ward)
            left -= 1
            if not left:
                return


async def _seek_on(play: Play, case: Case) -> None:
    """Looks for a place, and again later when there is none."""
    if case.waits and not await _seek(play, case):
        play.plan(play.now + _LOOKS_AGAIN, lambda: _seek_on(play, case))


async def _seek(play: Play, case: Case) -> bool:
    """Asks for the top of the match, or for what nearly fits. False: there is nobody to ask."""
    await play.shown()
    found = await matches.match_referral(
        play.container, play.region.coordinator, case.id, limit=_MOST
    )
    now = play.now
    for fit in found.found.fits.items:
        ward = play.region.ward(fit.id)
        if case.may_ask(ward, now):
            return await asking.offer(play, case, ward, fit.care_type, match_id=found.id)
    return await _take_near_miss(play, case, found)


async def _take_near_miss(play: Play, case: Case, found: Matched) -> bool:
    """Phones where the figure is old, or asks for what comes a little late."""
    now = play.now
    for near in found.found.near.items:
        ward = play.region.ward(near.id)
        if not case.may_ask(ward, now):
            continue
        if near.miss.change is Change.BEVESTIGD:
            return await asking.call(play, case, ward, found.id)
        if near.miss.change is Change.LATER and near.miss.delay <= _TOO_LATE_MINUTES:
            return await asking.offer(play, case, ward, near.care_type, _BETTER_THAN_NONE, found.id)
    return False


def _waiting(play: Play) -> list[Case]:
    """For whom nobody is being asked."""
    return [case for case in play.cases if case.waits]


def _nearest(play: Play, case: Case) -> Ward | None:
    """The nearest house that has what is needed by its folder, and wasn't called a while ago."""
    advised, needed = set(case.arrival.care_types), case.need.required
    home = play.region.homes[case.arrival.told.pc4]
    now = play.now
    found = [
        ward
        for ward in play.region.wards
        if advised & set(ward.care_types) and needed <= ward.features and case.may_ask(ward, now)
    ]
    return min(found, key=lambda ward: distance_km(home, ward.point), default=None)
