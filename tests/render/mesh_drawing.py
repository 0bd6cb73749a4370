"""What a mesh file shows of a scene, as the draw list that it is written from."""

import mmviz
from mmviz.picture.drawlist import DrawList
from mmviz.picture.ground import Repainter
from mmviz.picture.marks.flat_names import lying


def last_drawing(scene: mmviz.Scene) -> DrawList:
    """The last frame, in the colours of a ground that nobody knows, with the names that lie on matrices."""
    composition = scene.composition
    camera = composition.camera(1.0)
    frame = composition.at(float(composition.timeline.steps), camera)
    return Repainter("transparent")(
        lying(frame, composition.root, composition.layout, composition.behind.named, camera, composition.arrows)
    )
