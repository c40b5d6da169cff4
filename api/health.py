"""Is this process alive, does it do its work, and what are its figures."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from api.metrics import metrics_text
from api.routing import GuardedRoute, Here, asks, container_of
from app.live.messages import moment
from domain.actors import Action

router = APIRouter(tags=["health"], route_class=GuardedRoute)


class RegionHealth(BaseModel):
    """How far a region's board is, and when that was last known to be all."""

    position: str
    complete_at: str


class Health(BaseModel):
    """`ready`: the board is there and known to be current, and every background task works."""

    ready: bool
    bus_connected: bool
    failed_tasks: list[str]
    regions: dict[int, RegionHealth]
    server_time: str


@router.get("/health/live")
async def get_live() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "ok"}


@router.get("/health/ready", responses={503: {"model": Health}})
async def get_ready(request: Request, response: Response) -> Health:
    """Whether this process should get traffic; 503 while it should not."""
    container = container_of(request)
    now = container.now()
    ready = container.ready and container.current
    if not ready:
        response.status_code = 503
    return Health(
        ready=ready,
        bus_connected=container.bus.connected,
        failed_tasks=sorted(container.failed),
        regions={
            region_id: RegionHealth(
                position=str(board.position), complete_at=moment(board.complete_at)
            )
            for region_id, board in container.board.regions.items()
        },
        server_time=moment(now),
    )


@router.get("/metrics", response_class=PlainTextResponse, **asks(Action.METRICS_READ))
async def get_metrics(here: Here) -> Response:
    """The figures of this process, for Prometheus."""
    return Response(metrics_text(here), media_type="text/plain; version=0.0.4; charset=utf-8")
