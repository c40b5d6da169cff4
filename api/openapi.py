"""The OpenAPI document: FastAPI's own, and what it can't know (problems, keys, versions)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.problems import MEDIA_TYPE, TEXTS, URN
from api.routing import ASKS, MODELS, PROBLEMS, documented
from domain.errors import Code

_KEY = "key"
_VERSION_HEADER = {"API-Version": {"$ref": "#/components/headers/ApiVersion"}}
_COMPONENTS: dict[str, dict[str, Any]] = {
    "securitySchemes": {
        _KEY: {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of an organisation for a role: `vt_…`, issued by the operator.",
        }
    },
    "headers": {
        "ApiVersion": {
            "description": "The full version of the API that answered.",
            "schema": {"type": "string"},
        }
    },
    "schemas": {
        "Problem": {
            "title": "Problem",
            "description": "RFC 9457. `type` never changes its meaning within v1; the texts may.",
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string", "format": "uri"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["pointer", "detail"],
                        "properties": {
                            "pointer": {
                                "type": "string",
                                "description": "JSON pointer into the body, or a parameter's name.",
                            },
                            "code": {"type": "string"},
                            "row": {
                                "type": ["integer", "null"],
                                "description": "Of a spreadsheet, as it shows it.",
                            },
                            "column": {
                                "type": ["string", "null"],
                                "description": "Of a spreadsheet: the header, or the column's letter.",
                            },
                            "detail": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}


class DocumentedApi(FastAPI):
    """A FastAPI that tells of every problem its calls may answer with."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            models: list[type[BaseModel]] = []
            for operation in _operations(document):
                models += documented(operation.pop(MODELS, ()))
                _complete(operation)
            components = document.setdefault("components", {})
            components.setdefault("schemas", {}).update(_schemas(models))
            for kind, items in _COMPONENTS.items():
                components.setdefault(kind, {}).update(items)
            # FastAPI's own errors, which no call of ours answers with.
            for unused in ("HTTPValidationError", "ValidationError"):
                components["schemas"].pop(unused, None)
        assert self.openapi_schema is not None
        return self.openapi_schema


def _schemas(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """Of bodies that a call reads by itself, so that FastAPI doesn't know of them."""
    wanted: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (model, "validation") for model in models
    ]
    _, document = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
    found: dict[str, Any] = document.get("$defs", {})
    return found


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    by_status: dict[int, list[Code]] = defaultdict(list)
    for code in _codes(operation):
        by_status[TEXTS[code].status].append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = _problem_response(codes)
    for response in responses.values():
        response.setdefault("headers", {}).update(_VERSION_HEADER)
    if ASKS in operation:
        operation["security"] = [{_KEY: []}]


def _codes(operation: dict[str, Any]) -> list[Code]:
    """The problems that the route declares, and those that follow from what it is."""
    found = {Code(code) for code in operation.pop(PROBLEMS, ())}
    if ASKS in operation:
        found |= {Code.NOT_SIGNED_IN, Code.NOT_ALLOWED, Code.UNAVAILABLE}
    if "parameters" in operation or "requestBody" in operation:
        found.add(Code.INVALID_INPUT)
    if "requestBody" in operation:
        found |= {Code.BODY_TOO_LARGE, Code.UNSUPPORTED_MEDIA_TYPE}
    return [code for code in Code if code in found]


def _problem_response(codes: list[Code]) -> dict[str, Any]:
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"properties": {"type": {"enum": [URN + code for code in codes]}}},
        ]
    }
    return {
        "description": "\n".join(f"`{code}`: {TEXTS[code].title}." for code in codes),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
