"""PDF and SVG files of single pictures: whole or not there, in the size and on the ground that was ordered."""

from mmviz.machine.output_files import whole_file
from mmviz.orders.kinds import SVG, kind_of
from mmviz.orders.order import PictureOrder
from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.render.region import Size, bands
from mmviz.render.renderer import Renderers
from mmviz.render.still import TILE, check_still
from mmviz.render.vector.composing import composed
from mmviz.render.vector.svg import write_svg


def write_vector(
    order: PictureOrder, drawing: DrawList, camera: Camera, renderers: Renderers, *, tile: Size = TILE
) -> None:
    """Write a picture whose matrices are an image, and whose texts, lines and arrows are outlines.

    Args:
        order: A .pdf or .svg file; its width and height are the pixels of the image.
        drawing: The frame, in the colours of the ground.
        camera: From where it is seen.
        renderers: Opens what draws the matrices.
        tile: The largest part that is drawn at once, in pixels.

    Raises:
        OutputError: the file's name, its folder, the size, the ground or dpi.
        DisplayError: this machine cannot draw.
    """
    check_still(order)
    title = next((caption.text for caption in drawing.captions if caption.key == "title"), "")
    first = next(bands(order.size, tile))[0]
    clear, light = order.ground == "transparent", order.ground == "white"
    with whole_file(order.place) as part, renderers(*order.size, first, light=light, rimmed=clear) as renderer:
        page = composed(order, drawing, camera, title, renderer, tile)
        if kind_of(order.path) is SVG:
            write_svg(page, part)
            return
        from mmviz.render.vector.pdf import write_pdf  # noqa: PLC0415 - its library is for such files alone

        write_pdf(page, part)
