"""The tab "Model": layer, head, prompt and model are picked by mouse and keys, and the same window shows them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.in_view import share_seen
from mmviz.scene.language.tree import find
from mmviz.values.families.registry import KINDS
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.viewer.tabs.model.model_panel import layers_told
from mmviz.viewer.window import MainWindow
from tests.beginning import START, with_beginning
from tests.viewer.model_windows import picked, settled, shown, type_prompt

Key, LEFT, CONTROL = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
SHORT = "A word looks back at the words before it."
Show = Callable[..., MainWindow]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    return partial(shown, qtbot)


def test_the_panel_says_which_model_layer_and_head_it_is(show: Show) -> None:
    panel = show().model_panel
    assert panel.title.text() == "smollm2-135m-2layers"
    assert panel.sizes.text() == ("2 layers · 9 heads · 3 key-value heads\nd_model 576 · d_head 64 · context 8,192")
    assert panel.costs.text().split("\n\n") == [
        f"Llama: {KINDS['llama'].drawn.has}.",
        "Full attention: 2 layers\nEach has 3.54 M parameters, takes 9.44 M FLOPs a token and 786 kB of cache",
        "FLOPs are those of the last of 1,024 tokens; the cache is what is kept of keys and values then, in 16 bits.",
    ]
    assert (panel.layer.spin.value(), panel.head.spin.value()) == (1, 2)
    assert (panel.layer.slider.value(), panel.head.slider.value()) == (1, 2)
    assert panel.prompt.count.text() == "64 tokens of at most 8,192"
    assert panel.hint.isHidden()
    assert panel.start.isHidden()


def test_the_panel_says_what_weights_were_dequantized_from() -> None:
    sizes = replace(Scene.load("attention_head").sources.sizes, dequantized_from="Q4_K and Q6_K")
    first = layers_told(sizes).split("\n\n")[0]
    assert first == f"Llama: {KINDS['llama'].drawn.has}. Its weights are dequantized from Q4_K and Q6_K."


def test_the_panel_says_that_an_encoder_keeps_no_keys_and_values() -> None:
    sizes = Scene.load("attention_head").sources.sizes
    none = replace(sizes, kinds=tuple(replace(kind, name="attention both ways", cache=0) for kind in sizes.kinds))
    assert layers_told(none).split("\n\n")[1:] == [
        "Attention both ways: 2 layers\nEach has 3.54 M parameters, takes 9.44 M FLOPs a token and no cache",
        "FLOPs are those of one of 1,024 tokens; of none can keys and values be kept, as it looks at later ones.",
    ]


def test_another_head_is_drawn_with_its_own_numbers(show: Show, qtbot: QtBot) -> None:
    window = show()
    window.model_panel.head.spin.setFocus()
    QTest.keyClick(window.model_panel.head.spin, Key.Key_Up)
    settled(window, qtbot)
    assert picked(window) == (1, 3)
    assert window.model_panel.head.slider.value() == 3
    assert window.windowTitle().startswith("An attention head: SmolLM2-135M, layer 1, head 3")
    scene = window.desk.scene
    model = Model(Checkpoint.open(Path("assets/smollm2-135m-2layers").resolve()), "cpu")
    ids = Scene.load("attention_head").sources.token_ids
    node = find(scene.root, "attn")
    assert node is not None
    expected = model.activation(ids, "blocks.1.attn.hook_pattern", 3).numpy()
    assert np.abs(scene.composition.values[node.path] - expected).max() < 1e-5
    assert window.view.composition is scene.composition


def test_layer_and_head_that_are_changed_in_a_row_both_count_and_are_undone_together(show: Show, qtbot: QtBot) -> None:
    window = show()
    panel = window.model_panel
    panel.layer.slider.setValue(0)
    for head in (3, 4, 5, 6):
        panel.head.slider.setValue(head)
    settled(window, qtbot)
    assert picked(window) == (0, 6)
    assert (panel.layer.spin.value(), panel.head.spin.value()) == (0, 6)
    window.desk.undo.undo()
    settled(window, qtbot)
    assert picked(window) == (1, 2)
    assert (panel.layer.slider.value(), panel.head.spin.value()) == (1, 2)


def test_the_camera_and_the_time_stay_with_another_head(show: Show, qtbot: QtBot) -> None:
    window = show()
    window.player.seek(40.0)
    window.view.turn(20.0, 5.0)
    before = window.view.camera
    window.model_panel.head.spin.setValue(8)
    settled(window, qtbot)
    assert window.view.camera is before
    assert window.player.time == 40.0


@pytest.mark.parametrize("near", [False, True])
def test_another_length_keeps_the_camera_unless_it_would_see_nothing(show: Show, qtbot: QtBot, near: bool) -> None:
    window = show()
    window.view.turn(20.0, 5.0)
    if near:  # the last rows of the output, which a short prompt does not have
        placement = window.view.composition.layout[""]
        spot = placement.element(60, 570)
        normal = np.cross(placement.down, placement.across)
        window.view.look(Camera(spot + 12 * normal / np.linalg.norm(normal), spot, np.array([0.0, 1.0, 0.0])))
    chosen = window.view.camera
    type_prompt(window.model_panel, SHORT)
    QTest.keyClick(window.model_panel.prompt.editor, Key.Key_Return, CONTROL)
    settled(window, qtbot)
    assert (window.view.camera is chosen) == (not near)
    assert share_seen(window.view.camera, window.view.composition.layout, window.view.aspect) > 0.5


@pytest.mark.parametrize("by_key", [True, False])
def test_a_prompt_is_applied_by_key_or_button_and_counted(show: Show, qtbot: QtBot, by_key: bool) -> None:
    window = show()
    panel = window.model_panel
    assert not panel.prompt.button.isEnabled()
    type_prompt(panel, SHORT)
    assert panel.prompt.count.text() == "not applied yet"
    assert window.desk.scene.document.model is not None
    assert window.desk.scene.document.model.prompt != SHORT
    if by_key:
        QTest.keyClick(panel.prompt.editor, Key.Key_Return, CONTROL)
    else:
        QTest.mouseClick(panel.prompt.button, LEFT)
    settled(window, qtbot)
    assert window.desk.scene.document.model.prompt == SHORT
    tokens = window.desk.scene.composition.tokens
    assert "".join(tokens) == SHORT
    assert panel.prompt.count.text() == f"{len(tokens)} tokens of at most 8,192"
    assert not panel.prompt.button.isEnabled()
    assert "\n" not in panel.prompt.text


def test_typing_a_prompt_does_not_play_or_step(show: Show) -> None:
    window = show()
    window.player.seek(10.0)
    type_prompt(window.model_panel, "s p r q 1 3 7 n")
    QTest.keyClick(window.model_panel.prompt.editor, Key.Key_Left)
    assert window.isVisible()
    assert not window.player.playing
    assert window.player.time == 10.0
    assert window.model_panel.prompt.text == "s p r q 1 3 7 n"


def test_what_is_typed_stays_while_the_head_changes(show: Show, qtbot: QtBot) -> None:
    window = show()
    type_prompt(window.model_panel, SHORT)
    window.model_panel.head.spin.setValue(0)
    settled(window, qtbot)
    assert window.model_panel.prompt.text == SHORT
    assert window.model_panel.prompt.button.isEnabled()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "prompt: is empty; a text is needed."),
        ("word " * 9000, "the prompt has 9001 tokens; the model reads at most 8192."),
    ],
)
def test_an_impossible_prompt_is_explained_below_it_and_the_scene_stays(
    show: Show, qtbot: QtBot, text: str, message: str
) -> None:
    window = show()
    panel, before = window.model_panel, window.desk.scene
    panel.prompt.editor.setPlainText(text)
    QTest.mouseClick(panel.prompt.button, LEFT)
    settled(window, qtbot)
    assert panel.prompt_trouble.text().endswith(message)
    assert "attention_head.yaml" not in panel.prompt_trouble.text()
    assert not panel.prompt_trouble.isHidden()
    assert panel.prompt.text == text
    assert window.desk.scene is before
    type_prompt(panel, SHORT)
    QTest.mouseClick(panel.prompt.button, LEFT)
    settled(window, qtbot)
    assert panel.prompt_trouble.isHidden()


@pytest.mark.slow
def test_a_scene_of_token_ids_is_given_a_text(show: Show, qtbot: QtBot) -> None:
    window = show(model={"path": "smollm2-135m-2layers", "tokens": [5, 6, 7]})
    panel = window.model_panel
    assert panel.prompt.text == ""
    assert panel.prompt.count.text() == "3 tokens of at most 8,192"
    assert "3 token ids" in panel.prompt.editor.placeholderText()
    type_prompt(panel, SHORT)
    QTest.keyClick(panel.prompt.editor, Key.Key_Enter, CONTROL)
    settled(window, qtbot)
    assert "".join(window.desk.scene.composition.tokens) == SHORT


@pytest.mark.slow
def test_a_scene_of_all_heads_says_why_none_can_be_picked(show: Show, qtbot: QtBot) -> None:
    window = show("all_heads")
    panel = window.model_panel
    assert not panel.head.isEnabled()
    assert panel.head.spin.toolTip().startswith("This scene shows 9 heads together")
    assert panel.why.text() == panel.head.spin.toolTip()
    assert panel.layer.isEnabled()
    panel.layer.spin.setValue(0)
    settled(window, qtbot)
    assert window.desk.scene.document.title == "All heads of a layer add up: SmolLM2-135M, layer 0"


@pytest.mark.slow
def test_a_scene_of_all_heads_after_one_of_a_single_head_asks_for_none(show: Show, qtbot: QtBot) -> None:
    window = show()
    with qtbot.waitSignal(window.desk.opened):
        window.desk.open("all heads", lambda: Scene.load("all_heads"))
    settled(window, qtbot)
    assert not window.desk.undo.canUndo()
    assert window.model_panel.pick_trouble.isHidden()
    assert window.model_panel.head.spin.text() == "–"


def test_every_control_has_a_tool_tip(show: Show) -> None:
    panel = show().model_panel
    controls = (panel.layer.spin, panel.layer.slider, panel.head.spin, panel.head.slider, panel.prompt.editor)
    for control in (*controls, panel.prompt.button, panel.model.box, panel.model.button, panel.start):
        assert control.toolTip()


def test_the_tab_is_the_second_one(show: Show) -> None:
    assert show().tabs.tabText(1) == "Model"


@pytest.mark.slow
def test_the_prompt_field_says_which_special_tokens_are_around(show: Show, tmp_path: Path) -> None:
    model = {"path": str(with_beginning(tmp_path / "m")), "prompt": "the cat sat", "device": "cpu"}
    for special, end in ((True, f"4 tokens of at most 8,192, with {START}"), (False, "3 tokens of at most 8,192")):
        window = show(model={**model, "special_tokens": special})
        assert window.model_panel.prompt.count.text() == end
