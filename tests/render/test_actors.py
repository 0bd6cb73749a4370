"""What lines, patches and the lattice's shader are to VTK: looked at without a window, nothing is drawn."""

from typing import Any

import numpy as np
import pytest
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  (what VTK makes actors of)
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import reference
from vtkmodules.vtkRenderingCore import vtkActor, vtkShaderProperty

from mmviz.picture.drawlist import REFERENCE_HEIGHT, Lines, Patch
from mmviz.picture.look.palette import BLUE_ORANGE, PALETTE, MmLook, Palette
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.glsl import lattice, lines
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.lines import LinesActor
from mmviz.render.opengl.shader import install
from mmviz.render.opengl.shapes import PatchActor
from mmviz.render.opengl.surface import attach, rectangles, set_texture
from mmviz.render.region import Region, Section
from mmviz.scene.keys.options import MmColors

Numbers = NDArray[np.float32]
KEY = ItemKey("arrow", "left")
TWO = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 5]], float)
"""Two segments."""


def segments(points: object = TWO, width: float = 2.0, color: tuple[float, float, float] = (0.1, 0.2, 0.3)) -> Lines:
    return Lines(KEY, np.asarray(points, float), color, width)


def points(drawable: LinesActor | PatchActor) -> Numbers:
    """(points, 3)."""
    return vtk_to_numpy(drawable.actor.GetMapper().GetInput().GetPoints().GetData())  # type: ignore[no-untyped-call,no-any-return]


def faces(drawable: LinesActor | PatchActor, corners: int) -> list[list[int]]:
    """The numbers of the points of every face."""
    found = vtk_to_numpy(drawable.actor.GetMapper().GetInput().GetPolys().GetConnectivityArray())  # type: ignore[no-untyped-call]
    return found.reshape(-1, corners).tolist()  # type: ignore[no-any-return]


def at_points(drawable: LinesActor, name: str) -> Numbers:
    """The numbers that go with every point, by their name."""
    return vtk_to_numpy(drawable.actor.GetMapper().GetInput().GetPointData().GetArray(name))  # type: ignore[no-untyped-call,no-any-return]


def test_a_segment_is_a_rectangle_of_two_corners_at_each_end() -> None:
    actor = LinesActor(segments())
    np.testing.assert_array_equal(points(actor), np.repeat(TWO, 2, axis=0))
    assert faces(actor, 4) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_a_corner_knows_the_other_end_and_on_which_side_of_the_line_it_is() -> None:
    """The shader goes `side` to the right of the way to the other end: seen from there right is left."""
    actor = LinesActor(segments())
    others, sides = at_points(actor, "other_end"), at_points(actor, "side")
    np.testing.assert_array_equal(others, TWO[[1, 1, 0, 0, 3, 3, 2, 2]])
    way = np.sign((others - points(actor)) @ np.array([1, 1, 1]))  # 1 at a start, -1 at an end
    np.testing.assert_array_equal(sides[:, 1], way)
    turned = sides[:, 0] * way  # the same way round for both ends
    assert turned.reshape(-1, 4).tolist() == [[-1, 1, -1, 1]] * 2


def test_no_segments_are_no_rectangles() -> None:
    assert LinesActor(segments(np.zeros((0, 3)))).actor.GetMapper().GetInput().GetNumberOfPoints() == 0


def test_lines_of_the_same_key_take_the_place_of_those_before() -> None:
    one = segments()
    actor = LinesActor(one)
    before = actor.actor.GetMapper().GetInput()
    actor.update(one)
    assert actor.actor.GetMapper().GetInput() is before, "the same lines cost nothing"
    actor.update(segments(TWO[:2], color=(0.9, 0.8, 0.7)))
    assert len(points(actor)) == 4
    assert actor.actor.GetProperty().GetColor() == (0.9, 0.8, 0.7)


@pytest.mark.parametrize(
    ("width", "height", "half"),
    [(2.0, REFERENCE_HEIGHT, 1.0), (2.0, 2 * REFERENCE_HEIGHT, 2.0), (2.0, 27, 0.5), (6.0, 540, 1.5)],
)
def test_a_line_keeps_its_share_of_the_picture_and_at_least_a_pixel(width: float, height: int, half: float) -> None:
    actor = LinesActor(segments(width=width))
    actor.fit(Section((100, 50), Region(10, 20, 40, 30), height))
    shader = actor.actor.GetShaderProperty()
    in_vertices, size = shader.GetVertexCustomUniforms(), [0.0, 0.0]
    assert number(in_vertices, "reach") == half + 1, "a pixel more for the faded rim"
    assert in_vertices.GetUniform2f("picture_size", size)
    assert size == [40, 30]
    assert number(shader.GetFragmentCustomUniforms(), "half_width") == half


def number(uniforms: Any, name: str) -> float:
    """What a shader is told."""
    told = reference(0.0)
    assert uniforms.GetUniformf(name, told)
    return float(str(told))


def replacements(shader: Any) -> dict[tuple[str, str], str]:
    """What takes the place of which mark of VTK's own text, by the kind of shader and the mark."""
    found = {}
    for number in range(shader.GetNumberOfShaderReplacements()):
        mark, first, text, every = reference(""), reference(False), reference(""), reference(True)
        shader.GetNthShaderReplacement(number, mark, first, text, every)
        assert (bool(first), bool(every)) == (True, False), "before VTK's own, and once"
        found[shader.GetNthShaderReplacementTypeAsString(number), str(mark)] = str(text)
    return found


def test_a_line_spreads_its_corners_and_fades_its_rim() -> None:
    found = replacements(LinesActor(segments()).actor.GetShaderProperty())
    declared = "//VTK::PositionVC::Dec"
    assert found["Vertex", declared] == f"{declared}\n{lines.vertex()}", "VTK's own declarations stay"
    assert found["Fragment", declared] == f"{declared}\n{lines.fragment()}"
    assert "gl_Position = spread(" in found["Vertex", "//VTK::PositionVC::Impl"]
    assert "*= covered()" in found["Fragment", "//VTK::TCoord::Impl"]


@pytest.mark.parametrize("look", [PALETTE, BLUE_ORANGE, MmLook(MmColors(), 0.0, 1.0)])
def test_the_lattice_takes_the_place_of_vtk_light_with_the_colours_of_a_look(look: Palette | MmLook) -> None:
    shader = vtkShaderProperty()
    install(shader, look)
    found = replacements(shader)
    assert set(found) == {
        ("Vertex", "//VTK::PositionVC::Dec"),
        ("Vertex", "//VTK::PositionVC::Impl"),
        ("Fragment", "//VTK::TCoord::Dec"),
        ("Fragment", "//VTK::TCoord::Impl"),
        ("Fragment", "//VTK::Light::Impl"),
    }
    assert found["Vertex", "//VTK::PositionVC::Dec"].endswith(lattice.vertex())
    declared = found["Fragment", "//VTK::TCoord::Dec"]
    assert declared.startswith("//VTK::TCoord::Dec\n")
    assert declared.endswith(lattice.fragment(look))
    assert "#define texels actortexture" in declared
    assert found["Fragment", "//VTK::Light::Impl"] == ""
    assert found["Vertex", "//VTK::PositionVC::Impl"].startswith("//VTK::PositionVC::Impl\n"), "VTK's own stays"
    assert "lattice(cameraParallel == 0" in found["Fragment", "//VTK::TCoord::Impl"]


def test_another_look_takes_the_place_of_the_one_before() -> None:
    shader, fresh = vtkShaderProperty(), vtkShaderProperty()
    install(shader, BLUE_ORANGE)
    install(shader)
    install(fresh, PALETTE)
    assert replacements(shader) == replacements(fresh)


def patch(opacity: float = 0.5) -> Patch:
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], float)
    return Patch(KEY, points, np.array([[0, 1, 2], [1, 3, 2]]), (0.2, 0.4, 0.6), opacity)


def test_a_patch_is_its_triangles_unlit_in_its_colour() -> None:
    one = patch()
    actor = PatchActor(one)
    assert faces(actor, 3) == one.triangles.tolist()
    np.testing.assert_array_equal(points(actor), one.points)
    look = actor.actor.GetProperty()
    assert (look.GetColor(), look.GetOpacity(), look.GetLighting()) == ((0.2, 0.4, 0.6), 0.5, False)
    before = actor.actor.GetMapper().GetInput()
    actor.update(one)
    assert actor.actor.GetMapper().GetInput() is before
    actor.update(patch(1.0))
    assert look.GetOpacity() == 1.0


def test_polygons_are_handed_to_vtk_as_they_are_and_not_shared() -> None:
    corners = np.array([[0, 0, 0], [2, 0, 0], [2, 1, 0], [0, 1, 0]], np.float32)
    made = rectangles(corners)
    attach(made, "weight", np.array([[1], [2], [3], [4]]))
    set_texture(made, [[0, 0], [1, 0], [1, 1], [0, 1]])
    corners[:] = 9
    assert made.GetBounds() == (0, 2, 0, 1, 0, 0), "what the caller does with its array afterwards does not matter"
    assert (made.GetNumberOfPolys(), made.GetCell(0).GetNumberOfPoints()) == (1, 4)
    assert made.GetPointData().GetArray("weight").GetTuple1(2) == 3
    assert made.GetPointData().GetTCoords().GetTuple2(3) == (0, 1)


def test_what_is_drawn_alike_in_every_part_of_a_picture_needs_no_fit_and_holds_nothing_of_the_driver() -> None:
    class Dot(Drawable[int]):
        def __init__(self) -> None:
            self.actor = vtkActor()

        def update(self, item: int) -> None:
            self.shown = item

    dot = Dot()
    dot.fit(Section.whole(4, 4))
    dot.release()
    with pytest.raises(TypeError, match="abstract"):
        Drawable()  # type: ignore[abstract]
