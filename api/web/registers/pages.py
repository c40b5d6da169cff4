"""All paths of the registers' pages."""

from starlette.routing import Route

from api.web.registers import beds, keys, locations, organisations, people, pools, regions, teams

_NOUNS = (organisations, locations, pools, beds, teams, keys, people, regions)


def routes() -> list[Route]:
    """The paths of every noun."""
    return [route for noun in _NOUNS for route in noun.routes()]
