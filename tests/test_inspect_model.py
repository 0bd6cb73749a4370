"""`mmviz inspect MODEL`: what it says is what transformers and the files themselves say, and it reads no weights."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.inspecting import Inspect, Report, rows
from tests.values.fake_hub import fill_cache
from tests.values.gguf_writer import write_gguf
from tests.values.variants import VARIANTS, changed, load_reference, save_variant

# What a model is.


def behind_padding(config: Any) -> int:
    """The first position of a RoBERTa, which begins to count behind the token of padding."""
    counts = config.model_type in ("roberta", "xlm-roberta", "camembert")
    return int(config.pad_token_id) + 1 if counts else 0


LONGEST = ("max_position_embeddings", "max_seq_len", "seq_length")
"""What families call the most tokens of a prompt."""


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_is_described_as_transformers_has_it(report: Report, variant: str) -> None:
    save_variant(Path("model"), variant, torch.bfloat16)
    found, config = report("model"), VARIANTS[variant]
    architecture, model = found["architecture"], load_reference(Path("model"))
    kept = model.state_dict(keep_vars=True).values()
    parameters = list({id(parameter): parameter for parameter in kept}.values())
    assert found["parameters"]["total"] == sum(parameter.numel() for parameter in parameters)
    assert found["memory"]["inference_bytes"] == sum(2 * parameter.numel() for parameter in parameters)
    stored = len(load_file("model/model.safetensors"))  # an expert's apart, which transformers puts in a stack
    assert found["tensors"]["dtypes"] == {
        "BF16": {"tensors": stored, "bytes": sum(2 * parameter.numel() for parameter in parameters)}
    }
    assert {key: found["tensors"][key] for key in ("needed", "missing", "wrong_shape", "extra")} == {
        "needed": stored,
        "missing": [],
        "wrong_shape": [],
        "extra": [],
    }
    assert found["weight_bytes_read"] == 0
    assert architecture["model_type"] == config.model_type
    assert (architecture["layers"], architecture["d_model"]) == (config.num_hidden_layers, config.hidden_size)
    assert architecture["heads"] == config.num_attention_heads
    longest = [getattr(config, key) for key in LONGEST if hasattr(config, key)] or [512]  # a T5 says nothing
    assert [architecture["longest_prompt"]] == [length - behind_padding(config) for length in longest]
    assert architecture["tied"] == (config.tie_word_embeddings and architecture["unembeds"])
    biased = {name.split(".")[-2] for name, _ in model.named_parameters() if name.endswith(".bias")}
    assert architecture["biases"] == {
        "qkv": bool(biased & {"q_proj", "c_attn", "query_key_value", "query", "q_lin", "Wqkv"}),
        "o": bool(biased & {"o_proj", "dense", "out_proj", "out_lin", "Wo"}) or "c_attn" in biased,
        "mlp": bool(biased & {"up_proj", "c_fc", "dense_h_to_4h", "fc1", "fc_in", "dense", "lin1", "Wi"}),
        "unembedding": bool(biased & {"lm_head", "decoder", "predictions", "vocab_projector", "generator_lm_head"}),
    }
    norms = [
        module for name, module in model.named_modules() if name.lower().endswith(("norm", "ln_f", "norm_f", "ln_1"))
    ]
    norms = [norm for norm in norms if not type(norm).__name__.endswith("L2Norm")]  # of queries and keys
    of_norm = type(norms[0]).__name__.replace("T5LayerNorm", "RMSNorm")  # which takes no mean away
    assert architecture["norm"].lower() in of_norm.lower()


def test_a_gpt_neox_is_said_to_have_its_parts_side_by_side_and_to_turn_a_part_of_its_heads(inspect: Inspect) -> None:
    save_variant(Path("model"), "gpt_neox")
    table = rows(inspect("model")[1])
    assert table["attention and MLP"] == [
        "side by side",
        "both read the same residual stream, each by a norm of its own",
    ]
    assert table["positions"] == ["rotary", "theta 10,000, the first 4 numbers of a head"]
    save_variant(Path("other"), "gpt_neox one after the other")
    assert "attention and MLP" not in rows(inspect("other")[1])


def test_operations_are_told_for_the_prompt_asked_for_and_for_the_longest(report: Report) -> None:
    save_variant(Path("model"), "llama grouped, wide heads")
    usual, asked = report("model")["operations"], report("model", "--tokens", "5")["operations"]
    assert [work["tokens"] for work in usual["prefill"]] == [64]  # the longest, which is shorter than 1,024
    assert [work["tokens"] for work in asked["prefill"]] == [5, 64]
    assert asked["prefill"][1] == usual["prefill"][0]
    assert [(work["tokens"], work["before"]) for work in asked["decode"]] == [(1, 4), (1, 63)]
    for work in (*asked["prefill"], *asked["decode"]):
        assert work["total"] == work["layers"] + work["unembedding"] + work["attention"]
    # A head's scores: 5 x 16 @ 16 x 5; its weighted values: 5 x 5 @ 5 x 16; 6 heads in 3 layers.
    assert asked["prefill"][0]["attention"] == 3 * 6 * (2 * 5 * 16 * 5 + 2 * 5 * 5 * 16)


def test_the_text_has_the_numbers_of_the_report(inspect: Inspect, report: Report) -> None:
    found = report("smollm2-135m-2layers")
    code, text, err = inspect("smollm2-135m-2layers")
    assert (code, err) == (0, "")
    table = rows(text)
    parts = {"embedding": "embedding", "attention_q": "attention Q", "mlp": "MLP", "norms": "norms"}
    for part, name in parts.items():
        assert re.search(rf"^  {name} +{found['parameters']['parts'][part]:,}   +[0-9.]+ %", text, re.MULTILINE)
    assert table["total"][:2] == [f"{found['parameters']['total']:,}", "100.0 %"]
    assert f"{found['parameters']['total'] / 1e6:.1f} M parameters" in text.splitlines()[0]
    assert table["query heads"] == ["9"]
    assert table["positions"] == ["rotary", "theta 100,000"]
    assert table["longest prompt"] == ["8,192 tokens"]
    assert table["KV cache, a token"][0] == f"{found['memory']['cache_bytes_a_token'] / 1024:.1f} KiB"
    assert table["stored as F16"] == ["20 tensors", "23,598,720 bytes", "22.5 MiB"]
    assert f"{found['operations']['prefill'][1]['total'] / 1e9:.1f} G" in table["prompt of 8,192 tokens"]
    assert "all 20 parameters are there" in text
    assert text.endswith("\nbytes of weights read: 0\n")
    assert not any(line != line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("variant", VARIANTS)
def test_shares_add_up_and_columns_are_aligned(inspect: Inspect, variant: str) -> None:
    save_variant(Path("model"), variant)
    code, text, _ = inspect("model")
    assert code == 0
    lines = text[text.index("Parameters") : text.index("Tensors in")].splitlines()[1:-1]
    assert len({line.index(" %") for line in lines[1:]}) == 1
    shares = [float(match[1]) for line in lines[1:-1] if (match := re.search(r"([0-9.]+) %", line))]
    assert sum(shares) == pytest.approx(100, abs=0.05 * len(shares))
    numbers = [int(re.split(r" {2,}", line.strip())[1].replace(",", "")) for line in lines[1:]]
    assert sum(numbers[:-1]) == numbers[-1]
    assert max(map(len, text.splitlines())) <= 120


def test_a_gguf_file_is_described_like_the_model_that_it_was_made_from(report: Report) -> None:
    save_variant(Path("model"), "llama grouped, wide heads")
    write_gguf(Path("model.gguf"), load_reference(Path("model")))
    plain, gguf = report("model"), report("model.gguf")
    assert gguf["parameters"] == plain["parameters"]
    assert gguf["operations"] == plain["operations"]
    assert (gguf["tensors"]["missing"], gguf["tensors"]["wrong_shape"]) == ([], [])
    assert (gguf["config"], gguf["weight_bytes_read"]) == ("model.gguf", 0)


# What the files hold.

TIED = "llama one key for all, tied"


def test_old_masks_and_rotary_frequencies_are_listed_as_extra_but_not_a_stored_copy_of_the_embedding(
    inspect: Inspect, report: Report
) -> None:
    save_variant(Path("gpt2"), "gpt2")

    def old(weights: dict[str, torch.Tensor]) -> None:
        for name in list(weights):
            weights[name.removeprefix("transformer.")] = weights.pop(name)
        for layer in range(3):
            weights[f"h.{layer}.attn.bias"] = torch.ones(1, 1, 32, 32, dtype=torch.uint8)
            weights[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
        weights["lm_head.weight"] = weights["wte.weight"].clone()
        weights["classifier.weight"] = torch.zeros(2, 48)

    before = report("gpt2")
    changed(Path("gpt2"), old)
    found = report("gpt2")
    assert found["parameters"] == before["parameters"]
    assert (found["tensors"]["needed"], found["tensors"]["missing"]) == (before["tensors"]["needed"], [])
    extra = {tensor["name"]: tensor for tensor in found["tensors"]["extra"]}
    assert len(extra) == 7
    assert (extra["h.2.attn.bias"]["dtype"], extra["h.2.attn.bias"]["bytes"]) == ("U8", 32 * 32)
    assert "causal mask" in extra["h.2.attn.masked_bias"]["meaning"]
    assert "no part of the model" in extra["classifier.weight"]["meaning"]
    code, text, _ = inspect("gpt2")
    assert code == 0
    assert "  not read: h.*.attn.bias (3 tensors, U8, 3.0 KiB): a causal mask of old files" in text

    save_variant(Path("llama"), "llama")
    changed(Path("llama"), lambda w: w.update({"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(4)}))
    (only,) = report("llama")["tensors"]["extra"]
    assert "rotary frequencies" in only["meaning"]


def test_the_dtype_with_the_most_bytes_is_told_first(report: Report) -> None:
    save_variant(Path("model"), "gpt2", torch.bfloat16)
    first = "transformer.h.0.attn.c_attn.bias"
    changed(Path("model"), lambda weights: weights.update({first: weights[first].float()}))
    assert list(report("model")["tensors"]["dtypes"]) == ["BF16", "F32"]


@pytest.mark.parametrize(
    ("variant", "embedding"), [("gpt2", "transformer.wte.weight"), (TIED, "model.embed_tokens.weight")]
)
def test_a_tied_embedding_that_is_stored_as_the_unembedding_alone_is_not_missing(
    report: Report, variant: str, embedding: str
) -> None:
    save_variant(Path("m"), variant)
    changed(Path("m"), lambda weights: weights.update({"lm_head.weight": weights.pop(embedding)}))
    tensors = report("m")["tensors"]
    assert (tensors["missing"], tensors["extra"]) == ([], [])


def test_a_base_model_without_an_unembedding_is_whole(inspect: Inspect, report: Report) -> None:
    save_variant(Path("m"), "llama")
    before = report("m")
    changed(Path("m"), lambda weights: weights.pop("lm_head.weight"))
    assert inspect("m")[0] == 1  # the architecture has one
    config = Path("m/config.json")
    config.write_text(config.read_text().replace("LlamaForCausalLM", "LlamaModel"))
    found = report("m")
    assert found["tensors"]["missing"] == []
    assert before["parameters"]["total"] - found["parameters"]["total"] == 96 * 48
    assert {work["unembedding"] for work in found["operations"]["prefill"]} == {0}
    assert "no unembedding" in inspect("m")[1]


def test_missing_and_misshapen_parameters_are_named_and_end_in_1(inspect: Inspect) -> None:
    save_variant(Path("model"), "qwen2")

    def break_it(weights: dict[str, torch.Tensor]) -> None:
        del weights["model.layers.1.self_attn.q_proj.bias"]
        del weights["lm_head.weight"]
        weights["model.norm.weight"] = torch.ones(47)

    changed(Path("model"), break_it)
    message = (
        "mmviz: model: of 39 parameters, 2 are missing and 1 has another shape; "
        "all that model/config.json asks for are needed.\n"
    )
    code, text, err = inspect("model")
    assert (code, err) == (1, message)
    assert "  36 of 39 parameters are there, in the shapes that the configuration asks for\n" in text
    assert "  missing: model.layers.1.self_attn.q_proj.bias\n" in text
    assert "  missing: lm_head.weight\n" in text
    assert "  wrong shape: model.norm.weight is 47; 48 is needed\n" in text
    code, out, err = inspect("model", "--json")
    tensors = json.loads(out)["tensors"]
    assert (code, err) == (1, message)
    assert tensors["missing"] == ["model.layers.1.self_attn.q_proj.bias", "lm_head.weight"]
    assert tensors["wrong_shape"] == [{"name": "model.norm.weight", "stored": [47], "needed": [48]}]


def test_of_many_missing_parameters_a_few_are_named(inspect: Inspect) -> None:
    save_variant(Path("model"), "llama")
    changed(Path("model"), lambda weights: [weights.pop(name) for name in list(weights) if "layers.2" in name])
    code, text, _ = inspect("model")
    assert code == 1
    assert text.count("  missing: model.layers.2.") == 8
    assert "  ... and 1 more; --json lists them all\n" in text


# Without weights.


def test_a_model_that_is_not_downloaded_is_described_by_its_config(
    inspect: Inspect, report: Report, tmp_path: Path
) -> None:
    save_variant(Path("whole"), "qwen2")
    content = Path("whole/config.json").read_bytes()
    Path("only").mkdir()
    Path("only/config.json").write_bytes(content)
    fill_cache(tmp_path / "hub", "org/tiny", {"config.json": content})
    whole = report("whole")
    for name in ("only", "only/config.json", "whole/config.json", "org/tiny"):
        found = report(name)
        told = ("architecture", "parameters", "operations", "memory", "weight_bytes_read")
        assert {key: found[key] for key in told} == {key: whole[key] for key in told}
        assert (found["model"], found["tensors"]) == (name, None)
        code, text, _ = inspect(name)
        assert code == 0
        assert f"  not checked: {found['tensors_not_checked']}.\n" in text
    assert whole["tensors_not_checked"] is None


def test_weights_in_a_pickle_are_not_opened_and_the_config_is_told(inspect: Inspect, report: Report) -> None:
    save_variant(Path("model"), "llama")
    Path("model/model.safetensors").unlink()
    torch.save({"model.norm.weight": torch.ones(48)}, "model/pytorch_model.bin")
    code, out, err = inspect("model/pytorch_model.bin")
    assert (code, out) == (1, "")
    assert "is a pickle, which can run code and is never opened" in err
    found = report("model")
    assert found["tensors"] is None
    assert "pytorch_model.bin is a pickle, which can run code and is never opened" in found["tensors_not_checked"]
