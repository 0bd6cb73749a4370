"""Pages of scenes as files: there as a whole or not at all, and refused where they would be too large."""

from mmviz.errors import OutputError
from mmviz.machine.output_files import check_output, whole_file
from mmviz.orders.kinds import check_ground, endings_of
from mmviz.orders.order import PageOrder
from mmviz.page.document import document
from mmviz.page.html import page
from mmviz.picture.composition import Composition

MEGABYTE = 1_000_000


def check_page(order: PageOrder) -> None:
    """Refuse a file that cannot be written, before anything is computed.

    Raises:
        OutputError: another ending, no such folder, no right to write there, or a ground that no page has.
    """
    check_output(order.place, endings_of("page"))
    check_ground(order.path, order.ground)


def write_page(composition: Composition, order: PageOrder) -> None:
    """Write a scene as a page.

    Raises:
        OutputError: as `check_page`; or the file would be larger than was ordered.
    """
    check_page(order)
    text = page_of(composition, order.step, light=order.ground == "white")
    if len(text) > order.most * MEGABYTE:
        raise OutputError(
            f"{order.path}: the page would have {len(text) / MEGABYTE:,.0f} MB, more than the {order.most} MB that are "
            "allowed; give --max-size (max_size), or draw fewer rows and columns."
        )
    with whole_file(order.place) as part:
        part.write_bytes(text)


def page_of(composition: Composition, step: float | None = None, *, light: bool = False) -> bytes:
    """The HTML file of a scene.

    Args:
        composition: What it shows at any time.
        step: At which it opens and waits; None: it plays from the beginning.
        light: It is drawn on white.
    """
    header, arrays = document(composition, step, light=light)
    return page(header, arrays, composition.title or "mmviz")
