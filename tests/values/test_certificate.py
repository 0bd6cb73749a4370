"""Verdicts, badges and shapes of checks, without a model; that differences are right is tested against transformers."""

import math
from dataclasses import replace
from typing import Any

import pytest

from mmviz.errors import SceneError, SourceError
from mmviz.scene.document import Document, from_mapping
from mmviz.values.reference.certificate import Certificate, Check, certify, check_shapes

GOOD = Check("Q", "blocks.1.attn.hook_q", 2, largest=1e-5, relative=2e-6, absolute=False, tolerance=1e-5, nans=0)
CERTIFICATE = Certificate(
    difference=1.234e-5,
    dtype="float32",
    device="cpu",
    reference="transformers 5.24.0 and peft 0.21.2",
    matrices=(GOOD,),
    worst="Q",
)


@pytest.mark.parametrize(
    ("relative", "exceeds"),
    [(0.0, False), (1e-5, False), (1.001e-5, True), (math.inf, True), (math.nan, True)],
)
def test_a_difference_exceeds_where_it_is_more_than_allowed_or_unknown(relative: float, exceeds: bool) -> None:
    check = replace(GOOD, relative=relative)
    assert check.exceeds is exceeds
    assert replace(CERTIFICATE, matrices=(GOOD, check)).holds is not exceeds


def test_the_badge_is_one_line() -> None:
    assert CERTIFICATE.badge == "✓ max |Δ| 1.2e-05 from transformers · float32 · cpu"
    wrong = replace(CERTIFICATE, matrices=(replace(GOOD, relative=1.0),), difference=math.inf, device="cuda")
    assert wrong.badge == "✗ max |Δ| inf from transformers in Q · float32 · cuda"


class Sizes:
    """A model that knows what shapes activations have, and nothing else."""

    token_ids = (1, 2, 3)

    @property
    def model(self) -> "Sizes":
        return self

    def matrix_shape(self, tokens: int, activation: str, head: int | None) -> tuple[int, int]:
        if activation != "blocks.0.attn.hook_q":
            raise SourceError(f"model, {activation}: unknown activation")
        return (tokens, 4 if head is not None else 24)


def document(expr: str, checks: dict[str, Any], **tensors: list[int]) -> Document:
    shapes = {name: {"init": "eye", "shape": shape} for name, shape in tensors.items()}
    model = {"model": {"path": "m", "tokens": [1, 2, 3]}} if checks else {}
    return from_mapping({"version": 1, "expr": expr, "tensors": shapes, "checks": checks, **model}, "s")


def refusal(expr: str, checks: dict[str, Any], shapes: dict[str, tuple[int, int]], **tensors: list[int]) -> str:
    made = document(expr, checks, **tensors)
    with pytest.raises((SceneError, SourceError)) as caught:
        check_shapes(made, made.tree(), shapes, Sizes(), "s")  # type: ignore[arg-type]
    return str(caught.value)


Q = {"activation": "blocks.0.attn.hook_q", "head": 1}


def passes(expr: str, key: str, shapes: dict[str, tuple[int, int]], **tensors: list[int]) -> None:
    made = document(expr, {key: Q}, **tensors)
    check_shapes(made, made.tree(), shapes, Sizes(), "s")  # type: ignore[arg-type]


def test_an_activation_has_the_shape_of_what_bears_its_name() -> None:
    passes("x @ w", "x", {"": (3, 5), "left": (3, 4), "right": (4, 5)}, x=[3, 4], w=[4, 5])
    # drawn as X.T, the matrix of a check on X is turned back
    passes("w @ x.T", "x", {"": (5, 3), "left": (5, 4), "right": (4, 3)}, x=[3, 4], w=[5, 4])
    passes("(K = x @ w).T", "K", {"": (4, 3), "left": (3, 2), "right": (2, 4)}, x=[3, 2], w=[2, 4])
    # but a product that ends with a transpose is no transpose of its own
    passes("q @ k.T", "", {"": (3, 4), "left": (3, 2), "right": (2, 4)}, q=[3, 2], k=[4, 2])


def test_another_shape_is_told_with_both() -> None:
    assert refusal("x @ w", {"x": Q}, {"": (2, 5), "left": (2, 4), "right": (4, 5)}, x=[2, 4], w=[4, 5]) == (
        "s, checks.x: the matrix is 2x4, blocks.0.attn.hook_q is 3x4; an activation of the same shape is needed."
    )
    assert refusal("w @ x.T", {"x": Q}, {"": (5, 2), "left": (5, 4), "right": (4, 2)}, x=[2, 4], w=[5, 4]) == (
        "s, checks.x: the matrix is 2x4, blocks.0.attn.hook_q is 3x4; an activation of the same shape is needed."
    )


def test_an_activation_that_is_not_there_is_told_with_its_check() -> None:
    shapes = {"": (3, 5), "left": (3, 4), "right": (4, 5)}
    assert refusal("x @ w", {"x": {"activation": "hook_odd"}}, shapes, x=[3, 4], w=[4, 5]) == (
        "s, checks.x: model, hook_odd: unknown activation"
    )


def test_a_scene_without_checks_has_no_certificate_and_nothing_is_computed() -> None:
    made = document("x @ w", {}, x=[3, 4], w=[4, 5])

    def never() -> Any:
        raise AssertionError

    with pytest.raises(SceneError) as caught:
        certify(made, made.tree(), never, Sizes(), "s")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "s: has no key 'checks', which says what to hold its matrices against; add it, for example "
        "checks: {attn: {activation: blocks.1.attn.hook_pattern, head: 2}}."
    )
