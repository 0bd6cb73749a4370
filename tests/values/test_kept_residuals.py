"""Residual streams in files: the same bits with fewer layers read, never those of another pass, bounded, no trouble."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.cli import models
from mmviz.machine.homes import RESIDUALS
from mmviz.machine.listening import listening
from mmviz.pipeline import Scene
from mmviz.values.families.names import activation_names
from mmviz.values.files import file_state
from mmviz.values.files.checkpoint import Checkpoint, bare_name
from mmviz.values.model import pass_key
from mmviz.values.model.activation_cache import KeptActivations
from mmviz.values.model.adapter import Adapter
from mmviz.values.model.kept_residuals import Bounds, KeptResiduals
from mmviz.values.model.model import Model
from mmviz.values.model.unread import layer_of
from mmviz.values.tensors.below import Below, below
from tests.values.tiny_adapters import save_adapter
from tests.values.variants import VARIANTS, save_variant

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)
ALL = Bounds(least_bytes=0)
SIZE = len(TOKENS) * 48 * 4
"""Bytes of a residual stream."""


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that were made just now count as old ones."""
    monkeypatch.setattr(file_state, "FINE", 0)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("model") / "m", "llama")


class Run:
    """What a fresh process computes, and which layers it reads of the files for it."""

    def __init__(self, folder: Path, kept: Path | None, names: list[str], bounds: Bounds = ALL, **how: str) -> None:
        checkpoint, self.read = Checkpoint.open(folder), set[int | None]()
        adapter = Adapter.open(Path(how["adapter"])) if "adapter" in how else None
        self.model = Model(checkpoint, "cpu", how.get("dtype", "float32"), adapter)
        lend = self.model.checkpoint.lend

        def counted(name: str) -> Tensor:
            self.read.add(layer_of(bare_name(name)))
            return lend(name)

        self.model.checkpoint.lend = counted  # type: ignore[method-assign]
        residuals = None if kept is None else KeptResiduals(self.model, kept, bounds)
        activations = KeptActivations(self.model, most_bytes=0, residuals=residuals)
        self.found = activations.of(TOKENS, names)

    def is_that_of(self, other: "Run") -> bool:
        return all(torch.equal(value, other.found[name]) for name, value in self.found.items())


def layer_names(model: Path, layer: int) -> list[str]:
    config = Model(Checkpoint.open(model), "cpu").config
    return [name for name in activation_names(config) if name.startswith(f"blocks.{layer}.")]


KINDS = ("llama", "gpt2", "gemma3", "gpt_neox", "llama dynamic", "llama longrope", "llama both ways")


@pytest.mark.parametrize("kind", KINDS)
def test_the_next_head_of_a_layer_reads_that_layer_alone_and_gets_the_same_bits(kind: str, tmp_path: Path) -> None:
    model = save_variant(tmp_path / "m", kind.removesuffix(" both ways"))
    if kind.endswith("both ways"):
        said = json.loads((model / "config.json").read_text())
        (model / "config.json").write_text(json.dumps(said | {"is_causal": False}))
    last, one_less = layer_names(model, 2), layer_names(model, 1)
    whole = Run(model, None, last)
    first = Run(model, tmp_path / "kept", last)
    second = Run(model, tmp_path / "kept", last)
    assert (first.read - {None}, second.read - {None}) == ({0, 1, 2}, {2})
    assert first.is_that_of(whole)
    assert second.is_that_of(whole)
    lower = Run(model, tmp_path / "kept", one_less)
    assert lower.read - {None} == {1}
    assert lower.is_that_of(Run(model, None, one_less))


def test_a_layer_further_on_reads_from_the_deepest_that_was_reached(llama: Path, tmp_path: Path) -> None:
    Run(llama, tmp_path, ["blocks.1.ln1.hook_normalized"])
    further = Run(llama, tmp_path, ["blocks.2.hook_resid_post"])
    assert further.read == {1, 2}
    assert Run(llama, tmp_path, ["blocks.2.hook_resid_post"]).read == {2}
    assert Run(llama, tmp_path, ["logits"]).read >= {2, None}
    assert Run(llama, tmp_path, ["hook_embed", "blocks.2.hook_resid_post"]).read >= {0, 1, 2}


@pytest.mark.parametrize("variant", VARIANTS)
def test_of_every_family_all_that_lies_before_and_behind_the_layers_is_found(variant: str, tmp_path: Path) -> None:
    model = save_variant(tmp_path / "m", variant)
    everything = activation_names(Model(Checkpoint.open(model), "cpu").config)
    outside = [name for name in everything if not name.startswith("blocks.")]
    Run(model, tmp_path / "kept", [outside[-1]])
    whole = Run(model, None, outside)
    for name in outside:
        assert Run(model, tmp_path / "kept", [name, "blocks.2.hook_resid_post"]).found[name].equal(whole.found[name])


def test_what_is_not_asked_of_the_layers_is_not_told(llama: Path, tmp_path: Path) -> None:
    Run(llama, tmp_path, ["blocks.2.ln1.hook_normalized"])
    names = ["blocks.1.rotary.stretch", "blocks.2.ln1.hook_normalized"]
    assert Run(llama, tmp_path, names).is_that_of(Run(llama, None, names))


DEEP = ["blocks.2.ln1.hook_normalized"]


@pytest.fixture
def copy(llama: Path, tmp_path: Path) -> Path:
    """A model that may be changed, whose residual streams are kept."""
    shutil.copytree(llama, tmp_path / "m")
    Run(tmp_path / "m", tmp_path / "kept", DEEP)
    assert Run(tmp_path / "m", tmp_path / "kept", DEEP).read == {2}
    return tmp_path / "m"


def of_the_same_size_and_time(model: Path) -> None:
    """Other weights in the same file, which looks as old as before."""
    file = model / "model.safetensors"
    before, content = file.stat(), bytearray(file.read_bytes())
    content[-3000:] = content[-6000:-3000]
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def another_file_of_that_name(model: Path) -> None:
    shutil.copy2(model / "model.safetensors", model / "copy")
    (model / "copy").replace(model / "model.safetensors")


def another_setting(model: Path) -> None:
    config = model / "config.json"
    config.write_text(config.read_text().replace('"rms_norm_eps": 0.1', '"rms_norm_eps": 0.2'))


def a_setting_beside_it(model: Path) -> None:
    (model / "quantize_config.json").write_text("{}")


@pytest.mark.parametrize(
    "change", [of_the_same_size_and_time, another_file_of_that_name, another_setting, a_setting_beside_it]
)
def test_a_model_that_was_written_to_is_another_one(change: Callable[[Path], None], copy: Path, tmp_path: Path) -> None:
    change(copy)
    again = Run(copy, tmp_path / "kept", DEEP)
    assert again.read >= {0, 1, 2}
    assert again.is_that_of(Run(copy, None, DEEP))


def test_another_dtype_adapter_prompt_switch_or_source_is_another_pass(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    assert Run(copy, kept, DEEP, dtype="float64").read >= {0, 1, 2}
    adapter = save_adapter(tmp_path / "adapter")
    adapted = Run(copy, kept, DEEP, adapter=str(adapter))
    assert adapted.read >= {0, 1, 2}
    assert Run(copy, kept, DEEP, adapter=str(adapter)).is_that_of(adapted)
    residuals = KeptResiduals(Model(Checkpoint.open(copy), "cpu"), kept, ALL)
    assert residuals.deepest(TOKENS, 2) is not None
    assert residuals.deepest((*TOKENS[:-1], 1), 2) is residuals.deepest(TOKENS[:-1], 2) is None
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    assert Run(copy, kept, DEEP).read >= {0, 1, 2}
    monkeypatch.delenv("MKL_CBWR")
    assert Run(copy, kept, DEEP).read == {2}
    monkeypatch.setattr(pass_key, "_source", lambda: "another forward pass")
    assert Run(copy, kept, DEEP).read >= {0, 1, 2}


def test_nothing_is_kept_of_weights_that_are_not_those_of_the_files(copy: Path, tmp_path: Path) -> None:
    changed = Model(Checkpoint.open(copy).over(lambda store: store), "cpu")
    assert KeptResiduals(changed, tmp_path / "kept", ALL).deepest(TOKENS, 2) is None
    assert KeptResiduals(changed, tmp_path / "other", ALL).keeping(TOKENS, 0, 2) is None


def test_how_many_threads_compute_is_part_of_a_pass_that_several_compute(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = pass_key.PassKeys(Model(Checkpoint.open(copy), "cpu"))
    alone = keys.of(TOKENS)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    assert keys.of(TOKENS) == alone
    monkeypatch.setattr(pass_key, "LITTLE", 0)
    many = keys.of(TOKENS)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    assert len({alone, many, keys.of(TOKENS)}) == 3


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def a_bit_turned(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def of_another_layer(file: Path) -> None:
    shutil.copy(file.with_name(file.name.replace("-2.", "-1.")), file)


def no_file(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("damage", [cut_off, a_bit_turned, of_another_layer, no_file])
def test_what_is_damaged_is_computed_again_and_replaced(
    damage: Callable[[Path], None], copy: Path, tmp_path: Path
) -> None:
    (file,) = (tmp_path / "kept").glob("*-2.safetensors")
    damage(file)
    again = Run(copy, tmp_path / "kept", DEEP)
    assert again.read == {1, 2}, "from the layer below, which is whole"
    assert again.is_that_of(Run(copy, None, DEEP))
    if damage is not no_file:
        assert Run(copy, tmp_path / "kept", DEEP).read == {2}


def test_where_nothing_can_be_written_it_is_computed_all_the_same(llama: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for kept in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nothing/here")):
        assert Run(llama, kept, DEEP).is_that_of(Run(llama, None, DEEP))
    assert (tmp_path / "file").read_text() == "no folder"


def test_what_was_longest_not_used_goes_first(llama: Path, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(llama), "cpu")
    prompts = [(*TOKENS[:-1], number) for number in range(4)]
    four = Bounds(least_bytes=0, most_bytes=4 * SIZE + 2000)  # with what they say about themselves
    residuals = KeptResiduals(model, tmp_path, four)
    for age, prompt in enumerate(prompts[:2]):
        before = set(tmp_path.iterdir())
        KeptActivations(model, 0, residuals).of(prompt, DEEP)
        for number, file in enumerate(sorted(set(tmp_path.iterdir()) - before, key=lambda file: file.stem[-2:])):
            os.utime(file, (2 * age + number, 2 * age + number))
    assert residuals.deepest(prompts[0], 2) is not None, "and so its file was used last"
    KeptActivations(model, 0, residuals).of(prompts[2], DEEP)
    assert len(list(tmp_path.iterdir())) == 4
    for prompt in prompts[:3]:
        deep = residuals.deepest(prompt, 2)
        assert deep is not None
        assert deep[0] == 2
    assert residuals.deepest(prompts[0], 1) is residuals.deepest(prompts[1], 1) is None
    few = KeptResiduals(model, tmp_path, Bounds(least_bytes=0, most_files=1))
    KeptActivations(model, 0, few).of(prompts[3], DEEP)
    assert len(list(tmp_path.iterdir())) == 1
    assert few.deepest(prompts[3], 2) is not None


def test_a_pass_with_more_layers_than_room_keeps_the_last_and_some_below_it(llama: Path, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(llama), "cpu")
    for most, expected in ((4 * SIZE, ["-1", "-2"]), (3 * SIZE, ["-2"]), (SIZE, [])):
        kept = tmp_path / str(most)
        KeptActivations(model, 0, KeptResiduals(model, kept, Bounds(0, most_bytes=most))).of(TOKENS, DEEP)
        found = sorted(file.stem[-2:] for file in kept.iterdir()) if kept.is_dir() else []
        assert set(found) <= set(expected)
        assert ("-2" in found) == (most > SIZE)


def test_little_is_computed_again_and_not_kept(llama: Path, tmp_path: Path) -> None:
    layers = sum(Checkpoint.open(llama).stored_bytes(name) for name in Checkpoint.open(llama).names if ".1." in name)
    for bounds, layers_kept in (
        (Bounds(), []),
        (Bounds(least_bytes=layers + 1), ["-2"]),
        (Bounds(least_operations=1), ["-1", "-2"]),
    ):
        kept = tmp_path / str(bounds.least_bytes)
        Run(llama, kept, DEEP, bounds)
        assert (sorted(file.stem[-2:] for file in kept.iterdir()) if kept.is_dir() else []) == layers_kept


def test_nothing_is_kept_of_files_that_were_written_just_now_or_during_the_pass(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model(Checkpoint.open(copy), "cpu")
    keep = KeptResiduals(model, tmp_path / "new", ALL).keeping(TOKENS, 0, 2)
    assert keep is not None
    keep(1, torch.ones(len(TOKENS), 48))
    os.utime(copy / "model.safetensors")
    keep(2, torch.ones(len(TOKENS), 48))
    assert [file.stem[-2:] for file in (tmp_path / "new").iterdir()] == ["-1"]
    monkeypatch.setattr(file_state, "FINE", 10**15)
    assert KeptResiduals(Model(Checkpoint.open(copy), "cpu"), tmp_path / "new", ALL).keeping(TOKENS, 0, 2) is None


def test_a_pass_that_is_stopped_leaves_what_it_has_reached(llama: Path, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(llama), "cpu")

    def stop(done: int, count: int) -> None:
        if done == count - 1:
            raise KeyboardInterrupt

    kept = KeptActivations(model, 0, KeptResiduals(model, tmp_path, ALL))
    with pytest.raises(KeyboardInterrupt), listening(stop):
        kept.of(TOKENS, DEEP)
    assert Run(llama, tmp_path, DEEP).read == {1, 2}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder, in which all is kept."""
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(RESIDUALS, "yes")
    monkeypatch.setattr(KeptResiduals, "_is_worth_it", lambda _, layer, tokens: layer > 0)
    return tmp_path / "cache" / "residuals"


def head(place: Path, layer: int) -> Scene:
    return head_scene(Reading(str(place), tokens=TOKENS, device="cpu"), layer, 1)


def under(scene: Scene) -> Below | None:
    return below(scene.document.tensors.values(), scene.sources, least=1)


def test_a_scene_takes_them_from_the_users_cache_folder_and_says_what_is_left_to_read(
    llama: Path, folder: Path
) -> None:
    whole = head(llama, 2).values()
    assert len(list(folder.iterdir())) == 2
    again = head(llama, 2)
    assert under(again) is None
    for path, numbers in again.values().items():
        assert (numbers == whole[path]).all()
    shutil.rmtree(folder)
    head(llama, 1).values()
    layer = under(head(llama, 2))
    assert layer is not None
    assert (layer.first, layer.layer, layer.layers) == (1, 2, 1)
    assert str(layer).startswith("layer 2 needs what the layer below it computes: 0.1 MB")


def test_what_a_look_at_all_heads_has_passed_serves_the_next_head(llama: Path, folder: Path) -> None:
    scene = head(llama, 0)
    each = scene.head_patterns.each()
    next(each)
    next(each)
    assert sorted(file.stem[-2:] for file in folder.iterdir()) == ["-1"]
    list(each)
    assert under(head(llama, 2)) is None
    whole = Run(llama, None, DEEP).found[DEEP[0]]
    np.testing.assert_array_equal(head(llama, 2).values()["left.left.left.left"], whole)


def test_the_command_keeps_nothing_where_it_is_told_so(
    llama: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scene, "screenshot", lambda scene, _: scene.values())
    models.head(str(llama), 2, 1, tokens="1,2,3", picture=tmp_path / "x.png", uncached=True)
    assert not folder.exists()
    monkeypatch.setenv(RESIDUALS, "yes")
    models.head(str(llama), 2, 1, tokens="1,2,3", picture=tmp_path / "x.png")
    assert len(list(folder.iterdir())) == 2
