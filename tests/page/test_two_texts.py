"""A head that looks across has tokens of two texts: the page names both as Python does."""

from dataclasses import replace

import pytest

from mmviz import Scene
from mmviz.page.cameras_section import ASPECTS
from mmviz.picture.cell.explanation import explain
from mmviz.picture.composition import Composition
from mmviz.picture.marks.emphasis import PLAIN, Emphasis
from mmviz.picture.marks.shared_axes import line
from tests.page.composed import Composed, check_alike, composed, emphasis_record, told
from tests.page.explained import Explained, check_said, explanation_told

WIDE = ASPECTS[0]


def across(targets: int, sources: int) -> Composition:
    """Attention of target tokens, which are rows, to source tokens."""
    shapes = {"Q": (targets, 3), "K": (sources, 3), "V": (sources, 2)}
    tensors = {name: {"init": "gaussian", "shape": shape, "seed": ord(name)} for name, shape in shapes.items()}
    scene = Scene("z = (attn = softmax(Q @ K.T)) @ V", tensors, camera={"inset": "attn"})
    named = {"": ("tokens", ""), "left": ("tokens", "source_tokens"), "right": ("source_tokens", "")}
    named |= {"left.left": ("tokens", ""), "left.right": ("", "source_tokens")}
    target = tuple(f" to{number}" for number in range(targets))
    source = tuple(f" from-far-away-{number}" for number in range(sources))
    return replace(scene.composition, axes=named, tokens=target, source_tokens=source)


@pytest.mark.parametrize("sizes", [(4, 5), (50, 70)])
def test_both_texts_are_drawn_alike(sizes: tuple[int, int]) -> None:
    page: Composed = composed(across(*sizes))
    composition = page.composition
    row = Emphasis(pointed={"left": (line(0, 2),)})
    for t, emphasis in ((0, PLAIN), (composition.timeline.steps, PLAIN), (composition.timeline.steps, row)):
        moment = composition.moment(t)
        expected = told(composition.at(moment, composition.camera_at(moment, WIDE), WIDE, emphasis), composition)
        found = page.drawn(moment, None, WIDE, **emphasis_record(emphasis))
        check_alike(found, expected, f"{sizes} at {t}")
    words = [text for inset in expected["insets"] for ticks in inset["drawing"]["ticks"] for text in ticks["texts"]]
    assert {word.strip("·")[:2] for word in words} == {"to", "fr"}


@pytest.mark.parametrize(("path", "i", "j"), [("left", 3, 4), ("", 2, 1), ("right", 4, 0)])
def test_elements_are_called_by_tokens_of_their_own_text(path: str, i: int, j: int) -> None:
    composition = across(4, 5)
    expected = explanation_told(explain(composition, path, i, j))
    check_said({**Explained(composition).explanation(path, i, j), "lit": None}, {**expected, "lit": None}, path)
    if path == "":
        assert expected["origin"]["rows"][0]["label"].endswith("”")
