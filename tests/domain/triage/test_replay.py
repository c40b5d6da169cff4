"""Past triages once more, by other rules."""

from uuid import UUID

from domain.triage.advice import advise
from domain.triage.facts import Facts
from domain.triage.replay import Changed, PastTriage, replay
from domain.triage.rules import Rules
from tests.factories.triage_rules import small

CALM: Facts = {"medisch-specialistische-zorg": False}
NOT_AT_HOME: Facts = {**CALM, "thuis-mogelijk": False, "wlz": "geen"}
OLD = Rules.from_data(small())


def past(number: int, facts: Facts) -> PastTriage:
    return PastTriage(UUID(int=number), OLD.version, facts, advise(OLD, facts).codes)


PAST = [
    past(1, NOT_AT_HOME),
    past(2, {**CALM, "thuis-mogelijk": True}),
    past(3, {"medisch-specialistische-zorg": True}),
    past(4, NOT_AT_HOME),
    past(5, {**NOT_AT_HOME, "wlz": "geindiceerd"}),
]


def test_the_same_rules_change_nothing() -> None:
    again = replay(OLD, PAST)
    assert (again.version, again.seen, again.changed, again.counts) == ("proef-1", 5, (), ())


def test_other_rules_show_who_would_be_advised_otherwise_and_how() -> None:
    data = {**small(), "version": "proef-2"}
    data["steps"][1]["then"]["advise"][0]["outcomes"] = ["elv-hoog"]
    data["steps"][1]["else"]["exclude"][0]["outcomes"] = ["elv-hoog"]
    data["steps"][0]["then"]["advise"][0]["outcomes"] = ["wijkverpleging"]
    shown = replay(Rules.from_data(data), reversed(PAST))
    elv = (("elv-laag", "mfb"), ("elv-hoog", "mfb"))
    home = (("thuis",), ("wijkverpleging",))
    assert (shown.version, shown.seen) == ("proef-2", 5)
    assert shown.changed == (
        Changed(UUID(int=4), "proef-1", *elv, asks=()),
        Changed(UUID(int=2), "proef-1", *home, asks=()),
        Changed(UUID(int=1), "proef-1", *elv, asks=()),
    )
    assert shown.counts == ((*elv, 2), (*home, 1))


def test_rules_that_look_at_more_show_what_they_would_ask() -> None:
    data = small()
    data["steps"][1]["if"] = {
        "all": [{"fact": "wlz", "is": "geen"}, {"fact": "medische-noodzaak", "is": True}]
    }
    data["questions"]["medische-noodzaak"] = "Is verblijf medisch noodzakelijk?"
    shown = replay(Rules.from_data(data), PAST)
    assert [(change.referral_id.int, change.after, change.asks) for change in shown.changed] == [
        (1, (), ("medische-noodzaak",)),
        (4, (), ("medische-noodzaak",)),
    ]


def test_an_order_that_changes_is_a_change() -> None:
    swapped = PastTriage(UUID(int=6), "proef-0", NOT_AT_HOME, ("mfb", "elv-laag"))
    assert [change.after for change in replay(OLD, [swapped]).changed] == [("elv-laag", "mfb")]
