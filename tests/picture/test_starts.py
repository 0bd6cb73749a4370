"""The rules by which products wait for each other: one for each `fuse`, all of them asked and answering alike."""

from typing import get_args

import pytest

from mmviz.picture.space.layout import lay_out
from mmviz.picture.time.algorithms import steps as count_steps
from mmviz.picture.time.schedule import START_RULES
from mmviz.picture.time.starts import Sweeps
from mmviz.scene.keys.options import Algorithm, Fuse, LayoutOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import infer
from mmviz.scene.language.tree import tensors, walk


def sweeps(text: str, algorithm: Algorithm) -> Sweeps:
    """The products of an expression over matrices of 3 x 3, all by one algorithm."""
    root = build(parse(text))
    shapes = infer(root, dict.fromkeys(tensors(root), (3, 3))).of
    cuts = lay_out(root, shapes, LayoutOptions()).cubes
    steps = {path: count_steps(algorithm, cube.block) for path, cube in cuts.items()}
    return Sweeps(root, {node.path: algorithm for node in walk(root)}, steps, cuts, waits={})


def test_every_fuse_has_a_rule() -> None:
    assert set(START_RULES) == set(get_args(Fuse))


@pytest.mark.parametrize("fuse", get_args(Fuse))
@pytest.mark.parametrize("algorithm", ["vmprod", "mvprod", "vvprod", "dotprod"])
def test_a_rule_gives_every_product_a_first_step_and_one_of_them_step_0(fuse: Fuse, algorithm: Algorithm) -> None:
    known = sweeps("(x = A @ B) @ C + relu(x) @ (D @ E)", algorithm)
    first = START_RULES[fuse](known).first
    assert known.steps.keys() <= first.keys()
    assert min(first.values()) == 0


@pytest.mark.parametrize(
    ("fuse", "starts"), [("none", (0, 3)), ("sync", (0, 0)), ("async", (0, 0)), ("chain", (0, 0)), ("decode", (0, 0))]
)
def test_a_product_shares_the_sweep_of_its_argument_unless_nothing_is_fused(
    fuse: Fuse, starts: tuple[int, ...]
) -> None:
    first = START_RULES[fuse](sweeps("A @ B @ C", "vmprod")).first
    assert (first["left"], first[""]) == starts
