"""Scenes in notebooks: a page in a frame over a picture of it, and the message that a widget draws; opens no window."""

import struct
from base64 import b64encode

from mmviz.page.document import document
from mmviz.page.html import deflated
from mmviz.picture.composition import Composition

MOST = 32_000_000
"""Bytes of a page that is put into a notebook; of a larger scene there is the picture, and a line that says so."""


def framed(page: bytes, picture: bytes, width: int, height: int) -> str:
    """HTML for the output of a cell: a page where scripts run, and the picture below it where frames are left out.

    Args:
        page: The file, in UTF-16.
        picture: A PNG of this width and height.
        width: In pixels.
        height: In pixels.
    """
    data = b64encode(picture).decode("ascii")
    told = f'<img alt="" src="data:image/png;base64,{data}" style="width:100%;display:block">'
    if len(page) > MOST:
        size = f"{len(page) / 1e6:,.0f} MB"
        note = f"The page of this scene has {size}; scene.page(&quot;x.html&quot;) writes it to a file."
        return f'<div style="max-width:{width}px">{told}<small>{note}</small></div>'
    text = page.decode("utf-16").replace("&", "&amp;").replace('"', "&quot;")
    return (
        f'<div style="position:relative;max-width:{width}px;aspect-ratio:{width}/{height};overflow:hidden">{told}'
        f'<iframe title="mmviz" sandbox="allow-scripts" allow="fullscreen" srcdoc="{text}" '
        'style="position:absolute;inset:0;width:100%;height:100%;border:0"></iframe></div>'
    )


def message(composition: Composition, step: float | None = None, *, light: bool = False) -> bytes:
    """The document of a scene for a widget: the size of the header, the header, how many parts, their sizes, the parts.

    Sizes are unsigned numbers of four bytes, the lowest first.

    Args:
        composition: What the scene shows at any time.
        step: At which it opens and waits; None: it plays from the beginning.
        light: It is drawn on white.
    """
    header, arrays = document(composition, step, light=light)
    packed = arrays.packed()
    first = deflated(header, packed)
    sizes = [len(part) for part in packed.parts]
    table = struct.pack(f"<{1 + len(sizes)}I", len(sizes), *sizes)
    return b"".join([struct.pack("<I", len(first)), first, table, *packed.parts])
