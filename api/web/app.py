"""Puts the pages together."""

from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from api.web import notices, preferences, signing_in, static
from api.web.board import subjects as board_subjects
from api.web.board.feed import BoardFeeds
from api.web.board.live import BoardLive
from api.web.board.pages import BoardPages
from api.web.capacity import pages as capacity
from api.web.compression import Compressed
from api.web.feeds import pages as feed_pages
from api.web.gate import PageGate
from api.web.home_care import pages as home_care
from api.web.my_referrals import pages as my_referrals
from api.web.registers import pages as registers
from api.web.word import pages as word
from app.settings import Settings
from domain.errors import Problem


def create_pages(settings: Settings) -> tuple[PageGate, dict[str, ASGIApp]]:
    """Every page behind its gate, and the sockets of pages by their paths."""
    board_feeds = BoardFeeds()
    board = BoardPages(board_feeds)
    modules = (
        signing_in,
        preferences,
        board,
        board_subjects.SubjectPages(board),
        capacity,
        home_care,
        my_referrals,
        feed_pages,
        registers,
        word,
    )
    pages = Starlette(
        routes=[*(route for module in modules for route in module.routes()), static.route],
        middleware=[Middleware(Compressed)],
        exception_handlers={
            Problem: notices.on_problem,
            HTTPException: notices.on_http,
            Exception: notices.on_defect,
        },
    )
    gate = PageGate(pages, base_url=settings.base_url, tiles=_origin(settings.map_tiles))
    return gate, {"/bord/live": BoardLive(board_feeds, settings.base_url)}


def _origin(tiles: str) -> str:
    """Where a base map's pictures come from; empty for none."""
    parts = urlsplit(tiles)
    return f"{parts.scheme}://{parts.netloc}" if tiles else ""
