"""What anybody may do to a referral, at random: by whoever may and whoever may not, at any time."""

from dataclasses import replace
from datetime import timedelta

from app.services.referrals import (
    acceptances,
    answers,
    appointments,
    board_checks,
    claims,
    decisions,
    desk,
    endings,
    filing,
    handovers,
    needs,
    offers,
    questions,
    rounds,
    stays,
    triages,
)
from app.services.referrals.answers import Acceptance
from app.services.referrals.answers import Counter as Proposal
from app.services.referrals.appointments import Appointment
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.stays import Arrival
from app.services.referrals.sweeps import sweep
from app.services.referrals.triages import Triage
from domain.beds import BedState
from domain.care_types import CareType
from domain.cases import (
    Closure,
    Destination,
    HandoverReason,
    TargetGroup,
    WithdrawalReason,
)
from domain.needs import Urgency
from domain.offers import BY_A_PERSON, Refusal
from tests.factories.beds import CLEANING, FREE, OCCUPIED, say
from tests.factories.referrals import ELV_LAAG_FACTS, make_intake, make_need
from tests.factories.world import counts
from tests.support.walking import Nothing, Walk


class RandomActs(Walk):
    """The acts; each picks what it is about, and by whom."""

    async def file(self) -> None:
        """Somebody calls, or a referrer files."""
        if sum(row["ended_at"] is None for row in self.rows["referral"]) >= 4:
            raise Nothing
        urgency = self.draw.choice(list(Urgency))
        by = self.draw.choice([self.coordinator, self.coordinator, self.referrer])
        intake = make_intake(urgency, birth_year=self.draw.randint(1930, 1960))
        asked = by.organisation_id if by is self.referrer else None
        draft = self.draw.random() < 0.2
        await filing.file(
            self.world.container, by, replace(intake, requested_by_id=asked, draft=draft)
        )

    async def submit(self) -> None:
        """What was drafted is filed."""
        row = self.a_referral("concept")
        await filing.submit(self.world.container, self.owner(row["id"]), row["id"])

    async def triage(self) -> None:
        """A care type is chosen, now and then another than advised, or the hospital."""
        row = self.a_referral("ingediend", "aanvulling-gevraagd", "overgedragen", "getrieerd")
        chosen = self.draw.choices(
            [CareType.ELV_LAAG, CareType.MFB, CareType.WIJKVERPLEGING, "ziekenhuis"],
            weights=[6, 3, 2, 0.3],
        )[0]
        given = Triage(ELV_LAAG_FACTS, chosen, "zo besloten")
        await triages.triage(self.world.container, self.owner(row["id"]), row["id"], given)

    async def check_board(self) -> None:
        """The regular products are looked at."""
        row = self.a_referral("getrieerd", "tijdelijk-geplaatst")
        await board_checks.check(self.world.container, self.owner(row["id"]), row["id"])

    async def claim(self) -> None:
        """A place is held."""
        row = self.a_referral("getrieerd", "aangeboden", "tijdelijk-geplaatst", "geen-plek")
        pool_id = self.draw.choice([*self.pools, self.mfb])
        bed_id = self.draw.choice([*self.beds, None]) if pool_id == self.mfb else None
        await claims.claim(self.world.container, self.owner(row["id"]), row["id"], pool_id, bed_id)

    async def let_go(self) -> None:
        """A held place is let go of."""
        held = self.one_of("claim")
        by = self.owner(held["referral_id"])
        await claims.release(self.world.container, by, held["referral_id"], held["id"])

    async def offer(self) -> None:
        """One or more are asked."""
        row = self.a_referral("getrieerd", "tijdelijk-geplaatst", "geen-plek", "aangeboden")
        care_type = row["care_type_triaged"] or "elv-laag"
        if care_type == "wijkverpleging":
            asked = [AskedPlace(team_id=self.team)]
        elif care_type == "mfb":
            bed_id = self.draw.choice([*self.beds, None])
            asked = [AskedPlace(pool_id=self.mfb, bed_id=bed_id)]
        else:
            many = 2 if row["urgency"] == "acuut" and self.draw.random() < 0.6 else 1
            asked = [AskedPlace(pool_id=one) for one in self.draw.sample(self.pools, many)]
        following = [AskedPlace(pool_id=self.pools[0])] if self.draw.random() < 0.3 else []
        round_ = Round(asked, argument="zo besloten", following=following)
        await rounds.offer(self.world.container, self.owner(row["id"]), row["id"], round_)

    async def see(self) -> None:
        """The desk looks at what it is asked."""
        row = self.an_offer("gevraagd")
        await offers.see(self.world.container, self.at_the_desk(row), row["id"])

    async def accept(self) -> None:
        """Yes, perhaps under condition, perhaps beyond what is free."""
        row = self.an_offer("gevraagd", "tegenvoorstel")
        given = Acceptance(
            if_doctor_agrees=self.draw.random() < 0.25,
            over_free=self.draw.random() < 0.15,
            admission_at=self.clock.now() + timedelta(hours=3),
            bed_id=self.draw.choice(self.beds)
            if row["pool_id"] == self.mfb and self.draw.random() < 0.3
            else None,
        )
        await acceptances.accept(self.world.container, self.at_the_desk(row), row["id"], given)

    async def refuse(self) -> None:
        """No."""
        row = self.an_offer("gevraagd", "tegenvoorstel")
        refusal = self.draw.choice(list(Refusal))
        await answers.refuse(self.world.container, self.at_the_desk(row), row["id"], refusal)

    async def propose(self) -> None:
        """Something else, another place or another moment."""
        row = self.an_offer("gevraagd", "tegenvoorstel")
        other = self.draw.choice(self.pools) if self.draw.random() < 0.5 else None
        at = self.clock.now() + timedelta(days=1) if self.draw.random() < 0.6 else None
        given = Proposal(admission_at=at, pool_id=other)
        await answers.counter(self.world.container, self.at_the_desk(row), row["id"], given)

    async def decide(self) -> None:
        """The coordination point says what it thinks of another proposal."""
        row = self.an_offer("tegenvoorstel")
        await decisions.decide_counter(
            self.world.container,
            self.owner(row["referral_id"]),
            row["id"],
            agreed=self.draw.random() < 0.6,
        )

    async def ask_client(self) -> None:
        """The client has to say yes."""
        row = self.an_offer("toegezegd", "tegenvoorstel")
        await decisions.ask_client(self.world.container, self.owner(row["referral_id"]), row["id"])

    async def hear_client(self) -> None:
        """The client says yes or no."""
        row = self.an_offer("toegezegd", "tegenvoorstel")
        await decisions.hear_client(
            self.world.container,
            self.owner(row["referral_id"]),
            row["id"],
            agreed=self.draw.random() < 0.6,
        )

    async def hear_doctor(self) -> None:
        """The doctor says yes or no."""
        row = self.an_offer("toegezegd")
        await decisions.hear_doctor(
            self.world.container,
            self.at_the_desk(row),
            row["id"],
            agreed=self.draw.random() < 0.6,
        )

    async def release(self) -> None:
        """A promise is let go of."""
        row = self.an_offer("toegezegd")
        ending = self.draw.choice(sorted(BY_A_PERSON))
        await decisions.release(self.world.container, self.at_the_desk(row), row["id"], ending)

    async def take_back(self) -> None:
        """A question is taken back."""
        row = self.an_offer("gevraagd", "tegenvoorstel")
        ending = self.draw.choice(sorted(BY_A_PERSON))
        await offers.withdraw(
            self.world.container, self.owner(row["referral_id"]), row["id"], ending
        )

    async def appoint(self) -> None:
        """An opnameafspraak."""
        row = self.an_offer("toegezegd")
        given = Appointment(self.clock.now() + timedelta(hours=2), {"transport": True})
        await appointments.appoint(self.world.container, self.at_the_desk(row), row["id"], given)

    async def admit(self) -> None:
        """Somebody came, a while ago perhaps, and waits there perhaps."""
        row = self.an_offer("toegezegd")
        at = self.clock.now() - timedelta(minutes=self.draw.choice([0, 30, 300]))
        given = Arrival(at, None, temporary=self.draw.random() < 0.45)
        await stays.admit(self.world.container, self.at_the_desk(row), row["id"], given)

    async def not_arrived(self) -> None:
        """Somebody didn't come."""
        row = self.an_offer("toegezegd")
        at = self.clock.now() + timedelta(hours=2) if self.draw.random() < 0.5 else None
        await appointments.not_arrived(
            self.world.container, self.at_the_desk(row), row["id"], expected_at=at
        )

    async def discharge(self) -> None:
        """Somebody left."""
        row = self.a_referral("opgenomen", "tijdelijk-geplaatst")
        await stays.discharge(
            self.world.container, self.owner(row["id"]), row["id"], None, Destination.THUIS
        )

    async def keep(self) -> None:
        """Somebody stays where they waited."""
        row = self.a_referral("tijdelijk-geplaatst", "geen-plek")
        await stays.keep(self.world.container, self.owner(row["id"]), row["id"])

    async def change(self) -> None:
        """What is needed changes."""
        row = self.a_referral("ingediend", "getrieerd", "aangeboden", "geaccepteerd")
        need = make_need(birth_year=row["birth_year"], pc4=self.draw.choice(["2725", "2719"]))
        urgency = self.draw.choice(list(Urgency))
        await needs.change(
            self.world.container, self.owner(row["id"]), row["id"], need, urgency, {}
        )

    async def ask(self) -> None:
        """Something has to be known."""
        row = self.a_referral("ingediend", "getrieerd", "aangeboden")
        await questions.ask(self.world.container, self.owner(row["id"]), row["id"], "Hoe?")

    async def ask_about(self) -> None:
        """The desk has to know something."""
        row = self.an_offer("gevraagd", "tegenvoorstel")
        await questions.ask_about(self.world.container, self.at_the_desk(row), row["id"], "Wie?")

    async def answer(self) -> None:
        """It is answered."""
        row = self.one_of("question")
        await questions.answer(
            self.world.container,
            self.owner(row["referral_id"]),
            row["referral_id"],
            row["id"],
            "Zo.",
        )

    async def hand_over(self) -> None:
        """The other coordination point is asked to take over."""
        row = self.a_referral("ingediend", "getrieerd", "aangeboden", "wacht-op-client")
        by = self.owner(row["id"])
        to = self.receiver if row["owner_id"] == self.coordinator.organisation_id else None
        await handovers.hand_over(
            self.world.container,
            by,
            row["id"],
            (to or self.coordinator).organisation_id,
            HandoverReason.DIENST,
        )

    async def take_over(self) -> None:
        """It does, or it doesn't, or it is taken back."""
        row = self.one_of("handover")
        receives = row["to_id"] == self.receiver.organisation_id
        by = self.mostly(self.receiver if receives else self.coordinator)
        do = self.draw.choice([handovers.accept, handovers.accept, handovers.refuse])
        await do(self.world.container, by, row["id"])

    async def end_hand_over(self) -> None:
        """It is taken back."""
        row = self.one_of("handover")
        by = self.owner(row["referral_id"])
        await handovers.withdraw(self.world.container, by, row["id"])

    async def register(self) -> None:
        """There is no place."""
        row = self.a_referral("getrieerd", "tijdelijk-geplaatst")
        await endings.register_no_place(
            self.world.container, self.owner(row["id"]), row["id"], TargetGroup.GEDRAG
        )

    async def end(self) -> None:
        """It ends, in one of the three ways."""
        row = self.a_referral(*self.draw.sample(sorted(self.states), min(2, len(self.states))))
        by, container = self.owner(row["id"]), self.world.container
        match self.draw.randrange(3):
            case 0:
                await endings.withdraw(container, by, row["id"], WithdrawalReason.ANDERS)
            case 1:
                await endings.close(container, by, row["id"], Closure.ANDERS)
            case _:
                await endings.died(container, by, row["id"])

    async def desk_work(self) -> None:
        """Taken in hand, put back, called back, noted."""
        row = self.a_referral()
        by, container = self.owner(row["id"]), self.world.container
        match self.draw.randrange(4):
            case 0:
                await desk.take(container, by, row["id"])
            case 1:
                await desk.leave(container, by, row["id"])
            case 2:
                at = self.clock.now() + timedelta(hours=1)
                await desk.call_back(container, by, row["id"], at)
            case _:
                await desk.note(container, by, row["id"], "Gezien.")

    async def report(self) -> None:
        """A pool is counted anew, or a bed is looked at."""
        if self.draw.random() < 0.3:
            said = self.draw.choice([FREE, FREE, OCCUPIED, CLEANING])
            assert said.state in BedState
            await say(self.world, self.draw.choice(self.beds), said)
            return
        figures = counts(4, self.draw.choice([0, 1, 2, 4]))
        await self.world.report(figures, pool_id=self.draw.choice(self.pools))

    async def wait(self) -> None:
        """Time passes, and the clocks do what they do."""
        self.clock.turn(timedelta(minutes=self.draw.choice([6, 12, 35, 250])))
        while (await sweep(self.world.container)).more:
            pass


#: How often each act is tried.
OFTEN = {
    "file": 12,
    "submit": 3,
    "triage": 14,
    "check_board": 4,
    "claim": 8,
    "let_go": 2,
    "offer": 18,
    "see": 2,
    "accept": 13,
    "refuse": 4,
    "propose": 5,
    "decide": 4,
    "ask_client": 4,
    "hear_client": 4,
    "hear_doctor": 3,
    "release": 1,
    "take_back": 1,
    "appoint": 2,
    "admit": 6,
    "not_arrived": 2,
    "discharge": 4,
    "keep": 2,
    "change": 2,
    "ask": 2,
    "ask_about": 2,
    "answer": 4,
    "hand_over": 3,
    "take_over": 2,
    "end_hand_over": 1,
    "register": 2,
    "end": 2,
    "desk_work": 2,
    "report": 5,
    "wait": 5,
}
