"""A page as SVG: the image inside it, letters as shared outlines, with each text its words, unseen, to be copied."""

from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from unicodedata import category
from xml.sax.saxutils import escape, quoteattr

from PIL import Image as Pixels

from mmviz.picture.look.palette import Color
from mmviz.render.text.shaping import Command, outline
from mmviz.render.text.system_fonts import FontFile
from mmviz.render.vector.page import BLACK, Image, Item, Letter, Matrix, Outline, Page, Part, Text

UNITS = 1000
"""Of an em: outlines have whole numbers."""
SPOKEN = 100.0
"""Font size of unseen words: some programs cannot have very small ones."""


def write_svg(page: Page, path: Path) -> None:
    """Write a page.

    Raises:
        OSError: the file cannot be written.
    """
    shapes = _Shapes(page)
    width, height = (_number(side / page.dpi) for side in (page.width, page.height))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write(
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{width}in" height="{height}in" viewBox="0 0 {page.width} {page.height}">\n'
        )
        if page.title:
            file.write(f"<title>{escape(_allowed(page.title))}</title>\n")
        file.write("<defs>\n")
        file.writelines(f"{line}\n" for line in shapes.definitions())
        file.writelines(f"{line}\n" for number, part in enumerate(page.parts) for line in _clip(number, part))
        file.write("</defs>\n")
        for number, part in enumerate(page.parts):
            file.write(f'<g clip-path="url(#part{number})">\n')
            file.writelines(f"{line}\n" for item in part.items for line in _item(item, shapes))
            file.write("</g>\n")
        file.write("</svg>\n")


class _Shapes:
    """The letters' outlines of a page, each once."""

    def __init__(self, page: Page) -> None:
        texts = (item for part in page.parts for item in part.items if isinstance(item, Text))
        letters = dict.fromkeys((letter.font, letter.number) for text in texts for letter in text.letters)
        drawn = [one for one in letters if outline(*one)]
        self._names: dict[tuple[FontFile, int], str] = {one: f"g{number}" for number, one in enumerate(drawn)}

    def definitions(self) -> Iterator[str]:
        """One outline a line."""
        for (font, number), name in self._names.items():
            grown = tuple(
                (letter, tuple(UNITS * place for place in places)) for letter, places in outline(font, number)
            )
            yield f'<path id="{name}" d="{_path(grown, 0)}"/>'

    def use(self, letter: Letter) -> str:
        """An outline in its place; nothing where it is empty."""
        name = self._names.get((letter.font, letter.number))
        if name is None:
            return ""
        a, b, c, d, e, f = letter.matrix
        return f'<use xlink:href="#{name}" transform="{_matrix((a / UNITS, b / UNITS, c / UNITS, d / UNITS, e, f))}"/>'


def _clip(number: int, part: Part) -> Iterator[str]:
    boxes = "".join(
        f"M{_number(left)} {_number(top)}H{_number(right)}V{_number(bottom)}H{_number(left)}Z"
        for left, top, right, bottom in (part.inside, *part.holes)
    )
    yield f'<clipPath id="part{number}"><path d="{boxes}" clip-rule="evenodd"/></clipPath>'


def _item(item: Item, shapes: _Shapes) -> Iterator[str]:
    match item:
        case Image():
            height, width = item.pixels.shape[:2]
            place = f'x="{item.left}" y="{item.top}" width="{width}" height="{height}"'
            yield f'<image {place} preserveAspectRatio="none" xlink:href="data:image/png;base64,{_png(item)}"/>'
        case Outline():
            yield f'<path d="{_path(item.commands)}"{_paint(item)}/>'
        case Text():
            yield from _text(item, shapes)


def _text(text: Text, shapes: _Shapes) -> Iterator[str]:
    used = "".join(shapes.use(letter) for letter in text.letters)
    if text.rim and used:
        width = _number(2 * text.rim * UNITS)
        yield f'<g fill="none" stroke="{_color(BLACK)}" stroke-width="{width}" stroke-linejoin="round">{used}</g>'
    yield f'<g fill="{_color(text.color)}"{_opacity("opacity", text.opacity)}>{used}</g>'
    said = _allowed(text.text)
    if not said.strip():
        return
    a, b, c, d, e, f = text.matrix
    upright: Matrix = (a / SPOKEN, b / SPOKEN, -c / SPOKEN, -d / SPOKEN, e, f)
    yield (
        f'<text transform="{_matrix(upright)}" font-size="{_number(SPOKEN)}" font-family="DejaVu Sans, sans-serif" '
        f'textLength="{_number(SPOKEN * text.length)}" lengthAdjust="spacingAndGlyphs" fill-opacity="0" '
        f'xml:space="preserve" aria-label={quoteattr(said)}>{escape(said)}</text>'
    )


def _paint(item: Outline) -> str:
    fill = "none" if item.fill is None else _color(item.fill)
    painted = f' fill="{fill}"{_opacity("opacity", item.opacity)}'
    if item.stroke is None:
        return painted
    width = _number(item.width)
    ends = ' stroke-linecap="round"' if item.rounded else ""
    return f'{painted} stroke="{_color(item.stroke)}" stroke-width="{width}"{ends}'


def _opacity(name: str, opacity: float) -> str:
    return "" if opacity == 1.0 else f' {name}="{_number(opacity)}"'


def _path(commands: tuple[Command, ...], digits: int = 2) -> str:
    return "".join(letter + " ".join(_number(place, digits) for place in places) for letter, places in commands)


def _matrix(matrix: Matrix) -> str:
    a, b, c, d, e, f = matrix
    return f"matrix({' '.join(_number(one, 6) for one in (a, b, c, d))} {_number(e, 3)} {_number(f, 3)})"


def _number(value: float, digits: int = 4) -> str:
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _color(color: Color) -> str:
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in color)


def _png(image: Image) -> str:
    content = BytesIO()
    Pixels.fromarray(image.pixels).save(content, "PNG", compress_level=6)
    return b64encode(content.getvalue()).decode("ascii")


def _allowed(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return "".join(letter for letter in text if category(letter) not in ("Cc", "Cs", "Cn"))
