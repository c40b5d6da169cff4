"""Maps what goes wrong inside the routes to problems, at one place."""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from api.problems import Answer, answer, describe
from domain.errors import Code, Problem

log = structlog.get_logger()

#: Mistakes that one answer names at most.
MAX_TOLD = 50
_BY_STATUS = {404: Code.NOT_FOUND, 413: Code.BODY_TOO_LARGE, 415: Code.UNSUPPORTED_MEDIA_TYPE}

#: What pydantic finds, in the words of the people who send it.
_MESSAGES = {
    "missing": "Dit veld ontbreekt.",
    "extra_forbidden": "Dit veld kennen we niet.",
    "int_type": "Geef een geheel getal.",
    "int_parsing": "Geef een geheel getal.",
    "int_from_float": "Geef een geheel getal.",
    "greater_than_equal": "Dit is te klein: minstens {ge}.",
    "less_than_equal": "Dit is te groot: hoogstens {le}.",
    "enum": "Deze waarde kennen we niet. Kies uit: {expected}.",
    "literal_error": "Deze waarde kennen we niet. Kies uit: {expected}.",
    "uuid_parsing": "Dit is geen geldige id.",
    "uuid_type": "Dit is geen geldige id.",
    "timezone_aware": "Geef bij het tijdstip de zone, bijvoorbeeld 2026-11-21T08:00:00Z.",
    "datetime_from_date_parsing": "Geef een tijdstip, bijvoorbeeld 2026-11-21T08:00:00Z.",
    "datetime_parsing": "Geef een tijdstip, bijvoorbeeld 2026-11-21T08:00:00Z.",
    "datetime_type": "Geef een tijdstip, bijvoorbeeld 2026-11-21T08:00:00Z.",
    "datetime_object_invalid": "Dit tijdstip bestaat niet.",
    "date_type": "Geef een datum, bijvoorbeeld 2026-11-23.",
    "date_parsing": "Geef een datum, bijvoorbeeld 2026-11-23.",
    "date_from_datetime_parsing": "Geef een datum, bijvoorbeeld 2026-11-23.",
    "string_type": "Geef een tekst.",
    "too_short": "Geef er minstens {min_length}.",
    "too_long": "Geef er hoogstens {max_length}.",
    "string_too_short": "De tekst is te kort.",
    "string_too_long": "De tekst is te lang.",
    "string_pattern_mismatch": "De tekst heeft niet de juiste vorm.",
    "model_attributes_type": "Geef een JSON-object.",
    "model_type": "Geef een JSON-object.",
    "json_invalid": "Dit is geen geldige JSON.",
    "member_twice": "Dit veld staat er twee keer.",
}


def install(app: FastAPI) -> None:
    """Registers the handlers."""
    for expected_error in (Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(expected_error, _handle)
    # The gate logs it; without this the framework would answer in plain text.
    app.add_exception_handler(Exception, _defect)


def expected(error: Exception) -> Answer | None:
    """The answer to a failure that is expected; None for a defect of ours."""
    match error:
        case Problem():
            return answer(error)
        case RequestValidationError():
            return invalid(error.errors())
        case HTTPException(status_code=405):
            return describe(Code.METHOD_NOT_ALLOWED)
        case HTTPException():
            return describe(_BY_STATUS.get(error.status_code, Code.INVALID_INPUT))
        case _:
            return None


async def _handle(request: Request, error: Exception) -> Response:
    found = expected(error)
    assert found is not None
    if found.status == 405:
        found.headers["allow"] = _allowed(request)
    return Response(found.body, found.status, found.headers)


def invalid(found: Sequence[Any]) -> Answer:
    """The answer to input that pydantic refused; a pointer and a reason for each field."""
    errors = [
        {
            "pointer": "" if item["type"] == "json_invalid" else _pointer(item["loc"]),
            "code": item["type"],
            "detail": _message(item),
        }
        for item in found[:MAX_TOLD]
    ]
    return describe(Code.INVALID_INPUT, errors=errors)


def _message(item: Any) -> str:
    """In Dutch, with the bound or the choices that were passed by."""
    told = {name: str(value) for name, value in item.get("ctx", {}).items()}
    if "expected" in told:
        told["expected"] = told["expected"].replace("'", "").replace(" or ", " of ")
    text = _MESSAGES.get(item["type"], "Deze waarde klopt niet.")
    return text.format(**told) if "{" in text else text


async def _defect(_request: Request, _error: Exception) -> Response:
    found = describe(Code.INTERNAL)
    return Response(found.body, found.status, found.headers)


def _allowed(request: Request) -> str:
    """All methods of all routes on this path; Starlette names only those of the first."""
    methods: set[str] = set()
    for route in (*request.app.state.routes, *request.app.routes):
        if isinstance(route, Route) and route.path_regex.match(request.scope["path"]):
            methods |= route.methods or set()
    return ", ".join(sorted(methods))


def _pointer(location: Sequence[object]) -> str:
    """A JSON pointer into the body; the name alone for a parameter."""
    where, *path = location
    if where != "body":
        return ".".join(str(part) for part in path)
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
