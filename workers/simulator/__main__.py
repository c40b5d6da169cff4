"""Plays the demo region's providers: `python -m workers.simulator --keys var/demo.json`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from app import demo_file, logs
from app.settings import LogLevel
from workers.simulator.play import NothingToPlayError, play
from workers.simulator.players import Context
from workers.stopping import until_stopped

log = structlog.get_logger()


def main(arguments: Sequence[str] | None = None) -> None:
    """Plays until told to stop; what a person can mend is said in a few lines."""
    options = _options(arguments)
    logs.configure(LogLevel.INFO)
    # It would tell of every request.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    content = demo_file.read(options.keys)
    if content is None:
        sys.exit(f"{options.keys} is er niet of is geen demo.json. Maak er een met: make demo")
    context = Context()
    try:
        asyncio.run(until_stopped(_play(options, content, context)))
    except NothingToPlayError as error:
        sys.exit(str(error))
    finally:
        log.info("played", **context.tally)


async def _play(options: argparse.Namespace, content: demo_file.DemoFile, context: Context) -> None:
    playing = play(
        options.base_url or content.base_url, content.keys, options.seed, options.speed, context
    )
    try:
        await asyncio.wait_for(playing, options.duration)
    except TimeoutError:
        log.info("duration over", seconds=options.duration)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers.simulator", description=__doc__)
    parser.add_argument(
        "--base-url", type=_address, help="where the API is; by default as the keys file says"
    )
    parser.add_argument("--keys", type=Path, required=True, help="the demo.json of the demo")
    parser.add_argument("--seed", type=int, default=1, help="the same seed decides the same")
    parser.add_argument(
        "--speed", type=_positive, default=60.0, help="how many times faster than real time"
    )
    parser.add_argument(
        "--duration", type=_positive, help="real seconds after which it ends; by default it doesn't"
    )
    return parser.parse_args(arguments)


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("must begin with http:// or https://")
    return text


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


if __name__ == "__main__":
    main()
