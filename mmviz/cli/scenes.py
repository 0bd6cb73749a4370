"""The commands of scenes: view, render, movie, mesh, page, check, import and schema."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mmviz.cli.output import begin, check_new, file_name, film, make, opened, told_of
from mmviz.cli.settings import Settings, with_settings
from mmviz.errors import MmvizError, SourceError
from mmviz.picture.ground_names import Ground

if TYPE_CHECKING:
    from mmviz.pipeline import Scene

SceneName = Annotated[str, typer.Argument(metavar="SCENE", help="A scene file, or the name of a shipped scene.")]
Width = Annotated[int | None, typer.Option(help="Pixels; the scene's own size by default.")]
Height = Annotated[int | None, typer.Option(help="Pixels.")]


def _print_keys(wanted: bool) -> None:
    if wanted:
        from mmviz.viewer.commands import keys_table

        typer.echo(keys_table())
        raise typer.Exit


def view(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENE|LINK|MODEL|FILE",
            help="A scene file or the name of a shipped scene; a share link of mm; a model as in `mmviz head`, "
            "whose first head is shown; or a file of tensors, which are listed. Without it, a page with examples, "
            "recent files and models to choose from.",
        ),
    ] = None,
    keys: Annotated[  # noqa: ARG001  (its callback ends the command)
        bool,
        typer.Option("--keys", help="Print all keys of the window and end.", is_eager=True, callback=_print_keys),
    ] = False,
    settings: Settings = None,
) -> None:
    """Open a scene in a window, or a head of a model; or the start page."""
    from mmviz.builders.by_name import scene_at_once, scene_to_view

    if what is None:
        if settings:
            raise typer.BadParameter("--set sets keys of a scene; name the scene.")
        begin()
        return
    scene = scene_at_once(what)
    if scene is None:
        begin(what, lambda: told_of(with_settings(scene_to_view(what), settings)))
    else:
        told = told_of(with_settings(scene, settings))
        begin(what, lambda: told)


def render(
    scene: SceneName,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            parser=file_name,
            metavar="PATH",
            help="The .png, .jpg, .jpeg, .webp, .pdf or .svg file to write; in the last two, texts, lines and "
            "arrows are outlines.",
        ),
    ],
    step: Annotated[float | None, typer.Option(help="Time in steps; the finished picture by default.")] = None,
    width: Width = None,
    height: Height = None,
    ground: Annotated[
        Ground | None,
        typer.Option(help="What is behind everything: white is for paper; the scene's own by default."),
    ] = None,
    dpi: Annotated[
        int | None,
        typer.Option(help="Pixels an inch: how large the picture is on paper; the scene's own, 300, by default."),
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(
            help="Of .jpg and .webp: 1 is smallest, 100 best, and lossless for .webp; the scene's own, 90, by default."
        ),
    ] = None,
    settings: Settings = None,
) -> None:
    """Write a picture: a PNG of up to 32768 x 32768 pixels, a JPEG, WebP, PDF or SVG of fewer."""
    from mmviz.orders.order import PictureOrder

    loaded = opened(scene, settings)
    export = loaded.document.export
    size: Any = {"width": width, "height": height}
    make(loaded, PictureOrder.of(export, output, **size, ground=ground, step=step, dpi=dpi, quality=quality))


def movie(
    scene: SceneName,
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            help="The .mp4, .mov (ProRes 4444), .webm (VP9) or .gif file to write; or a .png for each frame by a name "
            "with %05d, or by a folder's name that ends in /.",
        ),
    ],
    quality: Annotated[
        Literal["l", "m", "h", "k"] | None,
        typer.Option(
            "-q",
            "--quality",
            help="-ql: 854x480, 15 frames a second; -qm: 1280x720, 30; -qh: 1920x1080, 60; -qk: 3840x2160, 60; the "
            "scene's own by default.",
        ),
    ] = None,
    width: Width = None,
    height: Height = None,
    fps: Annotated[int | None, typer.Option(help="Frames a second.")] = None,
    crf: Annotated[
        int | None, typer.Option(help="H.264 and VP9 quality: 0, the same as 1, is best, 51 smallest.")
    ] = None,
    lossless: Annotated[
        bool,
        typer.Option(
            "--lossless",
            help="Keep every pixel of an MP4 film as it was drawn. Not for browsers: only players with "
            "FFmpeg's decoder show such films.",
        ),
    ] = False,
    ground: Annotated[
        Ground | None,
        typer.Option(
            help="What is behind everything: white is for paper; transparent, of .mov, .webm and pictures, for slides "
            "and editing; the scene's own by default."
        ),
    ] = None,
    fine: Annotated[
        bool,
        typer.Option("--fine", help="Four samples a pixel, as of pictures: smoother, and some three times as slow."),
    ] = False,
    start: Annotated[float | None, typer.Option("--from", help="Step to begin with.")] = None,
    end: Annotated[float | None, typer.Option("--to", help="Step to end with.")] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="Processes that share the work; the film is the same.")
    ] = 1,
    timings: Annotated[bool, typer.Option("--timings", help="Print how long each stage took.")] = False,
    settings: Settings = None,
) -> None:
    """Write the animation as a film, or a part of it."""
    from mmviz.orders.kinds import possible_rate
    from mmviz.orders.order import LOSSLESS, FilmOrder
    from mmviz.render.film.qualities import QUALITIES

    wide, high, rate = (None, None, None) if quality is None else QUALITIES[quality]
    if lossless and crf is not None:
        raise typer.BadParameter("--lossless and --crf are two; one of them is needed.")
    loaded, steps = opened(scene, settings), (start, end)
    export = loaded.document.export
    wished = rate or export.fps
    order = FilmOrder.of(
        export,
        output,
        width=wide if width is None else width,
        height=high if height is None else height,
        fps=possible_rate(output, wished) if fps is None else fps,
        crf=LOSSLESS if lossless else crf,
        ground=ground,
        steps=steps,
        workers=workers,
        fine=fine,
    )
    if fps is None and order.fps < wished:
        typer.echo(f"mmviz: note: {output}: has {order.fps} frames a second instead of {wished}, its most.", err=True)
    told = film(loaded, order)
    if timings:
        typer.echo(told.text())


def mesh(
    scene: SceneName,
    output: Annotated[
        Path, typer.Option("-o", "--output", parser=file_name, metavar="PATH", help="The .glb or .usdz file to write.")
    ],
    step: Annotated[float | None, typer.Option(help="Time in steps; the finished picture by default.")] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Elements drawn as spheres, at most (20,000); larger matrices are pictures, one texel an element.",
        ),
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Write a GLB of triangles only, some thirty times as large: for Blender, and for programs that do not "
            "know EXT_mesh_gpu_instancing.",
        ),
    ] = False,
    settings: Settings = None,
) -> None:
    """Write one moment as GLB for other 3D programs, or as USDZ for AR: a sphere an element, a centimetre a cell."""
    from mmviz.orders.order import SPHERES, MeshOrder

    loaded = opened(scene, settings)
    make(loaded, MeshOrder(str(output), step, SPHERES if limit is None else limit, plain))


def page(
    scene: Annotated[
        str,
        typer.Argument(metavar="SCENE|LINK", help="A scene file, the name of a shipped scene, or a share link of mm."),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", parser=file_name, metavar="PATH", help="The .html file to write.")
    ],
    step: Annotated[
        float | None,
        typer.Option(help="Time in steps at which it opens, and waits; by default it plays from the beginning."),
    ] = None,
    ground: Annotated[Ground | None, typer.Option(help="black or white; the scene's own by default.")] = None,
    max_size: Annotated[
        int | None, typer.Option("--max-size", min=1, metavar="MB", help="Megabytes of the file, at most (200).")
    ] = None,
    settings: Settings = None,
) -> None:
    """Write the animation as one HTML file that any browser draws, plays and explains, without a network."""
    from mmviz.builders.by_name import scene_named
    from mmviz.orders.order import PageOrder

    loaded = told_of(with_settings(scene_named(scene), settings))
    make(loaded, PageOrder.of(loaded.document.export, output, step=step, ground=ground, most=max_size))


def check(
    scenes: Annotated[list[str], typer.Argument(metavar="SCENE...", help="Scene files or names.")],
    scales: Annotated[
        bool, typer.Option("--scales", help="Compute the numbers, and tell the scale of every matrix.")
    ] = False,
    settings: Settings = None,
) -> None:
    """Check scenes without drawing: keys, expression, sources and shapes."""
    from mmviz.picture.space.head_grid import note_on_grid
    from mmviz.pipeline import Scene

    broken = 0
    for name in scenes:
        try:
            loaded = with_settings(Scene.load(name), settings)
            loaded.check_film()
            layout = loaded.layout()
            count = len(layout)
            typer.echo(f"{name}: fine, {count} {'matrix' if count == 1 else 'matrices'}")
            for line in _scale_lines(loaded) if scales else ():
                typer.echo(line)
            for doubt in (*loaded.doubts(), *note_on_grid(loaded.document.style.heads, layout.grids)):
                typer.echo(f"{name}: note: {doubt}", err=True)
        except MmvizError as error:
            broken += 1
            typer.echo(str(error), err=True)
    if broken:
        raise typer.Exit(1)


def _scale_lines(scene: "Scene") -> list[str]:
    """Which |x| of each matrix is drawn at full size, the result first; a matrix used twice stands once."""
    from mmviz.scene.language.tree import walk

    told, style = scene.scales(), scene.document.style
    lines = [f"  {node.name}: {told[node.path].told(style)}" for node in walk(scene.root)]
    return list(dict.fromkeys(reversed(lines)))


def import_link(
    link: Annotated[
        str, typer.Argument(metavar="LINK", help="A share link of mm, a file that holds one, or - for standard input.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", parser=file_name, metavar="PATH", help="The .yaml or .json scene file to write."
        ),
    ],
    csv: Annotated[Path | None, typer.Option(help="Folder with copies of the link's CSV files.")] = None,
    missing: Annotated[
        str | None, typer.Option(help="The initializer that stands in for CSV files that are not there: gaussian.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a scene file that is there already.")] = False,
    settings: Settings = None,
) -> None:
    """Make a scene file of a share link of mm (bhosmer/mm). Nothing is fetched or executed."""
    from mmviz.pipeline import Scene
    from mmviz.scene.mm.importer import import_mm
    from mmviz.scene.mm.link import MAX_LINK, find_link, read_link
    from mmviz.values.files.plain_file import check_itself

    check_new(output, force=force)
    check_itself(Path(link))
    text = _standard_input(MAX_LINK + 1) if link == "-" else find_link(link)
    imported = import_mm(read_link(text), csv_folder=csv, missing=missing)
    lost = with_settings(Scene.of(imported.document, Path()), settings).save(output)
    if lost is not None:
        typer.echo(lost, err=True)
    for note in imported.notes:
        typer.echo(f"{output}: {note}", err=True)


def _standard_input(most: int) -> str:
    if sys.stdin is None:  # as Python says that it was closed before
        raise SourceError("standard input is closed; a link of mm is needed there, or in place of -.")
    return sys.stdin.buffer.read(most).decode(errors="replace")


def schema() -> None:
    """Print the JSON Schema of scene files, for editors."""
    from mmviz.scene.document import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
