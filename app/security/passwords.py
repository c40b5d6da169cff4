"""Passwords: hashed slowly (argon2id) in threads of their own, a bounded number at a time."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher

from domain.errors import Overloaded
from domain.people import LONGEST_PASSWORD, normal_password

T = TypeVar("T")

#: OWASP's recommendation for argon2id: 19 MiB, two passes. Some 40 ms of one core.
_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1
#: Verified for a name that nobody has. It costs what a real one costs, and is nobody's.
NOBODYS_HASH = (
    f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"  # all zeros
)
#: Hashing at once; a core is left for everybody else's work on all but the smallest machine.
AT_ONCE = 2
#: Who comes when so many wait is sent away: they would have left before their turn.
MOST_WAITING = 20

#: No look-alikes (l, o) and no vowels, so that no words come about: 20 letters, 69 bits in 16.
_LETTERS = "bcdfghjkmnpqrstvwxyz"
_GROUPS, _GROUP = 4, 4


def new_password() -> str:
    """A fresh password that can be read aloud, such as `kdmf-rtwq-hbzn-plsg`. It is shown once."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )


class Passwords:
    """The only place where passwords are hashed. A process has one."""

    def __init__(self) -> None:
        self._hasher = Argon2Hasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        # Their number is the bound: a caller that goes away doesn't stop the work it began.
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._taken = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the queue, to be had before any other work is done. Raises Overloaded."""
        if self._taken >= AT_ONCE + MOST_WAITING:
            raise Overloaded("Er wordt nu door te veel mensen tegelijk ingelogd. Probeer het zo.")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def hash(self, password: str) -> str:
        """What is stored of a password. Raises Overloaded."""
        with self.place():
            return await self._in_thread(lambda: self._hasher.hash(_bytes(password)))

    async def verify(self, password: str, hashed: str) -> bool:
        """Whether this is the password. The caller holds a place in the queue."""
        # Anybody may send anything: what is longer than any password isn't even read to its end.
        tried = password[: LONGEST_PASSWORD + 1]
        return await self._in_thread(lambda: self._hasher.verify(_bytes(tried), hashed))

    def close(self) -> None:
        """Lets the threads go; what still waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _bytes(password: str) -> bytes:
    # What a form can't send, a JSON body can: half a surrogate pair is a wrong password, no defect.
    return normal_password(password).encode("utf-8", "surrogatepass")
