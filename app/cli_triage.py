"""`verkeerstoren triage`: what other rules would have advised."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli_regions import region_called
from app.installation import in_container
from app.settings import SettingsError

if TYPE_CHECKING:
    from app.container import Container
    from domain.triage.replay import PastTriage

triage = typer.Typer(help="Triage rules: replay.", no_args_is_help=True)


@triage.callback()
def _triage() -> None:
    """Keeps `replay` a word of its own, though it is the only command."""


@triage.command("replay")
def replay_rules(
    rules: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, readable=True, help="A file of rules.")
    ],
    region: Annotated[
        str | None, typer.Option(help="Code of a region; all regions when not given.")
    ] = None,
) -> None:
    """Show which past triages these rules would have advised otherwise. Changes nothing."""
    from app.triage_rules import read_rules
    from domain.triage.replay import replay
    from domain.triage.rules import BadRules

    try:
        tried = read_rules(rules.read_text("utf-8"))
    except (BadRules, UnicodeDecodeError) as refused:
        raise SettingsError(f"{rules}:\n{refused}") from None
    result = replay(tried, in_container(lambda container: _past(container, region)))
    for change in result.changed:
        asks = f" (asks {', '.join(change.asks)})" if change.asks else ""
        typer.echo(
            f"{change.referral_id}  {change.version} -> {result.version}:"
            f" {_listed(change.before)} -> {_listed(change.after)}{asks}"
        )
    for before, after, count in result.counts:
        typer.echo(f"{count} x {_listed(before)} -> {_listed(after)}")
    typer.echo(f"{len(result.changed)} of {result.seen} triages would be advised otherwise.")


def _listed(outcomes: Sequence[str]) -> str:
    return ", ".join(outcomes) or "nothing yet"


async def _past(container: "Container", code: str | None) -> "Sequence[PastTriage]":
    from app.db.triages import read_past

    region_id = await region_called(container, code)
    return await container.read(lambda connection: read_past(connection, region_id))
