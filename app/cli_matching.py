"""`verkeerstoren matching`: the matches that somebody acted on, made again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli_regions import region_called
from app.installation import in_container
from app.settings import SettingsError

if TYPE_CHECKING:
    from uuid import UUID

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
    first, further = 0, 0
    for one in acted:
        again = one.again(tried)
        if again[:1] != one.shown[:1]:
            first += 1
            typer.echo(f"{one.number}  {one.id}: first {_first(one.shown)} -> {_first(again)}")
        elif again != one.shown:
            further += 1
    typer.echo(
        f"Of {len(acted)} matches {first} would begin otherwise, {further} differ further down only."
    )


def _first(shown: "tuple[UUID, ...]") -> str:
    return str(shown[0]) if shown else "nothing"


async def _acted(container: "Container", code: str | None) -> "list[Acted]":
    from app.services.referrals.matches import acted_on

    return await acted_on(container, await region_called(container, code))
