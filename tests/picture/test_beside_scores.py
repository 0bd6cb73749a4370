"""What is added to attention scores stands in the free corner beside them and hides nothing that they are made of."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.marks import terms
from mmviz.picture.marks.writing import Writing
from mmviz.picture.space.beside_scores import BEHIND, biased_scores, right_behind
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.space.placement import Placement
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import infer
from mmviz.scene.language.tree import Node, elementwise, root_of
from tests.picture.trees import FACINGS, options

SHAPES = {"x": (7, 4), "q": (4, 5), "k": (4, 5), "v": (4, 6), "bias": (7, 7)}
HEAD = "softmax(tril(((x @ q) @ (x @ k).T) + bias)) @ (x @ v)"
"""A head of a model with ALiBi."""
TURNED = "softmax(bias + ((x @ q) @ (x @ k).T))"


def placed(text: str, code: str) -> tuple[Node, Layout]:
    root = root_of(build(parse(text)))
    shapes = infer(root, SHAPES)
    return root, lay_out(root, shapes.of, options(code, 1.0))


def flat(place: Placement, total: Placement) -> NDArray[np.float64]:
    """(2, 2): the box around a matrix along the rows and columns of another one."""
    points = (place.corners(0.4) - total.origin) @ np.stack([total.down, total.across], axis=1)
    return np.stack([points.min(axis=0), points.max(axis=0)])


@pytest.mark.parametrize("code", FACINGS)
@pytest.mark.parametrize("text", [HEAD, TURNED])
def test_the_bias_is_covered_by_nothing_that_scores_are_made_of_and_is_turned_as_they_are(text: str, code: str) -> None:
    root, layout = placed(text, code)
    (total,) = (node for node in elementwise(root) if biased_scores(node) is not None)
    found = biased_scores(total)
    assert found is not None
    front, scores, bias = (layout[node.path] for node in (total, *found))
    for place in (scores, bias):
        np.testing.assert_allclose([place.down, place.across], [front.down, front.across], atol=1e-12)
    own = flat(bias, front)
    for path, place in layout.items():
        if path.startswith(found.scores.path) or path == total.path:
            shared = np.minimum(own[1], flat(place, front)[1]) - np.maximum(own[0], flat(place, front)[0])
            assert (shared < 1e-9).any(), path
    behind = (scores.origin - front.origin) @ front.normal
    np.testing.assert_allclose(scores.origin - front.origin, behind * front.normal, atol=1e-9)
    assert abs(behind) == pytest.approx(BEHIND * 7)
    assert ((bias.origin - front.origin) @ front.normal) / behind > 1, "on the same side as the scores, farther back"


@pytest.mark.parametrize(
    "text",
    [
        "(x @ q) @ (x @ k).T + bias",
        "softmax((x @ q) @ (x @ k).T - bias)",
        "softmax(bias + bias)",
        "relu(x @ x.T + bias)",
    ],
)
def test_other_sums_are_no_scores_with_a_bias(text: str) -> None:
    (total,) = elementwise(root_of(build(parse(text))))
    assert biased_scores(total) is None
    assert right_behind(total) is total.left


@pytest.mark.parametrize("text", [HEAD, TURNED])
def test_equals_stands_before_the_scores_and_plus_beside_the_bias(text: str) -> None:
    root, layout = placed(text, FACINGS[0])
    (total,) = elementwise(root)
    found = biased_scores(total)
    assert found is not None
    signs = {sign.key: sign for sign in terms.signs(root, layout)}
    equals, plus = (signs.pop(ItemKey("term", node.path)) for node in found)
    assert not signs
    assert (equals.text, plus.text) == ("=", "+")
    np.testing.assert_allclose(equals.middle, (layout[total.path].center() + layout[found.scores.path].center()) / 2)
    np.testing.assert_allclose(plus.middle, layout[found.bias.path].center())
    assert plus.gap == equals.gap > 0


def test_of_heads_in_a_grid_the_signs_of_the_first_are_written() -> None:
    heads = [f"(attn{n} = softmax(x @ x.T + bias{n})) @ x" for n in range(3)]
    shapes: Mapping[str, tuple[int, int]] = {"x": (5, 4), **{f"bias{n}": (5, 5) for n in range(3)}}
    composition = Scene(
        f"out = {' + '.join(heads)}",
        {name: {"init": "gaussian", "shape": list(shape)} for name, shape in shapes.items()},
        style={"heads": "grid"},
    ).composition
    root, layout = composition.root, composition.layout
    names = Writing(root, layout, composition.axes, {}, StyleOptions(), composition.behind, composition.extent).names()
    assert sorted(name.text for name in names if name.key.kind == "term") == ["+", "="]
    assert {name.text for name in names} >= {"attn0", "attn1", "attn2", "bias0"}
