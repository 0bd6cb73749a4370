"""What a scene says of its scales, in whole texts; and the law that every matrix shows what it says."""

from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.look.color import at_magnitude, magnitude
from mmviz.picture.look.palette import Palette
from mmviz.picture.look.scale_words import legend, percentile, plain_number
from mmviz.picture.space.item_key import ItemKey, of_matrix
from mmviz.scene.keys.options import StyleOptions

OUTLIER = [[100.0, *[1.0] * 19], *[[1.0] * 20] * 19]
"""One of 400 numbers is a hundred times as large as the others."""


def scene(expr: str = "out = softmax(Q @ K.T)", **style: object) -> Scene:
    tensors = {"Q": {"values": [[1.0, -2.0], [3.0, 0.5]]}, "K": {"values": [[8.0, 4.0], [2.0, 1.0]]}}
    return Scene(expr, {name: source for name, source in tensors.items() if name in expr}, style=style)


def full(made: Scene) -> dict[str, float]:
    return {path: scale.full for path, scale in made.composition.scales.items()}


def told(made: Scene, path: str) -> str:
    return made.composition.scales[path].told(made.document.style)


def test_without_a_word_each_matrix_has_the_scale_of_its_own_numbers() -> None:
    assert full(scene("Q @ K.T")) == {"left": 3, "right": 8, "": 26}


@pytest.mark.parametrize("shared", [["Q", "K"], [["Q", "K"]], ["left", "right"], [["K", "Q", "left"]]])
def test_those_that_share_a_scale_have_the_largest_of_their_own(shared: object) -> None:
    made = scene(scales={"shared": shared})
    assert (full(made)["left"], full(made)["right"]) == (8, 8)


def test_several_groups_keep_apart() -> None:
    made = scene("Q @ K.T + Q @ K", scales={"shared": [["Q", "K"], ["Q @ K.T", "Q @ K"]]})
    assert full(made)["left"] == full(made)["right"] == 26
    assert full(made)["left.left"] == full(made)["right.right"] == 8


def test_a_scale_that_is_said_is_that_of_all_who_share_it() -> None:
    assert full(scene(scale={"Q": 0.5}))["left"] == 0.5
    both = full(scene(scale={"Q": 0.5}, scales={"shared": ["Q", "K"]}))
    assert (both["left"], both["right"]) == (0.5, 0.5)


def test_a_matrix_that_is_shown_again_has_one_scale_in_both_places() -> None:
    for name in ("Q", "Q.T"):
        made = full(scene("Q @ Q.T", scale={name: 7}))
        assert (made["left"], made["right"]) == (7, 7)


def test_what_flies_with_the_numbers_of_a_matrix_has_its_scale_and_products_have_their_own() -> None:
    plain, said = (
        Scene(
            "out = S + Q @ K",
            {"S": [[5.0]], "Q": [[2.0]], "K": [[3.0]]},
            animation={"sums": "running"},
            style={"scale": scale},
        ).composition.looks
        for scale in ({}, {"out": 110.0})
    )
    assert {key: said[key][1] / plain[key][1] for key in plain if said[key] != plain[key]} == {
        of_matrix(""): 10,
        ItemKey("term", ""): 10,
    }


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ({}, "full size at |x| = 1, the 99.5th percentile; square root"),
        ({"quantile": 1}, "full size at |x| = 100, the largest; square root"),
        ({"scale": {"A": 0.25}, "curve": "linear"}, "full size at |x| = 0.25, as the scene says; linear"),
        (
            {"scales": {"shared": ["A", "B"]}, "curve": "log", "decades": 3},
            "full size at |x| = 1, the 99.5th percentile of A and B together; logarithm over 3 powers of ten",
        ),
        ({"mm": {}}, "full size at |x| = 1991, in the colours of mm; square root"),
    ],
)
def test_a_scale_says_where_it_comes_from(style: dict[str, object], words: str) -> None:
    made = Scene("A @ B", {"A": {"values": OUTLIER}, "B": {"values": [[1.0]] * 20}}, style=style)
    assert told(made, "left") == words.replace("1991", "119")


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (
            {},
            "blue: positive   red: negative   size and lightness: √|x|, full at Q 3, K.T 8, out 1 "
            "(largest but for outliers: 99.5th percentile)",
        ),
        (
            {"patterns": "sequential", "palette": "blue-orange", "curve": "log", "quantile": 1},
            "blue: positive   orange: negative   softmax: from violet to yellow   size and lightness: "
            "log |x| over 4 powers of ten, full at Q 3, K.T 8, out 1 (largest)",
        ),
        (
            {"scales": {"shared": ["Q", "K"]}, "scale": {"out": 0.5}, "curve": "linear"},
            "blue: positive   red: negative   size and lightness: |x|, full at Q and K 8, out 0.5 "
            "(largest but for outliers: 99.5th percentile)",
        ),
    ],
)
def test_the_legend_tells_colours_curve_scales_and_the_rule(style: dict[str, Any], words: str) -> None:
    composition = scene(**style).composition
    beyond, far = (
        "   ·   white cap: beyond it   ·   ",
        "far away a cell shows the mean of its elements, and what stands out",
    )
    assert legend(composition.root, composition.looks, composition.style) == words + beyond + far


def test_the_legend_of_many_matrices_tells_the_rule_and_what_is_said() -> None:
    names = "ABCDEF"
    tensors = {name: {"values": [[float(number + 1)]]} for number, name in enumerate(names)}
    made = Scene(" @ ".join(names), tensors, style={"scale": {"A": 0.5}, "scales": {"shared": ["B", "C"]}})
    assert "full at each matrix's largest but for outliers (99.5th percentile); A 0.5, B and C together   ·" in (
        legend(made.composition.root, made.composition.looks, made.composition.style)
    )


def test_a_range_goes_from_one_full_size_to_the_other_and_begins_at_0_where_nothing_is_negative() -> None:
    scales = scene(scale={"K": 0.25}).composition.scales
    assert [scales[path].range() for path in ("left", "right", "")] == ["±3", "0…0.25", "0…1"]


def test_names_have_their_ranges_beside_them_where_that_is_wanted() -> None:
    def names(made: Scene) -> set[str]:
        composition = made.composition
        return {
            label.text for label in composition.at(0, composition.camera(1.6), 1.6).labels if label.key.kind == "name"
        }

    assert names(scene("Q @ K.T")) == {"Q", "K.T", "Q @ K.T"}
    assert names(scene("Q @ K.T", scales={"shown": True})) == {"Q  ±3", "K.T  0…8", "Q @ K.T  0…26"}


def test_the_sheet_behind_a_matrix_has_its_own_range() -> None:
    made = scene(scales={"shown": True}, before={"out": "scores"}).composition
    assert made.behind.names == {"": "scores  0…26"}


def test_an_inset_tells_the_range_beside_the_name() -> None:
    composition = scene().changed(camera={"inset": "Q"}).composition
    (inset,) = composition.at(0, composition.camera(1.6), 1.6).insets
    assert [caption.text for caption in inset.drawing.captions] == ["Q   ±3"]


def test_a_scene_says_its_scales_by_path() -> None:
    assert {path: scale.full for path, scale in scene("Q @ K.T").scales().items()} == {"left": 3, "right": 8, "": 26}


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.53, "0.53"), (0.98201, "0.982"), (1234.6, "1230"), (24, "24"), (0.0001, "0.0001"), (3e-9, "3e-9"),
     (2.5e12, "2.5e12"), (100, "100")],
)  # fmt: skip
def test_numbers_are_plain_while_they_have_few_zeros(number: float, text: str) -> None:
    assert plain_number(number) == text


@pytest.mark.parametrize(
    ("quantile", "text"),
    [(0.995, "99.5th"), (0.91, "91st"), (0.92, "92nd"), (0.93, "93rd"), (0.11, "11th"), (0.5, "50th")],
)
def test_percentiles_are_ordinal_numbers(quantile: float, text: str) -> None:
    assert percentile(StyleOptions(quantile=quantile)) == f"{text} percentile"


@pytest.mark.parametrize("curve", ["sqrt", "linear", "log"])
def test_a_curve_rises_from_nothing_to_full_size_and_its_inverse_goes_back(curve: str) -> None:
    palette = Palette(curve=curve, decades=3)  # type: ignore[arg-type]
    shares = np.linspace(0, 1, 33)
    np.testing.assert_allclose(magnitude(at_magnitude(shares, 7.0, palette), 7.0, palette), shares, atol=1e-12)
    assert magnitude([0.0, 7.0, -7.0, 100.0, np.inf, np.nan], 7.0, palette).tolist() == [0, 1, 1, 1, 1, 0]


def test_under_a_logarithm_each_power_of_ten_is_an_equal_step_down_to_the_last() -> None:
    palette = Palette(curve="log", decades=4)
    tens = 10.0 ** -np.arange(7.0)
    np.testing.assert_allclose(magnitude(5 * tens, 5.0, palette), [1, 0.75, 0.5, 0.25, 0, 0, 0], atol=1e-12)
