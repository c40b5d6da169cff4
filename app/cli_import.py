"""`verkeerstoren import`: files taken over as a whole, or refused as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.installation import in_container
from app.settings import SettingsError

if TYPE_CHECKING:
    from app.container import Container

imports = typer.Typer(help="Take over files: all of one, or nothing.", no_args_is_help=True)


@imports.command("postcodes")
def import_postcodes(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="NL.txt of GeoNames."),
    ],
    year: Annotated[
        int | None,
        typer.Option(
            min=2000, max=2100, help="The year of its gemeente codes; this year when not given."
        ),
    ] = None,
) -> None:
    """Take over the postcodes of a country file in the GeoNames layout.

    What the file doesn't hold stays, and the same file twice changes nothing.
    """
    from rich.console import Console
    from rich.progress import Progress

    from app import geonames
    from app.container import utc_now
    from app.services import postcodes

    with Progress(console=Console(stderr=True)) as bars:
        try:
            with bars.open(file, "rb", description="Reading") as opened:
                read = geonames.read(opened, year or utc_now().year)
        except geonames.BadPostcodeFile as refused:
            raise SettingsError(f"{file}: {refused.detail} Er is niets gewijzigd.") from None
        writing = bars.add_task("Writing", total=len(read))

        def progress(done: int) -> None:
            bars.update(writing, completed=done)

        done = in_container(
            lambda container: postcodes.import_postcodes(container, None, read, progress)
        )
    typer.echo(
        f"{len(read)} postcodes: {done.new} new, {done.changed} changed, {done.same} the same."
        f" {done.locations} locations learned where they are."
    )


@imports.command("capacity")
def import_capacity(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A .csv or .xlsx.")
    ],
    organisation: Annotated[str, typer.Option(help="AGB code of the organisation it is of.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would change, and what is wrong.")
    ] = False,
) -> None:
    """Take over a spreadsheet of figures, one row a pool; one mistake and nothing is done."""
    from app.services.capacity_import import ImportedRow, import_capacity, operator_of
    from app.spreadsheets.reading import read_table
    from domain.errors import BadSpreadsheet

    async def act(container: "Container") -> list[ImportedRow]:
        credential = await operator_of(container, organisation)
        table = read_table(file.read_bytes(), name=file.name)
        return await import_capacity(
            container, credential, table, agb=organisation, dry_run=dry_run
        )

    try:
        rows = in_container(act, with_board=True)
    except BadSpreadsheet as refused:
        for error in refused.errors:
            place = f"regel {error.row}, " if error.row else ""
            typer.secho(f"{place}{error.column or 'bestand'}: {error.detail}", err=True, fg="red")
        raise SettingsError(f"{file}: {refused.detail} Er is niets gewijzigd.") from None
    for row in rows:
        changes = ", ".join(f"{c.field} {c.was} -> {c.now}" for c in row.changes) or "no change"
        said = row.problem.code if row.problem else row.outcome or "would be"
        doubts = "".join(f" ! {doubt}" for doubt in row.warnings)
        typer.echo(f"row {row.number}  {row.external_id}  {said}: {changes}{doubts}")
    failed = sum(row.problem is not None for row in rows)
    typer.echo(
        f"{len(rows)} rows{', nothing done (dry run)' if dry_run else f', {failed} failed'}."
    )
    if failed:
        raise typer.Exit(1)
