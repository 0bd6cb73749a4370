"""What several commands do with what they made: write, film, show or tell it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mmviz.cli.settings import with_settings
from mmviz.errors import OutputError

if TYPE_CHECKING:  # what takes a quarter of a second to import is imported by what needs it, not for a word of help
    from mmviz.orders.order import FilmOrder, MeshOrder, PageOrder, PictureOrder
    from mmviz.pipeline import Scene
    from mmviz.render.film.stopwatch import Timings

MEGABYTE = 1_000_000


def file_name(text: str) -> Path:
    """The path of a file to be written, as a parser of options.

    Raises:
        OutputError: it ends in /, which a Path would not know any more.
    """
    from mmviz.machine.output_files import check_no_folder

    check_no_folder(text)
    return Path(text)


def check_new(output: Path, *, force: bool) -> None:
    """Refuse to replace a scene file, unless that is what was asked for.

    Raises:
        OutputError: it is there already, or no scene file can be written there.
    """
    from mmviz.machine.output_files import check_output
    from mmviz.pipeline import SUFFIXES

    check_output(output, SUFFIXES)
    if output.exists() and not force:
        raise OutputError(f"{output}: is there already; choose another name, or replace it with --force.")


def opened(name: str, settings: list[str] | None = None) -> "Scene":
    """A scene file or a scene that comes with mmviz; what it reads outside its folder is told.

    Args:
        name: Of the file or the scene.
        settings: Keys that are set, as KEY=VALUE.

    Raises:
        SceneError: as `Scene.load`, or a setting breaks a rule of the format.
    """
    from mmviz.pipeline import Scene

    return told_of(with_settings(Scene.load(name), settings))


def told_of(scene: "Scene") -> "Scene":
    """The scene, when it was told which files outside its folder it reads."""
    from mmviz.scene.changes.reach import outside

    for line in outside(scene.document, scene.folder):
        typer.echo(f"mmviz: note: {line}.", err=True)
    return scene


def film(scene: "Scene", order: "FilmOrder") -> "Timings":
    """Write a film, with a progress bar on a terminal, and tell how long each stage took.

    Raises:
        MmvizError: as `Scene.movie`.
    """
    from mmviz.machine.progress import progress_bar

    scene.check_order(order)
    compute_deep(scene)
    tell_notes(scene)
    with progress_bar(order.path, len(scene.film(order.fps, order.steps))) as progress:
        return scene.make_film(order, progress)


def make(scene: "Scene", order: "PictureOrder | MeshOrder | PageOrder") -> None:
    """Write a picture, a mesh or a page, after a progress bar where much is read for it.

    Raises:
        MmvizError: as `Scene.make`.
    """
    scene.check_order(order)
    compute_deep(scene)
    scene.make(order)
    tell_notes(scene)


def compute_deep(scene: "Scene", way_out: str = "") -> None:
    """Where much is read before a scene's numbers are there: say how much, and compute them with a progress bar.

    Args:
        scene: Computed or not.
        way_out: What else the user can do, in a few words.

    Raises:
        MmvizError: as `Scene.values`.
    """
    from mmviz.builders.deep import compute_below
    from mmviz.machine.progress import progress_bar

    found = scene.read_first()
    if found is None:
        return
    typer.echo(f"mmviz: note: {found}{way_out and f'; {way_out}'}.", err=True)
    with progress_bar(f"{found.layers} layers, MB", found.size // MEGABYTE) as progress:
        compute_below(scene, lambda read: progress(min(read, found.size) // MEGABYTE))


def show(scene: "Scene") -> None:
    """Open a window, in which other scenes, links of mm and models can be opened.

    Raises:
        MmvizError: as `Scene.show`.
    """
    from mmviz.builders.again import built_again
    from mmviz.builders.by_name import scene_named

    scene.show(scene_named, built_again)


def begin(name: str = "", make: "Callable[[], Scene] | None" = None) -> None:
    """Open a window at once, whatever is still to be read, imported and computed.

    Args:
        name: What the user called the scene.
        make: Makes it; without it there is the start page.

    Raises:
        MmvizError: as `Scene.show`, or the scene cannot be had.
    """
    from mmviz import viewer
    from mmviz.builders.again import built_again
    from mmviz.builders.by_name import scene_named, scene_to_view
    from mmviz.pipeline import Scene
    from mmviz.showing import models_here
    from mmviz.viewer.start.outside import First, Outside

    first = None if make is None else First(name, make)
    viewer.begin(first, Outside(scene_to_view, scene_named, Scene, built_again, models_here))


def tell(report: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Print a report, for people or for scripts."""
    typer.echo(json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) if as_json else text)


def tell_notes(scene: "Scene") -> None:
    """Say beside the picture what is odd about its numbers."""
    for note in scene.notes():
        typer.echo(f"mmviz: note: {note}", err=True)
