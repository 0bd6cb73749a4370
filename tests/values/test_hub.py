"""Where a model lies. The hub is a small server on this machine; huggingface_hub itself is the real one."""

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from huggingface_hub.utils._validators import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.shipped import find_asset
from mmviz.values import fetch, hub
from mmviz.values.hub import HubId, hub_cache
from mmviz.values.locate import find_config, locate_for_report, locate_model, model_title
from tests.values.fake_hub import COMMIT, NEXT_COMMIT, Hub, fill_cache, serving

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = "smollm2-135m-2layers"
CONFIG = {"config.json": b'{"model_type": "llama"}'}
TOKENIZER = {"tokenizer.json": b"{}"}
WHOLE = {**CONFIG, **TOKENIZER, "model.safetensors": b"weights"}
SHARDS = {"model-00001-of-00002.safetensors": b"one", "model-00002-of-00002.safetensors": b"two"}
WEIGHT_MAP = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
INDEX = {"model.safetensors.index.json": json.dumps({"weight_map": WEIGHT_MAP}).encode()}
SHARDED = {**CONFIG, **TOKENIZER, **INDEX, **SHARDS}
UNREAD = {
    "README.md": b"# Tiny",
    "generation_config.json": b"{}",
    "model.fp16.safetensors": b"twice",
    "onnx/model.onnx": b"onnx",
    "pytorch_model.bin": b"pickle",
    "tf_model.h5": b"h5",
}
BARE = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no token, offline."""
    for name in (*BARE, "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_PROGRESS_BARS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "mmviz"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path / "hub"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub with one model, org/tiny, that can be reached."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)  # it has read its environment
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(Hub({"org/tiny": WHOLE})) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


def refusal(name: str, folder: Path) -> str:
    with pytest.raises(SourceError) as raised:
        locate_model(name, folder)
    return str(raised.value)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# In which order it is looked for.


def test_a_path_comes_first_then_shipped_then_fetched_then_the_hub(tmp_path: Path, cache: Path) -> None:
    fill_cache(cache, SHIPPED, WHOLE)
    assert locate_model(SHIPPED, tmp_path) == find_asset(SHIPPED)
    snapshot = fill_cache(cache, "smollm2-135m", WHOLE)
    assert locate_model("smollm2-135m@main", tmp_path) == snapshot
    fetched = fetch.models_folder() / "smollm2-135m"
    fetched.mkdir(parents=True)
    (fetched / "config.json").write_text("{}")
    assert locate_model("smollm2-135m", tmp_path) == fetched
    for name in (SHIPPED, "smollm2-135m", "org/tiny"):
        (tmp_path / name).mkdir(parents=True)
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
def test_what_can_only_be_a_path_is_no_id(tmp_path: Path, cache: Path, name: str, place: str) -> None:
    fill_cache(cache, "org/tiny", WHOLE)
    assert refusal(name, tmp_path) == (
        f"{place.replace('F', str(tmp_path), 1)}: no such file or folder; "
        "a folder with config.json and model.safetensors, or a .safetensors or .gguf file, is needed."
    )


def test_one_word_that_is_nowhere_is_not_asked_of_the_hub(tmp_path: Path, server: Hub) -> None:
    assert refusal("gpt3", tmp_path) == (
        f"gpt3: no such file or folder, no model of that name comes with mmviz ({SHIPPED}), none was fetched "
        "(mmviz fetch smollm2-135m), and it is not in the Hugging Face cache; "
        "a model of the Hugging Face Hub is named organization/name."
    )
    assert refusal("smollm2-135m", tmp_path) == (
        "smollm2-135m: is not here yet; `mmviz fetch smollm2-135m` fetches it (92 MB)."
    )
    assert server.requests == 0


def test_huggingface_hub_is_imported_only_for_an_id_that_the_cache_knows_or_that_is_downloaded(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    code = (
        "import sys; from pathlib import Path; from mmviz.values.locate import locate_model\n"
        f"for name in ('here', {SHIPPED!r}, 'gpt3', 'org/tiny'):\n"
        "    try: locate_model(name, Path())\n"
        "    except Exception as error: print(type(error).__name__)\n"
        "print('huggingface_hub' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["SourceError", "SourceError", "False"], "")


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
def test_an_id_is_found_in_the_cache(tmp_path: Path, cache: Path, files: dict[str, bytes], name: str, ref: str) -> None:
    snapshot = fill_cache(cache, "org/tiny", files, ref=ref)
    assert locate_model(name, tmp_path) == snapshot
    assert locate_for_report(name, tmp_path) == snapshot
    assert find_config(name, tmp_path) == snapshot / "config.json"


def test_an_old_id_of_one_word_is_found_in_the_cache(tmp_path: Path, cache: Path) -> None:
    snapshot = fill_cache(cache, "gpt2", WHOLE)
    assert locate_model("gpt2", tmp_path) == snapshot


def test_weights_without_a_tokenizer_will_do_offline(tmp_path: Path, cache: Path) -> None:
    snapshot = fill_cache(cache, "org/tiny", {**CONFIG, "model.safetensors": b"weights"})
    assert locate_model("org/tiny", tmp_path) == snapshot


OFFLINE = "HF_HUB_OFFLINE is set, so nothing is downloaded. Unset it, or name a local folder."


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
    tmp_path: Path, cache: Path, files: dict[str, bytes], found: str
) -> None:
    snapshot = fill_cache(cache, "org/tiny", files)
    for link in snapshot.iterdir():
        if not link.read_bytes():
            link.resolve().unlink()  # as where a cache was cleaned by hand
    assert refusal("org/tiny", tmp_path) == f"org/tiny: no such file or folder, and the model {found}; {OFFLINE}"
    assert refusal("org/tiny@v2", tmp_path).startswith("org/tiny@v2: no such file or folder, and the model is not in")


def test_a_config_is_found_wherever_a_model_is(tmp_path: Path, cache: Path) -> None:
    snapshot = fill_cache(cache, "org/tiny", CONFIG)
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
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asset = find_asset(SHIPPED) or tmp_path
    fill_cache(cache, "org/tiny", {path.name: path.read_bytes() for path in asset.iterdir() if path.is_file()})
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


# The download.


def test_only_what_is_read_is_downloaded_and_the_next_time_nothing(
    tmp_path: Path, cache: Path, server: Hub, capfd: pytest.CaptureFixture[str]
) -> None:
    server.files["org/tiny"] = WHOLE | UNREAD | {"tokenizer_config.json": b"[]", "vocab.json": b"{}", "merges.txt": b""}
    folder = locate_model("org/tiny", tmp_path)
    assert folder == cache / "models--org--tiny" / "snapshots" / COMMIT
    assert contents(folder) == {**WHOLE, "tokenizer_config.json": b"[]"}
    assert sorted(server.asked) == sorted(contents(folder))
    requests = server.requests
    assert locate_model("org/tiny", tmp_path) == locate_model(f"org/tiny@{COMMIT}", tmp_path) == folder
    assert server.requests == requests
    assert capfd.readouterr() == ("", "")


def test_all_shards_of_the_index_are_downloaded(tmp_path: Path, server: Hub) -> None:
    server.files["org/tiny"] = SHARDED | UNREAD | {"model-00003-of-00002.safetensors": b"not in the index"}
    assert contents(locate_model("org/tiny@v1", tmp_path)) == SHARDED


def test_an_old_tokenizer_is_downloaded_where_there_is_no_new_one(tmp_path: Path, server: Hub) -> None:
    old = {**CONFIG, "model.safetensors": b"weights", "vocab.json": b"{}", "merges.txt": b"a b"}
    server.files["org/tiny"] = old
    assert contents(locate_model("org/tiny", tmp_path)) == old


def test_for_a_report_only_the_config_is_downloaded_and_a_model_is_completed_later(tmp_path: Path, server: Hub) -> None:
    config = locate_for_report("org/tiny", tmp_path)
    assert (config.name, server.asked) == ("config.json", ["config.json"])
    assert contents(config.parent) == CONFIG
    assert locate_model("org/tiny", tmp_path) == locate_for_report("org/tiny", tmp_path) == config.parent
    assert contents(config.parent) == WHOLE


def test_a_missing_tokenizer_is_asked_for_and_done_without(tmp_path: Path, cache: Path, server: Hub) -> None:
    snapshot = fill_cache(cache, "org/tiny", {**CONFIG, "model.safetensors": b"weights"})
    server.status = 503
    assert locate_model("org/tiny", tmp_path) == snapshot
    server.status = 0
    assert locate_model("org/tiny", tmp_path) == snapshot
    assert contents(snapshot) == WHOLE


def test_all_files_are_of_one_commit_though_the_branch_moves(tmp_path: Path, server: Hub) -> None:
    server.moves = True
    folder = locate_model("org/tiny", tmp_path)
    assert (folder.name, server.commit) == (COMMIT, NEXT_COMMIT)
    assert contents(folder) == WHOLE


def test_a_token_opens_a_gated_model(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    server.gated = True
    assert refusal("org/tiny", tmp_path) == (
        "org/tiny: is gated: its owner lets in who asked; ask on the model's page of the Hugging Face Hub, "
        "then give your token in HF_TOKEN (none is there)."
    )
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert contents(locate_model("org/tiny", tmp_path)) == WHOLE
    assert server.tokens == {None, "Bearer hf_secret"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {**CONFIG, **TOKENIZER, "pytorch_model.bin": b"pickle"},
            "has its weights as a pickle only (pytorch_model.bin), which can run code and is never opened; "
            "choose a revision or a copy of the model with safetensors, or convert it: "
            "save_pretrained of transformers writes them.",
        ),
        (
            {**CONFIG, "tiny.Q4.gguf": b"GGUF", "tiny.Q8.gguf": b"GGUF"},
            "has GGUF files only; download one, such as tiny.Q4.gguf, and name the file.",
        ),
        (
            {**CONFIG, "README.md": b""},
            "has no weights on the Hugging Face Hub; model.safetensors, or model.safetensors.index.json, is needed.",
        ),
        (
            {"README.md": b""},
            "has no config.json on the Hugging Face Hub; a Llama or GPT-2 checkpoint is needed.",
        ),
    ],
    ids=["pickle", "gguf", "no weights", "no config"],
)
def test_a_model_without_safetensors_is_refused_before_anything_is_downloaded(
    tmp_path: Path, server: Hub, files: dict[str, bytes], message: str
) -> None:
    server.files["org/tiny"] = files
    assert refusal("org/tiny", tmp_path) == f"org/tiny: {message}"
    assert server.asked == []


def test_what_is_not_there_is_named(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = (
        "no such file or folder, and no such model on the Hugging Face Hub, or a private one; "
        "check the name, or give your token in HF_TOKEN"
    )
    assert refusal("org/nothing", tmp_path) == f"org/nothing: {nobody} (none is there)."
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert refusal("org/nothing", tmp_path) == f"org/nothing: {nobody} (the present one is not enough)."
    assert refusal("org/tiny@v2", tmp_path) == (
        "org/tiny@v2: org/tiny has no revision 'v2'; a branch, a tag or a commit is needed."
    )


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_hub_that_refuses_or_fails(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    server.status = status
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    message = refusal("org/tiny", tmp_path)
    assert str(status) in message
    assert ("HF_TOKEN" in message) is (status < 500)
    assert message.count("\n") == 0
    assert "hf_secret" not in message


def assert_nothing_half_written(cache: Path) -> None:
    assert {path.name for path in cache.rglob("*") if path.is_file()} <= {"CACHEDIR.TAG", "main"}


def test_a_file_that_comes_cut_off(tmp_path: Path, cache: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # between its tries
    server.cut = True
    message = refusal("org/tiny", tmp_path)
    assert message.startswith("org/tiny: no such file or folder, not whole in the Hugging Face cache, and the download")
    assert not list(cache.rglob("config.json"))


def test_no_network_is_one_message_and_no_long_wait(
    tmp_path: Path, cache: Path, server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens
    start = time.monotonic()
    message = refusal("org/tiny", tmp_path)
    assert message.startswith(
        "org/tiny: no such file or folder, not whole in the Hugging Face cache, and the download failed (Connect"
    )
    assert message.endswith("); try again, or name a local folder.")
    assert time.monotonic() - start < 10
    assert not cache.exists()


def test_a_hub_that_never_answers_is_given_up(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    server.silent = True
    monkeypatch.setattr(hub, "WAIT", 0.3)
    start = time.monotonic()
    assert "the download failed (ReadTimeout" in refusal("org/tiny", tmp_path)
    assert time.monotonic() - start < 10


def test_a_disk_without_room_is_told_before_the_download(
    tmp_path: Path, cache: Path, server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["org/tiny"] = {**WHOLE, "model.safetensors": b"x" * 3_000_000}
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2_000_000))
    assert refusal("org/tiny", tmp_path) == (
        f"org/tiny: needs 3 MB in {cache}, where 2 MB are free; "
        "make room there, or name another place with HF_HUB_CACHE."
    )
    assert server.asked == ["config.json"]


def test_a_disk_that_fills_up_is_told(
    tmp_path: Path, cache: Path, server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", full)
    assert refusal("org/tiny", tmp_path) == (
        f"org/tiny: the disk of {cache} is full; make room there, or name another place with HF_HUB_CACHE."
    )


def test_offline_nothing_is_asked(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "yes")
        assert refusal("org/tiny", tmp_path).endswith(OFFLINE)
        with pytest.raises(SourceError, match="so nothing is downloaded"):
            find_config("org/tiny", tmp_path)
        monkeypatch.delenv(name)
    assert server.requests == 0


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
