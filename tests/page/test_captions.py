"""Captions stand in pages of any size where they stand in pictures: the same lines, as large, at the same places."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from mmviz.page.arrays import Arrays
from mmviz.page.letters_section import Letters
from mmviz.picture.drawlist import Caption, DrawList, Inset
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.text.captions import covered, placed, roof
from mmviz.render.text.raster import Written
from mmviz.render.text.shaping import extent
from tests.page.engine import call

WHITE = (1.0, 1.0, 1.0)
CAPTIONS = (
    Caption("title", "A title of several words that is rather long, and does not end soon", 0.95, WHITE, 0.024),
    Caption("subtitle", "out = softmax(tril(Q @ K.T)) @ V", 0.91, WHITE, 0.016),
    Caption("legend", "blue: positive   red: negative   size: |x|   white cap: beyond it", 0.02, WHITE, 0.012),
    Caption("caption", "one " * 30 + "averyverylongwordthatfitsintonolineatallbutintotwoorthree", 0.06, WHITE),
    Caption("more", "\u05e9\u05dc\u05d5\u05dd 12 \u05e2\u05d5\u05dc\u05dd", 0.08, WHITE, plate=None),
    Caption("badge", "verified", 0.97, WHITE, 0.014, badge=True),
)
SIZES = [(1280, 720), (1920, 1080), (400, 700), (640, 90), (333, 333), (150, 110), (60, 40)]


def insets(*kinds: str) -> tuple[Inset, ...]:
    """A square in the corner, or a colour bar."""
    found = {"inset": ItemKey("inset", ""), "bar": ItemKey("bar", "")}
    return tuple(Inset(found[kind], DrawList(), Camera(*np.eye(3))) for kind in kinds)


def seen(written: Written) -> int:
    """How many letters of a line have ink."""
    boxes = [extent(glyph.font, glyph.number) for glyph in written.line.glyphs]
    return sum(left < right for left, _, right, _ in boxes)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kinds", [(), ("inset",), ("inset", "bar")])
def test_captions_stand_where_they_stand_in_pictures(size: tuple[int, int], kinds: tuple[str, ...]) -> None:
    drawing = DrawList(captions=CAPTIONS, insets=insets(*kinds))
    expected = placed(CAPTIONS, size, covered(drawing, size), roof(drawing, size))
    letters = Letters(Arrays())
    for caption in CAPTIONS:
        letters.add_caption(caption.text)
    sides = [
        {"kind": one.key.kind, "side": one.side, "margin": one.margin, "bottom": one.bottom, "width": one.width}
        for one in drawing.insets
    ]
    told: dict[str, Any] = {"captions": [asdict(one) for one in CAPTIONS], "insets": sides}
    found = call("placed", told, size, letters.section())
    assert [one["key"] for one in found] == [one.key for one in expected]
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["band"] == pytest.approx(theirs.band, abs=1e-3)
        assert ours["framed"] == theirs.framed
        lines = [(line["x"], line["y"], line["size"]) for line in ours["lines"]]
        assert [len(line["line"]["letters"]) for line in ours["lines"]] == [seen(line) for line in theirs.lines]
        for one, line in zip(lines, theirs.lines, strict=True):
            assert one == pytest.approx((line.x, line.y, line.size), abs=1e-3)
