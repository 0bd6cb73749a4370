"""Files of tensors in the window: listed, looked into, shown and multiplied, as a user does it."""

import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from gguf.quants import dequantize, quantize
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from safetensors.torch import save_file

from mmviz import Scene
from mmviz.builders.by_name import scene_named, scene_to_view
from mmviz.errors import SceneError, SourceError
from mmviz.machine.shipped import find_asset
from mmviz.picture.look.statistics import statistics
from mmviz.scene.keys.listed_tensor import ListedTensor
from mmviz.viewer import settings
from mmviz.viewer.browser import looks_into
from mmviz.viewer.browser.looks_into import Look
from mmviz.viewer.browser.stack_index import StackIndex
from mmviz.viewer.browser.tensor_browser import TensorBrowser
from mmviz.viewer.browser.tensor_row import COLUMNS, MAX, MEAN, MIN, NAME, ODD, SEEN, SHAPE, STD, TYPE, ZEROS, natural
from mmviz.viewer.browser.tensor_table import Chosen, TensorTable
from mmviz.viewer.browser.tensors import FILES
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened
from tests.viewer.small_scene import paste, small

SELECT = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.chdir(tmp_path)
    return opened(qtbot, small(tmp_path / "small.yaml"), (700, 560), opener=scene_named)


def drop(window: QWidget, *places: Path) -> None:
    offered = QMimeData()
    offered.setUrls([QUrl.fromLocalFile(str(place)) for place in places])
    spot, none = QPoint(200, 200), Qt.KeyboardModifier.NoModifier
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # there is no other way to make one
        enter = QDragEnterEvent(spot, Qt.DropAction.CopyAction, offered, Qt.MouseButton.LeftButton, none)
        event = QDropEvent(spot, Qt.DropAction.CopyAction, offered, Qt.MouseButton.LeftButton, none)
    QApplication.sendEvent(window, enter)
    QApplication.sendEvent(window, event)


def browser_of(window: MainWindow, qtbot: QtBot, count: int | None = None) -> TensorBrowser:
    """The browser, when all of its tensors were looked into, or so many of them."""
    files = window.files.tensors
    qtbot.waitUntil(lambda: files.browser is not None and files.browser.isVisible(), timeout=10_000)
    assert files.browser is not None
    found = files.browser
    found.look_at_rows()
    wanted = len(found.table.tensors) if count is None else count
    qtbot.waitUntil(lambda: len(found.table.looks) >= wanted, timeout=10_000)
    return found


def select(browser: TensorBrowser, *names: str) -> None:
    browser.view.clearSelection()
    for row in range(browser.rows.rowCount()):
        if browser.rows.tensor(row).called in names:
            browser.view.selectionModel().select(browser.rows.index(row, 0), SELECT)


def texts(browser: TensorBrowser, row: int) -> dict[int, str]:
    return {column: browser.rows.index(row, column).data() for column in range(1, len(COLUMNS))}


def made(window: MainWindow, qtbot: QtBot, do: Callable[[], object]) -> NDArray[np.float32]:
    """The numbers of the result of the scene that is shown then."""
    with qtbot.waitSignal(window.desk.opened, timeout=10_000):
        do()
    scene = window.desk.scene
    assert isinstance(scene, Scene)
    return scene.values()[""]


def product(browser: TensorBrowser, text: str) -> Callable[[], object]:
    return next(action.trigger for action in browser.products.actions() if action.text().startswith(f"{text}   →"))


def test_a_dropped_archive_is_listed_and_its_arrays_are_shown_and_multiplied(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(2, 3, (40, 30)).astype(np.float32), random.normal(size=(20, 30)).astype(np.float32)
    a[:3] = 0
    odd = a.copy()
    odd[5, :4], odd[6, 0] = np.nan, np.inf
    arrays: dict[str, NDArray[np.float32]] = {"a": a, "b": b, "odd": odd, "v": b[0]}
    np.savez(tmp_path / "x.npz", **arrays)  # type: ignore[arg-type]
    drop(window, tmp_path / "x.npz")
    browser = browser_of(window, qtbot)
    assert window.desk.scene.document.title == "Small"  # nothing was given up for it
    assert settings.recent()[0] == tmp_path / "x.npz"
    exact = a.astype(np.float64)
    told = texts(browser, 0)
    assert [told[column] for column in (NAME, SHAPE, TYPE, SEEN)] == ["a", "40 × 30", "float32", "all"]
    for column, number in ((MIN, exact.min()), (MAX, exact.max()), (MEAN, exact.mean()), (STD, exact.std())):
        assert told[column] == f"{number:.4g}"
    assert told[ZEROS] == "7.5 %"
    assert [texts(browser, row)[ODD] for row in range(4)] == ["", "", "4 NaN, 1 inf", ""]
    assert browser.said.text() == "Select one tensor to show it, or two to multiply them."
    assert not browser.show_one.isEnabled()
    assert not browser.multiply.isEnabled()

    select(browser, "v")
    np.testing.assert_array_equal(made(window, qtbot, browser.show_one.click), b[:1])
    assert window.desk.scene.document.title == "v"
    assert browser.isHidden()  # it stood before what was chosen
    assert window.status.text() == "v.  Ctrl+T goes back to the list of tensors"
    window.actions_by_name["tensors"].trigger()
    qtbot.waitUntil(browser.isVisible)
    assert [tensor.name for tensor in browser.chosen()] == ["v"]
    select(browser, "a", "b")
    assert [action.text() for action in browser.products.actions()] == [
        "a @ b.T   →   40 × 20",
        "b @ a.T   →   20 × 40",
    ]
    np.testing.assert_allclose(made(window, qtbot, product(browser, "b @ a.T")), b @ a.T, rtol=1e-4)
    select(browser, "a", "b", "v")
    assert browser.said.text() == "3 are selected: select one to show it, or two to multiply them."
    assert window.desk.save(tmp_path / "saved.yaml")
    np.testing.assert_allclose(Scene.load(tmp_path / "saved.yaml").values()[""], b @ a.T, rtol=1e-4)


def test_two_files_are_multiplied_and_what_does_not_fit_is_told(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.ones((5, 7))
    np.save(tmp_path / "A.npy", a)
    np.save(tmp_path / "B.npy", b)
    (tmp_path / "C.csv").write_text("1,2\n3,4\n5,6\n")
    drop(window, tmp_path / "A.npy", tmp_path / "B.npy")
    browser = browser_of(window, qtbot)
    select(browser, "A", "B")
    assert browser.said.text() == "A is 2 × 3 and B is 5 × 7: a product needs a side of the same length in both."
    assert not browser.multiply.isEnabled()
    asked: list[str] = []

    def choose(_parent: object, _title: str, _folder: str, kinds: str) -> tuple[list[str], str]:
        asked.append(kinds)
        return [str(tmp_path / "C.csv")], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    browser.add.click()
    qtbot.waitUntil(lambda: len(browser.table.tensors) == 3)
    assert asked == [FILES]
    select(browser, "A", "C")
    expected = a @ np.array([[1, 2], [3, 4], [5, 6]])
    np.testing.assert_array_equal(made(window, qtbot, product(browser, "A @ C")), expected)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(tmp_path / "small.yaml")], ""))
    browser.add.click()
    assert window.status.text() == "small.yaml: holds no tensors that can be listed."
    select(browser, "A", "C")
    assert browser.said.text() == "A and C: 4 products fit."
    np.savetxt(tmp_path / "D.txt", np.eye(7))
    drop(browser, tmp_path / "D.txt")
    qtbot.waitUntil(lambda: len(browser.table.tensors) == 4)
    select(browser, "B", "D")
    np.testing.assert_array_equal(made(window, qtbot, product(browser, "B @ D")), b)


def test_weights_that_are_no_model_are_listed_with_the_reason(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "odd.safetensors"
    save_file({"layers.10.w": torch.ones(2, 3), "layers.9.w": torch.zeros(4, 2, 3), "one": torch.tensor(1.0)}, path)
    paste(window, str(path))
    browser = browser_of(window, qtbot)
    assert browser.note.text() == (
        f"No head of a model is drawn of it: {tmp_path / 'config.json'}: no such file; the model's config.json is "
        "needed."
    )
    select(browser, "layers.9.w")
    browser.view.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
    assert [texts(browser, row)[NAME] for row in range(3)] == ["layers.9.w", "layers.10.w", "one"]
    browser.view.sortByColumn(MAX, Qt.SortOrder.DescendingOrder)
    assert [texts(browser, row)[MAX] for row in range(3)] == ["1", "1", "0"]
    assert [tensor.name for tensor in browser.chosen()] == ["layers.9.w"]
    browser.filter.setText("F32 4x2")
    assert [texts(browser, row)[NAME] for row in range(browser.rows.rowCount())] == ["layers.9.w"]
    assert browser.counted.text() == "1 of 3 tensors"
    select(browser, "layers.9.w")
    assert browser.stack.isVisible()
    browser.stack.fields[0].setValue(2)
    np.testing.assert_array_equal(made(window, qtbot, browser.show_one.click), np.zeros((2, 3)))
    assert window.desk.scene.document.title == "layers.9.w[2]"
    browser.filter.clear()
    select(browser, "one")
    assert browser.said.text() == "one is a single number; a matrix or a vector is needed."


def test_quantized_tensors_of_an_unknown_gguf_file_are_dequantized(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    numbers = np.random.default_rng(0).normal(size=(8, 256)).astype(np.float32)
    kinds = (Kind.Q8_0, Kind.Q4_0, Kind.Q5_1, Kind.BF16)
    writer = gguf.GGUFWriter(str(tmp_path / "x.gguf"), "unheard-of")
    for kind in kinds:
        writer.add_tensor(kind.name, quantize(numbers, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    paste(window, str(tmp_path / "x.gguf"))
    browser = browser_of(window, qtbot)
    assert [texts(browser, row)[TYPE] for row in range(4)] == [kind.name for kind in kinds]
    for row, kind in enumerate(kinds):
        exact = dequantize(quantize(numbers, kind), kind).astype(np.float64)
        assert texts(browser, row)[STD] == f"{exact.std():.4g}"
    select(browser, "Q4_0")
    expected = dequantize(quantize(numbers, Kind.Q4_0), Kind.Q4_0)
    np.testing.assert_array_equal(made(window, qtbot, browser.show_one.click), expected)


def test_only_rows_that_are_seen_are_looked_into_and_large_tensors_in_part(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks_into, "MOST", 1000)
    save_file({f"w{number:03}": torch.ones(100, 40) for number in range(200)}, tmp_path / "x.safetensors")
    drop(window, tmp_path / "x.safetensors")
    browser = browser_of(window, qtbot, 1)
    seen = browser.view.rowAt(browser.view.viewport().height() - 1) + 1
    assert 0 < seen < 50
    qtbot.waitUntil(lambda: len(browser.table.looks) >= seen)
    assert len(browser.table.looks) < 60
    assert texts(browser, 0)[SEEN] == "1 in 4"
    tip = browser.rows.index(0, MAX).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "Of a sample of 1,000 of 4,000 elements, evenly spaced."
    browser.view.scrollToBottom()
    last = browser.rows.tensor(199)
    qtbot.waitUntil(lambda: last in browser.table.looks)
    assert len(browser.table.looks) < 120


@pytest.mark.slow
def test_the_tensors_of_a_scenes_model_are_in_the_menu(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert window.status.text() == "This scene has no model and reads no file; Ctrl+O opens a file of tensors."
    model = find_asset("smollm2-135m-2layers")
    assert model is not None
    with qtbot.waitSignal(window.desk.opened, timeout=20_000):
        drop(window, model)
    assert window.desk.scene.document.made_by is not None  # its first head, as before
    assert settings.recent()[0] == model
    window.actions_by_name["tensors"].trigger()
    browser = browser_of(window, qtbot, 1)
    assert "model.layers.1.self_attn.q_proj.weight" in [tensor.name for tensor in browser.table.tensors]
    assert browser.windowTitle() == f"Tensors of {model} - mmviz"


def test_a_picture_is_told_in_one_message(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with qtbot.waitSignal(window.desk.failed) as failed:
        drop(window, tmp_path / "x.png")
    assert failed.args == [
        f"{tmp_path / 'x.png'}: is a picture (PNG); what can be opened: scenes (.yaml, .json), models (a folder, "
        ".safetensors, .gguf), matrices (.npy, .npz, .csv, .pt), links of mm."
    ]


def test_a_file_of_tensors_is_viewed_by_its_first_matrix_beside_the_list(qtbot: QtBot, tmp_path: Path) -> None:
    numbers = np.arange(12.0).reshape(3, 4)
    arrays: dict[str, object] = {"scalar": np.float32(1), "x": numbers, "y": numbers}
    np.savez(tmp_path / "x.npz", **arrays)  # type: ignore[arg-type]
    scene = scene_to_view(str(tmp_path / "x.npz"))
    np.testing.assert_array_equal(scene.values()[""], numbers)
    window = opened(qtbot, scene, (700, 560), opener=scene_named)
    assert [tensor.name for tensor in browser_of(window, qtbot).table.tensors] == ["scalar", "x", "y"]


def test_a_file_of_one_matrix_is_viewed_without_a_list_that_would_stand_before_it(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "alone.csv"
    path.write_text("1,2\n3,4\n")
    window = opened(qtbot, scene_to_view(str(path)), (700, 560), opener=scene_named)
    qtbot.waitUntil(lambda: path in settings.recent())
    assert window.files.tensors.browser is None
    window.actions_by_name["tensors"].trigger()
    assert [tensor.called for tensor in browser_of(window, qtbot).table.tensors] == ["alone"]


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda path: np.savez(path, x=np.float32(1)), "{path}: holds no matrix and no vector of numbers."),
        (
            lambda path: path.write_bytes(b"PK\3\4 broken"),
            "{path}: is cut off or no .npz file (11 bytes); a whole one is needed.",
        ),
    ],
)
def test_what_has_no_matrix_is_not_viewed(tmp_path: Path, write: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "x.npz"
    write(path)
    with pytest.raises((SceneError, SourceError)) as raised:
        scene_to_view(str(path))
    assert str(raised.value) == said.format(path=path)


def test_a_broken_file_of_weights_is_called_broken_and_not_a_model_without_its_configuration(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"no header at all")
    with pytest.raises(SourceError) as raised:
        scene_to_view(str(path))
    assert str(raised.value) == f"{path}: is cut off or no .safetensors file (16 bytes); a whole one is needed."


def test_an_array_that_cannot_be_read_says_so_in_its_row(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    header = b'{"x":{"dtype":"F4","shape":[4,8],"data_offsets":[0,16]}}'
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(16))
    drop(window, tmp_path / "x.safetensors")
    browser = browser_of(window, qtbot)
    assert texts(browser, 0)[SEEN] == "cannot be read"
    assert browser.said.text().startswith(f"{tmp_path / 'x.safetensors'}, x: is stored as F4,")  # the only one
    assert not browser.show_one.isEnabled()


def test_a_long_list_is_found_and_sorted_without_a_window(qtbot: QtBot) -> None:
    table = TensorTable()
    table.add([ListedTensor(Path("x.gguf"), f"blk.{n}.w", (n + 1, 2), "Q4_K") for n in (3, 20, 1)])
    table.add(table.tensors[:1])
    assert table.rowCount() == 3
    rows = Chosen(table)
    rows.sort(NAME)
    assert [rows.tensor(row).shape[0] for row in range(3)] == [2, 4, 21]
    rows.find("q4 BLK.2")
    assert [rows.tensor(row).name for row in range(rows.rowCount())] == ["blk.20.w"]
    rows.find("")
    seen = statistics(np.ones((1, 1), np.float32))
    table.show_look(table.tensors[2], Look(seen, None, 1))
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        rows.sort(MAX, order)
        assert rows.tensor(0).name == "blk.20.w"  # those whose numbers are not known come last
    rows.sort(-1)
    assert [rows.tensor(row).name for row in range(3)] == ["blk.3.w", "blk.20.w", "blk.1.w"]
    table.clear()
    assert (table.rowCount(), rows.rowCount()) == (0, 0)


def test_the_matrix_of_a_stack_is_kept_for_each_tensor(qtbot: QtBot) -> None:
    fields = StackIndex()
    qtbot.addWidget(fields)
    stack, other = (ListedTensor(Path("x.npz"), name, (2, 5, 3, 3), "F32") for name in "ab")
    found = []
    for tensor in (stack, other, ListedTensor(Path("x.npz"), "plain", (3, 3), "F32")):
        fields.offer(tensor)
        found.append(fields.index)
        if tensor is stack:
            fields.fields[1].setValue(9)  # there are five
    assert found == [(0, 0), (0, 0), ()]
    assert fields.isHidden()
    assert fields.kept(stack) == (0, 4)


def test_names_are_sorted_as_people_count() -> None:
    names = ["h.10.w", "h.2.w", "h.w", "h.2.a"]
    assert sorted(names, key=natural) == ["h.2.a", "h.2.w", "h.10.w", "h.w"]
