"""Calls to addresses that others gave us: never to our own network, whatever a name points at.

The name is resolved for each attempt, every address it has must be public (or in a network that the
settings allow), and the connection goes to the address that was checked, so that a name that changes
between check and connection changes nothing. TLS still asks for the name. No redirect is followed, no
proxy of the environment used, and no connection kept: one that was verified for a name must not
serve another one at the same address.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx

from domain.sending import Trouble

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

#: For a whole attempt, from the name's resolution to the answer's status.
SECONDS = 15.0
#: A name may have more addresses; these are tried in turn until one listens.
_MOST_ADDRESSES = 3
_CONNECT_SECONDS = 5.0
_LONGEST = 2_000
#: Names that are looked up at once: one for each webhook that the worker has under way.
_MOST_LOOKED_UP = 64
#: What the tables of this Python's `ipaddress` lack or read otherwise than IANA does.
_SPECIAL: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Refusal(StrEnum):
    """Why an address is not called."""

    MALFORMED = "malformed"
    NOT_HTTPS = "not-https"
    CREDENTIALS = "credentials"
    NOT_PUBLIC = "not-public"


class AddressRefused(Exception):
    """This address is not called; nothing was sent."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class NotReached(Exception):
    """There is no answer; whether anything arrived isn't known."""

    def __init__(self, reason: Trouble) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said; its body is of no interest, and not read."""

    status: int
    retry_after: str | None


def check_url(url: str, allowed: Sequence[Network]) -> httpx.URL:
    """What can be said of an address without resolving its name. Raises AddressRefused.

    Without TLS is for networks that are allowed by name; whether this is one shows at the call.
    """
    try:
        parsed = httpx.URL(url)
        port_known = parsed.port is None or 0 < parsed.port < 65_536
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused(Refusal.MALFORMED) from None
    if not parsed.host or len(url) > _LONGEST or not port_known or parsed.fragment:
        raise AddressRefused(Refusal.MALFORMED)
    if parsed.scheme not in ("http", "https") or (parsed.scheme == "http" and not allowed):
        raise AddressRefused(Refusal.NOT_HTTPS)
    if parsed.userinfo:
        raise AddressRefused(Refusal.CREDENTIALS)
    try:
        literal = ipaddress.ip_address(parsed.host)
    except ValueError:
        return parsed
    _check_address(literal, parsed, allowed)
    return parsed


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet at large."""
    if isinstance(address, ipaddress.IPv6Address):
        # Another way to write an IPv4 address, which is then the one that counts.
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _GLOBAL_UNICAST:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _SPECIAL)
    )


class Names:
    """The names of others, as the system knows them.

    In threads of its own, for a name server that doesn't answer keeps a thread long after whoever asked
    gave up: the rest of the process mustn't wait for that. A name that is being looked up is not asked
    again meanwhile, so that one keeps no more than one thread.
    """

    def __init__(self, most: int = _MOST_LOOKED_UP) -> None:
        self._most = most
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="names")
        self._asked: dict[str, Future[list[tuple[Any, ...]]]] = {}

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a name. Raises OSError, of which TimeoutError when too many are looked up."""
        self._asked = {name: asked for name, asked in self._asked.items() if not asked.done()}
        asked = self._asked.get(host)
        if asked is None:
            if len(self._asked) >= self._most:
                raise TimeoutError
            asked = self._threads.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
            self._asked[host] = asked
        found = await asyncio.wrap_future(asked)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(slots=True)
class Outbound:
    """Makes guarded calls. `allowed`: networks that may be called although they aren't public."""

    allowed: Sequence[Network]
    tls: ssl.SSLContext
    seconds: float = SECONDS
    resolve: Resolve = field(default_factory=lambda: Names().resolve)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Posts once. Any status is an answer, a redirect too. Raises AddressRefused and NotReached."""
        target = check_url(url, self.allowed)
        try:
            async with asyncio.timeout(self.seconds):
                addresses = await self._addresses(target)
                return await self._post_to_first(addresses, target, body, headers)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NotReached(Trouble.TIME_OUT) from error
        except socket.gaierror as error:
            raise NotReached(Trouble.UNKNOWN_NAME) from error
        except (httpx.HTTPError, OSError) as error:
            raise NotReached(_why(error)) from error

    async def _addresses(self, target: httpx.URL) -> list[Address]:
        """All that the name points at now, each of them checked."""
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            found = await self.resolve(target.raw_host.decode(), port)
        except UnicodeError:
            # A label that is empty or too long, which only shows here.
            raise AddressRefused(Refusal.MALFORMED) from None
        addresses = [ipaddress.ip_address(address) for address in found]
        for address in addresses:
            _check_address(address, target, self.allowed)
        if not addresses:
            raise NotReached(Trouble.UNKNOWN_NAME)
        return addresses[:_MOST_ADDRESSES]

    async def _post_to_first(
        self,
        addresses: Sequence[Address],
        target: httpx.URL,
        body: bytes,
        headers: Mapping[str, str],
    ) -> Answer:
        *others, last = addresses
        for address in others:
            try:
                return await self._post_to(address, target, body, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent
        return await self._post_to(last, target, body, headers)

    async def _post_to(
        self, address: Address, target: httpx.URL, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        request = httpx.Request(
            "POST",
            target.copy_with(host=str(address)),
            headers={**headers, "host": target.netloc.decode(), "connection": "close"},
            content=body,
            extensions={
                "sni_hostname": target.raw_host.decode(),
                "timeout": httpx.Timeout(self.seconds, connect=_CONNECT_SECONDS).as_dict(),
            },
        )
        # The layer below httpx's client, which has neither redirects nor proxies, cookies or netrc.
        async with httpx.AsyncHTTPTransport(verify=self.tls, trust_env=False) as transport:
            response = await transport.handle_async_request(request)
            try:
                return Answer(response.status_code, response.headers.get("retry-after"))
            finally:
                await response.aclose()


def _check_address(address: Address, target: httpx.URL, allowed: Sequence[Network]) -> None:
    if any(address in network for network in allowed):
        return
    if target.scheme != "https":
        raise AddressRefused(Refusal.NOT_HTTPS)
    if not is_public(address):
        raise AddressRefused(Refusal.NOT_PUBLIC)


def _why(error: BaseException | None) -> Trouble:
    """What lies under an error of the connection."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return Trouble.CERTIFICATE
        error = error.__cause__ or error.__context__
    return Trouble.NO_CONNECTION
