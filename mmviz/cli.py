"""The command line: a thin face over the pipeline.

Exit code 0 done, 1 bad input, 2 wrong usage, 130 interrupted by Ctrl+C, 143 by SIGTERM.
"""

import io
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from mmviz import __version__
from mmviz.errors import MmvizError, OutputError
from mmviz.pipeline import SUFFIXES, Scene

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

SceneName = Annotated[str, typer.Argument(metavar="SCENE", help="A scene file, or the name of a shipped scene.")]
Model = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="A model's folder or .safetensors file, or the name of a shipped one."),
]
Width = Annotated[int | None, typer.Option(help="Pixels; the scene's own size by default.")]
Height = Annotated[int | None, typer.Option(help="Pixels.")]


class _Stopped(BaseException):
    """A signal asks to stop. Files that are half written disappear on its way up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


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


@app.command()
def view(scene: SceneName) -> None:
    """Open a scene in a window."""
    _show(Scene.load(scene))


@app.command()
def render(
    scene: SceneName,
    output: Annotated[Path, typer.Option("-o", "--output", help="The .png file to write.")],
    step: Annotated[float | None, typer.Option(help="Time in steps; the finished picture by default.")] = None,
    width: Width = None,
    height: Height = None,
) -> None:
    """Write a picture."""
    Scene.load(scene).screenshot(output, step, width=width, height=height)


@app.command()
def movie(
    scene: SceneName,
    output: Annotated[Path, typer.Option("-o", "--output", help="The .mp4 file to write.")],
    width: Width = None,
    height: Height = None,
    fps: Annotated[int | None, typer.Option(help="Frames a second.")] = None,
) -> None:
    """Write the animation as a film."""
    _film(Scene.load(scene), output, width, height, fps)


@app.command()
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


@app.command()
def inspect(
    target: Annotated[str, typer.Argument(metavar="SCENE|MODEL", help="A scene, or a model's folder or file.")],
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Print a scene's tree with shapes and counts, or a model's sizes."""
    from mmviz import reports
    from mmviz.values.sources import find_model

    place = find_model(target, Path())
    if place.is_dir() or place.suffix == ".safetensors":
        report = reports.model_report(place)
        text = reports.model_text(report)
    else:
        report = reports.scene_report(Scene.load(target))
        text = reports.scene_text(report)
    typer.echo(json.dumps(report, indent=2, ensure_ascii=False) if as_json else text)


@app.command()
def head(
    model: Model,
    layer: Annotated[int, typer.Option(help="From 0.")],
    number: Annotated[int, typer.Option("--head", help="From 0.")],
    prompt: Annotated[str, typer.Option(help="What the model reads.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the scene to this .yaml file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a scene file that is there already.")] = False,
    film: Annotated[Path | None, typer.Option("--movie", help="Write a film to this .mp4 file.")] = None,
    window: Annotated[bool, typer.Option("--view", help="Open a window.")] = False,
) -> None:
    """Make a scene of one attention head of a model, and write, film or show it."""
    from mmviz.heads import head_scene

    if output is None and film is None and not window:
        raise typer.BadParameter("nothing to do: give -o scene.yaml, --movie film.mp4 or --view.")
    if output is not None:
        _check_new(output, force=force)
    scene = head_scene(model, layer, number, prompt)
    if film is not None:
        scene.check_movie(film)
    if output is not None:
        scene.save(output)
    if film is not None:
        _film(scene, film)
    if window:
        _show(scene)


@app.command("import")
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

    _check_new(output, force=force)
    text = sys.stdin.buffer.read(MAX_LINK + 1).decode(errors="replace") if link == "-" else find_link(link)
    imported = import_mm(read_link(text), csv_folder=csv, missing=missing)
    Scene.of(imported.document, Path()).save(output)
    for note in imported.notes:
        typer.echo(f"{output}: {note}", err=True)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scene files, for editors."""
    from mmviz.scene.document import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


def main() -> NoReturn:
    """Run the command line; bad input ends in one message and exit code 1."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal or pipe that knows fewer letters than a title has
    try:
        with _signals():
            app(prog_name="mmviz")
    except MmvizError as error:
        _fail(str(error), 1)
    except OSError as error:  # a file that no room foresaw, such as one whose name is too long
        _fail(f"{error.filename}: {error.strerror}." if error.filename else str(error), 1)
    except _Stopped as stopped:
        _fail("interrupted", stopped.exit_code)
    sys.exit(0)


@contextmanager
def _signals() -> Iterator[None]:
    """Ctrl+C and SIGTERM unwind the work instead of cutting it off; a signal that is ignored stays ignored."""

    def stop(number: int, _: object) -> None:
        raise _Stopped(number)

    watched = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in watched}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _film(
    scene: Scene, output: Path, width: int | None = None, height: int | None = None, fps: int | None = None
) -> None:
    from mmviz.render.progress import progress_bar

    chosen = scene.check_movie(output, width=width, height=height, fps=fps)
    with progress_bar(str(output), len(scene.times(chosen.fps))) as progress:
        scene.movie(output, width=width, height=height, fps=fps, progress=progress)


def _show(scene: Scene) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Qt would swallow the exception that our handler raises
    try:
        scene.show()
    except KeyboardInterrupt:
        raise _Stopped(signal.SIGINT) from None


def _check_new(output: Path, *, force: bool) -> None:
    from mmviz.render.files import check_output

    check_output(output, SUFFIXES)
    if output.exists() and not force:
        raise OutputError(f"{output}: is there already; choose another name, or replace it with --force.")


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"mmviz: {message}", err=True)
    sys.exit(code)
