"""The colour bar beside the numbers of a matrix: its colours are those of the picture, its mark stands at a number."""

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.cell.picking import Picked, shown_of
from mmviz.picture.look.bars import Bar, bar_of
from mmviz.picture.look.color import color
from mmviz.picture.look.palette import Palette
from mmviz.viewer.controls.scale_bar import ABOVE, STRIP, ScaleBar
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import attention, opened

SIGNED = Bar("x", Palette(), 4.0, signed=True, beyond=False)


@pytest.fixture
def bar(qtbot: QtBot) -> ScaleBar:
    made = ScaleBar()
    qtbot.addWidget(made)
    made.resize(300, made.sizeHint().height())
    return made


def marked(bar: ScaleBar) -> float | None:
    return bar.value


def row(bar: ScaleBar) -> QImage:
    return bar.grab().toImage()


def test_it_takes_no_room_before_it_is_given_a_matrix(bar: ScaleBar) -> None:
    assert bar.isHidden()
    assert bar.ticks() == {}
    bar.show_bar(SIGNED, "full size at 4")
    assert not bar.isHidden()
    assert bar.toolTip() == "full size at 4"
    bar.show_bar(None)
    assert bar.isHidden()


def test_its_colours_are_those_of_the_picture_from_one_full_size_to_the_other(bar: ScaleBar) -> None:
    bar.show_bar(SIGNED)
    image = row(bar)
    middle, room = ABOVE + STRIP // 2, bar._room()
    for value in (-3.9, -1.0, 0.4, 3.9):
        place = float(SIGNED.places(np.array([value]))[0])
        seen = image.pixelColor(round(room.left() + place * room.width()), middle)
        expected = 255 * color(np.array([value], np.float32), 4.0, Palette())[0]
        assert np.abs(np.array([seen.red(), seen.green(), seen.blue()]) - expected).max() < 12, value


def test_its_mark_stands_at_the_number_and_at_the_end_for_what_is_beyond(bar: ScaleBar) -> None:
    bar.show_bar(SIGNED)
    plain = row(bar)
    assert bar.place is None
    for value, place in ((0.0, 0.5), (4.0, 1.0), (-40.0, 0.0), (1.0, 0.75)):  # sizes go by the square root
        bar.point(value)
        assert bar.place == pytest.approx(place)
        assert row(bar) != plain
    for nothing in (None, float("nan")):
        bar.point(nothing)
        assert bar.place is None
        assert row(bar) == plain


def test_its_numbers_stand_apart_and_the_full_size_is_one_of_them(bar: ScaleBar) -> None:
    bar.show_bar(SIGNED)
    for width in (120, 300, 900):
        bar.resize(width, bar.height())
        places = sorted(bar.ticks().values())
        assert places[0] == 0
        assert places[-1] == 1
        letters = bar.fontMetrics().horizontalAdvance("−0.5") / bar._room().width()
        assert min(np.diff(places)) > letters / 2
    assert len(bar.ticks()) > 5, "more numbers where there is more room"


def test_only_elements_in_the_colours_of_the_matrix_are_marked() -> None:
    cell = Picked("left", "L", 1, 2, 0.5)
    assert shown_of(cell, "left") == 0.5
    others = (
        Picked("left", "L", 1, 2, 0.5, masked=True),
        Picked("left", "L", 1, 2, 0.5, before=True),
        Picked("left", "L", 1, 2, 0.5, k=3),
        Picked("left", "L", 1, 2, 0.5, part=(0, 3)),
        Picked("right", "R", 1, 2, 0.5),
        None,
    )
    assert [shown_of(one, "left") for one in others] == [None] * len(others)


def test_the_bar_of_one_matrix_has_its_scale_whatever_the_scene_says_of_bars() -> None:
    composition = Scene("A", {"A": {"values": [[0, 8]]}}, style={"quantile": 1.0}).composition
    assert bar_of(composition, "") == Bar("A", composition.looks[next(iter(composition.looks))][0], 8.0, False, False)


def test_panel_and_explanation_show_the_colours_of_their_matrix_and_mark_what_is_pointed_at(qtbot: QtBot) -> None:
    window: MainWindow = opened(qtbot, attention(), (1100, 700), panel=True)
    form, explained = window.scene_panel.form.bar, window.pinning.panel.bar
    assert form.isHidden()
    window.selection.select("right.left")
    assert form.bar == bar_of(window.view.composition, "right.left")
    assert form.bar.title == "attn"
    window.view.pointed.emit(Picked("right.left", "attn", 1, 2, 0.25))
    assert marked(form) == 0.25
    window.view.pointed.emit(Picked("left", "x", 1, 2, 0.25))
    assert marked(form) is None
    window.view.clicked.emit(Picked("right.left", "attn", 1, 2, 0.25))
    own = float(window.view.composition.values["right.left"][1, 2])
    assert explained.bar == form.bar
    assert marked(explained) == pytest.approx(own)
    window.view.pointed.emit(Picked("right.left", "attn", 3, 4, 0.125))
    assert marked(explained) == 0.125
    window.view.pointed.emit(None)
    assert marked(explained) == pytest.approx(own), "the mark goes back to the cell that is explained"
    window.pinning.let_go()
    assert explained.isHidden()
