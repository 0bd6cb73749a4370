"""Scenes of tensors of files: what is offered, and that each offer is the scene that it says."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.scene.changes import of_tensors
from mmviz.scene.changes.of_tensors import AT_ONCE, alone, document_of, products, why_no_product
from mmviz.scene.keys.listed_tensor import ListedTensor


def tensor(name: str, *shape: int, folder: Path = Path("/some"), problem: str = "") -> ListedTensor:
    return ListedTensor(folder / f"{name}.npy", name, shape, "F32", problem)


def test_all_products_that_fit_are_offered_and_no_other() -> None:
    for first, second in product([(3, 4), (4, 3), (4, 4), (5, 3)], repeat=2):
        a, b = np.zeros(first), np.zeros(second)
        expected = set()
        for (left, x), (right, y) in (((("A"), a), (("B"), b)), ((("B"), b), (("A"), a))):
            for dot_left, dot_right in product((False, True), repeat=2):
                one, other = (x.T if dot_left else x), (y.T if dot_right else y)
                if one.shape[1] == other.shape[0]:
                    text = f"{left}{'.T' * dot_left} @ {right}{'.T' * dot_right}"
                    expected.add((text, (one @ other).shape))
        found = [(offer.text, offer.shape) for offer in products(tensor("A", *first), tensor("B", *second))]
        assert set(found) == expected
        assert len(found) == len(expected)


def test_every_offer_is_a_scene_with_the_numbers_of_numpy(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0)
    a, b = numbers.normal(size=(3, 4)).astype(np.float32), numbers.normal(size=(2, 4, 4)).astype(np.float32)
    arrays: dict[str, Any] = {"layers.0.q.weight": a}
    np.savez(tmp_path / "x.npz", **arrays)
    np.save(tmp_path / "b.npy", b)
    first = ListedTensor(tmp_path / "x.npz", "layers.0.q.weight", (3, 4), "float32")
    second = ListedTensor(tmp_path / "b.npy", "", (2, 4, 4), "float32")
    taken = b[1]
    expected = {"q @ b": a @ taken, "q @ b.T": a @ taken.T, "b @ q.T": taken @ a.T, "b.T @ q.T": taken.T @ a.T}
    offers = products(first, second, ((), (1,)))
    assert [offer.text for offer in offers] == list(expected)
    for offer in offers:
        document, folder = document_of(offer)
        np.testing.assert_allclose(Scene.of(document, folder).values()[""], expected[offer.text], rtol=1e-5)
    (whole,) = alone(first)
    document, folder = document_of(whole)
    assert document.title == "layers.0.q.weight"
    scene = Scene.of(document, folder)
    np.testing.assert_array_equal(scene.values()[""], a)
    place = tmp_path / "elsewhere" / "scene.yaml"
    place.parent.mkdir()
    scene.save(place)
    np.testing.assert_array_equal(Scene.load(place).values()[""], a)
    assert "file: ../x.npz" in place.read_text()


def test_where_nothing_fits_it_is_said_why() -> None:
    a, b = tensor("A", 3, 4), tensor("B", 5, 6)
    assert why_no_product(a, tensor("B", 4)) == ""
    assert why_no_product(a, b) == "A is 3 × 4 and B is 5 × 6: a product needs a side of the same length in both."
    assert why_no_product(a, tensor("s")) == "s is a single number; a matrix or a vector is needed."
    assert why_no_product(tensor("e", 0, 4), a) == "e is 0 × 4 and has no element; a matrix or a vector is needed."
    assert why_no_product(a, tensor("c", problem="c: holds complex64.")) == "c: holds complex64."
    assert why_no_product(a, tensor("w", 4, 1 << 25)) == (
        "w is 4 × 33,554,432; a matrix has at most 16,777,216 rows and columns."
    )


def test_a_vector_is_a_row_and_a_stack_gives_one_of_its_matrices() -> None:
    assert tensor("v", 7).sides == (1, 7)
    assert tensor("s", 5, 2, 3).sides == (2, 3)
    assert tensor("s", 5, 2, 3).stack == (5,)
    assert tensor("s", 1, 1, 2, 3).stack == ()
    assert tensor("s", 4, 1, 2, 3).stack == (4, 1)


def test_names_are_as_short_as_tells_them_apart() -> None:
    def text(one: str, other: str) -> str:
        return products(tensor(one, 2, 2), tensor(other, 2, 2))[0].text

    assert text("h.0.attn.weight", "h.0.mlp.weight") == "attn @ mlp"
    assert text("h.0.attn.weight", "h.1.attn.weight") == "0.attn @ 1.attn"
    assert text("same", "same") == "same_1 @ same_2"
    assert text("it's", "new\nline") == "it_s @ new_line"


@pytest.mark.parametrize("shape", [(49_152, 576), (3, 10**7), (10**7, 2), (20_000, 20_000)])
def test_a_large_matrix_is_shown_in_part_first(shape: tuple[int, int]) -> None:
    offers = alone(tensor("A", *shape))
    assert offers[0].elements <= AT_ONCE
    assert offers[0].text == "the beginning"
    whole = [offer for offer in offers if offer.text == "whole"]
    assert bool(whole) == (shape[0] * shape[1] <= of_tensors.MOST)


def test_a_large_product_keeps_its_inner_side_whole() -> None:
    first, second = tensor("A", 49_152, 576), tensor("B", 49_152, 576)
    offers = {offer.text: offer for offer in products(first, second)}
    part = offers["A @ B.T"]
    assert part.shape == (1024, 1024)
    assert part.cut == ((1024, 576), (1024, 576))
    document, _ = document_of(part)
    assert document.title == "A @ B transposed, the first 1,024 × 1,024"
    assert document.tensors["A"].shape == (1024, 576)  # type: ignore[union-attr]
    long = offers["A.T @ B"]
    assert long.cut == ((49_152, 42), (49_152, 42))
    assert long.elements <= AT_ONCE
