"""A frame as a file for other 3D programs; draws nothing.

`parts` and `texts` turn a draw list into shapes, which know no format; `glb` and `usdz` write them.
"""

from collections.abc import Mapping
from importlib.util import find_spec

from mmviz.errors import OutputError
from mmviz.machine.installing import pip_install
from mmviz.machine.output_files import check_output
from mmviz.orders.kinds import MESH, USDZ
from mmviz.orders.order import MeshOrder
from mmviz.picture.drawlist import DrawList


def check_mesh(order: MeshOrder) -> None:
    """Refuse a file that cannot be written, before anything is computed.

    Raises:
        OutputError: another ending, no such folder, no right to write there, or OpenUSD is needed and not there.
    """
    check_output(order.place, (MESH.ending, USDZ.ending))
    if _is_usdz(order) and find_spec("pxr") is None:
        raise OutputError(f"{order.place}: USDZ needs OpenUSD; install it with: {pip_install('mmviz[usd]')}")


def write_mesh(drawing: DrawList, names: Mapping[str, str], order: MeshOrder) -> None:
    """Write the matrices, outlines, arrows and names of a frame; the file is there as a whole or not at all.

    Args:
        drawing: The frame.
        names: The name of each matrix by path.
        order: Which file, and how many elements are spheres, at most, counted from the smallest matrix on.

    Raises:
        OutputError: the file cannot be written, would be too large, or needs a package that is not there.
    """
    check_mesh(order)
    if _is_usdz(order):
        from mmviz.render.mesh.usdz import write_usdz  # noqa: PLC0415  (OpenUSD is large, and need not be there)

        write_usdz(drawing, names, order)
    else:
        from mmviz.render.mesh.glb import write_glb  # noqa: PLC0415

        write_glb(drawing, names, order)


def _is_usdz(order: MeshOrder) -> bool:
    return order.place.suffix.lower() == USDZ.ending
