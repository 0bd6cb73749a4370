"""Where a model lies: as a path, shipped, fetched, or in the Hugging Face cache; here nothing is downloaded."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub.utils._validators import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import SourceError
from mmviz.machine.shipped import find_asset
from mmviz.pipeline import Scene
from mmviz.values.origin import fetch
from mmviz.values.origin.hub import HubId, hub_cache
from mmviz.values.origin.locate import find_config, locate_for_report, locate_model, model_title
from tests.processes import ran
from tests.values.fake_hub import COMMIT, Hub, fill_cache
from tests.values.tiny_hub import BARE, CONFIG, OFFLINE, SHARDED, SHIPPED, TOKENIZER, WHOLE, refusal

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("empty_cache")


# In which order it is looked for.


def test_a_path_comes_first_then_shipped_then_fetched_then_the_hub(tmp_path: Path, empty_cache: Path) -> None:
    fill_cache(empty_cache, SHIPPED, WHOLE)
    assert locate_model(SHIPPED, tmp_path) == find_asset(SHIPPED)
    snapshot = fill_cache(empty_cache, "smollm2-135m", WHOLE)
    assert locate_model("smollm2-135m@main", tmp_path) == snapshot
    fetched = fetch.models_folder() / "smollm2-135m"
    fetched.mkdir(parents=True)
    (fetched / "config.json").write_text("{}")
    assert locate_model("smollm2-135m", tmp_path) == fetched
    for name in (SHIPPED, "smollm2-135m", "org/tiny"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "config.json").write_text("{}")
        assert locate_model(name, tmp_path) == tmp_path / name
        assert locate_model(str(tmp_path / name), Path("elsewhere")) == tmp_path / name


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("./org/tiny", "F/org/tiny"),
        ("../tiny", "F/../tiny"),
        ("/org/tiny", "/org/tiny"),
        ("a/b/c", "F/a/b/c"),
        ("org/tiny.safetensors", "F/org/tiny.safetensors"),
        ("org/tiny.gguf", "F/org/tiny.gguf"),
        ("~nobody-of-this-name/model", "F/~nobody-of-this-name/model"),
        ("org/tiny@../../x", "F/org/tiny@../../x"),
        ("org/ti ny", "F/org/ti ny"),
        ("org--tiny", "F/org--tiny"),
        ("org/tiny-", "F/org/tiny-"),
        ("org/tiny.git", "F/org/tiny.git"),
        ("x" * 300, f"F/{'x' * 300}"),
    ],
)
def test_what_can_only_be_a_path_is_no_id(tmp_path: Path, empty_cache: Path, name: str, place: str) -> None:
    fill_cache(empty_cache, "org/tiny", WHOLE)
    assert refusal(name, tmp_path) == (
        f"{place.replace('F', str(tmp_path), 1)}: no such file or folder; "
        "a folder with config.json and model.safetensors, or a .safetensors or .gguf file, is needed."
    )


def test_one_word_that_is_nowhere_is_not_asked_of_the_hub(tmp_path: Path, server: Hub) -> None:
    assert refusal("gpt3", tmp_path) == (
        f"gpt3: no such file or folder, no model of that name comes with mmviz ({SHIPPED}, tiny-translator), "
        "none was fetched (mmviz fetch smollm2-135m), and it is not in the Hugging Face cache; "
        "a model of the Hugging Face Hub is named organization/name."
    )
    assert refusal("smollm2-135m", tmp_path) == (
        "smollm2-135m: is not here yet; `mmviz fetch smollm2-135m` fetches it (92 MB)."
    )
    assert server.requests == 0


@pytest.mark.process
def test_huggingface_hub_is_imported_only_for_an_id_that_the_cache_knows_or_that_is_downloaded(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    code = (
        "import sys; from pathlib import Path; from mmviz.values.origin.locate import locate_model\n"
        f"for name in ('here', {SHIPPED!r}, 'gpt3', 'org/tiny'):\n"
        "    try: locate_model(name, Path())\n"
        "    except Exception as error: print(type(error).__name__)\n"
        "print('huggingface_hub' in sys.modules)"
    )
    done = ran(code, folder=tmp_path)
    assert (done.out.split(), done.err) == (["SourceError", "SourceError", "False"], "")


def test_a_model_is_called_by_its_folder_or_file_or_else_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.safetensors").touch()
    (tmp_path / "mine" / "Tiny.Q4_1.gguf").touch()
    names = ("mine", "mine/model.safetensors", "mine/../mine", "mine/Tiny.Q4_1.gguf", "org/tiny@v1", SHIPPED)
    assert [model_title(name, tmp_path) for name in names] == [
        *("mine", "mine", "mine", "Tiny.Q4_1", "org/tiny@v1", SHIPPED)
    ]
    assert model_title(".", tmp_path / "mine") == "mine"


# The cache, offline.


@pytest.mark.parametrize("files", [WHOLE, SHARDED], ids=["whole", "sharded"])
@pytest.mark.parametrize(("name", "ref"), [("org/tiny", "main"), ("org/tiny@v1", "v1"), (f"org/tiny@{COMMIT}", "main")])
def test_an_id_is_found_in_the_cache(
    tmp_path: Path, empty_cache: Path, files: dict[str, bytes], name: str, ref: str
) -> None:
    snapshot = fill_cache(empty_cache, "org/tiny", files, ref=ref)
    assert locate_model(name, tmp_path) == snapshot
    assert locate_for_report(name, tmp_path) == snapshot
    assert find_config(name, tmp_path) == snapshot / "config.json"


def test_an_old_id_of_one_word_is_found_in_the_cache(tmp_path: Path, empty_cache: Path) -> None:
    snapshot = fill_cache(empty_cache, "gpt2", WHOLE)
    assert locate_model("gpt2", tmp_path) == snapshot


def test_weights_without_a_tokenizer_will_do_offline(tmp_path: Path, empty_cache: Path) -> None:
    snapshot = fill_cache(empty_cache, "org/tiny", {**CONFIG, "model.safetensors": b"weights"})
    assert locate_model("org/tiny", tmp_path) == snapshot


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, "is not in the Hugging Face cache"),
        (TOKENIZER, "is not in the Hugging Face cache"),
        (CONFIG, "is not whole in the Hugging Face cache (its model.safetensors is not there)"),
        (
            {**CONFIG, "pytorch_model.bin": b"pickle"},
            "is not whole in the Hugging Face cache (its model.safetensors is not there, and pytorch_model.bin is a "
            "pickle, which can run code and is never opened)",
        ),
        (
            {**SHARDED} | {"model-00002-of-00002.safetensors": b""},
            "is not whole in the Hugging Face cache (its model-00002-of-00002.safetensors is not there)",
        ),
    ],
    ids=["nothing", "tokenizer", "config", "a pickle", "a shard gone"],
)
def test_what_the_cache_lacks_is_named_offline(
    tmp_path: Path, empty_cache: Path, files: dict[str, bytes], found: str
) -> None:
    snapshot = fill_cache(empty_cache, "org/tiny", files)
    for link in snapshot.iterdir():
        if not link.read_bytes():
            link.resolve().unlink()  # as where a cache was cleaned by hand
    assert refusal("org/tiny", tmp_path) == f"org/tiny: no such file or folder, and the model {found}; {OFFLINE}"
    assert refusal("org/tiny@v2", tmp_path).startswith("org/tiny@v2: no such file or folder, and the model is not in")


def test_a_config_is_found_wherever_a_model_is(tmp_path: Path, empty_cache: Path) -> None:
    snapshot = fill_cache(empty_cache, "org/tiny", CONFIG)
    assert find_config("org/tiny", tmp_path) == snapshot / "config.json"
    assert locate_for_report("org/tiny", tmp_path) == snapshot / "config.json"
    assert find_config(SHIPPED, tmp_path) == (find_asset(SHIPPED) or tmp_path) / "config.json"
    assert find_config(str(snapshot / "config.json"), tmp_path) == snapshot / "config.json"
    (tmp_path / "x.safetensors").touch()
    with pytest.raises(SourceError, match=r"config\.json: no such file; the model's config\.json is needed\.$"):
        find_config("x.safetensors", tmp_path)
    (tmp_path / "x.gguf").touch()
    assert find_config("x.gguf", tmp_path) == tmp_path / "x.gguf"
    assert find_config(".", tmp_path) == tmp_path / "x.gguf"
    (tmp_path / "config.json").touch()
    assert find_config("x.safetensors", tmp_path) == find_config(".", tmp_path) == tmp_path / "config.json"


@pytest.mark.process
@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"HF_HUB_CACHE": "/one"},
        {"HF_HOME": "/two"},
        {"XDG_CACHE_HOME": "/three"},
        {"HF_HOME": "/four", "HUGGINGFACE_HUB_CACHE": "~/five"},
        {"HF_HOME": "$ELSEWHERE/six", "ELSEWHERE": "/seven"},
    ],
)
def test_the_cache_is_where_huggingface_hub_has_it(monkeypatch: pytest.MonkeyPatch, setting: dict[str, str]) -> None:
    for name in BARE:
        monkeypatch.delenv(name, raising=False)
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    code = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"  # it looks once, at its import
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert str(hub_cache()) == done.stdout.strip()


def test_a_scene_that_moves_keeps_the_id_of_its_model(
    tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asset = find_asset(SHIPPED) or tmp_path
    fill_cache(empty_cache, "org/tiny", {path.name: path.read_bytes() for path in asset.iterdir() if path.is_file()})
    scene = Scene(
        expr="A",
        tensors={"A": {"weight": "blocks.0.attn.W_Q", "head": 0}},
        model={"path": "org/tiny", "prompt": "a"},
    )
    (tmp_path / "far" / "away").mkdir(parents=True)
    scene.save(tmp_path / "far" / "x.yaml")
    Scene.load(tmp_path / "far" / "x.yaml").save(tmp_path / "far" / "away" / "y.yaml")
    moved = Scene.load(tmp_path / "far" / "away" / "y.yaml")
    assert moved.document.model is not None
    assert moved.document.model.path == "org/tiny"
    np.testing.assert_array_equal(moved.values()[""], scene.values()[""])


# Ids.


@given(st.text("ab1_-./@", max_size=12) | st.from_regex(r"[\w.-]{1,100}(/[\w.-]{1,100})?(@\w+)?", fullmatch=True))
def test_what_is_read_as_an_id_is_one_for_huggingface_hub(text: str) -> None:
    model = HubId.read(text)
    if model is not None:
        validate_repo_id(model.repository)


def test_an_id_reads_and_writes_itself() -> None:
    for text in ("org/tiny", "org/tiny@v1.0", "gpt2", "org/tiny@refs/pr/1", "o-r_g/T.i-n_y"):
        assert str(HubId.read(text)) == text
    assert str(HubId.read("org/tiny@main")) == "org/tiny"
    assert hub_cache().name == "hub"
