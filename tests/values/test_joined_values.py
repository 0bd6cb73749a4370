"""The numbers of joins: those of torch.cat, masks included; heads joined as torch.nn.MultiheadAttention has them."""

import numpy as np
import pytest
import torch

from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.values.tensors.evaluate import Values, evaluate

CPU = torch.device("cpu")


def values_of(text: str, tensors: dict[str, torch.Tensor]) -> Values:
    return evaluate(build(parse(text)), tensors, CPU)


def some(*shapes: tuple[int, int]) -> dict[str, torch.Tensor]:
    chance = torch.Generator().manual_seed(3)
    return {name: torch.randn(shape, generator=chance) for name, shape in zip("ABCD", shapes, strict=False)}


@pytest.mark.parametrize("dim", [0, 1])
def test_a_join_is_torch_cat(dim: int) -> None:
    tensors = some((4, 4), (4, 4))
    name = "concat" if dim else "stack"
    found = values_of(f"relu({name}(A, B @ A, A.T))", tensors)
    a, b = tensors["A"].double(), tensors["B"].double()
    expected = torch.cat([a, (b @ a).float().double(), a.T], dim=dim).relu()
    np.testing.assert_array_equal(found.of[""], expected.float().numpy())


def test_what_is_masked_of_a_part_is_masked_in_the_join_until_a_softmax() -> None:
    tensors = some((3, 3), (3, 2))
    found = values_of("softmax(concat(tril(A), B))", tensors)
    scores = torch.cat([tensors["A"].masked_fill(torch.ones(3, 3).triu(1).bool(), -torch.inf), tensors["B"]], dim=1)
    np.testing.assert_allclose(found.of[""], scores.double().softmax(1).float().numpy(), rtol=1e-6)
    assert found.masked[""].tolist() == torch.isinf(scores).tolist()
    masked = found.around("", 1, 1).panes[0].masked
    assert masked is not None
    assert masked[0].tolist() == [False, False, True, False, False]


def test_nothing_is_masked_where_a_softmax_has_taken_a_mask_up() -> None:
    assert "" not in values_of("concat(softmax(tril(A)), B)", some((3, 3), (3, 2))).masked


def test_heads_that_are_joined_are_multi_head_attention() -> None:
    tokens, heads, size = 5, 2, 3
    width = heads * size
    theirs = torch.nn.MultiheadAttention(width, heads, bias=False, batch_first=True).eval()
    x = torch.randn(tokens, width, generator=torch.Generator().manual_seed(1))
    q, k, v = theirs.in_proj_weight.detach().chunk(3)  # (width, width) each, rows of a head together
    tensors = {"x": x, "wO": theirs.out_proj.weight.detach().T}
    for head in range(heads):
        rows = slice(head * size, (head + 1) * size)
        tensors |= {f"q{head}": q[rows].T, f"k{head}": k[rows].T, f"v{head}": v[rows].T}
    told = (f"softmax(scale((x @ q{n}) @ (x @ k{n}).T)) @ (x @ v{n})" for n in range(heads))
    found = values_of(f"concat({', '.join(told)}) @ wO", tensors).of[""]
    with torch.inference_mode():
        expected, _ = theirs(x[None], x[None], x[None], need_weights=False)
    np.testing.assert_allclose(found, expected[0].numpy(), atol=1e-5 * float(expected.abs().max()))
