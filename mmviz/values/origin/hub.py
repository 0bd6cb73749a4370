"""Models of the Hugging Face Hub: found in its cache, else downloaded into it; only what is read, never a pickle."""

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mmviz.errors import SourceError
from mmviz.machine.homes import HUB, with_home
from mmviz.values.files.json_file import read_json
from mmviz.values.files.model_files import CONFIG, PICKLES, SHARD
from mmviz.values.files.safetensors_file import INDEX, SINGLE
from mmviz.values.quantized.said_in import FILE as QUANTIZATION

TOKENIZER = "tokenizer.json"
OLD_TOKENIZER = ("vocab.json", "merges.txt")
TOKEN_SETTINGS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
"""Files beside a tokenizer that change token ids."""
NO_ENDING = (".git", ".safetensors", ".gguf", ".json", ".yaml", ".yml", *PICKLES)
"""Of an id; a name that ends so is a file's."""
WAIT = 10.0
"""Seconds without an answer, after which the hub counts as out of reach."""

_WORD = r"\w(?:[\w.-]{0,94}\w)?"
_ID = re.compile(rf"(?P<repository>(?:{_WORD}/)?{_WORD})(?:@(?P<revision>\w[\w./+-]{{0,199}}))?", re.ASCII)
_YES = {"1", "ON", "YES", "TRUE"}  # what huggingface_hub takes for one


@dataclass(frozen=True)
class HubId:
    """A model of the Hugging Face Hub."""

    repository: str  # org/name, or one of the few old names without an organization, such as gpt2
    revision: str = "main"  # a branch, a tag or a commit

    @classmethod
    def read(cls, text: str) -> "HubId | None":
        """The id that `org/name[@revision]` or `name[@revision]` is; None for what can only be a file's path."""
        found = _ID.fullmatch(text)
        if found is None or ".." in text:
            return None
        repository = found["repository"]
        if "--" in repository or repository.lower().endswith(NO_ENDING):  # by the hub's own rules, and by ours
            return None
        return cls(repository, found["revision"] or "main")

    def __str__(self) -> str:
        return self.repository if self.revision == "main" else f"{self.repository}@{self.revision}"

    @property
    def has_organization(self) -> bool:
        """Whether the text is an id by its form; one word may be anything."""
        return "/" in self.repository

    @property
    def is_known(self) -> bool:
        """Whether the cache knows the model, whole or in part."""
        return (hub_cache() / f"models--{self.repository.replace('/', '--')}").is_dir()


def hub_cache() -> Path:
    """Where huggingface_hub keeps models: HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub.

    Raises:
        SourceError: there is no such home.
    """
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    cache = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or Path(home) / "hub"
    return with_home(os.path.expandvars(cache), HUB)


def hub_model(model: HubId) -> Path:
    """The folder of a model in the cache. What is there already is taken without asking the hub.

    Raises:
        SourceError: it is not in the cache and cannot be downloaded, or has no safetensors.
    """
    config = _cached(model, CONFIG)
    if config is None:
        return _download(model)
    if missing := _missing_weights(config.parent):
        return _download(model, f"its {missing} is not there{_pickle_note(config.parent)}")
    if not _has_tokenizer(config.parent) and not _offline():
        try:  # another program may have left it out, and much can be shown without
            return _download(model)
        except SourceError:
            pass
    return config.parent


def hub_config(model: HubId) -> Path:
    """The config.json of a model, without its weights.

    Raises:
        SourceError: it is not in the cache and cannot be downloaded.
    """
    cached = _cached(model, CONFIG)
    if cached is None:
        _refuse_offline(model)
        with _explained(model):
            _require_config(model, _listing(model))
            return _get(model, CONFIG)
    return cached


def has_weights(folder: Path) -> bool:
    """Whether all weights of a model are in its folder of the cache."""
    return _missing_weights(folder) is None


def is_whole(folder: Path) -> bool:
    """Whether weights and tokenizer are there: who asks for the model asks nothing of the hub."""
    return has_weights(folder) and _has_tokenizer(folder)


def _cached(model: HubId, file: str) -> Path | None:
    if not model.is_known:  # a plain look first: importing huggingface_hub takes its time
        return None
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model.repository, file, cache_dir=hub_cache(), revision=model.revision)
    return Path(found) if isinstance(found, str) else None


def _missing_weights(folder: Path) -> str | None:
    """The first weights file that a folder of the cache lacks; None when it is whole."""
    if (folder / SINGLE).is_file():
        return None
    if not (folder / INDEX).is_file():
        return SINGLE
    return next((name for name in _shards(folder / INDEX) if not (folder / name).is_file()), None)


def _pickle_note(folder: Path) -> str:
    pickles = sorted(file.name for file in folder.iterdir() if file.suffix in PICKLES)
    return f", and {pickles[0]} is a pickle, which can run code and is never opened" if pickles else ""


def _has_tokenizer(folder: Path) -> bool:
    return (folder / TOKENIZER).is_file() or all((folder / name).is_file() for name in OLD_TOKENIZER)


def _shards(index: Path) -> list[str]:
    """The files that an index names. What else is wrong with it is said when the checkpoint is opened."""
    names = read_json(index).get("weight_map")
    return sorted({str(name) for name in names.values()}) if isinstance(names, dict) else []


def _download(model: HubId, reason: str = "") -> Path:
    """Get what is missing of a model; all files are of one commit."""
    _refuse_offline(model, reason)
    with _explained(model):
        sizes = _listing(model)
        _require_config(model, sizes)
        _require_weights(model, sizes)
        folder = _get(model, CONFIG).parent
        commit = replace(model, revision=folder.name)  # the branch may move on while we download
        weights = [SINGLE] if SINGLE in sizes else [INDEX, *_shards(_get(commit, INDEX))]
        tokenizer = [TOKENIZER] if TOKENIZER in sizes else [name for name in OLD_TOKENIZER if name in sizes]
        beside = [name for name in (*TOKEN_SETTINGS, QUANTIZATION) if name in sizes]
        wanted = [*tokenizer, *beside, *weights]
        missing = [name for name in wanted if not (folder / name).is_file()]
        _require_space(model, sum(sizes.get(name, 0) for name in missing))
        for name in missing:
            _get(commit, name)
    return folder


def _listing(model: HubId) -> dict[str, int]:
    """Every file of a model and its size in bytes, from one question to the hub."""
    from huggingface_hub import HfApi

    information = HfApi(endpoint=_endpoint()).model_info(
        model.repository, revision=model.revision, timeout=WAIT, files_metadata=True
    )
    return {file.rfilename: file.size or 0 for file in information.siblings or ()}


def _get(model: HubId, file: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if not sys.stderr.isatty() and "HF_HUB_DISABLE_PROGRESS_BARS" not in os.environ:
        disable_progress_bars()
    return Path(
        hf_hub_download(
            model.repository,
            file,
            revision=model.revision,
            cache_dir=hub_cache(),
            endpoint=_endpoint(),
            etag_timeout=WAIT,
        )
    )


def _endpoint() -> str | None:
    """The hub's address where the environment names another; huggingface_hub reads that only when it is imported."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or None


def _offline() -> bool:
    return any(os.environ.get(name, "").upper() in _YES for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))


def _refuse_offline(model: HubId, reason: str = "") -> None:
    if _offline():
        found = f"is not whole in the Hugging Face cache ({reason})" if reason else "is not in the Hugging Face cache"
        raise SourceError(
            f"{model}: no such file or folder, and the model {found}; "
            "HF_HUB_OFFLINE is set, so nothing is downloaded. Unset it, or name a local folder."
        )


def _require_config(model: HubId, sizes: Mapping[str, int]) -> None:
    if CONFIG not in sizes:
        raise SourceError(f"{model}: has no {CONFIG} on the Hugging Face Hub; one that mmviz models lists is needed.")


def _require_weights(model: HubId, sizes: Mapping[str, int]) -> None:
    if SINGLE in sizes or INDEX in sizes:
        return
    pickles = sorted(name for name in sizes if name.endswith(PICKLES))
    if pickles:
        raise SourceError(
            f"{model}: has its weights as a pickle only ({pickles[0]}), which can run code and is never opened; "
            "choose a revision or a copy of the model with safetensors, or convert it: "
            "save_pretrained of transformers writes them."
        )
    ggufs = sorted(name for name in sizes if name.endswith(".gguf"))
    if ggufs:
        together = " with its other parts" if SHARD.search(ggufs[0]) else ""
        raise SourceError(
            f"{model}: has GGUF files only; download one, such as {ggufs[0]}{together}, and name the file."
        )
    raise SourceError(f"{model}: has no weights on the Hugging Face Hub; {SINGLE}, or {INDEX}, is needed.")


def _require_space(model: HubId, needed: int) -> None:
    cache = hub_cache()
    free = shutil.disk_usage(cache).free
    if needed > free:
        raise SourceError(
            f"{model}: needs {needed // 10**6:,} MB in {cache}, where {free // 10**6:,} MB are free; "
            "make room there, or name another place with HF_HUB_CACHE."
        )


@contextmanager
def _explained(model: HubId) -> Iterator[None]:
    """Say what went wrong at the hub, and what to do."""
    try:
        yield
    except SourceError:
        raise
    except Exception as error:  # huggingface_hub and the HTTP library below it have no common family
        raise SourceError(f"{model}: {_explanation(error, model)}") from error


def _explanation(error: Exception, model: HubId) -> str:
    from huggingface_hub import errors, get_token

    note = " (the present one is not enough)" if get_token() else " (none is there)"
    match error:
        case errors.GatedRepoError():
            text = (
                "is gated: its owner lets in who asked; ask on the model's page of the Hugging Face Hub, "
                f"then give your token in HF_TOKEN{note}."
            )
        case errors.RepositoryNotFoundError():
            text = (
                "no such file or folder, and no such model on the Hugging Face Hub, or a private one; "
                f"check the name, or give your token in HF_TOKEN{note}."
            )
        case errors.RevisionNotFoundError():
            text = f"{model.repository} has no revision {model.revision!r}; a branch, a tag or a commit is needed."
        case errors.OfflineModeIsEnabled():
            text = "is not in the Hugging Face cache, and HF_HUB_OFFLINE is set; unset it, or name a local folder."
        case OSError(errno=errno.ENOSPC):
            text = f"the disk of {hub_cache()} is full; make room there, or name another place with HF_HUB_CACHE."
        case errors.HfHubHTTPError() if error.response.status_code in (401, 403):
            text = f"the Hugging Face Hub refuses it ({error.response.status_code}); check HF_TOKEN{note}."
        case _:
            text = (
                "no such file or folder, not whole in the Hugging Face cache, and the download failed "
                f"({_short(error)}); try again, or name a local folder."
            )
    return text


def _short(error: Exception) -> str:
    """An error's kind and the first line of its text."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    if isinstance(error, LocalEntryNotFoundError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # it says why
    text = next((line for line in str(error).splitlines() if line.strip()), "")[:200].strip().rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
