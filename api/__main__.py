"""One API process: `python -m api [--host H] [--port N]`."""

import argparse

from api.main import create_app
from api.protocol import LiveProtocol
from api.server import serve
from app import logs
from app.settings import get_settings


def main() -> None:
    """Reads the settings and serves."""
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", help="instead of VERKEERSTOREN_HOST")
    parser.add_argument("--port", type=int, help="instead of VERKEERSTOREN_PORT")
    arguments = parser.parse_args()
    settings = get_settings()
    logs.configure(settings.log_level)
    host, port = arguments.host or settings.host, arguments.port or settings.port
    serve(create_app(settings), host, port, ws=LiveProtocol)


if __name__ == "__main__":
    main()
