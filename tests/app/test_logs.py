"""Logging: one JSON line an event, ours and the libraries', without keys and passwords."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app import logs
from app.word.signatures import new_secret

KEY = "vt_" + "k3Y" * 14
SECRET = new_secret()


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_ours_and_the_libraries_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    structlog.get_logger("ours").info("report accepted", pool="p1")
    structlog.get_logger("ours").debug("not told")
    logging.getLogger("uvicorn.error").warning("told by %s", "uvicorn")
    logging.getLogger("uvicorn.access").warning("its access log is replaced by ours")
    ours, theirs = lines(capsys)
    assert (ours["event"], ours["pool"], ours["level"]) == ("report accepted", "p1", "info")
    assert (theirs["event"], theirs["logger"]) == ("told by uvicorn", "uvicorn.error")
    assert str(ours["timestamp"]).endswith("Z")


def test_no_key_and_no_password_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    log = structlog.get_logger()
    log.info("refused", header=f"Bearer {KEY}", row=f"('{SECRET}', null)")
    try:
        raise OSError(f"can't reach postgresql://app:s3cret@db/x with {KEY}")
    except OSError:
        log.exception("lost")
    logging.getLogger("asyncpg").error("postgresql://app:s3cret@db/x")
    shown = str(lines(capsys))
    assert "vt_***" in shown
    assert "postgresql://app:***@db/x" in shown
    assert "whsec_***', null" in shown
    assert KEY not in shown
    assert SECRET.removeprefix("whsec_") not in shown
    assert "s3cret" not in shown
