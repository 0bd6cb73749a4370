"""Bad input gets one message and exit code 1: no traceback, and no file is left behind."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import mmviz
from mmviz import cli
from mmviz.machine.shipped import scene_names
from mmviz.scene.language.call_checks import known_functions

ROOT = Path(mmviz.__file__).resolve().parents[1]
MODEL = "smollm2-135m-2layers"
MODELS = f"{MODEL}, tiny-translator"
GOOD = "expr: A @ B\ntensors: {A: {init: rows, shape: [4, 3]}, B: {init: cols, shape: [3, 2]}}\n"
THESE = f"These do: {', '.join(scene_names())}. `mmviz gallery` lists more."
KEYS = (
    "about, animation, camera, captions, checks, export, expr, layout, made_by, model, partition, rank, roots, "
    "style, tensors, title, version, view"
)
NOWHERE = (
    f"nowhere: no such file or folder, no model of that name comes with mmviz ({MODELS}), none was fetched "
    "(mmviz fetch smollm2-135m), and it is not in the Hugging Face cache; "
    "a model of the Hugging Face Hub is named organization/name."
)

Refuse = Callable[..., str]


@pytest.fixture
def refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refuse:
    """Runs `mmviz ...` in a folder with good.yaml and gives the message that it ends with."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)

    def call(*arguments: str) -> str:
        before = sorted(tmp_path.rglob("*"))
        monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        assert (ended.value.code, printed.out) == (1, "")
        assert sorted(tmp_path.rglob("*")) == before
        assert printed.err.endswith("\n")
        return printed.err[:-1].removeprefix("mmviz: ")

    return call


# Scenes that are wrong.

BROKEN = {
    "expr: A @ B\ntensor: {}\n": (f"x.yaml: unknown key 'tensor'; known keys: {KEYS}."),
    GOOD + "layout: {gpa: 1}\n": (
        "x.yaml, layout: unknown key 'gpa'; known keys: apart, blast, fold, gap, left, matrices, molecule, "
        "polarity, result, right, roots, scatter, scheme."
    ),
    GOOD + "layout: {gap: -1}\n": "x.yaml, layout.gap: must be 0 or more, got -1.",
    GOOD + "animation: {algorithm: swirl}\n": (
        "x.yaml, animation.algorithm: must be 'none', 'vmprod', 'mvprod', 'vvprod', 'dotprod', 'dotprod-columns', "
        "'axpy' or 'whole', got \"swirl\"."
    ),
    GOOD + "captions: [{start: C, text: hm}]\n": (
        "x.yaml, captions.0.start: no matrix is named 'C'; the matrices are A, B, A @ B."
    ),
    GOOD.replace("A @ B", "sotfmax(A) @ B"): (
        "x.yaml, expr: expression, column 1: unknown function 'sotfmax'; did you mean 'softmax'? "
        f"Known functions: {known_functions()}.\n  sotfmax(A) @ B\n  ^"
    ),
    GOOD.replace("A @ B", "relu(A @ B"): (
        "x.yaml, expr: expression, column 11: expected ')' for the '(' at column 5, found the end.\n"
        "  relu(A @ B\n            ^"
    ),
    GOOD.replace("A @ B", "A @ B)"): (
        "x.yaml, expr: expression, column 6: expected an operator or the end, found ')'.\n  A @ B)\n       ^"
    ),
    GOOD.replace("[3, 2]", "[5, 2]"): ("x.yaml: A @ B: A is 4x3, B is 5x2; A needs as many columns as B has rows."),
    GOOD.replace("A @ B", "A @ C"): (
        "x.yaml, tensors: C of expr has no source; add it, for example C: {init: gaussian, shape: [32, 32]}."
    ),
    "expr: A\ntensors: {A: {file: a.npy}}\n": "x.yaml, tensors.A: a.npy: there is no such file.",
    "expr: A\ntensors: {A: {weight: model.norm.weight}}\nmodel: {path: nowhere}\n": f"x.yaml, tensors.A: {NOWHERE}",
    GOOD.replace("A @ B", "rope(A) @ B"): ("x.yaml: rope: its matrix is 4x3; the number of columns must be even."),
    "": f"x.yaml: a scene is a mapping with the keys {KEYS}; found nothing.",
    "- A\n": f'x.yaml: a scene is a mapping with the keys {KEYS}; found ["A"].',
    "expr: [A\n": (
        "x.yaml, line 2, column 1: not YAML: while parsing a flow sequence, expected ',' or ']', "
        "but got '<stream end>'."
    ),
    "!!python/object/apply:os.system [touch ran]": (
        "x.yaml, line 1, column 1: the tag !!python/object/apply:os.system is not read; "
        "a scene holds texts, numbers, lists and mappings."
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.items())
def test_a_broken_scene(refuse: Refuse, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    for arguments in (("check", "x.yaml"), ("render", "x.yaml", "-o", "x.png"), ("inspect", "x.yaml")):
        assert refuse(*arguments) == message


def test_a_scene_that_is_a_folder_or_no_text_or_not_there(refuse: Refuse, tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    assert refuse("check", "folder.yaml") == "folder.yaml: is a folder; a scene file is needed."
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\xfd")
    assert refuse("check", "x.yaml") == "x.yaml, line 1: not UTF-8 text; save the file as UTF-8."
    assert refuse("view", "no/such.yaml") == (
        f"no/such.yaml: there is no such file, and no scene of that name comes with mmviz.\n{THESE}"
    )


@pytest.mark.parametrize("name", ["attention_haed", "attention-head", "attentionhead.yaml"])
def test_a_scene_name_that_is_nearly_right(refuse: Refuse, name: str) -> None:
    assert refuse("check", name) == (
        f"{name}: there is no such file, and no scene of that name comes with mmviz; did you mean 'attention_head'?\n"
        f"{THESE}"
    )


def test_a_shipped_scene_is_not_found_by_another_ending(refuse: Refuse) -> None:
    assert refuse("check", "matmul.json").startswith("matmul.json: there is no such file")


def test_a_folder_does_not_hide_a_shipped_scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "matmul").mkdir()
    monkeypatch.chdir(tmp_path)
    assert mmviz.Scene.load("matmul").document.expr == "L @ R"


def test_a_name_that_is_too_long_for_the_system(refuse: Refuse) -> None:
    name = "a" * 300
    assert refuse("check", name) == f"{name}: File name too long."
    assert refuse("render", "good.yaml", "-o", f"{name}.png") == f"{name}.png: File name too long."


# Outputs that cannot be written.


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("x", "x: the name has no ending; it must end in {suffix}."),
        ("x.avi", "x.avi: the name ends in .avi; it must end in {suffix}."),
        ("no/x.{kind}", "no/x.{kind}: the folder no does not exist; create it first."),
        ("good.yaml/x.{kind}", "good.yaml/x.{kind}: good.yaml is a file, not a folder."),
        ("folder.{kind}", "folder.{kind}: this is a folder; name a file in it."),
    ],
)
@pytest.mark.parametrize("kind", ["png", "mp4", "yaml"])
def test_an_output_that_is_impossible_is_refused_before_the_work(
    refuse: Refuse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, output: str, message: str
) -> None:
    (tmp_path / f"folder.{kind}").mkdir()
    films = ".mp4, .mov, .webm or .gif, or for single pictures in %05d.png, or in / for a folder of them"
    suffix = {"yaml": ".yaml, .yml or .json", "mp4": films, "png": ".png, .jpg, .jpeg, .webp, .pdf or .svg"}[kind]
    head = ["head", MODEL, "--layer", "0", "--head", "0", "--prompt", "a"]
    monkeypatch.setattr("mmviz.values.files.checkpoint.Checkpoint.slice", None)  # the work would begin here
    for arguments in {
        "png": [["render", "attention_head", "-o"]],
        "mp4": [["movie", "attention_head", "-o"], [*head, "-o", "x.yaml", "--movie"]],
        "yaml": [[*head, "--movie", "x.mp4", "-o"]],
    }[kind]:
        assert refuse(*arguments, output.format(kind=kind)) == message.format(kind=kind, suffix=suffix)


@pytest.mark.parametrize("command", ["render", "movie", "head"])
def test_a_folder_that_is_read_only(refuse: Refuse, tmp_path: Path, command: str) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user writes everywhere")
    output = {"render": "locked/x.png", "movie": "locked/x.mp4", "head": "locked/x.yaml"}[command]
    arguments = [*head()[:-1], output] if command == "head" else [command, "good.yaml", "-o", output]
    assert refuse(*arguments) == f"{output}: the folder locked is not writable; choose another."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--width", "0"], "picture size 0x1080: width and height must be 1 or more."),
        (["--height", "-4"], "picture size 1920x-4: width and height must be 1 or more."),
        (["--width", "100000"], "picture size 100000x1080: width and height must be at most {largest}."),
    ],
)
@pytest.mark.parametrize("command", ["render", "movie"])
def test_a_picture_size_that_cannot_be(refuse: Refuse, command: str, arguments: list[str], message: str) -> None:
    output = "x.png" if command == "render" else "x.mp4"
    largest = 32768 if command == "render" else 16384
    assert refuse(command, "good.yaml", "-o", output, *arguments) == message.format(largest=largest)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--width", "641"], "picture size 641x1080: width and height must be even, for H.264."),
        (["--height", "361"], "picture size 1920x361: width and height must be even, for H.264."),
        (["--fps", "0"], "frames a second: must be from 1 to 240, got 0."),
        (["--fps", "-1"], "frames a second: must be from 1 to 240, got -1."),
        (["--fps", "241"], "frames a second: must be from 1 to 240, got 241."),
    ],
)
def test_a_film_that_cannot_be(refuse: Refuse, arguments: list[str], message: str) -> None:
    assert refuse("movie", "good.yaml", "-o", "x.mp4", *arguments) == message


@pytest.mark.parametrize(
    ("step", "found"), [("-0.5", "-0.5"), ("4.01", "4.01"), ("nan", "nan"), ("inf", "inf"), ("1e300", "1e+300")]
)
def test_a_step_outside_the_animation(refuse: Refuse, step: str, found: str) -> None:
    assert refuse("render", "good.yaml", "-o", "x.png", "--width", "16", "--height", "16", "--step", step) == (
        f"step {found}: the animation runs from step 0 to step 4."
    )


def test_a_film_without_end(refuse: Refuse, tmp_path: Path) -> None:
    text = GOOD.replace("[4, 3]", "[4096, 3]").replace("[3, 2]", "[3, 64]")
    (tmp_path / "x.yaml").write_text(text + "animation: {algorithm: dotprod, speed: 0.05}\n")
    assert refuse("movie", "x.yaml", "-o", "x.mp4") == (
        "film: 262144 steps at 0.05 steps and 30 frames a second are more than 1,048,576 frames; raise animation.speed."
    )


# Models.


def head(*more: str, model: str = MODEL, layer: str = "0", number: str = "0", prompt: str = "a") -> list[str]:
    return ["head", model, "--layer", layer, "--head", number, "--prompt", prompt, "-o", "x.yaml", *more]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (head(layer="2"), f"{MODEL}: has 2 layers, 0 to 1; got layer 2."),
        (head(layer="-1"), f"{MODEL}: has 2 layers, 0 to 1; got layer -1."),
        (head(number="9"), f"{MODEL}: has 9 heads, 0 to 8; got head 9."),
        (head(number="-1"), f"{MODEL}: has 9 heads, 0 to 8; got head -1."),
        (head(prompt=""), "prompt: the prompt has no tokens; at least one is needed."),
        (head(prompt="\udcff"), r"prompt: '\udcff' is no text; UTF-8 is needed."),
        (head(model="nowhere"), NOWHERE),
        (
            head(model="./nowhere"),
            "nowhere: no such file or folder; a folder with config.json and model.safetensors, "
            "or a .safetensors or .gguf file, is needed.",
        ),
        (
            head(model="."),
            ".: no safetensors file; model.safetensors, or model.safetensors.index.json with its shards, "
            "or a .gguf file, is needed.",
        ),
        (
            head(model="good.yaml"),
            "good.yaml: no safetensors file; model.safetensors, or model.safetensors.index.json with its shards, "
            "or a .gguf file, is needed.",
        ),
    ],
)
def test_a_head_that_is_not_there(refuse: Refuse, arguments: list[str], message: str) -> None:
    assert refuse(*arguments) == message


def test_a_scene_with_an_empty_prompt(refuse: Refuse, tmp_path: Path) -> None:
    text = f"expr: A\ntensors: {{A: {{activation: hook_embed}}}}\nmodel: {{path: {MODEL}, prompt: ''}}\n"
    (tmp_path / "x.yaml").write_text(text)
    for arguments in (("check", "x.yaml"), ("movie", "x.yaml", "-o", "x.mp4")):
        assert refuse(*arguments) == 'x.yaml, model.prompt: must not be empty, got "".'


def test_what_is_neither_a_scene_nor_a_model(refuse: Refuse) -> None:
    assert refuse("inspect", "nowhere") == NOWHERE
    assert refuse("inspect", "atention_head") == (
        "atention_head: there is no such file, and no scene of that name comes with mmviz; "
        f"did you mean 'attention_head'?\n{THESE}"
    )
    assert refuse("inspect", "no/where") == (
        "no/where: no such file or folder, and the model is not in the Hugging Face cache; "
        "HF_HUB_OFFLINE is set, so nothing is downloaded. Unset it, or name a local folder."
    )
    assert refuse("inspect", "no/where.json").startswith("no/where.json: there is no such file, and no scene of that")


@pytest.fixture
def copied(tmp_path: Path, refuse: Refuse) -> Path:
    """A copy of the shipped model without its weights, and a scene of its first head."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(ROOT / "assets" / MODEL / name, folder)
    (tmp_path / "x.yaml").write_text(
        "expr: A\ntensors: {A: {weight: blocks.0.attn.W_Q, head: 0}}\nmodel: {path: model}\n"
    )
    return folder


def test_a_weights_file_that_is_missing(refuse: Refuse, copied: Path) -> None:
    missing = (
        "model: no safetensors file; model.safetensors, or model.safetensors.index.json with its shards, "
        "or a .gguf file, is needed."
    )
    assert refuse("check", "x.yaml") == f"x.yaml, tensors.A: {missing}"
    assert refuse(*head("--force", model="model")) == missing
    assert refuse("inspect", "model", "--weight", "embed.W_E") == missing


def test_a_weights_file_that_is_cut_off(refuse: Refuse, copied: Path) -> None:
    whole = (ROOT / "assets" / MODEL / "model.safetensors").read_bytes()
    (copied / "model.safetensors").write_bytes(whole[:5000])
    cut = (
        "model/model.safetensors: is cut off or no safetensors file "
        "(5000 bytes; incomplete metadata, file not fully covered); a whole one is needed."
    )
    assert refuse("check", "x.yaml") == f"x.yaml, tensors.A: {cut}"
    assert refuse(*head("--force", model="model")) == cut
    assert refuse("inspect", "model/model.safetensors") == cut


def test_a_tensor_that_is_missing(refuse: Refuse, copied: Path) -> None:
    save_file({"model.norm.weight": torch.ones(576)}, copied / "model.safetensors")
    name = "model.layers.0.self_attn.q_proj.weight"
    assert refuse("check", "x.yaml") == (
        f"x.yaml, tensors.A: model: has no weight '{name}'; 1 names are known, such as model.norm.weight."
    )


def test_a_pickle_is_refused(refuse: Refuse, copied: Path, tmp_path: Path) -> None:
    (copied / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    message = (
        "pytorch_model.bin is a pickle, which can run code and is never opened; take the model's model.safetensors, or "
        "write it in an environment that you trust: "
        "AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)."
    )
    assert refuse("check", "x.yaml") == f"x.yaml, tensors.A: model: {message}"
    array: Any = np.array([[print]], object)
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    (tmp_path / "y.yaml").write_text("expr: A\ntensors: {A: {file: a.npy}}\n")
    assert refuse("check", "y.yaml") == (
        "y.yaml, tensors.A: a.npy: holds Python objects, a pickle, which can run code and is never opened; "
        "real numbers are needed."
    )
