"""Puts the edge together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI
from starlette.responses import JSONResponse

from api import asyncapi, errors, health
from api.gate import Gate
from api.live import live
from api.openapi import DocumentedApi
from api.rest import (
    admission_stops,
    alerts,
    availability,
    beds,
    board_checks,
    care_types,
    claims,
    deliveries,
    delivery_records,
    feed_health,
    handovers,
    history,
    home_care,
    home_care_reports,
    home_care_teams,
    imports,
    keys,
    location_hours,
    locations,
    matches,
    no_place,
    norms,
    notices,
    offer_answers,
    offer_decisions,
    offers,
    organisations,
    outlook,
    pools,
    proposals,
    questions,
    referral_desk,
    referral_endings,
    referral_history,
    referral_reads,
    referral_records,
    referrals,
    regions,
    report_batches,
    reports,
    rounds,
    shift_handover,
    sources,
    stays,
    stream,
    triages,
    webhook_endpoints,
    word_settings,
)
from api.routing import LeanRoute
from api.web.app import create_pages
from app.container import running, utc_now
from app.services.demo import refuse_in_production
from app.settings import Settings


def create_app(settings: Settings, now: Callable[[], datetime] = utc_now) -> Gate:
    """The ASGI application. It opens its container when the server starts it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(settings, now) as container:
            await refuse_in_production(container)
            app.state.container = container
            yield

    app = DocumentedApi(
        title="Verkeerstoren",
        version="1.0.0",
        summary="Live care capacity and referral coordination for a region.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        servers=[{"url": settings.base_url}],
    )
    app.state.routes = []
    routers = [
        module.router
        for module in (
            reports,
            report_batches,
            imports,
            care_types,
            regions,
            norms,
            organisations,
            locations,
            location_hours,
            pools,
            outlook,
            beds,
            home_care_teams,
            home_care_reports,
            admission_stops,
            history,
            sources,
            feed_health,
            delivery_records,
            referrals,
            referral_reads,
            referral_history,
            triages,
            board_checks,
            matches,
            claims,
            questions,
            referral_endings,
            referral_desk,
            alerts,
            no_place,
            shift_handover,
            proposals,
            referral_records,
            rounds,
            offers,
            offer_answers,
            offer_decisions,
            stays,
            handovers,
            notices,
            word_settings,
            webhook_endpoints,
            deliveries,
            stream,
            keys,
            health,
        )
    ]
    # The first is looked at first, and it is the busiest.
    hot = [module.hot for module in (reports, availability, home_care, offer_answers)]
    for router in (*hot, *routers):
        app.include_router(router)
        app.state.routes += router.routes
    document = asyncapi.document(settings.base_url)

    async def get_asyncapi() -> JSONResponse:
        return JSONResponse(document)

    app.add_api_route("/v1/asyncapi.json", get_asyncapi, include_in_schema=False)
    errors.install(app)
    lean = [route for router in hot for route in router.routes if isinstance(route, LeanRoute)]
    pages, sockets = create_pages(settings)
    return Gate(app, lean, {"/v1/live": live, **sockets}, pages)
