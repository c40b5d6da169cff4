"""What the operator watches, in the text format of Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.container import Container

_registry = CollectorRegistry()
_live = Gauge("verkeerstoren_live_connections", "Live subscribers", registry=_registry)
_lag = Gauge(
    "verkeerstoren_board_age_seconds",
    "Seconds since the board was last known to be complete",
    ["region"],
    registry=_registry,
)
_number = Gauge(
    "verkeerstoren_board_position", "Last event on the board", ["region"], registry=_registry
)
_bus = Gauge("verkeerstoren_bus_connected", "1 while Redis wakes us", registry=_registry)


class _Requests:
    """Counts and times requests; children are kept, since looking one up costs more than counting."""

    def __init__(self) -> None:
        self._count = Counter(
            "verkeerstoren_requests_total", "Requests", ["method", "status"], registry=_registry
        )
        self._seconds = Histogram(
            "verkeerstoren_request_seconds", "Time to answer", registry=_registry
        )
        self._children: dict[tuple[str, int], Counter] = {}

    def observe(self, method: str, status: int, seconds: float) -> None:
        """One request was answered; status 0 when the caller had gone."""
        child = self._children.get((method, status))
        if child is None:
            child = self._children[method, status] = self._count.labels(method, status)
        child.inc()
        self._seconds.observe(seconds)


REQUESTS = _Requests()


def metrics_text(container: Container) -> bytes:
    """The figures of this process now."""
    now = container.now()
    _live.set(container.hub.count())
    _bus.set(container.bus.connected)
    for region_id, board in container.board.regions.items():
        _lag.labels(region_id).set((now - board.complete_at).total_seconds())
        _number.labels(region_id).set(board.position.number)
    return generate_latest(_registry)
