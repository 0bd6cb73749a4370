"""`mmviz new`: a scene of one's own, begun from a template or from a scene that comes with mmviz."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from mmviz.cli.output import check_new, file_name
from mmviz.errors import SceneError


def new(
    template: Annotated[
        str | None,
        typer.Argument(
            metavar="TEMPLATE",
            help="A template, or the name of a scene that comes with mmviz; without it, the templates are listed.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", parser=file_name, metavar="PATH", help="The .yaml or .json scene to write."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a scene file that is there already.")] = False,
) -> None:
    """Make a scene file of your own, from a template or from a scene that comes with mmviz."""
    if template is None:
        if output is not None or force:
            raise typer.BadParameter("name a template as well; without one, they are listed.")
        typer.echo(_listed())
        return
    if output is None:
        raise typer.BadParameter("-o PATH says which file is to be written.")
    check_new(output, force=force)
    _write(template, output)
    name = shlex.quote(str(output))
    film = shlex.quote(str(output.with_suffix(".mp4")))
    typer.echo(
        f"{output}: a scene of your own.\n"
        f"  mmviz view {name}    opens it; Ctrl+S saves there what you change\n"
        f"  mmviz check {name}    says whether what you wrote is right\n"
        f"  mmviz movie {name} -o {film} -ql    makes a film of it"
    )


def _listed() -> str:
    from mmviz.scene.templates import TEMPLATES

    wide = max(len(one.name) for one in TEMPLATES)
    lines = [f"  {one.name.ljust(wide)}  {one.sentence}" for one in TEMPLATES]
    usage = "`mmviz new TEMPLATE -o mine.yaml` begins with one of them, or with a scene that `mmviz gallery` lists."
    return "\n".join([*lines, "", usage])


def _write(template: str, output: Path) -> None:
    from mmviz.machine.shipped import find_scene
    from mmviz.pipeline import Scene
    from mmviz.scene import document as documents
    from mmviz.scene.templates import TEMPLATES
    from mmviz.scene.text import scene_file

    texts = {one.name: one.text for one in TEMPLATES}
    if template in texts and output.suffix.lower() == ".json":
        document = documents.from_mapping(scene_file.parse(texts[template], template), template)
        Scene.of(document, Path()).save(output)
    elif template in texts:
        scene_file.write_text(texts[template], output)
    elif find_scene(template) is not None:
        Scene.load(template).save(output)
    else:
        raise SceneError(_unknown(template, list(texts)))


def _unknown(template: str, templates: list[str]) -> str:
    from difflib import get_close_matches

    from mmviz.machine.shipped import known_names

    close = get_close_matches(template, [*templates, *known_names()], n=1)
    hint = f"; did you mean '{close[0]}'?" if close else "."
    return (
        f"{template}: there is no such template, and no scene of that name comes with mmviz{hint}\n"
        f"The templates are {', '.join(templates)}; `mmviz gallery` lists scenes."
    )
