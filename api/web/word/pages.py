"""All paths of the pages of word."""

from starlette.routing import Route

from api.web.word import deliveries, notices, settings, webhooks

_SUBJECTS = (notices, settings, webhooks, deliveries)


def routes() -> list[Route]:
    """The paths of every subject."""
    return [route for subject in _SUBJECTS for route in subject.routes()]
