"""The download of a model. The hub is a small server on this machine; huggingface_hub itself is the real one."""

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest

from mmviz.errors import SourceError
from mmviz.values.origin import hub
from mmviz.values.origin.locate import find_config, locate_for_report, locate_model
from tests.values.fake_hub import COMMIT, NEXT_COMMIT, Hub, fill_cache
from tests.values.tiny_hub import CONFIG, OFFLINE, SHARDED, TOKENIZER, UNREAD, WHOLE, refusal

pytestmark = pytest.mark.usefixtures("empty_cache")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_only_what_is_read_is_downloaded_and_the_next_time_nothing(
    tmp_path: Path, empty_cache: Path, server: Hub, capfd: pytest.CaptureFixture[str]
) -> None:
    names = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "hf_quant_config.json")
    settings = {name: name.encode() for name in names}
    server.files["org/tiny"] = WHOLE | UNREAD | settings | {"vocab.json": b"{}", "merges.txt": b""}
    folder = locate_model("org/tiny", tmp_path)
    assert folder == empty_cache / "models--org--tiny" / "snapshots" / COMMIT
    assert contents(folder) == {**WHOLE, **settings}
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


def test_a_missing_tokenizer_is_asked_for_and_done_without(tmp_path: Path, empty_cache: Path, server: Hub) -> None:
    snapshot = fill_cache(empty_cache, "org/tiny", {**CONFIG, "model.safetensors": b"weights"})
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
            {**CONFIG, "big-00002-of-00002.gguf": b"GGUF", "big-00001-of-00002.gguf": b"GGUF"},
            "has GGUF files only; download one, such as big-00001-of-00002.gguf with its other parts, and name the "
            "file.",
        ),
        (
            {**CONFIG, "README.md": b""},
            "has no weights on the Hugging Face Hub; model.safetensors, or model.safetensors.index.json, is needed.",
        ),
        (
            {"README.md": b""},
            "has no config.json on the Hugging Face Hub; one that mmviz models lists is needed.",
        ),
    ],
    ids=["pickle", "gguf", "gguf in parts", "no weights", "no config"],
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


def test_a_file_that_comes_cut_off(
    tmp_path: Path, empty_cache: Path, server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # between its tries
    server.cut = True
    message = refusal("org/tiny", tmp_path)
    assert message.startswith("org/tiny: no such file or folder, not whole in the Hugging Face cache, and the download")
    assert not list(empty_cache.rglob("config.json"))


def test_no_network_is_one_message_and_no_long_wait(
    tmp_path: Path, empty_cache: Path, server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)  # between its tries
    message = refusal("org/tiny", tmp_path)
    assert message.startswith(
        "org/tiny: no such file or folder, not whole in the Hugging Face cache, and the download failed (Connect"
    )
    assert message.endswith("); try again, or name a local folder.")
    assert sum(waits) < 10
    assert not empty_cache.exists()


def test_a_hub_that_never_answers_is_given_up(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    server.silent = True
    monkeypatch.setattr(hub, "WAIT", 0.3)
    assert "the download failed (ReadTimeout" in refusal("org/tiny", tmp_path)


def test_a_disk_without_room_is_told_before_the_download(
    tmp_path: Path, empty_cache: Path, server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["org/tiny"] = {**WHOLE, "model.safetensors": b"x" * 3_000_000}
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2_000_000))
    assert refusal("org/tiny", tmp_path) == (
        f"org/tiny: needs 3 MB in {empty_cache}, where 2 MB are free; "
        "make room there, or name another place with HF_HUB_CACHE."
    )
    assert server.asked == ["config.json"]


def test_a_disk_that_fills_up_is_told(
    tmp_path: Path, empty_cache: Path, server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", full)
    assert refusal("org/tiny", tmp_path) == (
        f"org/tiny: the disk of {empty_cache} is full; make room there, or name another place with HF_HUB_CACHE."
    )


def test_offline_nothing_is_asked(tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "yes")
        assert refusal("org/tiny", tmp_path).endswith(OFFLINE)
        with pytest.raises(SourceError, match="so nothing is downloaded"):
            find_config("org/tiny", tmp_path)
        monkeypatch.delenv(name)
    assert server.requests == 0
