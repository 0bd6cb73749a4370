"""`mmviz head` by singular values, of a lower rank, and with an adapter."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from mmviz import cli
from mmviz.builders.forms import WeightForms
from mmviz.builders.ranks import percent
from mmviz.errors import MmvizError, SourceError
from mmviz.pipeline import Scene
from mmviz.scene.language.tree import find
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from tests.low_rank import ASSET, MODEL, TOKENS, WEIGHT, drawn, head, of_rank, off
from tests.values.tiny_adapters import peft_model, save_adapter
from tests.values.variants import save_variant


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("llama"), "llama grouped, wide heads")


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("gpt2"), "gpt2")


@pytest.fixture(scope="module")
def w_q() -> np.ndarray:
    """(576, 64), of layer 1, head 2."""
    scene = Scene("w", {"w": WEIGHT}, model=MODEL)
    return scene.values()[""].astype(float)


def test_a_head_by_all_singular_values_is_the_head(llama: Path, gpt2: Path) -> None:
    for model, full in ((llama, 16), (gpt2, 8)):
        scene = head(model, WeightForms(svd=dict.fromkeys("QKVO", full)))
        ours = Model(Checkpoint.open(model), "cpu")
        for key, check in scene.document.checks.items():
            assert off(drawn(scene, key), ours.activation(TOKENS, check.activation, check.head).double().numpy()) < 1e-5
        assert scene.certificate.holds


@pytest.mark.parametrize("form", ["steps", "circuits"])
def test_a_head_by_some_singular_values_is_the_head_with_weights_of_that_rank(gpt2: Path, form: str) -> None:
    by_values = head(gpt2, WeightForms(svd={"Q": 3, "V": 3, "O": 2}), form)
    cut = head(gpt2, WeightForms(ranks={"Q": 3, "V": 3, "O": 2}), form)
    for name in ("wQ", "wV", "wO", "attn", "out"):
        assert off(drawn(by_values, name), drawn(cut, name)) < 1e-5
    whole = Model(Checkpoint.open(gpt2), "cpu").weight("blocks.1.attn.W_V", 2).numpy()
    assert off(drawn(cut, "wV"), of_rank(whole, 3)) < 1e-6
    assert off(drawn(cut, "out"), drawn(head(gpt2, WeightForms(), form), "out")) > 1e-2


def test_a_head_of_a_low_rank_is_not_certified_as_the_models(gpt2: Path) -> None:
    for forms in (WeightForms(ranks={"Q": 3}), WeightForms(svd={"Q": 3})):
        found = head(gpt2, forms).certificate
        assert not found.holds
        assert found.badge.startswith("✗")
        assert {check.matrix for check in found.matrices if not check.exceeds} == {"K", "V"}


def test_captions_say_the_share_of_energy_that_is_reached(llama: Path) -> None:
    scene = head(llama, WeightForms(svd={"Q": 5}))
    weight = Model(Checkpoint.open(llama), "cpu").weight("blocks.1.attn.W_Q", 2).double().numpy()
    s = np.linalg.svd(weight, compute_uv=False)
    shares = (s**2).cumsum() / np.linalg.norm(weight) ** 2
    captions = [chapter.caption for chapter in scene.document.animation.chapters]
    assert captions == [f"wQ, rank {n} of 5: {100 * shares[n - 1]:.0f} % of its energy" for n in range(1, 6)] + [None]
    shown, timeline = find(scene.root, "wQ"), scene.timeline()
    assert shown is not None
    for n, chapter in enumerate(scene.document.animation.chapters[:5]):
        assert (chapter.from_, chapter.to) == (n, n + 1)
        assert off(timeline.frame(n)[shown.path].values.astype(float), of_rank(weight, n + 1)) < 1e-6


def test_weights_that_are_added_up_at_the_same_time_share_a_caption(llama: Path) -> None:
    chapters = head(llama, WeightForms(svd={"Q": 2, "K": 2})).document.animation.chapters
    assert chapters[1].caption is not None
    assert re.fullmatch(r"rank 2 of 2: wQ \d+ %, wK \d+ % of their energy", chapters[1].caption)


def test_the_shipped_scene_says_the_energies_of_its_weight(w_q: np.ndarray) -> None:
    scene = Scene.load("svd_head")
    s = np.linalg.svd(w_q, compute_uv=False)
    shares = (s**2).cumsum() / (s**2).sum()
    for n, chapter in enumerate(scene.document.animation.chapters[:8]):
        assert chapter.caption == f"wQ, rank {n + 1} of 8: {100 * shares[n]:.0f} % of its energy"
        assert off(scene.timeline().frame(n)["right"].values.astype(float), of_rank(w_q, n + 1)) < 1e-6


@pytest.mark.parametrize(
    ("share", "said"), [(0.413, "41 %"), (1.0, "100 %"), (0.9999, "99.99 %"), (0.996, "99.6 %"), (0.0, "0 %")]
)
def test_a_share_is_never_rounded_up_to_all(share: float, said: str) -> None:
    assert percent(share) == said


@pytest.mark.parametrize("ranks", [{"Q": 3, "K": 2}, {"V": 2}, {"O": 4}, {"Q": 1, "V": 2, "O": 3}], ids=str)
def test_the_difference_is_that_of_the_cut_head_to_the_models(gpt2: Path, ranks: dict[str, int]) -> None:
    scene = head(gpt2, WeightForms(ranks=ranks, difference="out"))
    low, full = head(gpt2, WeightForms(ranks=ranks)), head(gpt2, WeightForms())
    assert off(scene.values()[""].astype(float), drawn(low, "out") - drawn(full, "out")) < 1e-5
    assert off(drawn(scene, "out_low"), drawn(low, "out")) < 1e-6
    assert off(drawn(scene, "out"), drawn(full, "out")) < 1e-6
    assert scene.certificate.holds  # only the full ones are held against the model
    assert not any(key.endswith("_low") for key in scene.document.checks)


def test_the_difference_of_patterns_is_shown_as_well(llama: Path) -> None:
    forms = WeightForms(ranks={"Q": 3, "K": 2}, difference="pattern")
    scene, low = head(llama, forms), head(llama, WeightForms(ranks=forms.ranks))
    full = Model(Checkpoint.open(llama), "cpu").activation(TOKENS, "blocks.1.attn.hook_pattern", 2).double().numpy()
    assert np.abs(scene.values()[""] - (drawn(low, "attn") - full)).max() < 1e-5
    assert np.abs(scene.values()[""].sum(1)).max() < 1e-5  # both of them add up to 1


NO_FORMS: list[tuple[WeightForms, str, str]] = [
    (
        WeightForms(svd={"Q": 17}),
        "steps",
        "wQ is 48x16 and has 16 singular values; a rank from 1 to 16 is needed, got 17.",
    ),
    (
        WeightForms(ranks={"O": 0}),
        "steps",
        "wO is 16x48 and has 16 singular values; a rank from 1 to 16 is needed, got 0.",
    ),
    (
        WeightForms(svd={"Q": 4}, ranks={"Q": 3}),
        "steps",
        "wQ is wanted by 4 singular values and cut to rank 3, which is the same done twice; leave one of them out.",
    ),
    (
        WeightForms(difference="out"),
        "steps",
        "a difference is that to weights of a lower rank; give ranks, such as wQ=8,wK=8.",
    ),
    (
        WeightForms(ranks={"V": 2}, difference="pattern"),
        "steps",
        "the pattern is made of wQ and wK alone, and both are full; give one of them a rank.",
    ),
    (
        WeightForms(ranks={"V": 2}, difference="out"),
        "circuits",
        "a difference is shown of a head by its steps, not by its circuits; choose one.",
    ),
]


@pytest.mark.parametrize(("forms", "form", "end"), NO_FORMS)
def test_forms_of_weights_that_cannot_be_are_refused(llama: Path, forms: WeightForms, form: str, end: str) -> None:
    with pytest.raises(SourceError, match=f"^{re.escape(f'{llama}: {end}')}$"):
        head(llama, forms, form)


# Adapters.


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["llama grouped, wide heads", "llama biased", "gpt2"])
@pytest.mark.parametrize("form", ["steps", "circuits"])
def test_a_head_with_an_adapter_is_drawn_as_w_and_what_is_added(variant: str, form: str, tmp_path: Path) -> None:
    base, adapter = save_variant(tmp_path / "base", variant), tmp_path / "adapter"
    merged = peft_model(base, variant, adapter, use_rslora=variant == "gpt2").merge_and_unload()
    scene = head(base, WeightForms(), form, adapter=str(adapter))
    merged.float().save_pretrained(tmp_path / "merged")
    theirs = Model(Checkpoint.open(tmp_path / "merged"), "cpu")
    for kind in "QKVO":
        assert off(drawn(scene, f"w{kind}"), theirs.weight(f"blocks.1.attn.W_{kind}", 2).double().numpy()) < 1e-5
        update = drawn(scene, f"w{kind}_update")
        assert np.linalg.matrix_rank(update, tol=1e-4 * np.abs(update).max()) == 4
    assert bool(scene.document.checks) == (form == "steps" or variant == "gpt2")
    for key, check in scene.document.checks.items():
        assert off(drawn(scene, key), theirs.activation(TOKENS, check.activation, check.head).double().numpy()) < 1e-4
    if scene.document.checks:
        assert scene.certificate.holds


@pytest.mark.slow
def test_the_low_fence_grows_rank_by_rank(gpt2: Path, tmp_path: Path) -> None:
    peft_model(gpt2, "gpt2", tmp_path, target_modules=["c_attn"])
    scene = head(gpt2, WeightForms(), adapter=str(tmp_path))
    assert {"wQ_update": "vvprod", "wK_update.T": "vvprod", "wV_update": "vvprod"}.items() <= dict(
        scene.document.animation.matrices
    ).items()
    assert "wO_update" not in scene.document.expr  # the adapter leaves it as it is
    assert scene.document.title.startswith(f"{gpt2.name} with {tmp_path.name}: ")
    scene.save(tmp_path / "scene.yaml")
    assert off(drawn(Scene.load(tmp_path / "scene.yaml"), "out"), drawn(scene, "out")) == 0


def test_singular_values_of_an_adapted_weight_are_those_of_the_sum(gpt2: Path, tmp_path: Path) -> None:
    merged = peft_model(gpt2, "gpt2", tmp_path).merge_and_unload()
    scene = head(gpt2, WeightForms(svd={"Q": 3}, ranks={"V": 2}), adapter=str(tmp_path))
    joined = merged.transformer.h[1].attn.c_attn.weight.detach().numpy()  # (48, 3 * 48)
    assert off(drawn(scene, "wQ"), of_rank(joined[:, 16:24], 3)) < 1e-5
    assert off(drawn(scene, "wV"), of_rank(joined[:, 96 + 16 : 96 + 24], 2)) < 1e-5
    assert "wK_update" in scene.document.expr


def test_an_adapter_that_does_not_fit_is_told_before_anything_is_drawn(gpt2: Path, tmp_path: Path) -> None:
    adapter = save_adapter(tmp_path)
    with pytest.raises(MmvizError, match=f"^{re.escape(f'{adapter}: changes model.layers.1.self_attn.q_proj, which')}"):
        head(gpt2, WeightForms(), adapter=str(adapter))


# The command.


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    command = ["mmviz", "head", ASSET, "--layer", "1", "--head", "2", "--tokens", "3,1,4"]
    monkeypatch.setattr(sys, "argv", [*command, *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_the_command_writes_the_scene_that_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "scene.yaml"
    assert run(monkeypatch, "--svd", "4:wQ, wO", "--rank", "wV=3", "-o", str(file)) == 0
    document = Scene.load(file).document
    assert document.rank == {"wV": 3}
    assert {"wQ_U", "wO_Vt", "wK", "wV"} < set(document.tensors)
    assert run(monkeypatch, "--rank", "wQ=8,wK=8", "--difference", "pattern", "--force", "-o", str(file)) == 0
    assert Scene.load(file).document.rank == {"wQ_low": 8, "wK_low": 8}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--svd", "8:wX"], 2, "is no weight of a head"),
        (["--svd", "many"], 2, "a whole number is needed"),
        (["--rank", "wQ"], 2, "a whole number is needed"),
        (["--svd", "65"], 1, "a rank from 1 to 64 is needed, got 65."),
        (["--rank", "wQ=0"], 1, "a rank from 1 to 64 is needed, got 0."),
        (["--adapter", "nowhere"], 1, "nowhere: cannot be opened as an adapter"),
    ],
)
def test_the_command_refuses_what_cannot_be(
    arguments: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run(monkeypatch, *arguments, "-o", str(tmp_path / "scene.yaml")) == code
    assert said in " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert not list(tmp_path.iterdir())
