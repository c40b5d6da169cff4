"""The one source of settings: the environment, and `.env` for what the environment doesn't say.

`verkeerstoren settings` lists them. A constant that nobody has a reason to change is not a setting.
"""

import ipaddress
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import AliasChoices, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.identifiers import is_mail_address

#: The folder with the sockets of embedded servers; an address that holds it is one of theirs.
EMBEDDED_SOCKETS = "embedded-sockets"
#: Shorter ones, and those that examples show, don't protect a database.
_SHORTEST_PASSWORD = 16
_EXAMPLE_WORDS = ("change", "demo", "example", "geheim", "password", "secret", "verkeerstoren")
#: NEN 7513: who did what stays known for five years at least.
_SHORTEST_AUDIT_MONTHS = 60
_DATABASE_SCHEMES = ("postgresql", "postgres")
_REDIS_SCHEMES = ("redis", "rediss", "unix")
#: Without TLS, with TLS as soon as we said hello, with TLS from the start.
_SMTP_SCHEMES = ("smtp", "smtp+starttls", "smtps")
_TILES = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s;,\"']+")


class Environment(StrEnum):
    """What this installation is for."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """From which level on something is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SettingsError(ValueError):
    """The settings don't do; the text names each of them and what it should be."""


class Settings(BaseSettings):
    """Every setting, with its environment variable and its default.

    Raises SettingsError by way of `load`; constructing one by hand raises pydantic's own error.
    """

    model_config = SettingsConfigDict(
        env_prefix="VERKEERSTOREN_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",  # .env may hold what compose needs
        frozen=True,
        populate_by_name=True,
    )

    environment: Annotated[Environment, Field(description="demo, test or production")] = (
        Environment.DEMO
    )
    database_url: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("database_url", "DATABASE_URL"),
            description="PostgreSQL 18, as the role verkeerstoren_app",
        ),
    ] = ""
    database_owner_url: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("database_owner_url", "DATABASE_OWNER_URL"),
            description="the same database as the role verkeerstoren_owner; only migrations use it",
        ),
    ] = ""
    redis_url: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("redis_url", "REDIS_URL"),
            description="Valkey or Redis 7+; without it every process polls once a second",
        ),
    ] = ""
    host: Annotated[str, Field(description="the address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="the port to listen on")] = 8080
    base_url: Annotated[
        str, Field(description="how users reach us; by default localhost and the port")
    ] = ""
    var: Annotated[
        Path, Field(description="the folder for logs, demo.json and the embedded servers")
    ] = Path("var")
    log_level: Annotated[LogLevel, Field(description="debug, info, warning or error")] = (
        LogLevel.INFO
    )
    map_tiles: Annotated[
        str,
        Field(description="the base map: an https address with {z}, {x} and {y}; none when empty"),
    ] = ""
    map_attribution: Annotated[
        str, Field(max_length=100, description="who made the base map, as its terms ask to tell")
    ] = ""
    smtp_url: Annotated[
        str,
        Field(
            description="the mail server: smtps://user:password@host:465, smtp+starttls://…:587"
            " or, in a network of our own, smtp://host:25; none: no mail"
        ),
    ] = ""
    mail_from: Annotated[str, Field(description="the address that mail comes from")] = ""
    webhook_networks: Annotated[
        str,
        Field(
            description="networks (10.1.0.0/16, …) that webhooks may go to although they aren't"
            " public, and without TLS"
        ),
    ] = ""
    keep_reports_months: Annotated[
        int,
        Field(ge=1, le=1200, description="whole months that reports are kept besides this one"),
    ] = 25
    keep_audit_months: Annotated[
        int,
        Field(ge=1, le=1200, description="whole months of audit; in production 60 or more"),
    ] = 66
    keep_events_days: Annotated[
        int,
        Field(ge=1, le=3650, description="days that a live client can be away and still go on"),
    ] = 35

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.base_url:
            # The model is frozen for everybody else.
            self.__dict__["base_url"] = f"http://localhost:{self.port}"
        wrong = [
            *_wrong_addresses(self),
            *_wrong_tiles(self),
            *_wrong_mail(self),
            *_wrong_networks(self),
        ]
        if self.environment is Environment.PRODUCTION:
            wrong += _unfit_for_production(self)
        if wrong:
            raise ValueError("\n".join(wrong))
        return self

    @property
    def demo_file(self) -> Path:
        """Where the demo region's keys are written."""
        return self.var / "demo.json"

    @property
    def can_mail(self) -> bool:
        """Whether there is a mail server to send by."""
        return bool(self.smtp_url)

    @property
    def webhook_allowed(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks that webhooks may go to although they aren't public."""
        return tuple(
            ipaddress.ip_network(text.strip())
            for text in self.webhook_networks.split(",")
            if text.strip()
        )

    def variables(self) -> dict[str, str]:
        """What a process of ours needs in its environment to have these same settings."""
        return {variable(name): str(getattr(self, name)) for name in type(self).model_fields}

    def listed(self) -> list[tuple[str, str, str]]:
        """Each setting's variable, its value with passwords masked, and what it is."""
        return [
            (variable(name), _masked(str(getattr(self, name))), field.description or "")
            for name, field in type(self).model_fields.items()
        ]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    if name in {"database_url", "database_owner_url", "redis_url"}:
        return name.upper()
    return f"VERKEERSTOREN_{name.upper()}"


def load() -> Settings:
    """Reads the settings afresh. Raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_told(error)) from None


@cache
def get_settings() -> Settings:
    """The settings of this process, read once. Raises SettingsError."""
    return load()


def is_embedded(url: str) -> bool:
    """Whether an address is one of a server of `app.embedded`."""
    return EMBEDDED_SOCKETS in Path(_socket_folder(url)).parts


def _socket_folder(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return unquote(parts.path)
    return parse_qs(parts.query).get("host", [""])[0]


def _wrong_addresses(settings: Settings) -> list[str]:
    wrong = []
    for name, schemes in (
        ("database_url", _DATABASE_SCHEMES),
        ("database_owner_url", _DATABASE_SCHEMES),
        ("redis_url", _REDIS_SCHEMES),
    ):
        url = getattr(settings, name)
        if url and urlsplit(url).scheme not in schemes:
            wrong.append(f"{variable(name)} must begin with {schemes[0]}://")
    return wrong


def _wrong_tiles(settings: Settings) -> list[str]:
    tiles = settings.map_tiles
    if not tiles or (
        _TILES.fullmatch(tiles) and all(part in tiles for part in ("{z}", "{x}", "{y}"))
    ):
        return []
    # It goes into the policy that tells browsers where pictures may come from.
    return [
        f"{variable('map_tiles')} must begin with https://, name a host, and hold {{z}}, {{x}} and {{y}}"
    ]


def _wrong_mail(settings: Settings) -> list[str]:
    wrong = []
    if bool(settings.smtp_url) != bool(settings.mail_from):
        wrong.append(
            f"{variable('smtp_url')} and {variable('mail_from')} go together: one of them is missing"
        )
    if settings.mail_from and not is_mail_address(settings.mail_from):
        wrong.append(f"{variable('mail_from')} must be an address, and nothing besides")
    if settings.smtp_url and not _is_mail_server(settings.smtp_url):
        listed = ", ".join(f"{scheme}://" for scheme in _SMTP_SCHEMES)
        wrong.append(f"{variable('smtp_url')} must begin with one of {listed} and name a host")
    return wrong


def _is_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _SMTP_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False  # a port or an IPv6 address that is none


def _wrong_networks(settings: Settings) -> list[str]:
    try:
        _ = settings.webhook_allowed
    except ValueError:
        return [f"{variable('webhook_networks')} must be networks such as 10.1.0.0/16, by commas"]
    return []


def _unfit_for_production(settings: Settings) -> list[str]:
    """What demo and development may have, and production may not."""
    wrong = []
    if not settings.database_url:
        wrong.append("DATABASE_URL is missing: production doesn't start a database of its own.")
    for name in ("database_url", "database_owner_url", "redis_url"):
        url = getattr(settings, name)
        if is_embedded(url):
            wrong.append(f"{variable(name)} is an embedded server: production needs a real one.")
        elif url and (why := _weak_password(url)):
            wrong.append(f"{variable(name)}: {why}")
    if settings.demo_file.exists():
        wrong.append(
            f"VERKEERSTOREN_VAR holds the keys and people of a demo region ({settings.demo_file}): "
            "production doesn't start beside them."
        )
    if settings.keep_audit_months < _SHORTEST_AUDIT_MONTHS:
        wrong.append(
            f"VERKEERSTOREN_KEEP_AUDIT_MONTHS must be at least {_SHORTEST_AUDIT_MONTHS}:"
            " NEN 7513 asks for five years."
        )
    smtp = urlsplit(settings.smtp_url)
    if smtp.scheme == "smtp" and smtp.username:
        wrong.append(
            "VERKEERSTOREN_SMTP_URL would send its password unencrypted:"
            " begin with smtps:// or smtp+starttls://"
        )
    if not settings.base_url.startswith("https://"):
        wrong.append("VERKEERSTOREN_BASE_URL must begin with https://")
    return wrong


def _weak_password(url: str) -> str | None:
    password = unquote(urlsplit(url).password or "")
    if not password:
        # A client certificate, a socket or a password file may do instead; that is theirs to judge.
        return None
    if len(password) < _SHORTEST_PASSWORD:
        return f"its password is shorter than {_SHORTEST_PASSWORD} characters."
    if any(word in password.lower() for word in _EXAMPLE_WORDS):
        return "its password looks like an example."
    return None


def _masked(value: str) -> str:
    password = urlsplit(value).password
    return value.replace(f":{password}@", ":***@") if password else value


def _told(error: ValidationError) -> str:
    lines = []
    for item in error.errors(include_url=False, include_input=False):
        text = item["msg"].removeprefix("Value error, ")
        lines.append(f"{variable(str(item['loc'][0]))}: {text}" if item["loc"] else text)
    return "\n".join(lines)
