"""Every problem has its status and its Dutch, and a code never changes its meaning."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from api import problems
from api.errors import expected
from api.problems import MEDIA_TYPE, TEXTS
from domain import errors
from domain.errors import (
    Code,
    InvalidInput,
    NotFound,
    NotSignedIn,
    ObservedInFuture,
    Problem,
    TooManyAttempts,
    Unavailable,
    VersionChanged,
)

#: Promised to callers: a code may be added here, never changed or taken away within v1.
PROMISED = {
    "invalid-input": 400,
    "bad-spreadsheet": 400,
    "body-too-large": 413,
    "unsupported-media-type": 415,
    "not-signed-in": 401,
    "sign-in-refused": 401,
    "too-many-attempts": 429,
    "not-allowed": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "observed-in-future": 400,
    "figures-from-beds": 409,
    "pool-closed": 409,
    "nothing-to-confirm": 409,
    "version-changed": 412,
    "version-required": 428,
    "already-exists": 409,
    "idempotency-mismatch": 409,
    "unknown-position": 410,
    "not-yet-there": 503,
    "outcome-unknown": 503,
    "unavailable": 503,
    "overloaded": 503,
    "internal-error": 500,
    "already-closed": 409,
    "still-in-use": 409,
    "wrong-state": 409,
    "offer-ended": 409,
    "too-many-offers": 409,
    "no-place-left": 409,
    "board-check-required": 409,
    "argument-required": 400,
    "team-unfit": 409,
}
ENGLISH = {"the", "not", "your", "invalid", "error", "please", "must", "found", "is a", "should"}
NINE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def test_the_codes_and_their_statuses_are_those_that_were_promised() -> None:
    assert {code.value: TEXTS[code].status for code in Code} == PROMISED


@pytest.mark.parametrize("code", Code)
def test_every_problem_is_told_in_dutch_and_says_what_to_do(code: Code) -> None:
    text = TEXTS[code]
    assert text.title[0].isupper()
    assert not text.title.endswith(".")
    assert text.detail.endswith(".")
    words = f" {text.title} {text.detail} ".lower()
    assert not any(f" {word} " in words for word in ENGLISH)


def test_every_title_is_its_own() -> None:
    titles = [TEXTS[code].title for code in Code]
    assert len(set(titles)) == len(titles)


def test_every_expected_failure_has_a_code_of_its_own() -> None:
    classes = [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, Problem) and found is not Problem
    ]
    codes = [found.code for found in classes]
    assert len(set(codes)) == len(codes)
    from_the_edge = {
        Code.BODY_TOO_LARGE,
        Code.UNSUPPORTED_MEDIA_TYPE,
        Code.METHOD_NOT_ALLOWED,
        Code.INTERNAL,
    }
    assert set(codes) == set(Code) - from_the_edge


def test_nothing_changed_is_only_said_where_it_is_certain() -> None:
    unsure = {Code.OUTCOME_UNKNOWN, Code.INTERNAL}
    assert not any("niets gewijzigd" in TEXTS[code].detail for code in unsure)


def test_a_problem_answers_with_its_facts_and_its_times_in_utc() -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    seen = (NINE + timedelta(hours=1)).astimezone(elsewhere)
    found = problems.answer(ObservedInFuture(seen, NINE))
    body = json.loads(found.body)
    assert found.headers["content-type"] == MEDIA_TYPE
    assert body["type"] == "urn:verkeerstoren:problem:observed-in-future"
    assert body["observed_at"] == "2026-11-18T10:00:00Z"
    assert body["server_time"] == "2026-11-18T09:00:00Z"


def test_who_tried_too_often_hears_when_another_try_is_free() -> None:
    found = problems.answer(TooManyAttempts(61))
    body = json.loads(found.body)
    assert found.headers["retry-after"] == "61"
    assert body["retry_after"] == 61
    assert "2 minuten" in body["detail"]
    assert "een minuut" in TooManyAttempts(60).detail


def test_a_detail_of_the_case_replaces_the_general_one() -> None:
    told = json.loads(problems.answer(InvalidInput("Zo niet.", "/operable")).body)
    assert told["detail"] == "Zo niet."
    assert told["errors"] == [{"pointer": "/operable", "detail": "Zo niet."}]
    assert json.loads(problems.answer(NotFound()).body)["detail"] == TEXTS[Code.NOT_FOUND].detail


def test_each_status_has_the_headers_that_belong_to_it() -> None:
    assert problems.answer(NotSignedIn()).headers["www-authenticate"].startswith("Bearer ")
    assert problems.answer(Unavailable()).headers["retry-after"] == "1"
    assert problems.answer(VersionChanged(13)).headers["etag"] == '"13"'
    assert json.loads(problems.answer(VersionChanged(13)).body)["current"] == 13


def test_what_nobody_expected_is_not_explained_to_the_caller() -> None:
    assert expected(ZeroDivisionError("secret")) is None
    told = json.loads(problems.describe(Code.INTERNAL).body)
    assert set(told) == {"type", "title", "status", "detail"}
