"""Each stage by itself: what it is made of, what it does before it costs anything, and which place its errors name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmviz import MmvizError, Scene
from mmviz.computed import LONGEST_FORMULA, LOOKS, MOST_LETTERS, Computed
from mmviz.machine.derived import Stage, parts_of
from mmviz.scene.document import Document
from mmviz.scene.document import from_mapping as document_of
from mmviz.scene.keys.options import StyleOptions
from mmviz.values.tensors import evaluate

EYE = {"init": "eye", "shape": [3, 3]}
STAGES = {name: made for name, made in vars(Computed).items() if isinstance(made, Stage)}


class Bare(Computed):
    """A document and nothing around it."""

    def __init__(self, **content: Any) -> None:
        self.document = document_of(content, "mine.yaml")
        self.folder, self.where = Path(), "mine.yaml"


def products(**parts: Any) -> Bare:
    return Bare(**{"expr": "p = A @ B", "tensors": {"A": EYE, "B": EYE}, **parts})


@pytest.fixture
def costly(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes every time that numbers are computed."""
    found: list[str] = []
    really = evaluate.evaluate

    def counted(root: Any, *others: Any) -> Any:
        found.append(root.name)
        return really(root, *others)

    monkeypatch.setattr(evaluate, "evaluate", counted)
    return found


def test_every_key_that_a_stage_reads_is_one_of_documents() -> None:
    for name, made in STAGES.items():
        for key in made.reads:
            part: Any = Document
            for word in key.split("."):
                if isinstance(getattr(part, word, None), property):  # made of others
                    break
                assert word in part.model_fields, (name, key)
                part = part.model_fields[word].annotation


def test_every_stage_that_is_used_is_one_and_none_is_made_of_itself() -> None:
    def below(name: str) -> set[str]:
        return {name}.union(*(below(other) for other in STAGES[name].uses))  # endless where there is a circle

    for name, made in STAGES.items():
        assert set(made.uses) <= STAGES.keys(), name
        assert name not in set().union(*map(below, made.uses)), name


@pytest.mark.parametrize(
    ("stage", "keys"),
    [
        ("root", {"expr", "roots"}),
        ("sources", {"model", "tensors", "rank"}),
        ("shapes", {"expr", "roots", "model", "tensors", "rank", "checks"}),
        ("evaluated", {"expr", "roots", "model", "tensors", "rank", "checks", "style.before"}),
    ],
)
def test_numbers_do_not_depend_on_how_they_are_shown(stage: str, keys: set[str]) -> None:
    assert parts_of(Computed, stage) == keys


def test_colours_depend_on_no_place_and_no_camera() -> None:
    assert {"layout", "camera", "title", "captions", "export"}.isdisjoint(parts_of(Computed, "looks"))
    assert {key.partition(".")[2] for key in LOOKS} <= StyleOptions.model_fields.keys()


def test_a_stage_is_computed_once_and_only_what_it_is_made_of(costly: list[str]) -> None:
    made = products()
    assert made.shapes is made.shapes
    assert made.layout() is made.placed
    assert costly == [], "shapes and places need no numbers"
    assert made.values()[""].tolist() == np.eye(3).tolist()
    assert made.composition is made.composition
    assert costly == ["p"]


def test_values_can_be_kept_without_changing_what_the_scene_has() -> None:
    made = products()
    made.values().clear()
    assert set(made.values()) == {"", "left", "right"}


@pytest.mark.parametrize(
    ("parts", "ask", "message"),
    [
        (
            {"tensors": {"A": EYE, "B": {"init": "eye", "shape": [2, 2]}}},
            lambda made: made.shapes,
            "mine.yaml: p = A @ B: A is 3x3, B is 2x2; A needs as many columns as B has rows.",
        ),
        (
            {"tensors": {"A": EYE, "B": {"init": "eye", "shape": [2, 2]}}},
            lambda made: made.values(),
            "mine.yaml: p = A @ B: A is 3x3, B is 2x2; A needs as many columns as B has rows.",
        ),
        (
            {"animation": {"chapters": [{"from": 2, "to": 1}]}},
            lambda made: made.timeline(),
            "mine.yaml, animation.chapters.0: goes from step 2 to step 1; it must end where it begins, or later.",
        ),
        (
            {"animation": {"chapters": [{"from": 2, "to": 1}]}},
            lambda made: made.composition,
            "mine.yaml, animation.chapters.0: goes from step 2 to step 1; it must end where it begins, or later.",
        ),
        (
            {"animation": {"matrices": {"p": "blockwise"}}},
            lambda made: made.check_film(),
            "mine.yaml, animation.matrices.p: blockwise is for the product of attention weights and values, "
            "softmax(Q @ K.T) @ V or sdpa(Q @ K.T) @ V; p is none.",
        ),
    ],
)
def test_an_error_names_the_scene_and_comes_before_any_number_is_computed(
    parts: dict[str, Any], ask: Any, message: str, costly: list[str]
) -> None:
    with pytest.raises(MmvizError) as caught:
        ask(products(**parts))
    assert str(caught.value) == message
    assert costly == []


def test_a_film_that_fits_is_checked_without_any_number(costly: list[str]) -> None:
    made = products(camera={"keyframes": [{"at": 0, "zoom": 2}, {"at": "end", "focus": "p"}]})
    made.check_film()
    assert made.film_checked
    assert costly == []


def test_what_is_written_above_the_picture_tells_the_expression_and_every_rank() -> None:
    titled = products(title="A title", rank={"A": 2}).composition
    assert (titled.title, titled.subtitle) == ("A title", "rank: A 2   ·   p = A @ B")
    bare = products().composition
    assert (bare.title, bare.subtitle) == ("p = A @ B", "")


def test_a_formula_that_would_cover_the_picture_is_cut_at_a_space() -> None:
    expr = " + ".join(["Abcdefgh"] * 90)
    long = Scene(expr, {"Abcdefgh": {"init": "eye", "shape": [2, 2]}}, title="Long").composition.subtitle
    assert LONGEST_FORMULA < len(long) <= MOST_LETTERS
    assert expr.startswith(long.removesuffix(" …"))
    assert long.endswith(" …")


def test_the_sheets_behind_matrices_show_what_was_before_the_last_function() -> None:
    made = products(expr="p = relu(A - B)", tensors={"A": {"values": [[1, 2]]}, "B": {"values": [[2, 1]]}})
    assert made.composition.before.names == {}
    behind = products(
        expr="p = relu(A - B)",
        tensors={"A": {"values": [[1, 2]]}, "B": {"values": [[2, 1]]}},
        style={"before": {"p": "difference"}},
    )
    assert behind.composition.before.names == {"": "difference"}
    assert behind.composition.before.values[""].tolist() == [[-1, 1]]
    assert behind.values()[""].tolist() == [[0, 1]]


def test_a_scene_without_a_model_has_no_sizes_no_special_tokens_and_no_badge() -> None:
    made = products()
    assert (made.model_sizes, made.special_tokens, made.composition.badge) == (None, (), "")


def test_a_model_of_which_nothing_is_read_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    made = products(model={"path": "nowhere/at-all", "tokens": [1]})
    assert made.model_sizes is None
    assert made.special_tokens == ()


def test_looks_are_those_of_the_numbers_wherever_they_stand() -> None:
    near, far = products(layout={"gap": 0}), products(layout={"gap": 30, "scheme": "zigzag"})
    assert near.looks == far.looks
    assert {key.kind for key in near.looks} == {"matrix", "plane"}


def test_colours_and_sizes_are_of_every_element() -> None:
    made = products()
    for path, shape in made.shapes.of.items():
        assert made.colors()[path].shape == (*shape, 3)
        assert made.sizes()[path].shape == shape
    assert (made.sizes()[""] > 0).all()


def test_a_matrix_with_numbers_that_are_none_is_told_once_however_often_it_is_used() -> None:
    scene = Scene("A @ A + A", {"A": [[1, float("nan")], [float("inf"), 2]]})
    assert scene.notes() == (
        "A: 1 of 4 numbers is NaN, the first at [0, 1].",
        "A: 1 of 4 numbers is infinite, the first at [1, 0].",
    )
    assert products().notes() == ()
