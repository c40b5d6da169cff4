"""Guarded calls: only to public addresses, to exactly the one that was checked, and never on from there."""

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.security.outbound import (
    AddressRefused,
    Names,
    Network,
    NotReached,
    Outbound,
    Refusal,
    check_url,
    is_public,
)
from domain.sending import Trouble
from tests.support.receiving import receiving, tls_of_receivers

LOCAL: tuple[Network, ...] = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://ontvanger.test/", Refusal.NOT_HTTPS),
        ("ftp://ontvanger.test/", Refusal.NOT_HTTPS),
        ("file:///etc/passwd", Refusal.MALFORMED),
        ("ontvanger.test", Refusal.MALFORMED),
        ("https:///pad", Refusal.MALFORMED),
        ("https://ontvanger.test:99999/", Refusal.MALFORMED),
        ("https://ontvanger.test/\nx", Refusal.MALFORMED),
        ("https://ontvanger.test/#deel", Refusal.MALFORMED),
        (f"https://ontvanger.test/{'x' * 2000}", Refusal.MALFORMED),
        ("https://naam:woord@ontvanger.test/", Refusal.CREDENTIALS),
        ("https://ontvanger.test\\@10.0.0.1/", Refusal.CREDENTIALS),
        ("https://10.0.0.1/", Refusal.NOT_PUBLIC),
        ("https://[::1]/", Refusal.NOT_PUBLIC),
        ("https://[::ffff:169.254.169.254]/", Refusal.NOT_PUBLIC),
        ("https://[fe80::1%25eth0]/", Refusal.NOT_PUBLIC),
    ],
)
def test_an_address_that_can_be_refused_unseen_is(url: str, reason: Refusal) -> None:
    with pytest.raises(AddressRefused) as refused:
        check_url(url, ())
    assert refused.value.reason is reason


def test_addresses_that_may_do_are_left_to_the_call() -> None:
    assert check_url("https://ontvanger.test:8443/pad?a=b", ()).host == "ontvanger.test"
    assert check_url("https://93.184.215.14/", ()).host == "93.184.215.14"
    assert check_url("http://ontvanger.test/", LOCAL).scheme == "http"
    assert check_url("http://127.0.0.1:9/", LOCAL).port == 9
    with pytest.raises(AddressRefused):
        check_url("http://10.0.0.1/", LOCAL)


def test_only_addresses_of_the_internet_are_public() -> None:
    public = "8.8.8.8 93.184.215.14 2606:4700::1111 2a02:898::1 ::ffff:8.8.8.8 64:ff9b::808:808"
    private = (
        "0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.254 127.0.0.1 169.254.169.254 172.16.0.1 192.0.0.9"
        " 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1"
        " 240.0.0.1 255.255.255.255 :: ::1 ::8.8.8.8 ::ffff:10.0.0.1 ::ffff:127.0.0.1"
        " 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:808:808::1"
        " 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ff0e::1"
    )
    assert [a for a in public.split() if not is_public(ipaddress.ip_address(a))] == []
    assert [a for a in private.split() if is_public(ipaddress.ip_address(a))] == []


class Always:
    """A resolver for which every name points at these."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = addresses

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        return self.addresses


async def test_a_name_is_called_only_when_all_that_it_points_at_is_public() -> None:
    async with receiving(tls=True) as receiver:
        for found in (["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"]):
            outbound = Outbound((), tls_of_receivers(), resolve=Always(found))
            with pytest.raises(AddressRefused) as refused:
                await outbound.post(receiver.url("/", "ontvanger.test", "https"), b"", {})
            assert refused.value.reason is Refusal.NOT_PUBLIC
        # Without TLS a public address won't do, whatever else is allowed.
        outbound = Outbound(LOCAL, tls_of_receivers(), resolve=Always(["8.8.8.8"]))
        with pytest.raises(AddressRefused) as refused:
            await outbound.post("http://ontvanger.test/", b"", {})
        assert refused.value.reason is Refusal.NOT_HTTPS
        assert receiver.got == []


async def test_a_name_that_changes_after_the_check_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system is asked once, and the connection goes where that answer says, under the name."""
    answers = ["127.0.0.1", "10.0.0.1", "10.0.0.1"]
    asked = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        asked.append((host, port))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    outbound = Outbound(LOCAL, tls_of_receivers())
    async with receiving(tls=True) as receiver:
        url = receiver.url("/haak?a=b", "ontvanger.test", "https")
        answer = await outbound.post(url, b"{}", {"x-eigen": "ja"})
        assert answer.status == 204
        assert asked == [("ontvanger.test", receiver.port)]
        with pytest.raises(AddressRefused):
            await outbound.post(url, b"{}", {})
    (got,) = receiver.got
    assert (got.path, got.body, got.headers["x-eigen"]) == ("/haak?a=b", b"{}", "ja")
    assert got.headers["host"] == f"ontvanger.test:{receiver.port}"


async def test_the_certificate_must_be_of_the_name() -> None:
    async with receiving(tls=True) as receiver:
        for host, tls in (
            ("iemand-anders.test", tls_of_receivers()),
            ("ontvanger.test", ssl.create_default_context()),
        ):
            outbound = Outbound(LOCAL, tls, resolve=Always(["127.0.0.1"]))
            with pytest.raises(NotReached) as missed:
                await outbound.post(receiver.url("/", host, "https"), b"", {})
            assert missed.value.reason is Trouble.CERTIFICATE
        assert receiver.got == []


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with receiving() as elsewhere, receiving() as receiver:
        to = {"location": elsewhere.url("/geheim")}
        receiver.answer = lambda _: (307, to)
        answer = await Outbound(LOCAL, tls_of_receivers()).post(receiver.url(), b"", {})
        assert answer.status == 307
        assert elsewhere.got == []


async def test_no_proxy_of_the_environment_gets_to_see_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert (await Outbound(LOCAL, tls_of_receivers()).post(receiver.url(), b"", {})).status
        assert (len(proxy.got), len(receiver.got)) == (0, 1)


async def test_what_does_not_answer_is_told_by_why() -> None:
    async with receiving(lambda _: None) as hanging:
        outbound = Outbound(LOCAL, tls_of_receivers(), seconds=0.1)
        assert await trouble(outbound, hanging.url()) is Trouble.TIME_OUT
        closed = hanging.url()
    outbound = Outbound(LOCAL, tls_of_receivers())
    assert await trouble(outbound, closed) is Trouble.NO_CONNECTION

    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    outbound = Outbound((), tls_of_receivers(), resolve=unknown)
    assert await trouble(outbound, "https://ontvanger.test/") is Trouble.UNKNOWN_NAME


async def test_the_next_address_is_tried_where_nobody_listens() -> None:
    async with receiving() as receiver:
        outbound = Outbound(LOCAL, tls_of_receivers(), resolve=Always(["::1", "127.0.0.1"]))
        assert (await outbound.post(receiver.url("/", "ontvanger.test"), b"", {})).status == 204


async def test_an_address_in_another_spelling_is_resolved_and_refused() -> None:
    """As the system's own resolver reads them."""
    outbound = Outbound((), tls_of_receivers())
    for host in ("localhost", "2130706433", "0x7f.1", "127.1"):
        with pytest.raises(AddressRefused):
            await outbound.post(f"https://{host}/", b"", {})
    assert set(await Names().resolve("localhost", 443)) <= {"127.0.0.1", "::1"}


async def test_names_without_an_answer_keep_nothing_waiting_but_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = threading.Event()
    asked = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        if host.startswith("hangt"):
            answers.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    # What the rest of the process has for names, files and whatever else takes a thread.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    names = Names(most=3)
    outbound = Outbound(LOCAL, tls_of_receivers(), seconds=0.1, resolve=names.resolve)
    try:
        async with receiving() as receiver:
            # However often it is asked, a name keeps one thread.
            for host in ("hangt-1.test", "hangt-1.test", "hangt-2.test"):
                assert await trouble(outbound, receiver.url("/", host)) is Trouble.TIME_OUT
            assert asked == ["hangt-1.test", "hangt-2.test"]
            outbound.seconds = 5
            assert (await outbound.post(receiver.url("/", "gezond.test"), b"", {})).status == 204
            third = [asyncio.create_task(names.resolve("hangt-3.test", 443)) for _ in range(2)]
            await asyncio.sleep(0)
            fourth = asyncio.create_task(names.resolve("gezond.test", 443))
            await asyncio.wait([fourth], timeout=2)
            assert isinstance(fourth.exception(), TimeoutError)
            async with asyncio.timeout(5):
                await asyncio.to_thread(threading.get_ident)
                answers.set()
                assert await asyncio.gather(*third) == [["127.0.0.1"]] * 2
            assert asked.count("hangt-3.test") == 1
            assert (await outbound.post(receiver.url("/", "gezond.test"), b"", {})).status == 204
    finally:
        answers.set()


async def trouble(outbound: Outbound, url: str) -> Trouble:
    """Why a call isn't answered."""
    with pytest.raises(NotReached) as missed:
        await outbound.post(url, b"", {})
    return missed.value.reason
