"""The settings: where they come from, and what production refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import (
    Environment,
    Settings,
    SettingsError,
    get_settings,
    is_embedded,
    load,
    variable,
)

GOOD = {
    "VERKEERSTOREN_ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://verkeerstoren_app:kYt8w2Qe5zLm9RfA@db/verkeerstoren",
    "DATABASE_OWNER_URL": "postgresql://verkeerstoren_owner:Hs7xVb3nTq6JdW1u@db/verkeerstoren",
    "REDIS_URL": "redis://:Zp4mXc8rGy2KvN5o@valkey:6379/0",
    "VERKEERSTOREN_BASE_URL": "https://verkeerstoren.example.nl",
}


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this machine's environment, and an empty folder to look for `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def production(monkeypatch: pytest.MonkeyPatch, **changed: str) -> Settings:
    for name, value in (GOOD | changed).items():
        monkeypatch.setenv(name, value)
    return load()


def test_defaults_are_those_of_a_demo() -> None:
    settings = load()
    assert settings.environment is Environment.DEMO
    assert settings.database_url == settings.redis_url == ""
    assert settings.base_url == "http://localhost:8080"
    assert settings.demo_file == Path("var/demo.json")
    kept = (settings.keep_reports_months, settings.keep_audit_months, settings.keep_events_days)
    assert kept == (25, 66, 35)


def test_the_environment_comes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(
        "VERKEERSTOREN_PORT=9001\nREDIS_URL=redis://file\nFOR_COMPOSE_ONLY=1\nVERKEERSTOREN_HOST=\n"
    )
    monkeypatch.setenv("REDIS_URL", "redis://environment")
    monkeypatch.setenv("DATABASE_URL", "")
    settings = load()
    assert settings.port == 9001
    assert settings.base_url == "http://localhost:9001"
    assert settings.redis_url == "redis://environment"
    assert settings.host == "127.0.0.1"


def test_a_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    before = production(monkeypatch)
    for name, value in before.variables().items():
        monkeypatch.setenv(name, value)
    assert load() == before
    assert get_settings() is get_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VERKEERSTOREN_PORT", "0"),
        ("VERKEERSTOREN_PORT", "http"),
        ("VERKEERSTOREN_ENVIRONMENT", "staging"),
        ("VERKEERSTOREN_LOG_LEVEL", "chatty"),
        ("VERKEERSTOREN_KEEP_REPORTS_MONTHS", "0"),
        ("VERKEERSTOREN_KEEP_AUDIT_MONTHS", "0"),
        ("VERKEERSTOREN_KEEP_EVENTS_DAYS", "0"),
        ("DATABASE_URL", "mysql://db/verkeerstoren"),
        ("DATABASE_OWNER_URL", "db"),
        ("REDIS_URL", "http://valkey"),
        ("VERKEERSTOREN_SMTP_URL", "smtp://post"),
        ("VERKEERSTOREN_MAIL_FROM", "toren@example.nl"),
        ("VERKEERSTOREN_WEBHOOK_NETWORKS", "10.0.0.1/8"),
        ("VERKEERSTOREN_WEBHOOK_NETWORKS", "overal"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load()


def test_production_starts_with_real_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert production(monkeypatch).environment is Environment.PRODUCTION
    assert production(monkeypatch, DATABASE_OWNER_URL="", REDIS_URL="").redis_url == ""
    kept = production(monkeypatch, VERKEERSTOREN_KEEP_AUDIT_MONTHS="60").keep_audit_months
    assert kept == 60


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("DATABASE_URL", "", "is missing"),
        (
            "DATABASE_URL",
            "postgresql://verkeerstoren_app:kYt8w2Qe5zLm9RfA@/verkeerstoren?host=/srv/embedded-sockets",
            "embedded",
        ),
        ("REDIS_URL", "unix://:Zp4mXc8rGy2KvN5o@/srv/embedded-sockets/valkey.sock", "embedded"),
        ("DATABASE_URL", "postgresql://verkeerstoren_app:short@db/verkeerstoren", "shorter than"),
        ("DATABASE_OWNER_URL", "postgresql://u:change-me-please-now@db/v", "looks like an example"),
        ("REDIS_URL", "redis://:verkeerstoren-demo-1@valkey", "looks like an example"),
        ("VERKEERSTOREN_BASE_URL", "http://verkeerstoren.example.nl", "https"),
        ("VERKEERSTOREN_KEEP_AUDIT_MONTHS", "59", "NEN 7513"),
        ("VERKEERSTOREN_SMTP_URL", "smtp://toren:kYt8w2Qe5zLm9RfA@post:25", "unencrypted"),
    ],
)
def test_production_refuses(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name}.*{why}"):
        production(monkeypatch, **{name: value})


def test_production_refuses_the_keys_and_people_of_a_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "demo.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"VERKEERSTOREN_VAR holds .*demo\.json"):
        production(monkeypatch, VERKEERSTOREN_VAR=str(tmp_path))


def test_every_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as told:
        production(monkeypatch, DATABASE_URL="", VERKEERSTOREN_BASE_URL="")
    assert "DATABASE_URL" in str(told.value)
    assert "VERKEERSTOREN_BASE_URL" in str(told.value)


def test_no_listing_and_no_error_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = production(monkeypatch).listed()
    shown = " ".join(f"{name} {value} {description}" for name, value, description in listed)
    assert "VERKEERSTOREN_PORT" in shown
    assert "postgresql://verkeerstoren_app:***@db/verkeerstoren" in shown
    with pytest.raises(SettingsError) as told:
        production(monkeypatch, DATABASE_URL=GOOD["DATABASE_URL"].replace("postgresql", "mysql"))
    for text in (shown, str(told.value), str(told.value.__cause__)):
        for password in ("kYt8w2Qe5zLm9RfA", "Hs7xVb3nTq6JdW1u", "Zp4mXc8rGy2KvN5o"):
            assert password not in text


def test_only_addresses_of_our_own_servers_are_embedded() -> None:
    assert is_embedded("postgresql://u:p@/db?host=/var/lib/x/embedded-sockets")
    assert is_embedded("unix://:p@/tmp/x/embedded-sockets/valkey.sock")
    assert not is_embedded("postgresql://u:p@db.example.nl/db")
    assert not is_embedded("")


@pytest.mark.parametrize(
    "address",
    [
        "http://tiles.test/{z}/{x}/{y}.png",
        "https://tiles.test/{z}/{x}.png",
        "https://tiles.test; script-src */{z}/{x}/{y}.png",
        "https://tiles.test/{z}/{x}/{y}; img-src *",
    ],
)
def test_a_base_map_that_could_loosen_the_policy_is_refused(address: str) -> None:
    """Its host goes into a header that tells browsers what they may load."""
    with pytest.raises(ValidationError, match="VERKEERSTOREN_MAP_TILES"):
        Settings(map_tiles=address)
    assert Settings(map_tiles="https://tiles.test/v1/{z}/{x}/{y}.png").map_tiles


@pytest.mark.parametrize(
    ("url", "sender", "why"),
    [
        ("http://post", "toren@example.nl", "smtps://"),
        ("smtp://", "toren@example.nl", "smtps://"),
        ("smtp://post:poort", "toren@example.nl", "smtps://"),
        ("smtp://[post", "toren@example.nl", "smtps://"),
        ("smtp://post", "Toren <toren@example.nl>", "an address"),
        ("smtp://post", "toren@example.nl\r\nBcc: a@example.nl", "an address"),
    ],
)
def test_a_mail_server_or_sender_that_is_none_is_refused(url: str, sender: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings(smtp_url=url, mail_from=sender)


def test_there_is_mail_with_a_server_and_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not load().can_mail
    mailing = production(
        monkeypatch,
        VERKEERSTOREN_SMTP_URL="smtps://toren:kYt8w2Qe5zLm9RfA@post:465",
        VERKEERSTOREN_MAIL_FROM="toren@example.nl",
    )
    assert mailing.can_mail
    assert "kYt8w2Qe5zLm9RfA@post" not in str(mailing.listed())
    assert not load().webhook_allowed
    monkeypatch.setenv("VERKEERSTOREN_WEBHOOK_NETWORKS", "10.1.0.0/16, fd00::/8,")
    assert [str(network) for network in load().webhook_allowed] == ["10.1.0.0/16", "fd00::/8"]
