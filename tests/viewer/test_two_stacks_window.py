"""A head that looks across, in the window: its prompt, what its decoder has been given, and the grid of heads."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from mmviz.builders.again import built_again
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.picture.cell.attended import attended
from mmviz.picture.look.head_kinds import KindCells
from mmviz.picture.look.head_pattern import head_pattern
from mmviz.pipeline import Scene
from mmviz.viewer.heads.head_words import cell_words
from mmviz.viewer.window import MainWindow
from tests.values.variants import save_variant
from tests.viewer.looking import opened
from tests.viewer.model_windows import settled

WORDS = ("<pad>", "</s>", "the", "house", "is", "small", "das", "haus", "ist", "klein")


@pytest.fixture(scope="module")
def across(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = save_variant(tmp_path_factory.mktemp("umt5"), "umt5")
    made = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="</s>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    made.add_special_tokens(["<pad>", "</s>"])
    made.save(str(folder / "tokenizer.json"))
    return head_scene(Reading(str(folder), "the house is small", device="cpu", target="das haus", cross=True), 1, 2)


@pytest.fixture
def window(across: Scene, qtbot: QtBot) -> MainWindow:
    _ = across.composition
    window = opened(qtbot, across, (1100, 700), panel=True, build_again=built_again)
    window.tabs.setCurrentWidget(window.model_panel)
    return window


def read(window: MainWindow) -> list[str]:
    return list(window.desk.scene.composition.tokens)


def test_rows_are_of_the_target_and_columns_of_the_source(across: Scene) -> None:
    composition = across.composition
    assert composition.tokens == ("<pad>", "das", "haus")  # without </s>: more may follow
    assert composition.source_tokens == ("the", "house", "is", "small", "</s>")
    assert composition.token_texts == {"tokens": composition.tokens, "source_tokens": composition.source_tokens}
    (line,) = attended(composition, 1)
    path = next(path for path, axes in composition.axes.items() if axes == ("tokens", "source_tokens"))
    best = int(np.argmax(composition.values[path][1]))
    assert line.startswith(f"attn looks at {best} “{composition.source_tokens[best]}”")


def test_the_panel_has_a_field_for_what_the_decoder_has_been_given(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.model_panel
    assert not panel.target.isHidden()
    assert (panel.prompt.text, panel.target.text) == ("the house is small", "das haus")
    assert panel.target.count.text() == "3 tokens of at most 512, with <pad>"
    assert panel.prompt.count.text() == "5 tokens of at most 512, with </s>"
    panel.target.applied.emit("das haus ist")
    settled(window, qtbot)
    assert read(window) == ["<pad>", "das", "haus", "ist"]
    panel.prompt.applied.emit("the house")
    settled(window, qtbot)
    assert window.desk.scene.composition.source_tokens == ("the", "house", "</s>")
    window.reading.applied.emit("")  # the tokens below the picture are the decoder's
    settled(window, qtbot)
    assert read(window) == ["<pad>"]
    model = window.desk.scene.document.model
    assert model is not None
    assert (model.prompt, model.target) == ("the house", None)


def test_the_grid_of_heads_shows_what_they_attend_to_across(across: Scene) -> None:
    patterns = across.head_patterns
    layers = list(patterns.each())
    assert [layer.shape for layer in layers] == [(6, 3, 5)] * 3
    attn = across.values()[next(node for node in across.composition.axes if across.shapes.of[node] == (3, 5))]
    np.testing.assert_allclose(layers[1][2], attn, atol=1e-6)
    assert patterns.key_texts == across.composition.source_tokens
    assert patterns.across
    cells = KindCells.of(patterns.token_ids, 5, patterns.masking(1))
    small = head_pattern(layers[1][2], across.document.style, 40, cells)
    assert set(small.scores) == {"sink", "uniform"}
    assert small.scores["sink"] == pytest.approx(attn[:, 0].mean(), abs=1e-6)
    assert small.picture.shape == (3, 5, 3)
    words = cell_words(small.strongest[0], patterns.token_texts, patterns.key_texts)
    assert patterns.key_texts[small.strongest[0].key] in words.replace("&lt;", "<").replace("&gt;", ">")


def test_another_head_keeps_what_both_stacks_read(across: Scene) -> None:
    other = built_again(across.document, across.folder, layer=0, head=4)
    assert other is not None
    assert other.model == across.document.model
    assert other.title.endswith("decoder layer 0, cross-attention head 4")
    assert across.another(target="das").composition.tokens == ("<pad>", "das")
