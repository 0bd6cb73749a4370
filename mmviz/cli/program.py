"""The program: its commands, and how it ends."""

import errno
import io
import sys
from typing import Annotated, NoReturn

import typer

from mmviz import __version__
from mmviz.cli import models, scenes
from mmviz.cli.doctor import doctor
from mmviz.cli.families import models as families
from mmviz.cli.find import find
from mmviz.cli.functions import functions
from mmviz.cli.gallery import gallery
from mmviz.cli.new import new
from mmviz.cli.spectra import spectra
from mmviz.errors import MmvizError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mmviz {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """See matrix multiplication and transformer attention in three dimensions."""


app.command()(scenes.view)
app.command()(gallery)
app.command()(new)
app.command()(scenes.render)
app.command()(scenes.movie)
app.command()(scenes.mesh)
app.command()(scenes.page)
app.command()(scenes.check)
app.command()(models.inspect)
app.command()(models.head)
app.command()(models.layer)
app.command()(find)
app.command()(spectra)
app.command()(models.verify)
app.command("models")(families)
app.command()(models.fetch)
app.command()(functions)
app.command("import")(scenes.import_link)
app.command()(scenes.schema)
app.command()(doctor)


def run() -> NoReturn:
    """Run the command line; bad input ends in one message and exit code 1."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal or pipe that knows fewer letters than a title has
    try:
        app(prog_name="mmviz")
    except MmvizError as error:
        _fail(str(error), 1)
    except OSError as error:  # a file that no room foresaw, such as one whose name is too long
        place = error.filename or ("standard output" if error.errno == errno.ENOSPC else None)
        _fail(f"{place}: {error.strerror}." if place else str(error), 1)
    sys.exit(0)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"mmviz: {message}", err=True)
    sys.exit(code)
