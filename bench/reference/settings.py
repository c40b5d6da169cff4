"""The server settings of the references: those of `python -m api`, so that only the work differs."""

import argparse
from collections.abc import Callable
from typing import Any

import uvicorn


def serve(app: Callable[..., Any]) -> None:
    """Serve on the loopback port that the command line gives, until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=parser.parse_args().port,
        ws_per_message_deflate=False,
        ws_max_size=65_536,
        backlog=4096,
        access_log=False,
        log_config=None,
        server_header=False,
    )
