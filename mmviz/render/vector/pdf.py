"""A page as PDF: the image without loss, letters as outlines, with unseen characters on them to be copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import bidirectional

from fpdf import FPDF, TextMode, ViewerPreferences
from fpdf.drawing import PaintedPath
from fpdf.drawing_primitives import DeviceRGB, Transform
from fpdf.fonts import TTFFont
from PIL import Image as Pixels

from mmviz.picture.look.palette import Color
from mmviz.render.text.shaping import Command, outline
from mmviz.render.vector.page import BLACK, Box, Image, Letter, Outline, Page, Part, Text, placed
from mmviz.render.vector.unseen_font import widths_of, write_unseen_font

POINTS = 72
"""Of an inch."""
WRITTEN = datetime(2000, 1, 1, tzinfo=UTC)
"""When any page was made: the same picture makes the same file."""
UNSEEN = "unseen"
"""The font of characters that are not drawn."""


def write_pdf(page: Page, path: Path) -> None:
    """Write a page.

    Raises:
        OSError: the file cannot be written.
    """
    with TemporaryDirectory() as folder:
        pdf = _Pdf(page)
        try:
            pdf.add_unseen_font(page, Path(folder, "unseen.ttf"))
            _fill(pdf, page)
            pdf.output(str(path))
        finally:
            pdf.close_fonts()


def _fill(pdf: "_Pdf", page: Page) -> None:
    for part in page.parts:
        with pdf.within(part):
            for item in part.items:
                match item:
                    case Image():
                        height, width = item.pixels.shape[:2]
                        pdf.image(Pixels.fromarray(item.pixels), item.left, item.top, width, height)
                    case Outline():
                        _draw(pdf, item)
                    case Text():
                        _write(pdf, item)


class _Pdf(FPDF):
    """A file of one page, on which a unit is a pixel.

    Args:
        page: Its size and its title.
    """

    def __init__(self, page: Page) -> None:
        self._scale = POINTS / page.dpi
        self._height = page.height * self._scale  # in points
        super().__init__(unit="pt", format=(page.width * self._scale, self._height))
        self.set_auto_page_break(auto=False)
        self.alias_nb_pages("")  # nothing on it stands for the number of pages
        self.set_creation_date(WRITTEN)
        self.set_producer("mmviz")
        self.set_title(page.title)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.add_page()

    @contextmanager
    def within(self, part: Part) -> Iterator[None]:
        """What is drawn meanwhile is cut to a part of the page."""
        down = self._height * (1 - self._scale)  # the library measures from the page's top
        boxes = " ".join(self._rectangle(box) for box in (part.inside, *part.holes))
        self._out(f"q {self._scale:.8f} 0 0 {self._scale:.8f} 0 {down:.8f} cm {boxes} W* n")
        yield
        self._out("Q")

    def add_unseen_font(self, page: Page, path: Path) -> None:
        """Get the font of all that a page says, by way of a file."""
        texts = (item for part in page.parts for item in part.items if isinstance(item, Text))
        if widths := widths_of(letter for text in texts for letter in text.letters):
            write_unseen_font(widths, path)
            self.add_font(UNSEEN, fname=path)

    def close_fonts(self) -> None:
        """Close the files of fonts: some systems delete no open ones."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def _rectangle(self, box: Box) -> str:
        left, top, right, bottom = box
        return f"{left:.4f} {self._height - bottom:.4f} {right - left:.4f} {bottom - top:.4f} re"


def _draw(pdf: FPDF, item: Outline) -> None:
    path = _path(item.commands)
    path.style.fill_color = None if item.fill is None else _color(item.fill)
    path.style.stroke_color = None if item.stroke is None else _color(item.stroke)
    path.style.stroke_width = item.width
    path.style.stroke_cap_style = "round" if item.rounded else "butt"
    path.style.fill_opacity = path.style.stroke_opacity = item.opacity
    _add(pdf, path)


def _write(pdf: _Pdf, text: Text) -> None:
    """The outlines of letters, over their rim, and unseen characters where they stand."""
    shapes = (placed(outline(letter.font, letter.number), letter.matrix) for letter in text.letters)
    commands = tuple(command for shape in shapes for command in shape)
    if text.rim:
        a, b, c, d, _, _ = text.matrix
        size = abs(a * d - b * c) ** 0.5  # of an em, on the page
        rim = _path(commands)
        rim.style.fill_color, rim.style.stroke_color = None, _color(BLACK)
        rim.style.stroke_width, rim.style.stroke_join_style = 2 * text.rim * size, "round"
        rim.style.stroke_opacity = text.opacity
        _add(pdf, rim)
    _draw(pdf, Outline(commands, fill=text.color, opacity=text.opacity))
    for letter in text.letters:
        if letter.text:
            _say(pdf, letter)


def _say(pdf: _Pdf, letter: Letter) -> None:
    """Put the characters of a letter on it, unseen."""
    a, b, c, d, e, f = letter.matrix
    leftward = any(bidirectional(one) in ("R", "AL") for one in letter.text)
    with pdf.transform(Transform(a, b, -c, -d, e, f)):
        pdf.text_mode = TextMode.INVISIBLE
        pdf.set_font(UNSEEN, size=1)
        pdf.text(0, 0, letter.text[::-1] if leftward else letter.text)  # as it is seen, from left to right


def _add(pdf: FPDF, path: PaintedPath) -> None:
    with pdf.drawing_context() as drawn:
        drawn.add_item(path, clone=False)


def _path(commands: tuple[Command, ...]) -> PaintedPath:
    path = PaintedPath()
    path.auto_close = False
    for letter, places in commands:
        match letter:
            case "M":
                path.move_to(*places)
            case "L":
                path.line_to(*places)
            case "Q":
                path.quadratic_curve_to(*places)
            case "C":
                path.curve_to(*places)
            case _:
                path.close()
    return path


def _color(color: Color) -> DeviceRGB:
    red, green, blue = (min(max(part, 0.0), 1.0) for part in color)
    return DeviceRGB(red, green, blue)
