"""The fields of the export dialog: what each kind offers, what is ordered of what they say, and what each is for."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.orders.kinds import KINDS, ExportKind, kind_of
from mmviz.orders.order import FilmOrder, MeshOrder, PageOrder, PictureOrder
from mmviz.viewer.export.export_dialog import ExportDialog
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.export_hands import fill, opened_dialog, ordered, tiny_scene
from tests.viewer.looking import opened

pytestmark = pytest.mark.usefixtures("quick_workers", "canvases_kept")


@pytest.fixture(scope="module")
def tiny() -> Scene:
    return tiny_scene()


@pytest.fixture
def window(qtbot: QtBot, tiny: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.chdir(tmp_path)
    return opened(qtbot, tiny, (480, 400), renderers=Dabber)


@pytest.fixture
def dialog(window: MainWindow) -> ExportDialog:
    return opened_dialog(window)


def test_numbers_that_were_typed_stay_when_the_scene_changes(dialog: ExportDialog, tiny: Scene) -> None:
    fill(dialog, "film", "x.mp4", 100, 80, 12)
    dialog.form.crf.setValue(33)
    dialog._window.desk.put(tiny.changed(title="Other"))
    order = ordered(dialog, FilmOrder)
    assert (order.width, order.height, order.fps, order.crf) == (100, 80, 12, 33)


@pytest.mark.parametrize(
    ("quality", "numbers"),
    [("l", (854, 480, 15)), ("m", (1280, 720, 30)), ("h", (1920, 1080, 60)), ("k", (3840, 2160, 60))],
)
def test_the_sizes_are_those_of_the_command_line(
    dialog: ExportDialog, quality: str, numbers: tuple[int, int, int]
) -> None:
    sizes = dialog.form.sizes
    sizes.preset.setCurrentIndex(sizes.preset.findData(quality))
    sizes.preset.activated.emit(sizes.preset.currentIndex())
    order = ordered(dialog, FilmOrder)
    assert (order.width, order.height, order.fps) == numbers
    sizes.wide.setValue(100)
    assert sizes.preset.currentData() == "other"


def test_each_kind_offers_the_grounds_that_it_can_have(dialog: ExportDialog) -> None:
    for number, kind in enumerate(KINDS):
        dialog.form.kinds.setCurrentIndex(number)
        offered = [dialog.form.ground.itemData(place) for place in range(dialog.form.ground.count())]
        assert not kind.grounds or offered == list(kind.grounds)


def test_a_film_is_lossless_where_the_box_is_ticked_and_other_kinds_are_not(dialog: ExportDialog, tiny: Scene) -> None:
    fill(dialog, "film", "x.mp4", 100, 80, 12)
    assert not ordered(dialog, FilmOrder).lossless
    dialog.form.lossless.setChecked(True)
    assert ordered(dialog, FilmOrder).lossless
    assert not dialog.form.crf.isEnabled()
    fill(dialog, "gif", "x.gif", 100, 80, 12)
    assert not ordered(dialog, FilmOrder).lossless
    dialog._window.desk.put(tiny.changed(export={"lossless": False, "fps": 7}))
    assert dialog.form.crf.isEnabled(), "another scene's own words count"


def test_a_picture_has_the_quality_and_the_size_on_paper_that_the_fields_say(dialog: ExportDialog, tiny: Scene) -> None:
    form = dialog.form
    dialog._window.desk.put(tiny.changed(export={"quality": 70, "dpi": 150}))
    for name, quality, inches in (
        ("picture", False, True),
        ("jpeg", True, True),
        ("webp", True, True),
        ("mov", False, False),
    ):
        form.kinds.setCurrentIndex([kind.name for kind in KINDS].index(name))
        assert (form.percent.isVisible(), form.dpi.isVisible()) == (quality, inches)
        assert not form.quality_row.isVisible()
    fill(dialog, "jpeg", "x.jpeg", 100, 80)
    assert form.file.text() == "x.jpeg", "another ending of the same kind stays"
    order = ordered(dialog, PictureOrder)
    assert (order.path, order.quality, order.dpi) == ("x.jpeg", 70, 150)
    form.percent.setValue(30)
    form.dpi.setValue(600)
    order = ordered(dialog, PictureOrder)
    assert (order.quality, order.dpi) == (30, 600)
    fill(dialog, "webp", "x.jpeg", 100, 80)
    assert ordered(dialog, PictureOrder).path == "x.webp"


def test_a_film_has_the_smooth_edges_of_pictures_where_the_box_is_ticked(dialog: ExportDialog) -> None:
    form = dialog.form
    fill(dialog, "film", "x.mp4", 100, 80, 12)
    assert not ordered(dialog, FilmOrder).fine
    form.fine.setChecked(True)
    assert ordered(dialog, FilmOrder).fine
    assert form.form.isRowVisible(form.fine)
    fill(dialog, "picture", "x.png", 100, 80)  # has them in any case
    assert not form.form.isRowVisible(form.fine)


def test_the_box_lossless_is_there_for_films_that_can_be_it(dialog: ExportDialog) -> None:
    form = dialog.form
    fill(dialog, "film", "x.mp4", 100, 80, 12)
    form.lossless.setChecked(True)
    fill(dialog, "webm", "x.webm", 100, 80, 12)
    assert form.quality_row.isVisible()
    assert not form.lossless.isVisible()
    assert form.crf.isEnabled()
    assert not ordered(dialog, FilmOrder).lossless


def test_every_field_says_what_it_is_for(dialog: ExportDialog) -> None:
    form = dialog.form
    fields = (form.kinds, form.file, form.browse, form.crf, form.first, form.last, form.step, form.eye, form.ground)
    sizes = (
        form.lossless,
        form.sizes.preset,
        form.sizes.wide,
        form.sizes.high,
        form.sizes.fps,
        form.workers,
        form.plain,
        form.percent,
        form.dpi,
    )
    for field in (*fields, *sizes, dialog.export, dialog.cancel, dialog.folder):
        assert field.toolTip()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_window_offers_every_kind_and_orders_what_its_command_would_write(
    dialog: ExportDialog, kind: ExportKind
) -> None:
    orders = {"movie": FilmOrder, "render": PictureOrder, "mesh": MeshOrder, "page": PageOrder}
    form = dialog.form
    form.kinds.setCurrentIndex(form.kinds.findText(kind.title))
    assert kind_of(dialog.order().path) is kind
    assert type(dialog.order()) is orders[kind.command]
    assert form.form.isRowVisible(form.ground) == bool(kind.grounds)
    assert [form.ground.itemText(number) for number in range(form.ground.count())][: len(kind.grounds)] == list(
        kind.grounds
    )
