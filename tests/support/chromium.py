"""A Chromium process for tests: the machine's own, started once, and ended by its id.

`python -m tests.support.chromium` sees to it that there is one: `make test` runs it first.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
#: Liberation Sans is what Debian has with the widths of the letters that most people see.
_INSTALL = (
    "apt-get",
    "install",
    "--yes",
    "--no-install-recommends",
    "chromium",
    "fonts-liberation",
)
_FLAGS = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's is too small for it
    # it reaches nothing but this machine
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--no-startup-window",  # it has none but those of tests
    "--no-first-run",
    "--no-default-browser-check",
    "--password-store=basic",
    "--use-mock-keychain",
    "--mute-audio",
    # every window lives as if it were the one looked at
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    # pictures are the same everywhere
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--hide-scrollbars",
)


def installed() -> str | None:
    """The browser to use: the one that CHROMIUM names, or the first of the usual ones."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *_NAMES)):
        if found := shutil.which(name):
            return found
    return None


class Chromium:
    """One browser process with an empty profile. It starts when its address is first asked."""

    def __init__(self, executable: str) -> None:
        self._executable = executable
        self._process: subprocess.Popen[bytes] | None = None
        self._profile: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def process_id(self) -> int | None:
        """Of the process that runs now."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process and running else None

    def address(self) -> str:
        """Where Playwright connects to. Starts the process if there is none, or no more."""
        if self.process_id is None or self._profile is None:
            self.end()
            self._profile = tempfile.TemporaryDirectory(
                prefix="vt-chromium-", ignore_cleanup_errors=True
            )
            sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
            self._process = subprocess.Popen(
                [self._executable, *_FLAGS, *sandbox, f"--user-data-dir={self._profile.name}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a group of its own, so that its children end with it
            )
        told = Path(self._profile.name) / "DevToolsActivePort"
        until = time.monotonic() + 30
        while not (lines := _lines(told)):
            if self.process_id is None or time.monotonic() > until:
                self.end()
                raise RuntimeError(f"{self._executable} doesn't start")
            time.sleep(0.02)
        return f"ws://127.0.0.1:{lines[0]}{lines[1]}"

    def end(self, patience: float = 5) -> None:
        """Ends the process and its children: asks, and kills what is still there after these seconds."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._process = None
        if self._profile:
            self._profile.cleanup()
            self._profile = None


def _lines(told: Path) -> list[str]:
    """The port and the path that Chromium has written, or nothing while it hasn't."""
    try:
        lines = told.read_text().split()
    except FileNotFoundError:
        return []
    return lines if len(lines) == 2 else []


def install() -> None:
    """Installs Chromium where that is possible; ends the program with what to type where it isn't."""
    if installed():
        return
    if os.geteuid() != 0 or not shutil.which(_INSTALL[0]):
        sys.exit(
            "The tests of the pages need Chromium or Chrome, and none was found. Install it "
            f"(Debian: sudo {' '.join(_INSTALL)}), or name it: CHROMIUM=/path/to/chromium make test"
        )
    sys.stderr.write("Installing Chromium ...\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ((_INSTALL[0], "update"), _INSTALL):
        subprocess.run([*command, "--quiet=2"], check=True, env=environment, stdout=sys.stderr)


if __name__ == "__main__":
    install()
