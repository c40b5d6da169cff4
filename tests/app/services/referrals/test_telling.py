"""What an act tells whom: in its own commit, the others and never itself, and nothing of a person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from structlog.testing import capture_logs

from app.container import running
from app.db import sending, word
from app.db.sending import MailDue
from app.db.word import stored_notice
from app.services.referrals import (
    acceptances,
    answers,
    appointments,
    endings,
    filing,
    handovers,
    needs,
    questions,
    rounds,
    stays,
    sweeps,
    triages,
)
from app.services.referrals.answers import Acceptance
from app.services.referrals.appointments import Appointment
from app.services.referrals.rounds import AskedPlace, Round
from app.services.referrals.stays import Arrival
from app.services.referrals.triages import Triage
from app.services.word import bell, endpoints, spreading
from app.services.word.settings import set_setting
from app.settings import Settings
from app.word import mails, webhooks
from domain.actors import Role
from domain.capacity import Figures
from domain.care_types import CareType
from domain.cases import Destination, HandoverReason, TextKind, WithdrawalReason
from domain.errors import OfferEnded, OutcomeUnknown
from domain.matching.wishes import Wishes
from domain.needs import Urgency
from domain.notices import NoticeKind
from domain.offers import Refusal
from domain.sending import Sending
from domain.word_settings import Choice, WordSetting
from tests.factories.parties import intake_desk, referrer
from tests.factories.referrals import (
    ELV_LAAG_FACTS,
    actor_of,
    column,
    make_intake,
    make_need,
    offer_ids,
    offered,
    promised,
    triaged,
    with_places,
)
from tests.factories.world import Party, World, make_location, make_party, make_pool
from tests.support.clock import Clock
from tests.support.database import Database
from tests.support.referral_calls import PC4, serve
from tests.support.trouble import line_to, until
from tests.support.word_calls import URL

#: In everything that somebody typed.
WORD = "HONINGDROP"
CALLBACK = "079 555 19 37"
BIRTH_YEAR = 1937


async def told(database: Database, organisation_id: UUID) -> list[tuple[str, str | None]]:
    """What an organisation was told, in order: the kind, and what of it."""
    rows = await database.all(
        "SELECT kind, data FROM notice WHERE organisation_id = $1 ORDER BY id", organisation_id
    )
    return [(row["kind"], _what(orjson.loads(row["data"]))) for row in rows]


def _what(data: Mapping[str, str]) -> str | None:
    return next((data[n] for n in ("alert", "handover", "step", "state") if n in data), None)


async def ask(world: World, urgency: Urgency, *pool_ids: UUID) -> tuple[UUID, list[UUID]]:
    """A referrer's own referral, with words typed wherever one can, for which these pools are asked."""
    container, coordinator, doctor = world.container, await actor_of(world), await referrer(world)
    intake = make_intake(urgency, birth_year=BIRTH_YEAR, pc4=PC4)
    texts = {**dict.fromkeys(intake.texts, WORD), TextKind.CALLBACK: CALLBACK}
    filed = await filing.file(container, doctor, replace(intake, texts=texts))
    referral_id = filed.referral_id
    asked = await questions.ask(container, coordinator, referral_id, WORD)
    await questions.answer(container, doctor, referral_id, asked.id, WORD)
    triage = Triage(ELV_LAAG_FACTS, CareType.ELV_LAAG)
    await triages.triage(container, coordinator, referral_id, triage)
    round_ = Round([AskedPlace(pool_id=one) for one in pool_ids], argument=WORD)
    await rounds.offer(container, coordinator, referral_id, round_)
    return referral_id, await offer_ids(world, referral_id)


async def second_provider(world: World) -> tuple[Party, UUID]:
    """Another provider with a pool that has places."""
    party = await make_party(world.container, Role.PROVIDER_CAPACITY)
    pool_id = await make_pool(world.container, await make_location(world.container, party))
    await world.report(Figures(free=3), by=party, pool_id=pool_id)
    await world.settled()
    return party, pool_id


async def test_everybody_hears_of_what_others_did_and_of_no_person(
    world: World, database: Database
) -> None:
    container, coordinator = world.container, await actor_of(world)
    await serve(container, world.coordinator)
    await with_places(world, 3)
    second, second_pool = await second_provider(world)
    desk = await intake_desk(world)
    with capture_logs() as logs:
        referral_id, offers = await ask(world, Urgency.ACUUT, world.pool_id, second_pool)
        first, other = offers
        asked = await questions.ask_about(container, desk, first, WORD)
        await questions.answer(container, coordinator, referral_id, asked.id, WORD)
        # On the telephone, typed by the coordination point.
        await answers.refuse(container, coordinator, other, Refusal.GEDRAG_WZD, WORD)
        await acceptances.accept(container, desk, first, Acceptance(text=WORD))
        when = container.now() + timedelta(hours=3)
        agreed = Appointment(when, contact=WORD)
        await appointments.appoint(container, desk, first, agreed)
        await stays.admit(container, desk, first, Arrival())
        await stays.discharge(container, desk, referral_id, None, Destination.OVERLEDEN)
        dying, _ = await ask(world, Urgency.SPOED, world.pool_id)
        await endings.died(container, coordinator, dying, WORD)
        mailbox = WordSetting("post@zorg.example", dict.fromkeys(NoticeKind, Choice.METEEN))
        await _everything_goes_out(world, mailbox)

    told_point = await told(database, world.coordinator.organisation_id)
    assert told_point == [
        *(("aanvraag", "filed"), ("vraag-beantwoord", "answered"), ("vraag", "asked")),
        *(("antwoord", "offer-accepted"), ("antwoord", "appointed")),
        *(("status", "admitted"), ("status", "discharged")),
        *(("aanvraag", "filed"), ("alarm", "opnieuw-binnen-30-dagen")),
        ("vraag-beantwoord", "answered"),
    ]
    assert await told(database, world.provider.organisation_id) == [
        *(("aanvraag", "offered"), ("vraag-beantwoord", "answered")),
        *(("aanvraag", "offered"), ("ingetrokken", "offer-withdrawn")),
    ]
    # What was typed for it, it hears of too; of the winner, nothing.
    assert await told(database, second.organisation_id) == [
        ("aanvraag", "offered"),
        ("antwoord", "offer-refused"),
    ]
    # How it stands, not what providers do, and of a death no more than that it is over.
    assert await told(database, world.other.organisation_id) == [
        *(("vraag", "aanvulling-gevraagd"), ("status", "getrieerd"), ("status", "geaccepteerd")),
        *(("status", "opgenomen"), ("status", "afgesloten")),
        *(("vraag", "aanvulling-gevraagd"), ("status", "getrieerd"), ("status", "afgesloten")),
    ]
    await _names_what_may_be_looked_up(database, world, referral_id, first)
    await _holds_nothing_personal(database, logs)


async def _everything_goes_out(world: World, setting: WordSetting) -> None:
    """By mail and webhook to all who hear of anything."""
    container = world.container
    container.settings = container.settings.model_copy(
        update={"smtp_url": "smtp://localhost", "mail_from": "toren@zorg.example"}
    )
    for party in (world.coordinator, world.provider, world.other):
        actor = replace(await actor_of(world, party), role=Role.COORDINATOR)
        await set_setting(container, actor, party.organisation_id, setting, 0)
        await endpoints.create_endpoint(container, actor, endpoints.Endpoint(URL))
    while await spreading.spread(container):
        pass


async def _names_what_may_be_looked_up(
    database: Database, world: World, referral_id: UUID, offer_id: UUID
) -> None:
    of_provider = await database.all(
        "SELECT referral_id, offer_id, urgent, data FROM notice WHERE organisation_id = $1"
        " ORDER BY id LIMIT 2",
        world.provider.organisation_id,
    )
    for row in of_provider:
        assert (row["referral_id"], row["offer_id"]) == (None, offer_id)
        assert row["urgent"]
    data = orjson.loads(of_provider[0]["data"])
    deadline = await column(world, "offer", offer_id, "deadline_at")
    assert data == {
        "number": await column(world, "referral", referral_id, "number"),
        "care_type": "elv-laag",
        "urgency": "acuut",
        "step": "offered",
        "deadline_at": deadline.isoformat(),  # type: ignore[attr-defined]  # a moment, in this column
    }
    of_doctor = await database.all(
        "SELECT referral_id, offer_id FROM notice WHERE organisation_id = $1",
        world.other.organisation_id,
    )
    assert {row["offer_id"] for row in of_doctor} == {None}
    assert None not in {row["referral_id"] for row in of_doctor}


async def _holds_nothing_personal(database: Database, logs: list[Any]) -> None:
    written = [str(logs)]
    for table in ("notice", "delivery", "word_setting", "webhook_endpoint", "notice_read"):
        rows = await database.all(f"SELECT to_jsonb(t)::text AS told FROM {table} t")
        written += [row["told"] for row in rows]
    rows = await database.all("SELECT to_jsonb(e)::text AS told FROM event e WHERE kind = 'notice'")
    assert len(rows) > 10
    assert all('"data": null' in row["told"] for row in rows)
    sent = [stored_notice(row) for row in await database.all("SELECT * FROM notice")]
    for one in sent:
        written.append(webhooks.body_of(one, "https://toren.example").decode())
        due = MailDue(one.id, "a@b.example", False, [one.id], Sending(1, one.created_at), [one])
        mail = mails.mail_of(
            due, "a@b.example", "c@d.example", "https://toren.example", one.created_at
        )
        written += [str(mail), mail.get_content()]
    everything = "\n".join(written)
    assert len(sent) > 10
    for marked in (WORD, CALLBACK, str(Refusal.GEDRAG_WZD), "overleden", "Overleden", "died"):
        assert marked not in everything, marked
    # Digits are in ids too; as a value of its own there is none.
    for value in (BIRTH_YEAR, PC4, "vrouw"):
        assert f'"{value}"' not in everything
        assert f": {value}," not in everything


async def test_what_is_undone_was_never_told_and_what_is_committed_is(
    world: World,
    settings: Settings,
    database: Database,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await with_places(world, 3)
    desk = await intake_desk(world)
    _, (offer_id,) = await offered(world)
    point = world.coordinator.organisation_id
    before = await told(database, point)

    async def then_fail(*given: Any) -> None:
        await write(*given)
        raise RuntimeError("a defect")

    write = word.write_notices
    monkeypatch.setattr(word, "write_notices", then_fail)
    with pytest.raises(RuntimeError):
        await acceptances.accept(world.container, desk, offer_id, Acceptance())
    with pytest.raises(RuntimeError):
        await answers.refuse(world.container, desk, offer_id, Refusal.GEEN_PLEK)
    monkeypatch.undo()
    assert await told(database, point) == before
    async with line_to(database.url) as line:
        through = settings.model_copy(update={"database_url": line.url})
        async with running(through, clock.now) as container:
            await container.follower.until_ready()
            line.lose_answers(after=b"COMMIT")
            with pytest.raises(OutcomeUnknown):
                await acceptances.accept(container, desk, offer_id, Acceptance())
            line.restore()

    async def accepted() -> bool:
        return await column(world, "offer", offer_id, "state") == "toegezegd"

    await until(accepted)
    with pytest.raises(OfferEnded):
        await acceptances.accept(world.container, desk, offer_id, Acceptance())
    assert await told(database, point) == [*before, ("antwoord", "offer-accepted")]


async def test_of_acceptances_in_one_commit_only_those_that_count_are_told(
    world: World, database: Database
) -> None:
    await with_places(world, 1)
    desk = await intake_desk(world)
    asked = [(await offered(world))[1][0] for _ in range(2)]
    items = [acceptances.Accepting(desk, offer_id, Acceptance(), None, None) for offer_id in asked]
    first, second = await acceptances.accept_all(world.container, items)
    assert not isinstance(first, Exception)
    assert isinstance(second, Exception)
    rows = await database.all(
        "SELECT offer_id FROM notice WHERE organisation_id = $1 AND kind = 'antwoord'",
        world.coordinator.organisation_id,
    )
    assert [row["offer_id"] for row in rows] == asked[:1]


async def test_the_clocks_tell_everybody_what_they_did(
    world: World, database: Database, clock: Clock
) -> None:
    await with_places(world, 3)
    desk = await intake_desk(world)
    await endpoints.create_endpoint(world.container, desk, endpoints.Endpoint(URL))
    await offered(world, urgency=Urgency.ACUUT)
    point, provider = world.coordinator.organisation_id, world.provider.organisation_id
    clock.turn(timedelta(minutes=11))
    await sweeps.sweep(world.container)
    assert (await told(database, point))[-1] == ("alarm", "acuut-niet-gezien")
    clock.turn(timedelta(minutes=20))
    await sweeps.sweep(world.container)
    assert (await told(database, provider))[-1] == ("verlopen", "offer-expired")
    assert {("verlopen", "offer-expired"), ("alarm", "niemand-antwoordde")} <= set(
        await told(database, point)
    )
    # Of what it was asked in vain the provider reads, and is sent, nothing else any more.
    while await spreading.spread(world.container):
        pass
    looked = await bell.look(world.container, desk, desk.id)
    assert looked.urgent is not None
    (due,) = await world.container.act(
        lambda work: sending.take_webhooks(work, work.now, (), 10, failing=False)
    )
    for one in (looked.urgent.notice, due.notice):
        assert one.notice.data.step is not None
        assert one.notice.data.of_what_ended() == one.notice.data
    calm = await database.all(
        "SELECT data ->> 'alert' AS alert FROM notice WHERE NOT urgent AND kind = 'alarm'"
    )
    clock.turn(timedelta(days=3))
    assert await sweeps.tell_stale(world.container) == 1
    assert await sweeps.tell_stale(world.container) == 0
    (stale,) = await database.all("SELECT * FROM notice WHERE kind = 'capaciteit-oud'")
    assert (stale["organisation_id"], stale["pool_id"]) == (provider, world.pool_id)
    assert orjson.loads(stale["data"]).keys() == {"valid_until"}
    assert not stale["urgent"]
    assert {row["alert"] for row in calm}.isdisjoint({"acuut-niet-gezien", "niemand-antwoordde"})


async def test_a_handover_is_told_to_the_other_side_under_its_own_id(
    world: World, database: Database
) -> None:
    container, sender = world.container, await actor_of(world)
    there = await make_party(container, Role.COORDINATOR)
    receiver = await actor_of(world, there)
    for answer in (handovers.refuse, handovers.accept):
        referral_id = (await triaged(world)).referral_id
        done = await handovers.hand_over(
            container, sender, referral_id, there.organisation_id, HandoverReason.DIENST, WORD
        )
        await answer(container, receiver, done.id)
    referral_id = (await triaged(world)).referral_id
    done = await handovers.hand_over(
        container, sender, referral_id, there.organisation_id, HandoverReason.DIENST
    )
    await handovers.withdraw(container, sender, done.id)
    assert await told(database, there.organisation_id) == [
        *[("overdracht", "aangeboden")] * 3,
        ("ingetrokken", "ingetrokken"),
    ]
    assert [one for one in await told(database, sender.organisation_id) if one[0] != "alarm"] == [
        ("overdracht-antwoord", "geweigerd"),
        ("overdracht-antwoord", "geaccepteerd"),
    ]
    rows = await database.all("SELECT * FROM notice WHERE kind LIKE 'overdracht%'")
    assert {row["referral_id"] for row in rows} == {None}
    assert None not in {row["handover_id"] for row in rows}


async def test_what_was_done_before_it_was_typed_wakes_nobody_and_the_end_tells_who_was_asked(
    world: World, database: Database
) -> None:
    await with_places(world, 3)
    container, coordinator = world.container, await actor_of(world)
    referral_id, (offer_id,) = await offered(world, urgency=Urgency.ACUUT)
    # What a provider doesn't see anything of is no change of what it was asked.
    changed = "SELECT count(*) FROM notice WHERE data ->> 'step' = 'needs-changed'"
    need = make_need()
    for other, wishes, heard in (
        (need, Wishes(), 0),
        (need, Wishes(gemeente="0637"), 0),
        (replace(need, pc4="2713"), None, 1),
    ):
        await needs.change(container, coordinator, referral_id, other, Urgency.ACUUT, {}, wishes)
        assert await database.value(changed) == heard
    just_now = container.now()
    await answers.refuse(container, coordinator, offer_id, Refusal.GEEN_PLEK, happened_at=just_now)
    late = "SELECT urgent FROM notice WHERE kind = 'antwoord'"
    assert [row["urgent"] for row in await database.all(late)] == [False]
    referral_id, offer_id = await promised(world)
    await endings.withdraw(container, coordinator, referral_id, WithdrawalReason.VERGISSING, WORD)
    (last,) = await database.all("SELECT * FROM notice ORDER BY id DESC LIMIT 1")
    assert (last["kind"], last["offer_id"]) == ("ingetrokken", offer_id)
    assert last["organisation_id"] == world.provider.organisation_id
