"""Every function against torch, transformers or a loop; masked elements are 0 and known."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from transformers import GPTNeoXConfig, LlamaConfig
from transformers.activations import XIELUActivation
from transformers.models.gpt_neox import modeling_gpt_neox
from transformers.models.gptj import modeling_gptj
from transformers.models.llama import modeling_llama
from transformers.models.ministral3 import modeling_ministral3

from mmviz import Scene
from mmviz.errors import ShapeError
from mmviz.picture.cell.explanation import explain
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.tree import Worn
from mmviz.values.arithmetic.functions import Masked, softmax, wear

ROWS, COLUMNS, INNER = 6, 8, 5


def close(found: Tensor, expected: Tensor) -> None:
    """In float64 two right ways to compute the same differ by a few units in the last place."""
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


def matrix(rows: int = ROWS, columns: int = COLUMNS) -> Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3


def worn(
    function: str,
    x: Tensor,
    *parameters: float,
    mask: Tensor | None = None,
    turned: bool = False,
    vectors: tuple[Tensor, ...] = (),
) -> Masked:
    return wear(Worn(function, parameters, turned), x, mask, INNER, vectors)


def complete(function: str, columns: int) -> dict[str, Any]:
    """What a function cannot do without."""
    size = 1 if FUNCTIONS[function].single else columns
    return {"vectors": tuple(vector(size, seed) for seed in range(FUNCTIONS[function].needed))}


def needed(function: str) -> tuple[float, ...]:
    """Numbers for the parameters that a function cannot do without."""
    return tuple(float(number) for number, p in enumerate(FUNCTIONS[function].parameters, 1) if p.default is None)


def vector(columns: int, seed: int) -> Tensor:
    return torch.randn(columns, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def above(rows: int, columns: int) -> Tensor:
    return torch.tensor([[j > i for j in range(columns)] for i in range(rows)])


def normal_below(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def gelu_tanh(x: float) -> float:
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


@pytest.mark.parametrize(
    ("function", "of_one"),
    [
        ("relu", lambda x: max(x, 0.0)),
        ("relu2", lambda x: max(x, 0.0) ** 2),
        ("gelu", lambda x: x * normal_below(x)),
        ("gelu_tanh", gelu_tanh),
        ("silu", lambda x: x / (1 + math.exp(-x))),
        ("sigmoid", lambda x: 1 / (1 + math.exp(-x))),
        ("tanh", math.tanh),
        ("square", lambda x: x * x),
        ("scale", lambda x: x / math.sqrt(INNER)),
        ("leaky_relu", lambda x: x if x > 0 else 0.01 * x),
    ],
)
def test_a_function_of_one_element_is_its_formula(function: str, of_one: Callable[[float], float]) -> None:
    x = matrix()
    expected = torch.tensor([[of_one(float(value)) for value in row] for row in x], dtype=torch.float64)
    result, mask = worn(function, x)
    close(result, expected)
    assert mask is None


def test_a_factor_that_is_given_replaces_the_root_of_the_inner_size() -> None:
    close(worn("scale", matrix(), 0.125)[0], matrix() / 8)


@pytest.mark.parametrize(
    ("function", "parameters", "of_one"),
    [
        ("leaky_relu", (0.2,), lambda x: x if x > 0 else 0.2 * x),
        ("clip", (-1.0, 0.5), lambda x: min(max(x, -1.0), 0.5)),
        ("power", (3.0,), lambda x: x**3),
        ("power", (0.5,), lambda x: math.sqrt(x) if x >= 0 else math.nan),
        ("softcap", (2.0,), lambda x: 2 * math.tanh(x / 2)),
        ("swish", (1.702,), lambda x: x / (1 + math.exp(-1.702 * x))),
        ("minimum", (0.25,), lambda x: min(x, 0.25)),
        ("add", (-0.5,), lambda x: x - 0.5),
        ("scale", (-3.0,), lambda x: -3 * x),
    ],
)
def test_a_function_of_one_element_and_of_numbers_is_its_formula(
    function: str, parameters: tuple[float, ...], of_one: Callable[[float], float]
) -> None:
    x = matrix()
    expected = torch.tensor([[of_one(float(value)) for value in row] for row in x], dtype=torch.float64)
    result, mask = worn(function, x, *parameters)
    torch.testing.assert_close(result, expected, rtol=1e-12, atol=1e-14, equal_nan=True)
    assert mask is None


@pytest.mark.parametrize("temperature", [0.25, 1.0, 3.0])
def test_a_softmax_with_a_temperature_is_that_of_torch(temperature: float) -> None:
    close(worn("softmax", matrix(), temperature)[0], F.softmax(matrix() / temperature, dim=-1))


def test_a_bias_is_added_to_every_row_as_a_linear_layer_does() -> None:
    x, b = matrix(), vector(COLUMNS, 1)
    close(worn("bias", x, vectors=(b,))[0], F.linear(x, torch.eye(COLUMNS, dtype=torch.float64), b))


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("eps", [(), (0.5,)])
def test_layernorm_with_weight_and_bias_is_that_of_torch(count: int, eps: tuple[float, ...]) -> None:
    x, vectors = matrix(), tuple(vector(COLUMNS, seed) for seed in range(count))
    layer = torch.nn.LayerNorm(COLUMNS, eps=eps[0] if eps else 1e-5, bias=count == 2, dtype=torch.float64)
    layer.load_state_dict(dict(zip(("weight", "bias"), vectors, strict=False)))
    with torch.inference_mode():
        expected = layer(x)
    close(worn("layernorm", x, *eps, vectors=vectors)[0], expected)


@pytest.mark.parametrize("eps", [(), (0.5,)])
def test_rmsnorm_with_a_weight_is_that_of_torch(eps: tuple[float, ...]) -> None:
    x, w = matrix(), vector(COLUMNS, 1)
    close(worn("rmsnorm", x, *eps, vectors=(w,))[0], F.rms_norm(x, (COLUMNS,), w, eps=eps[0] if eps else 1e-6))


def test_sdpa_of_the_scores_times_the_values_is_attention_in_torch() -> None:
    q, k, v = (matrix(7, INNER) + shift for shift in (0, 1, 2))
    pattern, mask = worn("sdpa", q @ k.mT)
    reference = F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]
    close(pattern @ v, reference)
    assert mask is not None
    assert torch.equal(mask, above(7, 7))
    assert not pattern[mask].any()


@pytest.mark.parametrize(("rows", "columns"), [(6, 8), (8, 6), (1, 1)])
def test_sdpa_of_a_matrix_that_is_not_square_reads_up_to_the_diagonal(rows: int, columns: int) -> None:
    x = matrix(rows, columns)
    result, _ = worn("sdpa", x)
    for i in range(rows):
        seen = min(i + 1, columns)
        expected = torch.exp(x[i, :seen] / math.sqrt(INNER))
        close(result[i, :seen], expected / expected.sum())
        assert not result[i, seen:].any()


def test_tril_keeps_the_lower_triangle_and_masks_the_rest() -> None:
    result, mask = worn("tril", matrix())
    np.testing.assert_array_equal(result, np.tril(matrix().numpy()))
    assert mask is not None
    assert torch.equal(mask, above(ROWS, COLUMNS))


def test_softmax_after_tril_looks_at_the_lower_triangle_only() -> None:
    x = matrix()
    lower, triangle = worn("tril", x)
    result, mask = worn("softmax", lower, mask=triangle)
    expected = F.softmax(x.masked_fill(above(ROWS, COLUMNS), -torch.inf), dim=-1)
    close(result, expected)
    assert mask is triangle


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_what_is_masked_stays_masked_and_zero(function: str) -> None:
    forbidden = torch.zeros(ROWS, COLUMNS, dtype=torch.bool)
    forbidden[2, 3] = forbidden[0, 0] = True
    result, mask = worn(function, matrix(), *needed(function), mask=forbidden, **complete(function, COLUMNS))
    assert mask is not None
    assert mask[forbidden].all()
    assert not result[mask].any()


def test_a_softmax_with_a_sink_is_that_of_rows_with_one_element_more_which_is_left_out() -> None:
    x, sink = matrix(), torch.tensor([0.5], dtype=torch.float64)
    lower, triangle = worn("tril", x)
    masked = x.masked_fill(above(ROWS, COLUMNS), -torch.inf)
    for scores, mask, expected in ((x, None, x), (lower, triangle, masked)):
        longer = F.softmax(torch.cat((expected, sink.expand(ROWS, 1)), 1), dim=-1)
        close(worn("softmax_sink", scores, mask=mask, vectors=(sink,))[0], longer[:, :-1])


def test_with_all_scores_and_the_sink_0_each_row_adds_up_to_its_share_of_one_place_more() -> None:
    zeros = torch.zeros(6, 6, dtype=torch.float64)
    pattern, _ = worn("softmax_sink", zeros, mask=above(6, 6), vectors=(torch.zeros(1, dtype=torch.float64),))
    close(pattern.sum(1), torch.arange(1, 7) / torch.arange(2, 8).double())


def test_topk_masks_all_but_the_largest_elements_of_every_row_and_of_equal_ones_the_first_stay() -> None:
    x = torch.tensor([[1.0, 3.0, 2.0, 3.0], [0.0, 0.0, 0.0, -1.0]])
    result, mask = worn("topk", x, 2)
    assert mask is not None
    assert mask.tolist() == [[True, False, True, False], [False, False, True, True]]
    assert result.tolist() == [[0, 3, 0, 3], [0, 0, 0, 0]]
    close(worn("softmax", result, mask=mask)[0].double(), torch.tensor([[0, 0.5, 0, 0.5], [0.5, 0.5, 0, 0]]).double())


def test_topk_with_an_offset_chooses_by_the_sum_and_leaves_the_elements_as_they_are() -> None:
    x, offset = torch.tensor([[1.0, 3.0, 2.0, 0.0], [0.0, 4.5, 1.0, 4.0]]), torch.tensor([0.0, -4.0, 0.0, 2.5])
    result, mask = worn("topk", x, 2, vectors=(offset,))
    assert mask is not None
    assert result.tolist() == [[0, 0, 2, 0], [0, 0, 1, 4]]


def test_xielu_is_the_function_of_apertus_in_transformers() -> None:
    theirs = XIELUActivation(dtype=torch.float64)
    with torch.no_grad():
        theirs.alpha_p.fill_(0.3)
        theirs.alpha_n.fill_(-1.2)
    vectors = (theirs.alpha_p, theirs.alpha_n, theirs.beta[None], theirs.eps[None])
    close(worn("xielu", matrix(), vectors=vectors)[0], theirs._xielu_python(matrix()))


def test_a_share_is_what_of_its_row_an_element_is_and_what_is_masked_is_left_out() -> None:
    x, mask = torch.tensor([[1.0, 3.0, 4.0], [2.0, 0.0, 6.0]]), torch.tensor([[False, False, True], [False] * 3])
    result, masked = worn("share", x, mask=mask)
    assert result.tolist() == [[0.25, 0.75, 0], [0.25, 0, 0.75]]
    assert masked is mask


def test_topk_of_more_than_there_are_columns_is_refused() -> None:
    with pytest.raises(ShapeError) as caught:
        worn("topk", matrix(2, 3), 4)
    assert str(caught.value) == "topk: its matrix is 2x3, and its k 4; at most all columns are needed."


def test_a_row_that_is_masked_as_a_whole_is_zero() -> None:
    everything = torch.ones(ROWS, COLUMNS, dtype=torch.bool)
    assert torch.equal(softmax(matrix(), everything), torch.zeros(ROWS, COLUMNS, dtype=torch.float64))


def test_softmax_of_huge_values_does_not_overflow() -> None:
    x = torch.tensor([[1e30, 1e30, -1e30], [-1e300, -1e300, -1e300]], dtype=torch.float64)
    expected = torch.tensor([[0.5, 0.5, 0], [1 / 3, 1 / 3, 1 / 3]], dtype=torch.float64)
    close(worn("softmax", x)[0], expected)


def test_softmax_gives_nothing_to_minus_infinity() -> None:
    x = torch.tensor([[0.0, -torch.inf, 0.0]], dtype=torch.float64)
    assert worn("softmax", x)[0].tolist() == [[0.5, 0.0, 0.5]]


def test_a_nan_spoils_its_own_row_and_no_other() -> None:
    x = matrix()
    x[1, 2] = torch.nan
    result, _ = worn("softmax", x)
    assert result[1].isnan().all()
    assert torch.equal(result[[0, 2, 3, 4, 5]], softmax(matrix())[[0, 2, 3, 4, 5]])


def test_a_nan_behind_the_mask_does_not_come_through() -> None:
    x = matrix(4, 4)
    x[0, 3] = torch.nan
    result, _ = worn("sdpa", x)
    close(result, worn("sdpa", matrix(4, 4))[0])


@pytest.mark.parametrize("eps", [(), (0.5,)])
def test_layernorm_and_rmsnorm_are_those_of_torch(eps: tuple[float, ...]) -> None:
    x = matrix()
    layer = F.layer_norm(x, (COLUMNS,), eps=eps[0] if eps else 1e-5)
    root = F.rms_norm(x, (COLUMNS,), eps=eps[0] if eps else 1e-6)
    close(worn("layernorm", x, *eps)[0], layer)
    close(worn("rmsnorm", x, *eps)[0], root)


def test_rmsnorm_is_the_norm_of_a_llama() -> None:
    norm = modeling_llama.LlamaRMSNorm(COLUMNS, eps=1e-6)
    x = matrix().float()
    with torch.inference_mode():
        torch.testing.assert_close(worn("rmsnorm", x)[0], norm(x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("theta", [(), (100000.0,)])
def test_rope_is_that_of_transformers(theta: tuple[float, ...]) -> None:
    tokens, size = 70, 16
    x = matrix(tokens, size).float()
    parameters = {"rope_type": "default", "rope_theta": theta[0] if theta else 10000.0}
    config = LlamaConfig(hidden_size=size, num_attention_heads=1, head_dim=size, rope_parameters=parameters)
    with torch.inference_mode():
        cos, sin = modeling_llama.LlamaRotaryEmbedding(config)(x, torch.arange(tokens)[None])
        expected, _ = modeling_llama.apply_rotary_pos_emb(x[None, None], x[None, None], cos, sin)
    torch.testing.assert_close(worn("rope", x, *theta)[0], expected[0, 0], rtol=1e-5, atol=1e-5)


def test_the_stretch_of_the_first_of_two_columns_that_turn_together_counts() -> None:
    x, stretch = matrix(5, 6), torch.tensor([2.0, 3.0, 5.0, 7.0, 11.0, 13.0], dtype=torch.float64)
    turns = np.arange(5)[:, None] * 10000.0 ** (-np.arange(3) / 3) / np.array([2.0, 3.0, 5.0])  # radians
    expected = (x[:, :3].numpy() + 1j * x[:, 3:].numpy()) * np.exp(1j * turns)
    found = worn("rope", x, 10000.0, vectors=(stretch,))[0].numpy()
    np.testing.assert_allclose(found[:, :3] + 1j * found[:, 3:], expected, rtol=1e-5, atol=1e-5)


def test_rope_of_the_first_columns_is_that_of_gpt_neox() -> None:
    tokens, size, share = 70, 15, 0.54  # 8 of 15 columns
    x = matrix(tokens, size).float()
    said = {"rope_type": "default", "rope_theta": 300.0, "partial_rotary_factor": share}
    config = GPTNeoXConfig(hidden_size=size, num_attention_heads=1, rope_parameters=said)
    with torch.inference_mode():
        cos, sin = modeling_gpt_neox.GPTNeoXRotaryEmbedding(config)(x, torch.arange(tokens)[None])
        expected, _ = modeling_gpt_neox.apply_rotary_pos_emb(x[None, None], x[None, None], cos, sin)
    torch.testing.assert_close(worn("rope", x, 300.0, 8.0)[0], expected[0, 0], rtol=1e-5, atol=1e-5)
    assert torch.equal(worn("rope", x, 300.0, 8.0)[0][:, 8:], x[:, 8:])
    longer = worn("rope", x, 300.0, 8.0, 1.25)[0]
    torch.testing.assert_close(longer[:, :8], 1.25 * expected[0, 0, :, :8], rtol=1e-5, atol=1e-5)
    assert torch.equal(longer[:, 8:], x[:, 8:])


def test_rope_of_neighbours_is_that_of_gptj() -> None:
    tokens, size, turning = 70, 14, 8
    x = matrix(tokens, size).float()
    angles = modeling_gptj.create_sinusoidal_positions(tokens, turning)  # (tokens, 8): sines, and then cosines
    sin, cos = angles[None].chunk(2, dim=-1)
    expected = modeling_gptj.apply_rotary_pos_emb(x[None, :, None, :turning], sin, cos)[0, :, 0]
    found = worn("rope_pairs", x, 10000.0, float(turning))[0]
    torch.testing.assert_close(found[:, :turning], expected, rtol=1e-5, atol=1e-5)
    assert torch.equal(found[:, turning:], x[:, turning:])


def test_rows_grow_with_their_positions_as_queries_of_ministral_3_do() -> None:
    x = matrix(70, 6).float()
    factors = modeling_ministral3.get_llama_4_attn_scale(torch.arange(70)[None], 0.3, 16)[0, 0]  # (70, 1)
    assert torch.equal(worn("position_scale", x, 0.3, 16.0)[0], x * factors)
    assert torch.equal(worn("position_scale", x, 0.3, 16.0)[0][:16], x[:16])
    assert torch.equal(worn("position_scale", x[:60], 0.3, 16.0, 10.0)[0], x[:60] * factors[10:])


@pytest.mark.parametrize(
    ("columns", "numbers", "message"),
    [
        (7, (), "rope: its matrix is 4x7; the number of columns must be even."),
        (8, (1e4, 3.0), "rope: its matrix is 4x8, and its size 3; an even number of columns, at most all, is needed."),
        (
            8,
            (1e4, 10.0),
            "rope: its matrix is 4x8, and its size 10; an even number of columns, at most all, is needed.",
        ),
    ],
)
def test_rope_of_an_odd_number_of_columns_is_refused(columns: int, numbers: tuple[float, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        worn("rope", matrix(4, columns), *numbers)
    assert str(caught.value) == message


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
@pytest.mark.parametrize("masked", [False, True])
def test_a_turned_function_is_transposed_before_and_after(function: str, masked: bool) -> None:
    x = matrix(8, 6)
    mask = above(8, 6) if masked else None
    numbers, vectors = needed(function), complete(function, 8)
    result, forbidden = worn(function, x, *numbers, mask=mask, turned=True, **vectors)
    straight, straight_mask = worn(function, x.mT, *numbers, mask=None if mask is None else mask.mT, **vectors)
    np.testing.assert_array_equal(result, straight.mT)
    assert (forbidden is None) == (straight_mask is None)
    if forbidden is not None and straight_mask is not None:
        assert torch.equal(forbidden, straight_mask.mT)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_no_function_changes_its_argument(function: str) -> None:
    x = matrix()
    worn(function, x, *needed(function), **complete(function, COLUMNS))
    assert torch.equal(x, matrix())


def test_a_running_sum_is_that_of_numpy_and_leaves_out_what_is_masked() -> None:
    x = matrix()
    close(worn("cumsum", x)[0], torch.from_numpy(np.cumsum(x.numpy(), 1)))
    triangle = above(ROWS, COLUMNS)
    expected = x.masked_fill(triangle, 0).cumsum(1).masked_fill(triangle, 0)
    close(worn("cumsum", x, mask=triangle)[0], expected)


def test_onehot_is_that_of_torch_for_the_largest_of_each_row() -> None:
    x = matrix()
    close(worn("onehot", x)[0], F.one_hot(x.argmax(1), COLUMNS).double())
    equal = torch.tensor([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0]], dtype=torch.float64)
    mask = torch.tensor([[False, True, False], [True, False, False]])
    assert worn("onehot", equal)[0].tolist() == [[0, 1, 0], [1, 0, 0]]
    assert worn("onehot", equal, mask=mask)[0].tolist() == [[0, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("count", range(3))
def test_batchnorm_in_training_is_that_of_torch_on_the_columns(count: int) -> None:
    x, vectors = matrix(), tuple(vector(COLUMNS, seed) for seed in range(count))
    weight, bias = (*vectors, None, None)[:2]
    expected = F.batch_norm(x, None, None, weight, bias, training=True, eps=0.01)
    close(worn("batchnorm", x, 0.01, turned=True, vectors=vectors)[0], expected)


def test_batchnorm_of_a_mean_and_a_variance_is_that_of_torch_when_it_is_not_trained() -> None:
    x, weight, bias, mean = matrix(), *(vector(COLUMNS, seed) for seed in range(3))
    variance = vector(COLUMNS, 3).square()
    expected = F.batch_norm(x, mean, variance, weight, bias)
    close(worn("batchnorm", x, turned=True, vectors=(weight, bias, mean, variance))[0], expected)


@pytest.mark.parametrize("p", [0.0, 0.25, 0.9])
def test_dropout_drops_a_share_of_all_elements_and_divides_the_others_as_torch_does(p: float) -> None:
    ones = torch.ones(300, 400, dtype=torch.float64)
    found, _ = worn("dropout", ones, p, 3)
    torch_s = F.dropout(ones, p)
    assert set(found.flatten().tolist()) <= {0.0, float(torch_s.max())}
    spread = math.sqrt(p * (1 - p) / ones.numel())
    assert abs(float((found == 0).double().mean()) - p) <= 4 * spread
    by_row, by_column = (found == 0).double().mean(1), (found == 0).double().mean(0)
    assert float((by_row - p).abs().max()) <= 5 * math.sqrt(p * (1 - p) / 400)
    assert float((by_column - p).abs().max()) <= 5 * math.sqrt(p * (1 - p) / 300)


def test_dropout_drops_the_same_elements_whatever_part_is_seen_and_others_for_another_seed() -> None:
    x = matrix(20, 30)
    whole, _ = worn("dropout", x, 0.5, 1 << 33)
    part, _ = wear(Worn("dropout", (0.5, float(1 << 33))), x[4:9, 7:], None, None, (), (4, 7))
    close(part, whole[4:9, 7:])
    turned, _ = worn("dropout", x.mT, 0.5, 1 << 33, turned=True)
    close(turned.mT, whole)
    for seed in (0, 1, 1 << 32):
        same = float(((worn("dropout", x, 0.5, seed)[0] == 0) == (whole == 0)).double().mean())
        assert 0.4 < same < 0.6


@pytest.mark.parametrize(
    ("function", "parameters", "numpy_s"),
    [
        ("float16", (), lambda x: x.astype(np.float16).astype(x.dtype)),
        ("bfloat16", (), lambda x: np.ldexp(np.rint(np.ldexp(np.frexp(x)[0], 8)), np.frexp(x)[1] - 8)),
        ("exp", (), np.exp),
        ("abs", (), np.abs),
        ("maximum", (0.25,), lambda x: np.maximum(x, 0.25)),
    ],
)
def test_an_elementary_function_is_that_of_numpy(
    function: str, parameters: tuple[float, ...], numpy_s: Callable[[Any], Any]
) -> None:
    close(worn(function, matrix(), *parameters)[0], torch.from_numpy(numpy_s(matrix().numpy())))


def test_a_logarithm_is_minus_infinity_at_0_and_no_number_below() -> None:
    found, _ = worn("log", torch.tensor([[math.e, 1.0, 0.0, -1.0]], dtype=torch.float64))
    torch.testing.assert_close(
        found, torch.tensor([[1.0, 0.0, -math.inf, math.nan]], dtype=torch.float64), equal_nan=True
    )


X = matrix(4, 6).numpy()
W, B = vector(4, 1).numpy(), vector(4, 2).numpy()


@pytest.mark.parametrize(
    ("call", "of_columns"),
    [
        ("softmax({}, axis=0)", lambda x: np.exp(x) / np.exp(x).sum(0)),
        ("softmax({}, 2, axis=0)", lambda x: np.exp(x / 2) / np.exp(x / 2).sum(0)),
        ("share({}, 0)", lambda x: x / x.sum(0)),
        ("cumsum({}, axis=-2)", lambda x: np.cumsum(x, 0)),
        ("onehot({}, 0)", lambda x: (x == x.max(0)).astype(float)),
        (
            "layernorm({}, w, b, axis=0)",
            lambda x: ((x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)) * W[:, None] + B[:, None],
        ),
        ("rmsnorm({}, axis=0)", lambda x: x / np.sqrt(np.square(x).mean(0) + 1e-6)),
        ("batchnorm({})", lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)),
        ("topk({}, 1, 0)", lambda x: np.where(x == x.max(0), x, 0)),
    ],
)
@pytest.mark.parametrize(("written", "seen"), [("{}", "x"), ("{}.T", "x"), ("{}", "y.T"), ("{}.T", "y.T")])
def test_along_axis_0_a_function_does_to_columns_what_it_does_to_rows(
    call: str, of_columns: Callable[[Any], Any], written: str, seen: str
) -> None:
    expr = written.format(call.format(seen))
    given = {"x": X, "y": X.T, "w": W, "b": B}
    scene = Scene(expr, {name: given[name] for name in given if name in (seen[0], *expr.replace(",", "").split()[1:])})
    expected = of_columns(X)
    found = scene.values()[""]
    np.testing.assert_allclose(found.T if written.endswith("T") else found, expected, rtol=2e-5, atol=1e-6)


def test_an_element_made_of_its_column_is_told_so() -> None:
    scene = Scene("softmax(x, axis=0)", {"x": X})
    (stage,) = explain(scene.composition, "", 1, 2).stages
    assert [quantity.name for quantity in stage.quantities] == [
        "maximum of the column",
        "exp(x - maximum)",
        "sum of these over the column",
    ]
    assert stage.quantities[0].value == pytest.approx(X[:, 2].max())


@pytest.mark.parametrize(
    ("expr", "problem"),
    [
        (
            "layernorm(x, w, axis=0)",
            "layernorm: its matrix is 4x6, its weight w is 1x6; the weight needs one row, with as many columns as the "
            "matrix has rows.",
        ),
        (
            "batchnorm(x.T, w)",
            "batchnorm: its matrix is 6x4, its weight w is 1x6; the weight needs one row, with as many columns as the "
            "matrix.",
        ),
        ("topk(x, 5, axis=0)", "topk: its matrix is 4x6, and its k 5; at most all rows are needed."),
    ],
)
def test_along_axis_0_what_does_not_fit_is_told_by_the_matrix_as_it_is(expr: str, problem: str) -> None:
    given = {"x": X, "w": np.ones((1, 6))} if "w" in expr else {"x": X}
    scene = Scene(expr, given)
    with pytest.raises(ShapeError) as caught:
        scene.values()
    assert str(caught.value) == f"scene: {problem}"
