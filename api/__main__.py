"""One API process: `python -m api [--host H] [--port N]`."""

import argparse
import gc
import logging

import structlog
import uvicorn

from api.main import create_app
from api.protocol import LiveProtocol
from app import logs
from app.settings import Settings, get_settings

log = structlog.get_logger()


def serve(settings: Settings, host: str, port: int) -> None:
    """Serves until told to stop. The server's own settings are those that were measured."""
    # uvicorn tells of every socket that opens and closes; thousands do.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    log.info("serving", host=host, port=port)
    # What lives as long as the process is looked at once. With thousands of sockets the collector's
    # default of going through everything again and again costs a third of the processor.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)
    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        ws=LiveProtocol,
        ws_per_message_deflate=False,
        ws_max_size=65_536,
        backlog=4096,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def main() -> None:
    """Reads the settings and serves."""
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", help="instead of VERKEERSTOREN_HOST")
    parser.add_argument("--port", type=int, help="instead of VERKEERSTOREN_PORT")
    arguments = parser.parse_args()
    settings = get_settings()
    logs.configure(settings.log_level)
    serve(settings, arguments.host or settings.host, arguments.port or settings.port)


if __name__ == "__main__":
    main()
