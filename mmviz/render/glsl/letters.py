"""The shader of letters: smooth at every size and aslant, from one picture that holds them all."""

from mmviz.render.glsl.source import source

TAPS = 4
"""How many times longer than wide what a pixel covers may be before letters are blurred."""
SHARPER = -0.5
"""Mip levels that letters are sharper than by rule: small ones are rather too sharp than blurred."""
RIM = 5 / 99
"""Width of the dark rim around letters whose ground is not known, as a share of the font's size."""


def fragment(width: int) -> str:
    """Declarations, `letter` and `rim_of_letter`, called with a letter's origin and a place in it.

    Args:
        width: Of the picture of letters without its smaller levels, in texels.
    """
    constants = f"const int TAPS = {TAPS};\nconst float SHARPER = {SHARPER:.3f};\nconst float WIDTH = {width:.1f};\n"
    return constants + source("letters.frag.glsl")
