"""What a page is told of how things are drawn: shaders, looks of matrices, constants of the renderer. Computes none."""

from typing import TypedDict

import numpy as np

from mmviz.page import shaders
from mmviz.page.arrays import Arrays, Ref
from mmviz.page.shaders import ProgramText
from mmviz.picture.drawlist import REFERENCE_HEIGHT
from mmviz.picture.ground import LIGHT, light_look
from mmviz.picture.look.color import LEAST
from mmviz.picture.look.palette import MmLook, Palette
from mmviz.render import footprint, looking, pyramid
from mmviz.render.glsl import lattice, letters, lines
from mmviz.scene.keys.scales import Curve

Numbers = dict[str, object]


class Look(TypedDict):
    """A look as the page knows it: its rule in a shader, and what its elements give from afar."""

    rule: int  # index into the fragment shaders of lattices
    range: tuple[float, float] | None  # |x| at which size and lightness begin and end; None: that is the scale's
    curve: Curve
    decades: float
    footprints: Ref  # (rows, 9), float32
    packed: Ref  # (rows, 4), uint16
    light: int  # the same look on a light ground


class LooksSection(TypedDict):
    """All of it."""

    programs: dict[str, ProgramText]
    latticeVertex: str
    rules: list[str]
    looks: list[Look]
    pyramid: Numbers
    drawing: Numbers


class Looks:
    """The looks of a page, each told once.

    Args:
        arrays: Where their tables go.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._numbers: dict[Palette | MmLook, int] = {}
        self._looks: list[Look] = []
        self._rules: list[str] = []

    def number(self, look: Palette | MmLook) -> int:
        """The number of a look in the section, the next one if it has none yet."""
        found = self._numbers.get(look)
        if found is None:
            found = self._numbers[look] = len(self._looks)
            table, packed = footprint.tables(look)
            ruled = None if isinstance(look, MmLook) else look
            made = Look(
                rule=self._rule(look),
                range=(look.low, look.high) if isinstance(look, MmLook) else None,
                curve=ruled.curve if ruled else "sqrt",
                decades=ruled.decades if ruled else 0.0,
                footprints=self._arrays.add(table, waits=True),
                packed=self._arrays.add(packed.view(np.uint16).reshape(-1, 4), waits=True),
                light=found,
            )
            self._looks.append(made)
        return found

    def section(self) -> LooksSection:
        """What the page is told: the looks that were asked for by their numbers, and after them those for white."""
        for look, number in list(self._numbers.items()):
            self._looks[number]["light"] = self.number(light_look(look))
        return LooksSection(
            programs={
                "lines": shaders.line_program(),
                "patches": shaders.patch_program(),
                "letters": shaders.letter_program(),
                "captions": shaders.caption_program(),
                "picture": shaders.picture_program(),
                "kept": shaders.kept_program(),
                "mean": shaders.mean_program(len(looking.SAMPLES)),
                "round": shaders.round_program(),
            },
            latticeVertex=shaders.lattice_vertex(),
            rules=self._rules,
            looks=self._looks,
            pyramid=_pyramid(),
            drawing=_drawing(),
        )

    def _rule(self, look: Palette | MmLook) -> int:
        text = shaders.lattice_fragment(look)
        if text not in self._rules:
            self._rules.append(text)
        return self._rules.index(text)


def _pyramid() -> Numbers:
    """The constants of mmviz.render.pyramid and mmviz.render.footprint."""
    return {
        "masked": float(pyramid.MASKED),
        "units": pyramid.UNITS,
        "smallest": pyramid.SMALLEST,
        "lift": pyramid.LIFT,
        "header": pyramid.HEADER,
        "full": footprint.FULL,
        "offsets": pyramid.OFFSETS,
        "standsOut": pyramid.STANDS_OUT,
        "faint": pyramid.FAINT,
        "tiny": pyramid.TINY,
        "around": pyramid.AROUND,
        "steps": footprint.STEPS,
        "first": footprint.FIRST,
        "absent": footprint.ABSENT,
        "beyond": footprint.BEYOND,
        "nan": footprint.NAN,
        "below": footprint.BELOW,
        "infinite": footprint.INFINITE,
        "least": LEAST,
    }


def _drawing() -> Numbers:
    """The constants of views, lines and letters."""
    return {
        "referenceHeight": REFERENCE_HEIGHT,
        "samples": looking.SAMPLES,
        "litSweeps": lattice.LIT_SWEEPS,
        "far": looking.FAR,
        "near": looking.NEAR,
        "nearest": looking.NEAREST,
        "thinnest": lines.THINNEST,
        "fading": lines.FADING,
        "rim": letters.RIM,
        "rimmedFrom": LIGHT,
    }
