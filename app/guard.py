"""Runs one program, and ends it when whoever asked for it is gone, even by `kill -9`.

A script by itself, run as `python -I -S guard.py ...` so that it starts in milliseconds; `app.processes` is its
other half. Its standard input is a pipe that only the asker holds: every byte is a signal to pass on,
the end of it means stop. Its standard output gets the program's process id, its standard error is
the program's log.

The end of the pipe works on every system and for a parent of any shape. For the one case that is left, the
guard itself being killed, Linux is asked to signal the program at the death of its parent; elsewhere the program then stays.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Takes: stop signal, seconds before it is enforced, user id, group id (-1: unchanged), program."""
    stop_signal, patience, user, group = (int(text) for text in arguments[:4])
    command = arguments[4:]
    guard = os.getpid()

    def end_with_the_guard() -> None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != guard:
            os._exit(1)

    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
            user=None if user < 0 else user,
            group=None if group < 0 else group,
            extra_groups=None if user < 0 else [],
            preexec_fn=end_with_the_guard if sys.platform == "linux" else None,  # noqa: PLW1509 (one thread here)
        )
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return 127
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: child.send_signal(stop_signal))
    print(child.pid, flush=True)
    threading.Thread(target=_obey, args=(child, stop_signal, patience), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


def _obey(child: subprocess.Popen[bytes], stop_signal: int, patience: int) -> None:
    while signals := os.read(0, 64):
        for number in signals:
            child.send_signal(number)
    child.send_signal(stop_signal)
    time.sleep(patience)
    child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
