"""A bare FastAPI endpoint that takes a question's parameters and answers with a small model."""

from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel

from bench.reference.settings import serve
from domain.care_types import CareType

app = FastAPI()


class Answer(BaseModel):
    """As small as an answer gets."""

    items: list[str]
    next_cursor: str | None


@app.get("/v1/availability")
async def get_availability(
    care_type: CareType,
    near: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Answer:
    """Answer with next to nothing."""
    return Answer(items=[care_type.value], next_cursor=near if limit else None)


if __name__ == "__main__":
    serve(app)
