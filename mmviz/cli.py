"""The command line: a thin face over the pipeline. Exit code 0 done, 1 bad input, 2 wrong usage."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from mmviz.errors import MmvizError
from mmviz.pipeline import Scene

app = typer.Typer(
    help="See matrix multiplication and transformer attention in three dimensions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SceneName = Annotated[str, typer.Argument(metavar="SCENE", help="A scene file, or the name of a shipped scene.")]
Model = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="A model's folder or .safetensors file, or the name of a shipped one."),
]
Width = Annotated[int | None, typer.Option(help="Pixels; the scene's own size by default.")]
Height = Annotated[int | None, typer.Option(help="Pixels.")]


@app.command()
def view(scene: SceneName) -> None:
    """Open a scene in a window."""
    Scene.load(scene).show()


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
    _film(Scene.load(scene), output, width=width, height=height, fps=fps)


@app.command()
def check(
    scenes: Annotated[list[str], typer.Argument(metavar="SCENE...", help="Scene files or names.")],
) -> None:
    """Check scenes without drawing: keys, expression, sources and shapes."""
    broken = 0
    for name in scenes:
        try:
            count = len(Scene.load(name).shapes.of)
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
    film: Annotated[Path | None, typer.Option("--movie", help="Write a film to this .mp4 file.")] = None,
    window: Annotated[bool, typer.Option("--view", help="Open a window.")] = False,
) -> None:
    """Make a scene of one attention head of a model, and write, film or show it."""
    from mmviz.heads import head_scene

    if output is None and film is None and not window:
        raise typer.BadParameter("nothing to do: give -o scene.yaml, --movie film.mp4 or --view.")
    scene = head_scene(model, layer, number, prompt)
    if output is not None:
        scene.save(output)
    if film is not None:
        _film(scene, film)
    if window:
        scene.show()


@app.command()
def schema() -> None:
    """Print the JSON Schema of scene files, for editors."""
    from mmviz.scene.document import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


def main() -> NoReturn:
    """Run the command line; bad input ends in one message and exit code 1."""
    try:
        app()
    except MmvizError as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    sys.exit(0)


def _film(scene: Scene, output: Path, **options: Any) -> None:
    from mmviz.render.progress import progress_bar

    total = len(scene.times(options.get("fps") or scene.document.export.fps))
    with progress_bar(str(output), total) as progress:
        scene.movie(output, progress=progress, **options)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"mmviz: {message}", err=True)
    sys.exit(code)
