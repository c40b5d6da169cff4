"""How a source does, in one word: what has to be looked at first comes first."""

from enum import StrEnum

from app.services.feed_health import Health


class Standing(StrEnum):
    """The first that holds, in this order; the order of the list too."""

    SILENT = "stil"
    MISSED = "gemist"
    STALE = "onbevestigd"
    DOUBTED = "twijfel"
    SANDBOX = "proef"
    NEVER = "nog-niets"
    GOOD = "goed"

    @property
    def problem(self) -> bool:
        """Whether somebody has to do something."""
        return self in _PROBLEMS


_PROBLEMS = frozenset({Standing.SILENT, Standing.MISSED, Standing.STALE, Standing.DOUBTED})


def standing_of(health: Health) -> Standing:
    """How a source did over the period of its health.

    Of postings the last day counts on which some were due: what was mended since is history.
    """
    if health.source.sandbox:
        return Standing.SANDBOX
    if health.last_report_at is None:
        return Standing.NEVER
    if health.counts.reports == 0:
        return Standing.SILENT
    if health.postings and health.postings[-1].missed:
        return Standing.MISSED
    if any(stands.fresh < stands.reported for stands in health.stands.values()):
        return Standing.STALE
    if health.warnings or health.counts.late:
        return Standing.DOUBTED
    return Standing.GOOD
