"""`verkeerstoren matching`: the matches that somebody acted on, made again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli_regions import region_called
from app.installation import in_container
from app.settings import SettingsError

if TYPE_CHECKING:
    from app.container import Container
    from app.services.referrals.matches import Acted

matching = typer.Typer(help="Matches: replay.", no_args_is_help=True)


@matching.callback()
def _matching() -> None:
    """Keeps `replay` a word of its own, though it is the only command."""


@matching.command("replay")
def replay_matches(
    weights: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            help="A file of weights; without it each match is made by its own.",
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Code of a region; all regions when not given.")
    ] = None,
) -> None:
    """Make the matches that somebody acted on again, and show which differ. Changes nothing."""
    from app.matching_weights import read_weights
    from domain.matching.weights import BadWeights

    tried = None
    if weights is not None:
        try:
            tried = read_weights(weights.read_text("utf-8"))
        except (BadWeights, UnicodeDecodeError) as refused:
            raise SettingsError(f"{weights}:\n{refused}") from None
    acted = in_container(lambda container: _acted(container, region))
    differ = 0
    for one in acted:
        again = one.again(tried)
        if again != one.shown:
            differ += 1
            typer.echo(f"{one.referral_id}  {one.id}: {_first(one.shown)} -> {_first(again)}")
    typer.echo(f"{differ} of {len(acted)} matches would be otherwise.")


def _first(shown: tuple[object, ...]) -> str:
    return ", ".join(str(one) for one in shown[:3]) or "nothing"


async def _acted(container: "Container", code: str | None) -> "list[Acted]":
    from app.services.referrals.matches import acted_on

    return await acted_on(container, await region_called(container, code))
