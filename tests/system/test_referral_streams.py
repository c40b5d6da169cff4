"""Who hears what while a referral goes its way: id, state and version of their own, and not a word more."""

import json
from contextlib import AsyncExitStack
from typing import Any

from tests.support.scenarios import Desk, Region
from tests.support.serving import Subscriber, number_of
from tests.system.test_scenario_1 import FACTS

#: In everything that somebody typed.
WORD = "HONINGDROP"
CALLBACK = "079 555 19 37"
NEED: dict[str, Any] = {
    "birth_year": 1937,
    "sex": "vrouw",
    "pc4": "2725",
    "setting": "thuis",
    "infection": "geen",
    "urgency": "acuut",
    "what_happened": WORD,
    "help_needed": WORD,
    "remark": WORD,
    "callback": CALLBACK,
}


async def test_everybody_hears_of_their_own_and_not_a_word_of_what_was_typed(
    region: Region,
) -> None:
    region.at("2026-11-27T10:00:00")
    coordinator = region.coordinator
    den_haag = await region.organisation("coordination-point", "Punt Den Haag", "coordinator")
    practice = await region.organisation("general-practice", "De Praktijk", "referrer")
    hospital = await region.organisation("hospital", "Ziekenhuis", "referrer")
    intakes = [
        await region.organisation("provider", name, "provider-intake")
        for name in ("De Es", "De Berk", "De Linde")
    ]
    es, berk, linde = intakes
    pools = []
    for desk in intakes:
        pools.append(await region.pool(desk, "ELV", "elv-laag"))
        capacity = await region.key(desk.organisation_id, "provider-capacity")
        await capacity.put(f"/pools/{pools[-1]}/report", {"free": 2})
    await region.settled()
    topics = {"coordinator": ("referrals", "handovers"), "referrer": ("referral-statuses",)}
    listeners = [
        (coordinator, topics["coordinator"]),
        (den_haag, topics["coordinator"]),
        (practice, topics["referrer"]),
        (hospital, topics["referrer"]),
        *((desk, ("offers",)) for desk in intakes),
    ]
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(region.listening(desk, *followed))
            for desk, followed in listeners
        ]
        referral_id, (won, lost) = await _goes_its_way(
            coordinator, practice, (es, berk), (pools[0], pools[1])
        )
        moved, handover_id, done = await _is_handed_over(coordinator, den_haag, hospital)
        await _caught_up(region, sockets, done)

        point, other, first, second, *providers = [_of(socket) for socket in sockets]
        # Whoever has it in hand hears each act; who asked for it, the same of theirs alone.
        assert _settled(point["referral", referral_id]) == [
            *("ingediend", "aanvulling-gevraagd", "ingediend", "getrieerd", "aangeboden"),
            *("tegenvoorstel", "geaccepteerd"),
        ]
        assert first == {("referral-status", referral_id): point["referral", referral_id]}
        # What is handed over is gone for the one, and there for the other; who asked goes on.
        assert point["referral", moved][-1] is None
        assert "overgedragen" not in point["referral", moved]
        assert other["referral", moved][0] == "overgedragen"
        assert other["handover", handover_id] == ["aangeboden", "geaccepteerd"]
        assert point.keys() == {("referral", referral_id), ("referral", moved)}
        assert other.keys() == {("referral", moved), ("handover", handover_id)}
        assert second.keys() == {("referral-status", moved)}
        assert _settled(second["referral-status", moved])[-2:] == ["overgedragen", "getrieerd"]
        assert None not in second["referral-status", moved]
        # Who lost hears that, and nothing after it; who was never asked, nothing.
        assert providers[0].keys() == {("offer", won)}
        assert _settled(providers[0]["offer", won]) == ["gevraagd", "toegezegd"]
        assert providers[1].keys() == {("offer", lost)}
        assert _settled(providers[1]["offer", lost]) == [
            *("gevraagd", "tegenvoorstel", "ingetrokken")
        ]
        assert providers[1]["offer", lost].count("ingetrokken") == 1
        assert providers[2] == {}
        assert await linde.get("/offers") == {"items": [], "next_cursor": None}

        for socket, (desk, followed) in zip(sockets, listeners, strict=True):
            _is_bare(socket.events)
            # What a snapshot shows now is what the events made of the old one.
            snapshot = await desk.get("/snapshot", topics=",".join(followed))
            _is_bare(snapshot["subjects"])
            assert socket.subjects == {
                (one["kind"], one["id"]): one["data"] for one in snapshot["subjects"]
            }


async def _goes_its_way(
    coordinator: Desk, practice: Desk, asked: tuple[Desk, Desk], pools: tuple[str, str]
) -> tuple[str, list[str]]:
    """From filing to a promise, with words typed at every step: the referral, and its two offers."""
    es, berk = asked
    referral_id = str((await practice.post("/referrals", NEED))["id"])
    path = f"/referrals/{referral_id}"
    said = {"text": WORD}
    await coordinator.post(f"{path}/handling")
    question = await coordinator.post(f"{path}/questions", said)
    await practice.post(f"{path}/questions/{question['id']}/answer", said)
    await coordinator.post(f"{path}/triage", {"facts": FACTS, "chosen": "elv-laag"})
    await coordinator.post(f"{path}/notes", said)
    await coordinator.put(f"{path}/call-back", {"at": "2026-11-27T11:00:00Z", **said})
    to = [{"pool_id": pool_id} for pool_id in pools]
    offers = (await coordinator.post(f"{path}/offers", {"to": to, "argument": WORD}))["offers"]
    first, second = (f"/offers/{offer_id}" for offer_id in offers)
    await es.post(f"{first}/sight")
    question = await es.post(f"{first}/questions", said)
    await coordinator.post(f"{path}/questions/{question['id']}/answer", said)
    proposed = {"admission_at": "2026-11-28T10:00:00Z", **said}
    await berk.post(f"{second}/counter-proposal", proposed)
    spoken = {"kind": "call-out", "outcome": "spoken", "offer_id": offers[0], **said}
    await coordinator.post(f"{path}/contacts", spoken)
    await es.post(f"{first}/acceptance", {"admission_at": "2026-11-27T12:00:00Z", **said})
    agreed = {"admission_at": "2026-11-27T12:30:00Z", "contact": WORD}
    await es.put(f"{first}/appointment", agreed)
    return referral_id, offers


async def _is_handed_over(
    coordinator: Desk, den_haag: Desk, hospital: Desk
) -> tuple[str, str, dict[str, Any]]:
    """Another referral goes to another coordination point, which goes on with it."""
    filed = await hospital.post("/referrals", {**NEED, "birth_year": 1944})
    path = f"/referrals/{filed['id']}"
    offered = await coordinator.post(
        f"{path}/handover",
        {"to": den_haag.organisation_id, "reason": "woonplaats", "text": WORD},
    )
    await den_haag.post(f"/handovers/{offered['id']}/acceptance")
    await coordinator.refused("not-found", "POST", f"{path}/notes", {"text": WORD})
    done = await den_haag.post(f"{path}/triage", {"facts": FACTS, "chosen": "elv-laag"})
    return str(filed["id"]), str(offered["id"]), done


async def _caught_up(region: Region, sockets: list[Subscriber], done: dict[str, Any]) -> None:
    """Every socket has heard all up to an act; those who heard nothing, by a heartbeat."""
    await region.settled()
    assert region.api.container is not None
    region.api.container.hub.beat()
    for socket in sockets:
        await socket.until_number(number_of(done["position"]))


def _of(socket: Subscriber) -> dict[tuple[str, str], list[str | None]]:
    """The states that a socket heard, by subject; None where it was told that it is gone."""
    found: dict[tuple[str, str], list[str | None]] = {}
    for event in socket.events:
        state = event["data"]["state"] if event["data"] is not None else None
        found.setdefault((event["kind"], event["id"]), []).append(state)
    return found


def _settled(states: list[str | None]) -> list[str | None]:
    """Without the same one twice in a row."""
    return [one for at, one in enumerate(states) if at == 0 or states[at - 1] != one]


def _is_bare(told: list[Any]) -> None:
    """Id, state and version, and no word of anybody's."""
    for one in told:
        assert one["data"] is None or one["data"].keys() == {"id", "state", "version"}
    text = json.dumps(told)
    assert WORD not in text
    assert CALLBACK not in text
