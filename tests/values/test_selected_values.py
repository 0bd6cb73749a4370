"""The numbers of slices, reductions, rows of tables and quotients: those of torch; fused attention as torch has it."""

import numpy as np
import pytest
import torch

from mmviz.errors import SceneError
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import TakenNode
from mmviz.values.arithmetic.selecting import ids_of, reduced
from mmviz.values.tensors.evaluate import Values, evaluate

CPU = torch.device("cpu")


def values_of(text: str, tensors: dict[str, torch.Tensor]) -> Values:
    return evaluate(build(parse(text)), tensors, CPU)


def some(*shapes: tuple[int, int]) -> dict[str, torch.Tensor]:
    chance = torch.Generator().manual_seed(3)
    return {name: torch.randn(shape, generator=chance) for name, shape in zip("ABCD", shapes, strict=False)}


def test_a_slice_is_that_of_numpy_and_no_copy_of_what_it_is_cut_from() -> None:
    tensors = some((6, 5))
    found = values_of("(x = A * A)[1:3, -2:] @ x[0:2, 0:3]", tensors)
    whole = found.of["left.whole"]
    np.testing.assert_array_equal(found.of["left"], whole[1:3, -2:])
    assert np.shares_memory(found.of["left"], whole)
    assert np.shares_memory(found.of["right"], whole)
    assert np.shares_memory(found.of["right.whole"], whole)


def test_a_tensor_that_is_cut_in_many_places_is_copied_once() -> None:
    found = values_of("A[:, 0:2] @ A[:, 2:4].T + A[:, 1:3] @ A[:, 3:5].T", some((6, 5))).of
    places = [path for path in found if path.endswith("whole")]
    assert len(places) == 4
    assert all(np.shares_memory(found[places[0]], found[path]) for path in places)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("function", ["sum", "mean", "amax", "amin", "argmax"])
def test_reductions_are_those_of_torch(function: str, axis: int) -> None:
    tensors = some((6, 5))
    x = tensors["A"].double()
    expected = getattr(x, function)(dim=axis, keepdim=True)
    found = values_of(f"{function.removeprefix('a') if function != 'argmax' else function}(A, {axis})", tensors).of[""]
    np.testing.assert_array_equal(found, expected.float().numpy())


def test_masked_elements_are_left_out_of_reductions() -> None:
    tensors = some((3, 3))
    x = tensors["A"].double()
    open_ = torch.ones(3, 3).tril().bool()
    np.testing.assert_allclose(
        values_of("mean(tril(A), 1)", tensors).of[""][:, 0],
        [float(x[row][open_[row]].mean()) for row in range(3)],
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        values_of("max(tril(A), 0)", tensors).of[""][0],
        [float(x[:, column][open_[:, column]].max()) for column in range(3)],
        rtol=1e-6,
    )
    weights = values_of("sum(softmax(tril(A)), 1)", tensors)
    np.testing.assert_allclose(weights.of[""], np.ones((3, 1)), rtol=1e-6)
    found = values_of("max(triu(scale(A, 1))[2:3, 0:2], 1)", tensors)
    assert found.masked[""].tolist() == [[True]]
    assert reduced("min", x, ~open_, 1)[0].item() == x[0, 0].item()


def test_rows_of_a_table_are_those_that_the_ids_name() -> None:
    tensors = some((9, 4)) | {"ids": torch.tensor([[3.0], [8.0], [3.0]])}
    expected = tensors["A"][[3, 8, 3]].numpy()
    np.testing.assert_array_equal(values_of("embed(ids, A)", tensors).of[""], expected)
    np.testing.assert_array_equal(values_of("embed(ids.T, A)", tensors).of[""], expected)
    np.testing.assert_array_equal(values_of("embed(ids, A).T", tensors).of[""], expected.T)
    np.testing.assert_array_equal(values_of("relu(embed(ids, A))", tensors).of[""], np.maximum(expected, 0))


@pytest.mark.parametrize(("wrong", "said"), [(9.0, "9"), (-1.0, "-1"), (2.5, "2.5"), (float("nan"), "nan")])
def test_ids_that_name_no_row_are_refused(wrong: float, said: str) -> None:
    node = build(parse("x = embed(ids, E)"))
    assert isinstance(node, TakenNode)
    with pytest.raises(SceneError) as caught:
        ids_of(node, torch.tensor([[3.0], [wrong]]), 9)
    assert str(caught.value) == f"embed(ids, E): ids number 1 is {said}; the rows of E are 0 to 8."


def test_one_row_or_column_goes_with_all_of_the_other_term() -> None:
    tensors = some((4, 5), (4, 1), (1, 5), (1, 1))
    a, b, c, d = (tensors[name].double() for name in "ABCD")
    found = values_of("A / B - C * D", tensors)
    np.testing.assert_allclose(found.of[""], (a / b - c * d).float().numpy(), rtol=1e-6)
    masked = values_of("tril(A) + C", tensors)
    assert masked.masked[""].tolist() == torch.ones(4, 5).triu(1).bool().tolist()
    column = values_of("relu(B + A)", tensors).around("", 2, 3)
    np.testing.assert_allclose(column.panes[0].numbers[0, 0], float(b[2, 0].float() + a[2, 3].float()), rtol=1e-6)


def test_a_division_by_nothing_is_shown_as_what_it_is() -> None:
    found = values_of("A / B", {"A": torch.tensor([[1.0, -1.0, 0.0]]), "B": torch.zeros(1, 1)}).of[""]
    assert found[0, 0] == np.inf
    assert found[0, 1] == -np.inf
    assert np.isnan(found[0, 2])


def test_softmax_written_out_is_softmax() -> None:
    tensors = some((4, 5))
    x = tensors["A"].double()
    found = values_of("power(A, 2) / sum(power(A, 2), 1)", tensors).of[""]
    np.testing.assert_allclose(found, (x.square() / x.square().sum(1, keepdim=True)).float().numpy(), rtol=1e-6)


def test_heads_cut_from_one_fused_matrix_are_multi_head_attention() -> None:
    tokens, heads, size = 5, 2, 3
    width = heads * size
    theirs = torch.nn.MultiheadAttention(width, heads, bias=False, batch_first=True).eval()
    x = torch.randn(tokens, width, generator=torch.Generator().manual_seed(1))
    fused, out = theirs.in_proj_weight.detach().T, theirs.out_proj.weight.detach().T
    lines = ["qkv = x @ wQKV"]
    for number, name in enumerate("QKV"):
        for head in range(heads):
            first = number * width + head * size
            lines.append(f"{name}{head} = qkv[:, {first}:{first + size}]")
    lines += [f"h{head} = softmax(scale(Q{head} @ K{head}.T)) @ V{head}" for head in range(heads)]
    found = values_of("\n".join([*lines, "out = concat(h0, h1) @ wO"]), {"x": x, "wQKV": fused, "wO": out}).of[""]
    with torch.inference_mode():
        expected, _ = theirs(x[None], x[None], x[None], need_weights=False)
    np.testing.assert_allclose(found, expected[0].numpy(), atol=1e-5 * float(expected.abs().max()))
