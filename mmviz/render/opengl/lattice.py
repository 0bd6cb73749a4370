"""A matrix as one box whose fragment shader finds the sphere that each view ray meets; cost follows pixels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.vtkConstants import VTK_FLOAT, VTK_UNSIGNED_SHORT
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow, vtkTextureObject

from mmviz.picture.drawlist import Sheet
from mmviz.picture.look.palette import MmLook, Palette
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.render.glsl.lattice import LIT_SWEEPS
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.shader import install
from mmviz.render.opengl.surface import box, set_texture, surface_texture
from mmviz.render.pyramid import build_atlas
from mmviz.render.region import Section
from mmviz.scene.keys.options import MmColors


class LatticeActor(Drawable[Sheet]):
    """Draws one sheet; the next sheet of the same key costs only what has changed in it."""

    actor: vtkActor

    def __init__(self, sheet: Sheet, window: vtkOpenGLRenderWindow) -> None:
        self._window = window
        self._texels, self._means = vtkTextureObject(), vtkTextureObject()
        self._sheet: Sheet | None = None
        self._unit = 1.0  # of the box, in cells
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetVBOShiftScaleMethod(0)  # the shader needs the coordinates as they are: cells
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.GetProperty().FrontfaceCullingOn()
        self.actor.ForceOpaqueOn()  # or no depth is written: see findings/vtk-texture-without-depth.sh
        self.actor.SetTexture(surface_texture(self._texels, self._window))
        self.actor.GetProperty().SetTexture("means", surface_texture(self._means, self._window))
        self._uniforms = self.actor.GetShaderProperty().GetFragmentCustomUniforms()
        self._in_vertices = self.actor.GetShaderProperty().GetVertexCustomUniforms()
        self.update(sheet)

    def update(self, sheet: Sheet) -> None:
        """Show another sheet of the same key."""
        # Of a matrix that is not there yet nothing is made.
        self.actor.SetVisibility(sheet.shown != NOWHERE)
        if sheet.shown == NOWHERE:
            return
        before = self._sheet
        if before is None or not _same_content(sheet, before):
            self._upload(sheet)
        if before is None or sheet.placement is not before.placement or sheet.values.shape != before.values.shape:
            self._place(sheet)
        if before is None or _program(sheet.look) != _program(before.look):
            install(self.actor.GetShaderProperty(), sheet.look)
        if isinstance(sheet.look, MmLook):
            self._uniforms.SetUniform2f("mm_range", (sheet.look.low, sheet.look.high))
        self._sheet = sheet
        for number in range(LIT_SWEEPS):
            self._set_sweep(f"lit{number}", sheet.lit[number] if number < len(sheet.lit) else NOWHERE)
        self._uniforms.SetUniformf("dimmed", sheet.dimmed)
        self._uniforms.SetUniformi("on_light", 0)  # until `fit` says otherwise
        self._uniforms.SetUniformf("sample_side", 1.0)
        self._uniforms.SetUniformf("near", 0.0)

    def fit(self, section: Section) -> None:
        """Shade for the ground, and know how large a pixel is."""
        self._uniforms.SetUniformi("on_light", section.light)
        self._uniforms.SetUniformf("sample_side", section.sample)
        self._in_vertices.SetUniformf("view_height", section.seen.height)

    def give_way(self, near: float) -> None:
        """Fade the elements that are nearer to the eye than this, in cells."""
        self._uniforms.SetUniformf("near", near / self._unit)

    def release(self) -> None:
        """Give the texture's memory back while the window still exists."""
        for texture in (self._texels, self._means):
            texture.ReleaseGraphicsResources(self._window)

    def _upload(self, sheet: Sheet) -> None:
        late = sheet.placement.late
        # A shader tells of a single element whether it is there; of the elements of a cell it cannot.
        there = None if sheet.shown == EVERYWHERE else sheet.shown.mask(sheet.values.shape)
        atlas = build_atlas(sheet.values, sheet.masked, sheet.look, sheet.scale, _blocks(sheet), late, there)
        _fill(self._texels, atlas.texels[..., None], VTK_FLOAT)
        _fill(self._means, atlas.means, VTK_UNSIGNED_SHORT)
        rows, columns = sheet.values.shape
        self._uniforms.SetUniform2i("cells", (columns, rows))
        self._uniforms.SetUniform2i("late", late[::-1])
        self._uniforms.SetUniformf("unit", atlas.unit)
        self._uniforms.SetUniformi("levels", atlas.levels)
        self._uniforms.SetUniformi("has_outliers", atlas.has_outliers)
        self._uniforms.SetUniformi("two_signs", atlas.two_signs)
        for name, shift in zip(("texel_shift", "mean_shift"), atlas.shifts, strict=True):
            self._uniforms.SetUniformi(name, shift)

    def _place(self, sheet: Sheet) -> None:
        """Map the box, whose unit is the longer step and which begins where its first element does, into the world."""
        placement = sheet.placement
        rows, columns = sheet.values.shape
        blocks = (placement.column_block or columns, placement.row_block or rows)
        gaps = [(size - 1) // block for size, block in zip((columns, rows), blocks, strict=True)]
        unit = self._unit = max(placement.steps)
        pitch = [step / unit for step in placement.steps[::-1]]
        gap = placement.gap / unit
        width, height = (
            step * size + between * gap for step, size, between in zip(pitch, (columns, rows), gaps, strict=True)
        )
        self._mapper.SetInputData(_box(width, height))
        self._uniforms.SetUniform2f("pitch", pitch)
        self._uniforms.SetUniform2i("blocks", blocks)
        self._uniforms.SetUniformf("gap", gap)
        matrix = np.eye(4)
        down, across = placement.ways
        matrix[:3, 0] = unit * across
        matrix[:3, 1] = unit * down
        matrix[:3, 2] = unit * np.cross(across, down)  # right-handed: front faces stay front faces
        matrix[:3, 3] = placement.origin - 0.5 * (placement.across + placement.down)
        transform = vtkMatrix4x4()
        transform.DeepCopy(matrix.reshape(-1).tolist())
        self.actor.SetUserMatrix(transform)

    def _set_sweep(self, name: str, sweep: Sweep) -> None:
        self._uniforms.SetUniform2i(f"{name}_turn", (sweep.column_turn, sweep.row_turn))
        self._uniforms.SetUniform2i(f"{name}_range", (sweep.first, sweep.last))
        self._uniforms.SetUniform2i(f"{name}_block", (sweep.column_block, sweep.row_block))
        sides = sweep.column_block, sweep.row_block, sweep.column_size, sweep.row_size
        self._uniforms.SetUniform4f(f"{name}_per", [1 / side for side in sides])


def _fill(texture: vtkTextureObject, texels: NDArray[Any], kind: int) -> None:
    """Give a texture its numbers: (rows, columns, numbers of a texel)."""
    height, width, numbers = texels.shape
    # vtkTexture would make 8-bit colours of them: see findings/vtk-float-texture.sh.
    texture.Create2DFromRaw(width, height, numbers, kind, texels)
    texture.SetMinificationFilter(vtkTextureObject.Nearest)
    texture.SetMagnificationFilter(vtkTextureObject.Nearest)


def _same_content(sheet: Sheet, before: Sheet) -> bool:
    """Whether the textures of one sheet serve another."""
    same_numbers = sheet.values is before.values and sheet.masked is before.masked and sheet.scale == before.scale
    same_cells = _blocks(sheet) == _blocks(before) and sheet.placement.late == before.placement.late
    return same_numbers and same_cells and sheet.shown == before.shown and sheet.look == before.look


def _blocks(sheet: Sheet) -> tuple[int, int]:
    """Rows and columns of a block; 0: all."""
    return sheet.placement.row_block, sheet.placement.column_block


def _program(look: Palette | MmLook) -> Palette | MmColors:
    """What two looks share when one shader program serves both."""
    return look.colors if isinstance(look, MmLook) else look


def _box(width: float, height: float) -> vtkPolyData:
    """The box around a matrix's spheres, in cells; one cell thick."""
    made: vtkPolyData = box(width, height, 1.0)
    # VTK declares textures only for surfaces that have texture coordinates.
    set_texture(made, np.zeros((made.GetNumberOfPoints(), 2)))
    return made
