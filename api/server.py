"""How an API process serves: uvicorn with the settings that were measured."""

import gc
import logging
from collections.abc import Callable
from typing import Any

import structlog
import uvicorn

log = structlog.get_logger()

#: What any server on this machine gets that is compared with ours, the references of `bench/` too.
OPTIONS: dict[str, Any] = {
    "ws_per_message_deflate": False,  # doubles memory and adds half to the processor's work
    "ws_max_size": 65_536,
    "backlog": 4096,  # thousands come back at once after a restart
    "access_log": False,
    "log_config": None,
    "server_header": False,
    "timeout_graceful_shutdown": 5,
}


def serve(app: Callable[..., Any], host: str, port: int, **options: Any) -> None:
    """Serves an application until told to stop; `options` on top of OPTIONS."""
    # uvicorn tells of every socket that opens and closes; thousands do.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    log.info("serving", host=host, port=port)
    # What lives as long as the process is looked at once. With thousands of sockets the collector's
    # default of going through everything again and again costs a third of the processor.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)
    uvicorn.run(app, host=host, port=port, **OPTIONS, **options)
