"""The parts of a scene as Python gives them: which keywords there are, and of which types; checks nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from mmviz.scene.keys.about import AboutOptions
from mmviz.scene.keys.made_by import MadeBy
from mmviz.scene.keys.options import (
    AnimationOptions,
    CameraOptions,
    CaptionOptions,
    Counts,
    ExportOptions,
    LayoutOptions,
    StyleOptions,
)
from mmviz.scene.keys.sources import ActivationSource, ModelSource
from mmviz.scene.keys.view import ViewOptions
from mmviz.scene.language.written import Written

Said: TypeAlias = Mapping[str, Any]
"""A part of a scene as a scene file says it."""
Tensors: TypeAlias = Mapping[str, Any]
"""name -> where its numbers come from, as a scene file says it, or the numbers: an array, a tensor, a frame, a list."""
Roots: TypeAlias = Mapping[str, Written] | Sequence[Written]
"""Several expressions side by side: a list, or a mapping of the title over each to it."""


class Parts(TypedDict, total=False):
    """Of a scene, besides its expression and tensors; None stands for the default."""

    version: Literal[1] | None
    title: str | None
    about: Said | AboutOptions | None
    roots: Roots | None
    model: Said | ModelSource | None
    made_by: Said | MadeBy | None
    rank: Mapping[str, int] | None
    checks: Mapping[str, Said | ActivationSource] | None
    partition: Mapping[str, int | Mapping[str, int] | Counts] | None
    layout: Said | LayoutOptions | None
    animation: Said | AnimationOptions | None
    style: Said | StyleOptions | None
    camera: Said | CameraOptions | None
    captions: Sequence[Said | CaptionOptions] | None
    export: Said | ExportOptions | None
    view: Said | ViewOptions | None


class Changes(Parts, total=False):
    """What can be another in a scene."""

    expr: Written
    tensors: Tensors | None
