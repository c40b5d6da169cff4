"""A bare FastAPI endpoint with the body model of a report, that stores nothing: what HTTP and validation cost by themselves."""

from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel

from api.rest.reports import ReportBody
from bench.reference.settings import serve

app = FastAPI()


class Answer(BaseModel):
    """A small model, like the answer to a report."""

    outcome: str
    pool_id: UUID
    version: int


@app.put("/v1/pools/{pool_id}/report")
async def put_report(pool_id: UUID, body: ReportBody) -> Answer:
    """Accept whatever is valid."""
    return Answer(outcome="accepted", pool_id=pool_id, version=body.occupied or 0)


if __name__ == "__main__":
    serve(app)
