"""The HTML file of a page: one file, no request ever leaves it, and all that comes from a scene is data in it.

What comes from outside (names, prompts, captions) is never part of the markup or of the program: it stands deflated
among the numbers, and the title, which is markup's only text, is escaped. The policy in the file lets run what it holds
and nothing else.
"""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from mmviz.page.arrays import Arrays, Packed
from mmviz.page.bundle import program
from mmviz.page.dense import dense

START = "mmvizPage.start(document);"
POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; img-src data: blob:; worker-src blob:; "
    "base-uri 'none'; form-action 'none'"
)
WITHOUT = "This page needs JavaScript: it draws by itself, and sends nothing anywhere."
READING = "This page is being read. Should that be all you see, its file is not whole: save or download it once more."
"""Stands there until the program begins, which is the last thing in the file; it is seen after a while."""
UNITS = 1 << 20
"""Units of a piece of text, at most: an engine reads a longer one in one go, and the page would stand still."""


def deflated(header: Mapping[str, Any], packed: Packed) -> bytes:
    """The header of a document with what it says of its arrays, as JSON, deflated."""
    told = {**header, "arrays": packed.entries, "parts": packed.sizes}
    text = json.dumps(told, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return zlib.compress(text.encode("ascii"), 9, wbits=-15)


def page(header: Mapping[str, Any], arrays: Arrays, title: str) -> bytes:
    """The whole file, in UTF-16.

    Args:
        header: The document but for its arrays, as JSON has it.
        arrays: Those that it refers to.
        title: Of the page.
    """
    packed = arrays.packed()
    blocks = list(_blocks("document", deflated(header, packed)))
    for part, numbers in enumerate(packed.parts):
        blocks += _blocks(f"part-{part}", numbers)
    script, style = f"{program()}\n{START}\n", style_sheet()
    policy = POLICY.format(script=_source(script), style=_source(style))
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-16">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">',
        '<meta name="generator" content="mmviz">',
        f"<title>{escape(title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        f"<noscript>{WITHOUT}</noscript>",
        f'<p class="reading">{READING}</p>',
        *blocks,
        f"<script>{script}</script>",
        "</body>",
        "</html>",
        "",
    ]
    return "\ufeff".encode("utf-16-le") + "\n".join(lines).encode("utf-16-le", "replace")


def style_sheet() -> str:
    """How the page looks around its picture. ASCII."""
    return files("mmviz.page").joinpath("page.css").read_text(encoding="ascii")


def _source(text: str) -> str:
    """How the policy names a text that may be used: by its digest."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"


def _blocks(name: str, packed: bytes) -> Iterator[str]:
    """Blocks of data, which no browser runs; a dense text ends with up to 14 bits that mean nothing."""
    text = dense(packed)
    for start in range(0, max(len(text), 1), UNITS):
        piece = text[start : start + UNITS]
        yield f'<script type="text/plain" data-of="{name}" data-bytes="{len(packed)}">{piece}</script>'
