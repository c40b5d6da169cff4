"""The references are served as `python -m api` is, so that only the work differs."""

import argparse
from collections.abc import Callable
from typing import Any

from api import server


def serve(app: Callable[..., Any]) -> None:
    """Serve on the loopback port that the command line gives, until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    server.serve(app, "127.0.0.1", parser.parse_args().port)
