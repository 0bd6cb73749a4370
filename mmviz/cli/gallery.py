"""`mmviz gallery`: lists the scenes that teach, opens one, and makes films, pictures and pages of them all."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mmviz.cli.output import begin, film, make, opened
from mmviz.errors import MmvizError

if TYPE_CHECKING:
    from mmviz.pipeline import Scene

Quality = Literal["l", "m", "h", "k"]
Work = Callable[["Scene", Path], object]


def gallery(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Scenes or sections of the gallery; all by default."),
    ] = None,
    films: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Make a film of each, FOLDER/NAME.mp4. What is there already and newer than its scene is kept, so "
            "that the same command goes on where it was stopped.",
        ),
    ] = None,
    stills: Annotated[bool, typer.Option("--stills", help="With --films: a picture of each, too.")] = False,
    pages: Annotated[bool, typer.Option("--pages", help="With --films: a page of each, too.")] = False,
    quality: Annotated[
        Quality, typer.Option("-q", "--quality", help="Of films and pictures, as in `mmviz movie`.")
    ] = "l",
    as_json: Annotated[bool, typer.Option("--json", help="List them for scripts.")] = False,
) -> None:
    """List the scenes that teach, open the one that is named, or make films of them all."""
    from mmviz.scene.gallery import SECTIONS, meant

    if films is None and (stills or pages):
        raise typer.BadParameter("--stills and --pages say what else is made; --films FOLDER says where.")
    wanted = meant(names or [])
    if films is not None:
        _make_all(wanted, films, _works(quality, stills=stills, pages=pages))
    elif not as_json and names and [*names] == wanted and len(wanted) == 1:
        loaded = opened(wanted[0])
        begin(wanted[0], lambda: loaded)
    else:
        chosen = [(section, [name for name in section.scenes if name in wanted]) for section in SECTIONS]
        _list([(section.word, section.title, scenes) for section, scenes in chosen if scenes], as_json=as_json)


def _list(sections: list[tuple[str, str, list[str]]], *, as_json: bool) -> None:
    from mmviz.scene.gallery import entry

    if as_json:
        told = [
            {"section": word, "title": title, "scenes": [_as_values(name) for name in scenes]}
            for word, title, scenes in sections
        ]
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    wide = max(len(name) for _, _, scenes in sections for name in scenes)
    for word, title, scenes in sections:
        typer.echo(f"{title} ({word})")
        for name in scenes:
            typer.echo(f"  {name.ljust(wide)}  {entry(name).learn}")
        typer.echo()
    typer.echo("`mmviz gallery NAME` opens one, `mmviz new NAME -o mine.yaml` makes a copy to change.")


def _as_values(name: str) -> dict[str, object]:
    from mmviz.scene.gallery import entry

    one = entry(name)
    return {
        "name": name,
        "title": one.title,
        "learn": one.learn,
        "tries": list(one.tries),
        "still": one.still,
        "file": str(one.file),
    }


def _works(quality: Quality, *, stills: bool, pages: bool) -> dict[str, Work]:
    """What is made of each scene, by the ending of its file."""
    from mmviz.orders.order import FilmOrder, PageOrder, PictureOrder
    from mmviz.render.film.qualities import QUALITIES

    width, height, fps = QUALITIES[quality]

    def make_film(scene: "Scene", path: Path) -> None:
        film(scene, FilmOrder.of(scene.document.export, str(path), width=width, height=height, fps=fps))

    def make_still(scene: "Scene", path: Path) -> None:
        step = scene.document.about.still
        make(scene, PictureOrder.of(scene.document.export, path, width=width, height=height, step=step))

    def make_page(scene: "Scene", path: Path) -> None:
        make(scene, PageOrder.of(scene.document.export, path))

    works: dict[str, Work] = {".mp4": make_film}
    return works | ({".png": make_still} if stills else {}) | ({".html": make_page} if pages else {})


def _make_all(names: list[str], folder: Path, works: dict[str, Work]) -> None:
    """Make all that is not there; one line for each file, with the time that it took, and for each that failed."""
    from mmviz.scene.gallery import entry

    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(name, folder / f"{name}{ending}", work) for name in names for ending, work in works.items()]
    missing = [(name, path, work) for name, path, work in wanted if not _is_newer(path, entry(name).file)]
    begun, failed = time.monotonic(), 0
    for name, path, work in missing:
        since = time.monotonic()
        try:
            work(opened(name), path)
        except MmvizError as error:
            failed += 1
            typer.echo(f"{path}: {' '.join(str(error).split())}", err=True)
        else:
            typer.echo(f"{path}: {time.monotonic() - since:.1f} s")
    made, whole = len(missing) - failed, time.monotonic() - begun
    typer.echo(f"{made} made, {len(wanted) - len(missing)} kept, {failed} failed, in {whole:.0f} s.")
    if failed:
        raise typer.Exit(1)


def _is_newer(made: Path, scene: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= scene.stat().st_mtime
