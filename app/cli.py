"""The command `verkeerstoren`. Starts processes by module name, so that it imports nothing upward."""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import UUID

import typer

from app.cli_import import imports
from app.cli_matching import matching
from app.cli_people import people
from app.cli_triage import triage
from app.installation import in_container, with_servers
from app.settings import SettingsError, load
from domain.actors import OrganisationKind, Role
from domain.identifiers import OrganisationId, RegionId

if TYPE_CHECKING:
    from app.container import Container

cli = typer.Typer(
    help="Verkeerstoren: live care capacity and referral coordination for a region.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add = typer.Typer(help="What a new installation begins with.", no_args_is_help=True)
cli.add_typer(add, name="add")
keys = typer.Typer(help="Keys of machines: issue, revoke, list.", no_args_is_help=True)
cli.add_typer(keys, name="keys")
cli.add_typer(people, name="people")
cli.add_typer(imports, name="import")
cli.add_typer(triage, name="triage")
cli.add_typer(matching, name="matching")


def main() -> None:
    """Runs a command; what a person can mend is said in a few lines, without a traceback."""
    from app.embedded import EmbeddedError
    from app.supervisor import SupervisorError

    try:
        cli()
    except (SettingsError, EmbeddedError, SupervisorError) as error:
        typer.secho(str(error), err=True, fg="red")
        sys.exit(1)


# ---------------------------------------------------------------- processes


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Run one API process."""
    if host:
        os.environ["VERKEERSTOREN_HOST"] = host
    if port:
        os.environ["VERKEERSTOREN_PORT"] = str(port)
    _become("api", "--port", str(load().port))


@cli.command()
def worker() -> None:
    """Run one worker process."""
    load()
    _become("workers")


@cli.command()
def simulate(
    base_url: Annotated[str | None, typer.Option(help="Where the API is.")] = None,
    keys_file: Annotated[
        Path | None, typer.Option("--keys", help="The demo.json that the demo wrote.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed plays the same providers.")] = 1,
    speed: Annotated[float, typer.Option(help="How many times faster than real time.")] = 60,
) -> None:
    """Play the demo region's providers through the public API."""
    settings = load()
    _become(
        "workers.simulator",
        *("--base-url", base_url or settings.base_url),
        *("--keys", str(keys_file or settings.demo_file)),
        *("--seed", str(seed), "--speed", str(speed)),
    )


@cli.command()
def demo() -> None:
    """Run a whole region on this machine, until Ctrl-C."""
    from app import supervisor

    supervisor.run(load(), supervisor.Plan(), typer.echo)


@cli.command()
def run() -> None:
    """Run the region without simulator, starting again when the code changes."""
    from app import supervisor

    supervisor.run(load(), supervisor.Plan(simulate=False, reload=True), typer.echo)


def _become(module: str, *arguments: str) -> NoReturn:
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 (no shell)


# ---------------------------------------------------------------- upkeep


@cli.command()
def migrate() -> None:
    """Bring the database to the newest version, as its owner."""
    from app.db.migrate import upgrade

    settings = with_servers(load())
    if not settings.database_owner_url:
        raise SettingsError("DATABASE_OWNER_URL is missing: migrations run as the owner.")
    upgrade(settings.database_owner_url)


@cli.command(name="settings")
def list_settings() -> None:
    """List every setting with its value; passwords are masked."""
    for name, value, description in load().listed():
        typer.echo(f"# {description}\n{name}={value}")


@cli.command()
def doctor() -> None:
    """Check that everything this installation needs is there."""
    from app.doctor import examine

    findings = asyncio.run(examine(with_servers(load())))
    for finding in findings:
        typer.secho("ok    " if finding.well else "WRONG ", nl=False, fg=_colour(finding.well))
        typer.echo(f"{finding.subject}: {finding.text}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _colour(well: bool) -> str:
    return "green" if well else "red"


@cli.command()
def reset() -> None:
    """Throw away the demo region: the embedded servers' data, logs and demo.json. Asks nothing."""
    from app.embedded import EmbeddedServers
    from app.supervisor import embedded_home

    settings = load()
    home = embedded_home(settings)
    if home.exists():
        EmbeddedServers(home).reset()
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(settings.var / "log", ignore_errors=True)
    settings.demo_file.unlink(missing_ok=True)
    typer.echo(f"De demoregio in {settings.var} is weg.")
    if settings.database_url:
        typer.echo("De database van DATABASE_URL is niet aangeraakt.")


# ---------------------------------------------------------------- registers


@add.command("region")
def add_region(
    number: Annotated[int, typer.Argument(min=1, max=32767, help="Its number, in positions too.")],
    code: Annotated[str, typer.Argument(help="A short code, such as haaglanden.")],
    name: Annotated[str, typer.Argument(help="Its name for people.")],
) -> None:
    """Add a region with a stream of its own."""
    from app.services.regions import create_region

    in_container(lambda container: create_region(container, None, RegionId(number), code, name))
    typer.echo(f"Region {number} is there.")


@add.command("organisation")
def add_organisation(
    agb: Annotated[str, typer.Argument(help="AGB code.")],
    name: Annotated[str, typer.Argument(help="Its name for people.")],
    kind: Annotated[OrganisationKind, typer.Option(help="What it is here.")] = (
        OrganisationKind.PROVIDER
    ),
    region: Annotated[
        list[int] | None, typer.Option(help="A region it works in; may be given more than once.")
    ] = None,
) -> None:
    """Add an organisation; `keys issue` then gives it its first key."""
    from app.services.organisations import create_organisation
    from domain.organisations import Organisation

    regions = frozenset(RegionId(number) for number in region or [])
    in_container(
        lambda container: create_organisation(
            container, None, Organisation(agb, name, kind, regions)
        )
    )
    typer.echo(f"{name} is there.")


# ---------------------------------------------------------------- keys


@keys.command("issue")
def issue(
    organisation: Annotated[str, typer.Option(help="AGB code of the organisation.")],
    role: Annotated[str, typer.Option(help="What the key works as, such as provider-capacity.")],
    name: Annotated[str, typer.Option(help="What the key is for.")],
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Its reports count once its source is released.")
    ] = False,
) -> None:
    """Make a key and show it, once."""
    from app.services.keys import NewKey, issue_key

    try:
        wanted = Role(role)
    except ValueError:
        raise SettingsError(f"Unknown role {role}. One of: {', '.join(Role)}") from None

    async def act(container: "Container") -> str:
        organisation_id = await _organisation_id(container, organisation)
        issued = await issue_key(
            container, None, NewKey(organisation_id, wanted, name, sandbox=sandbox)
        )
        return f"{issued.id}  {issued.key}"

    typer.echo(in_container(act))


@keys.command("revoke")
def revoke(key_id: Annotated[UUID, typer.Argument(help="The id that `list` shows.")]) -> None:
    """End a key: it opens nothing from now on, and what it opened is closed."""
    from app.services.keys import revoke_key

    in_container(lambda container: revoke_key(container, None, key_id))
    typer.echo("Revoked.")


@keys.command("list")
def list_all() -> None:
    """List all keys there have been, without anything secret."""
    from app.services.keys import list_keys

    for key in in_container(list_keys):
        state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "open"
        typer.echo(
            f"{key.id}  {key.role:<18} {state:<18} {key.created_at:%Y-%m-%d}  "
            f"{key.organisation_name}: {key.name}"
        )


async def _organisation_id(container: "Container", agb: str) -> OrganisationId:
    found = await container.read(
        lambda connection: connection.fetchval("SELECT id FROM organisation WHERE agb = $1", agb)
    )
    if found is None:
        raise SettingsError(f"There is no organisation with AGB code {agb}.")
    return OrganisationId(found)


if __name__ == "__main__":
    main()
