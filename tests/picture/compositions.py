"""Compositions of any trees, without numbers: what the laws of the camera are asked of."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.space.layout import lay_out
from mmviz.picture.time.timeline import Timeline
from mmviz.scene.keys.folding import folding
from mmviz.scene.keys.options import AnimationOptions, CameraOptions, LayoutOptions, StyleOptions
from mmviz.scene.language.tree import walk
from tests.picture.trees import Tree

directions = (
    st.tuples(*[st.floats(-1, 1).map(lambda x: round(x, 2))] * 3)
    .filter(lambda direction: max(map(abs, direction)) > 0.1)
    .map(tuple)
)
aspects = st.floats(0.4, 3.0).map(lambda x: round(x, 2))


def composed(
    tree: Tree, camera: Any = None, animation: Any = None, axes: Any = None, layout_options: Any = None
) -> Composition:
    """A tree of zeros with these camera, animation and layout options, as a scene file would say them."""
    names = dict.fromkeys(tree.shapes, ("", "")) if axes is None else axes
    placing = LayoutOptions.model_validate(layout_options or {})
    layout = lay_out(tree.root, tree.shapes, placing, folds=folding(tree.root, names, placing.fold))
    values = {path: np.zeros(shape, np.float32) for path, shape in tree.shapes.items()}
    options = AnimationOptions.model_validate(animation or {})
    return Composition(
        root=tree.root,
        layout=layout,
        timeline=Timeline(
            tree.root, values, layout, options, lambda _path, sums: sums.astype(np.float32), lambda _, sums: sums
        ),
        values=values,
        masked={},
        axes=names,
        style=StyleOptions(),
        eye=CameraOptions.model_validate(camera or {}),
        animation=options,
    )


def seen_corners(composition: Composition, camera: Camera, aspect: float) -> NDArray[np.float64]:
    """(4 * matrices, 2): where the corners of all matrices are seen, 0..1 from the left and from the bottom."""
    corners = np.concatenate([composition.layout[node.path].corners(0.5) for node in walk(composition.root)])
    assert ((camera.position - corners) @ camera.axes()[2] > 0).all(), "before the eye"
    return project(camera, corners, aspect)
