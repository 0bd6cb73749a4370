"""The commands of scenes: view, render, movie, check, import and schema."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mmviz.cli.output import check_new, film, show, tell_notes
from mmviz.errors import MmvizError
from mmviz.pipeline import Scene

SceneName = Annotated[str, typer.Argument(metavar="SCENE", help="A scene file, or the name of a shipped scene.")]
Width = Annotated[int | None, typer.Option(help="Pixels; the scene's own size by default.")]
Height = Annotated[int | None, typer.Option(help="Pixels.")]


def view(scene: SceneName) -> None:
    """Open a scene in a window."""
    show(Scene.load(scene))


def render(
    scene: SceneName,
    output: Annotated[Path, typer.Option("-o", "--output", help="The .png file to write.")],
    step: Annotated[float | None, typer.Option(help="Time in steps; the finished picture by default.")] = None,
    width: Width = None,
    height: Height = None,
) -> None:
    """Write a picture."""
    loaded = Scene.load(scene)
    loaded.screenshot(output, step, width=width, height=height)
    tell_notes(loaded)


def movie(
    scene: SceneName,
    output: Annotated[Path, typer.Option("-o", "--output", help="The .mp4 file to write.")],
    width: Width = None,
    height: Height = None,
    fps: Annotated[int | None, typer.Option(help="Frames a second.")] = None,
) -> None:
    """Write the animation as a film."""
    film(Scene.load(scene), output, width, height, fps)


def check(
    scenes: Annotated[list[str], typer.Argument(metavar="SCENE...", help="Scene files or names.")],
) -> None:
    """Check scenes without drawing: keys, expression, sources and shapes."""
    broken = 0
    for name in scenes:
        try:
            count = len(Scene.load(name).layout())
            typer.echo(f"{name}: fine, {count} {'matrix' if count == 1 else 'matrices'}")
        except MmvizError as error:
            broken += 1
            typer.echo(str(error), err=True)
    if broken:
        raise typer.Exit(1)


def import_link(
    link: Annotated[
        str, typer.Argument(metavar="LINK", help="A share link of mm, a file that holds one, or - for standard input.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The .yaml or .json scene file to write.")],
    csv: Annotated[Path | None, typer.Option(help="Folder with copies of the link's CSV files.")] = None,
    missing: Annotated[
        str | None, typer.Option(help="The initializer that stands in for CSV files that are not there: gaussian.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a scene file that is there already.")] = False,
) -> None:
    """Make a scene file of a share link of mm (bhosmer/mm). Nothing is fetched or executed."""
    from mmviz.scene.mm.importer import import_mm
    from mmviz.scene.mm.link import MAX_LINK, find_link, read_link

    check_new(output, force=force)
    text = sys.stdin.buffer.read(MAX_LINK + 1).decode(errors="replace") if link == "-" else find_link(link)
    imported = import_mm(read_link(text), csv_folder=csv, missing=missing)
    Scene.of(imported.document, Path()).save(output)
    for note in imported.notes:
        typer.echo(f"{output}: {note}", err=True)


def schema() -> None:
    """Print the JSON Schema of scene files, for editors."""
    from mmviz.scene.document import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
