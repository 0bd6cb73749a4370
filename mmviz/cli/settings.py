"""The option --set: any key of a scene, as if it stood in the scene's file."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from mmviz.pipeline import Scene
    from mmviz.scene.parts import Changes

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any key of the scene, as if it stood in the scene's file: layout.gap=8, tensors.Q.seed=3, "
        "captions.0.text='To begin'. Can be given several times.",
    ),
]


def with_settings(scene: "Scene", settings: list[str] | None) -> "Scene":
    """The scene with other values of single keys.

    Raises:
        SceneError: a setting is written in another way, or breaks a rule of the format; the message names --set.
    """
    if not settings:
        return scene
    from mmviz.scene.changes.settings import OPTION, parts_set, read_setting
    from mmviz.scene.document import with_parts

    parts = parts_set(scene.document, [read_setting(text) for text in settings])
    document = with_parts(scene.document, parts, f"{scene.where} with {OPTION}")
    return scene.changed(**cast("Changes", {key: getattr(document, key) for key in parts}))
