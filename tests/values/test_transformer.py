import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig as HuggingFaceConfig
from transformers import LlamaForCausalLM
from transformers.models.llama import modeling_llama

from mmviz.values.checkpoint import Checkpoint
from mmviz.values.names import LAYER_PARAMETERS, activation_names, weight_names
from mmviz.values.transformer import Llama

ASSET = Path(__file__).resolve().parents[2] / "assets" / "smollm2-135m-2layers"
GROUPED = {"hidden_size": 24, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8}  # 6 * 8 > 24
PLAIN = {"hidden_size": 24, "num_attention_heads": 3, "num_key_value_heads": 3, "tie_word_embeddings": True}
ONE_FOR_ALL = {"hidden_size": 16, "num_attention_heads": 4, "num_key_value_heads": 1, "rms_norm_eps": 0.1}
TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31)

Recorded = dict[str, Tensor]


def save_tiny(folder: Path, shape: dict[str, Any], shard_size: str = "1GB") -> Path:
    """A random model with attention far from uniform and norms far from 1."""
    config = HuggingFaceConfig(vocab_size=32, intermediate_size=40, num_hidden_layers=3, initializer_range=0.4, **shape)
    torch.manual_seed(0)
    model = LlamaForCausalLM(config)
    for name, parameter in model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(parameter, 0.5, 2.0)
    model.save_pretrained(folder, max_shard_size=shard_size)
    return folder


@dataclass
class Case:
    llama: Llama
    reference: Recorded
    tokens: tuple[int, ...]


@pytest.fixture(scope="module", params=["grouped", "plain", "one for all", "sharded", "smollm2"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("tiny")
    match request.param:
        case "grouped":
            save_tiny(folder, GROUPED)
        case "plain":
            save_tiny(folder, PLAIN)
        case "one for all":
            save_tiny(folder, ONE_FOR_ALL)
        case "sharded":
            save_tiny(folder, GROUPED, shard_size="20KB")
            assert len(list(folder.glob("*.safetensors"))) > 1
        case _:
            folder = ASSET
    llama = Llama(Checkpoint.open(folder), "cpu")
    with pytest.MonkeyPatch.context() as monkeypatch:
        recorded = record(load_reference(folder), TOKENS, monkeypatch)
    return Case(llama, recorded, TOKENS)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Llama:
    return Llama(Checkpoint.open(save_tiny(tmp_path_factory.mktemp("tiny"), GROUPED)), "cpu")


# The reference: every number of a Hugging Face Llama under its TransformerLens name, by hooks on its modules.


def load_reference(folder: Path) -> Any:
    model: Any = LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager")
    return model.float().eval()


def record(model: Any, token_ids: tuple[int, ...], monkeypatch: Any) -> Recorded:
    """Run the model once and keep what passes through its modules."""
    recorded: Recorded = {}
    handles = []

    def keep_input(name: str, module: Any) -> None:
        def hook(_: Any, inputs: tuple[Tensor, ...]) -> None:
            recorded[name] = inputs[0][0]

        handles.append(module.register_forward_pre_hook(hook))

    def keep_output(name: str, module: Any) -> None:
        def hook(_: Any, __: Any, output: Any) -> None:
            recorded[name] = (output[0] if isinstance(output, tuple) else output)[0]

        handles.append(module.register_forward_hook(hook))

    keep_output("hook_embed", model.model.embed_tokens)
    keep_output("ln_final.hook_normalized", model.model.norm)
    for number, layer in enumerate(model.model.layers):
        at = f"blocks.{number}."
        keep_input(f"{at}hook_resid_pre", layer.input_layernorm)
        keep_output(f"{at}ln1.hook_normalized", layer.input_layernorm)
        keep_output(f"{at}attn.hook_q", layer.self_attn.q_proj)
        keep_output(f"{at}attn.hook_k", layer.self_attn.k_proj)
        keep_output(f"{at}attn.hook_v", layer.self_attn.v_proj)
        keep_input(f"{at}attn.hook_z", layer.self_attn.o_proj)
        keep_output(f"{at}hook_attn_out", layer.self_attn)
        keep_input(f"{at}hook_resid_mid", layer.post_attention_layernorm)
        keep_output(f"{at}ln2.hook_normalized", layer.post_attention_layernorm)
        keep_output(f"{at}mlp.hook_pre", layer.mlp.gate_proj)
        keep_output(f"{at}mlp.hook_pre_linear", layer.mlp.up_proj)
        keep_input(f"{at}mlp.hook_post", layer.mlp.down_proj)
        keep_output(f"{at}hook_mlp_out", layer.mlp)
        keep_output(f"{at}hook_resid_post", layer)
    rotated, scored = _spy_on_functions(monkeypatch)
    with torch.inference_mode():
        output = model(torch.tensor([token_ids]), output_attentions=True)
    for handle in handles:
        handle.remove()
    recorded["logits"] = output.logits[0]
    for number, layer in enumerate(model.model.layers):
        at = f"blocks.{number}.attn."
        for name in ("hook_q", "hook_k", "hook_v", "hook_z"):
            recorded[at + name] = recorded[at + name].reshape(len(token_ids), -1, layer.self_attn.head_dim)
        recorded[f"{at}hook_rot_q"], recorded[f"{at}hook_rot_k"] = (x[0].transpose(0, 1) for x in rotated[number])
        recorded[f"{at}hook_attn_scores"] = scored[number][0]
        recorded[f"{at}hook_pattern"] = output.attentions[number][0]
        recorded[f"{at}hook_result"] = _results(recorded[f"{at}hook_z"], layer.self_attn.o_proj)
    return recorded


def _spy_on_functions(monkeypatch: Any) -> tuple[list[tuple[Tensor, Tensor]], list[Tensor]]:
    """What no module's input or output shows: rotated queries and keys, and masked scores, a layer each."""
    rotated: list[tuple[Tensor, Tensor]] = []
    scored: list[Tensor] = []
    rotate, softmax = modeling_llama.apply_rotary_pos_emb, torch.nn.functional.softmax

    def spy_rotate(*arguments: Any, **options: Any) -> tuple[Tensor, Tensor]:
        rotated.append(rotate(*arguments, **options))
        return rotated[-1]

    def spy_softmax(scores: Tensor, *arguments: Any, **options: Any) -> Tensor:
        scored.append(scores)
        return softmax(scores, *arguments, **options)

    monkeypatch.setattr(modeling_llama, "apply_rotary_pos_emb", spy_rotate)
    monkeypatch.setattr(torch.nn.functional, "softmax", spy_softmax)
    return rotated, scored


def _results(z: Tensor, o_proj: Any) -> Tensor:
    """Each head's own share of the attention's output: (tokens, heads, d_model)."""
    shares = []
    for head in range(z.shape[1]):
        alone = torch.zeros_like(z)
        alone[:, head] = z[:, head]
        with torch.inference_mode():
            shares.append(o_proj(alone.flatten(1)))
    return torch.stack(shares, 1)


# The numbers are those of transformers.


def test_every_activation_equals_that_of_transformers(case: Case) -> None:
    names = activation_names(case.llama.config.layers)
    assert set(names) == set(case.reference)
    found = case.llama.activations(case.tokens, names)
    future = torch.ones(len(case.tokens), len(case.tokens), dtype=torch.bool).triu(1)
    for name in names:
        expected = case.reference[name]
        if name.endswith("hook_attn_scores"):
            expected = expected.masked_fill(future, -math.inf)  # transformers masks with the smallest float
        assert found[name].dtype == torch.float32
        torch.testing.assert_close(found[name], expected, rtol=1e-5, atol=1e-5)
        if name.endswith("hook_pattern"):
            assert (found[name] - expected).abs().max() <= 1e-5


def test_the_heads_results_add_up_to_the_attention_output(case: Case) -> None:
    found = case.llama.activations(case.tokens, ["blocks.1.attn.hook_result", "blocks.1.hook_attn_out"])
    torch.testing.assert_close(
        found["blocks.1.attn.hook_result"].sum(1), found["blocks.1.hook_attn_out"], rtol=1e-4, atol=1e-5
    )


def test_shapes_are_known_before_anything_is_computed(case: Case) -> None:
    names = activation_names(case.llama.config.layers)
    before = case.llama.checkpoint.bytes_read
    shapes = {name: case.llama.activation_shape(len(case.tokens), name) for name in names}
    assert case.llama.checkpoint.bytes_read == before
    assert shapes == {name: tuple(case.reference[name].shape) for name in names}


def test_one_activation_does_not_depend_on_the_others_asked_for(case: Case) -> None:
    names = activation_names(case.llama.config.layers)
    together = case.llama.activations(case.tokens, names)
    for name in ("hook_embed", "blocks.0.attn.hook_z", "blocks.1.attn.hook_result", "logits"):
        assert torch.equal(case.llama.activation(case.tokens, name), together[name])


@pytest.mark.parametrize("part", ["q", "k", "v", "rot_q", "rot_k", "z", "result", "pattern", "attn_scores"])
def test_a_head_is_a_matrix_of_its_own(case: Case, part: str) -> None:
    name = f"blocks.1.attn.hook_{part}"
    everything = case.llama.activation(case.tokens, name)
    by_head = everything if part in ("pattern", "attn_scores") else everything.transpose(0, 1)
    group = case.llama.config.group if part in ("k", "v", "rot_k") else 1
    for head in range(case.llama.config.heads):
        found = case.llama.activation(case.tokens, name, head)
        assert torch.equal(found, by_head[head // group])
        assert case.llama.activation_shape(len(case.tokens), name, head) == tuple(found.shape)


# A head's matrices are enough to compute the head again.


def test_a_heads_weights_rebuild_its_queries_keys_values_and_result(case: Case) -> None:
    for head in range(case.llama.config.heads):

        def activation(name: str, head: int | None = head) -> Tensor:
            return case.llama.activation(case.tokens, f"blocks.1.{name}", head)

        def weight(name: str, head: int | None = head) -> Tensor:
            return case.llama.weight(f"blocks.1.attn.{name}", head)

        x = activation("ln1.hook_normalized", None)  # (tokens, d_model)
        for kind in "QKV":
            rebuilt = x @ weight(f"W_{kind}")  # (tokens, d_head)
            torch.testing.assert_close(rebuilt, activation(f"attn.hook_{kind.lower()}"), rtol=1e-4, atol=1e-4)
        result = activation("attn.hook_z") @ weight("W_O")  # (tokens, d_model)
        torch.testing.assert_close(result, activation("attn.hook_result"), rtol=1e-4, atol=1e-5)


def test_the_mlp_and_the_unembedding_are_rebuilt_from_their_weights(case: Case) -> None:
    found = case.llama.activations(case.tokens, activation_names(1))
    for read, weight, product in (
        ("blocks.0.ln2.hook_normalized", "blocks.0.mlp.W_gate", "blocks.0.mlp.hook_pre"),
        ("blocks.0.ln2.hook_normalized", "blocks.0.mlp.W_in", "blocks.0.mlp.hook_pre_linear"),
        ("blocks.0.mlp.hook_post", "blocks.0.mlp.W_out", "blocks.0.hook_mlp_out"),
        ("ln_final.hook_normalized", "unembed.W_U", "logits"),
    ):
        rebuilt = found[read] @ case.llama.weight(weight)
        torch.testing.assert_close(rebuilt, found[product], rtol=1e-4, atol=1e-4)
    assert torch.equal(case.llama.weight("embed.W_E")[list(case.tokens)], found["hook_embed"])


def test_every_weight_has_the_shape_that_was_promised(case: Case) -> None:
    for name in (*weight_names(case.llama.config.layers), *case.llama.checkpoint.names):
        head = 1 if "attn.W_" in name else None
        found = case.llama.weight(name, head)
        assert found.dtype == torch.float32
        assert case.llama.weight_shape(name, head) == tuple(found.shape)
        sizes = {**case.llama.config.sizes(), "": 1}
        assert tuple(sizes[axis] for axis in case.llama.weight_axes(name, head)) == tuple(found.shape)


def test_axes_say_what_is_counted(tiny: Llama) -> None:
    assert tiny.activation_axes("blocks.0.attn.hook_q") == ("tokens", "heads", "d_head")
    assert tiny.activation_axes("blocks.0.attn.hook_q", head=1) == ("tokens", "d_head")
    assert tiny.activation_axes("blocks.0.attn.hook_pattern", head=1) == ("tokens", "tokens")
    assert tiny.weight_axes("blocks.0.attn.W_V", head=1) == ("d_model", "d_head")
    assert tiny.weight_axes("blocks.0.attn.W_O", head=1) == ("d_head", "d_model")
    assert tiny.weight_axes("blocks.0.mlp.W_out") == ("d_mlp", "d_model")
    assert tiny.weight_axes("unembed.W_U") == ("d_model", "vocabulary")
    assert tiny.weight_axes("layers.0.mlp.down_proj.weight") == ("d_model", "d_mlp")
    assert tiny.weight_axes("lm_head.weight") == ("vocabulary", "d_model")
    assert tiny.weight_axes("model.norm.weight") == ("", "d_model")


def test_a_parameter_comes_as_it_is_stored(tiny: Llama) -> None:
    for name in ("model.layers.1.self_attn.o_proj.weight", "layers.1.self_attn.o_proj.weight"):
        stored = tiny.checkpoint.slice("model.layers.1.self_attn.o_proj.weight")
        assert torch.equal(tiny.weight(name), stored)
    assert tiny.weight_shape("model.norm.weight") == (1, 24)
    assert torch.equal(tiny.weight("model.norm.weight")[0], tiny.checkpoint.slice("model.norm.weight"))


# Only what is needed is read.


@pytest.mark.parametrize("kind", ["W_Q", "W_K", "W_V", "W_O"])
def test_a_heads_weight_reads_only_its_own_bytes(tiny: Llama, kind: str) -> None:
    before = tiny.checkpoint.bytes_read
    tiny.weight(f"blocks.2.attn.{kind}", head=5)
    assert tiny.checkpoint.bytes_read - before == 24 * 8 * 4  # d_model * d_head * 4 bytes


def test_the_model_runs_no_further_than_asked(tiny: Llama) -> None:
    def read_for(*names: str) -> int:
        before = tiny.checkpoint.bytes_read
        tiny.activations(TOKENS, names)
        return tiny.checkpoint.bytes_read - before

    sizes = tiny.config.sizes()
    layer = 4 * sum(math.prod(sizes[axis] for axis in axes) for axes in LAYER_PARAMETERS.values())
    embedding = 4 * sizes["d_model"] * len(set(TOKENS))
    assert read_for() == 0
    assert read_for("hook_embed") == embedding
    assert read_for("blocks.0.hook_resid_post") == embedding + layer
    assert read_for("blocks.1.hook_resid_pre") == embedding + layer
    assert embedding + layer < read_for("blocks.1.attn.hook_pattern", "hook_embed") < embedding + 2 * layer
    assert read_for("blocks.2.hook_resid_post") == embedding + 3 * layer


def test_the_last_tokens_never_change_the_first_ones(tiny: Llama) -> None:
    short, long = TOKENS[:4], TOKENS
    name = "blocks.2.hook_resid_post"
    torch.testing.assert_close(tiny.activation(long, name)[:4], tiny.activation(short, name), rtol=1e-5, atol=1e-4)
