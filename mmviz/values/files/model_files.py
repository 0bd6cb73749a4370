"""Which file of a folder a model is opened by, and what a path is that is no model, in words; opens no weights."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mmviz.errors import SourceError
from mmviz.values.files.json_file import read_json
from mmviz.values.files.kind_of_file import kind_of
from mmviz.values.files.plain_file import check_plain
from mmviz.values.files.safetensors_file import INDEX, SINGLE
from mmviz.values.quantized.said_in import FILE as QUANTIZATION
from mmviz.values.quantized.said_in import SAID_IN

if TYPE_CHECKING:
    from mmviz.values.quantized.methods import Quantization

CONFIG = "config.json"
PICKLES = (".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth")
OTHER_FRAMEWORKS: Mapping[str, str] = {".h5": "TensorFlow", ".msgpack": "Flax"}
ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".7z", ".xz", ".zst")
SHARD = re.compile(r"(?P<name>.+)-(?P<number>[0-9]+)-of-(?P<count>[0-9]+)\.(?P<kind>safetensors|gguf)", re.IGNORECASE)
ADAPTER, ADAPTER_CONFIG = "adapter_", "adapter_config.json"
"""How files begin that hold what is added to a model, not the model."""
NAMED = 3
"""Files that a message names; of more, the rest is counted."""
CONSOLIDATED = re.compile(r"consolidated[.-](.*[.])?(safetensors|pth|json)", re.IGNORECASE)
"""How files begin that hold a model as those who trained it keep it: safetensors of Mistral, pickles of Meta."""
MOST_LOOKED_AT = 64
"""Files of a folder whose first bytes are looked at, where none is known by its name."""

Format = Literal["safetensors", "index", "gguf"]


def beside(file: Path, name: str) -> Path:
    """A file by its name, in capitals if there is none in small letters: some systems write all names so."""
    place = file.with_name(name)
    return place if place.exists() or not file.with_name(name.upper()).exists() else file.with_name(name.upper())


def config_of(weights: Path) -> Path:
    """Where the configuration of safetensors lies."""
    return beside(weights, CONFIG)


def quantization_by(config: Mapping[str, Any], where: Path) -> "Quantization | None":
    """How a model's safetensors are quantized, by its configuration or by a file beside it; None where they are plain.

    Args:
        config: The content of config.json.
        where: Its path.

    Raises:
        SourceError: a file is broken, or says what is not known here.
    """
    other = beside(where, QUANTIZATION)
    if not any(config.get(key) for key in SAID_IN) and not other.is_file():
        return None
    from mmviz.values.quantized.methods import quantization_of, quantization_of_modelopt  # noqa: PLC0415  (and torch)

    found = quantization_of(config, str(where))
    if found is None and other.is_file():
        return quantization_of_modelopt(read_json(other), str(other))
    return found


def weights_of(folder: Path) -> Path:
    """The file that a folder's model is opened by.

    Raises:
        SourceError: there is none, or there are several.
    """
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        raise SourceError(f"{folder}: cannot be read ({error.strerror}); a readable folder is needed.") from error
    for name in (SINGLE, INDEX):
        for file in files:
            if file.name in (name, name.upper()):
                return file
    for kind in ("safetensors", "gguf"):
        if len(models := _models(files, kind)) == 1:
            return models[0]
    if not _models(files, "gguf") and len(firsts := _in_parts(files)) == 1:
        return firsts[0]
    if any(file.name.lower().startswith(ADAPTER) for file in files) and not _several(files):
        raise SourceError(f"{folder}: {_adapter(folder)}")
    raise SourceError(f"{folder}: {_several(files) or _not_read(files) or _NOTHING}")


def ggufs_of(folder: Path) -> list[Path]:
    """The .gguf files of a folder that may hold a whole model; of one in parts, the first."""
    files = sorted(folder.iterdir())
    return _models(files, "gguf") or _in_parts(files)


def format_of(file: Path) -> Format:
    """What weights a file holds, by its first bytes, or else by its name.

    Raises:
        SourceError: it is no model, or a part of one.
    """
    check_plain(file)
    kind, suffix = kind_of(file), file.suffix.lower()
    if file.name.lower() == INDEX:
        return "index"
    if kind == "gguf" or (suffix == ".gguf" and kind != "safetensors"):
        return "gguf"
    if _is_own(file):
        raise SourceError(f"{file}: {_consolidated(file)}")
    if kind != "safetensors" and (kind != "" or suffix != ".safetensors"):
        raise SourceError(f"{file}: {_alone(file) or _not_read([file]) or _NOTHING}")
    if file.name.lower().startswith(ADAPTER) and not file.with_name(CONFIG).is_file():
        raise SourceError(f"{file}: {_adapter(file.parent)}")
    if (shard := _shard(file)) is not None and int(shard["count"]) > 1:
        raise SourceError(
            f"{file}: is one of {int(shard['count'])} shards of a model; give their folder, {file.parent}."
        )
    return "safetensors"


def _shard(file: Path) -> re.Match[str] | None:
    return SHARD.fullmatch(file.name)


def part_names(match: re.Match[str]) -> list[str]:
    """The names of all parts of a model, by that of one of them."""
    width = len(match["number"])
    return [
        f"{match['name']}-{number:0{width}}-of-{match['count']}.{match['kind']}"
        for number in range(1, int(match["count"]) + 1)
    ]


def listed(names: Sequence[str]) -> str:
    """Up to three names, and how many more there are."""
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _in_parts(files: Sequence[Path]) -> list[Path]:
    """The first of each model that lies in several .gguf files, of those that are there."""
    found: dict[tuple[str, str], Path] = {}
    for file in files:
        shard = _shard(file)
        if shard is not None and shard["kind"].lower() == "gguf" and int(shard["count"]) > 1:
            found.setdefault((shard["name"], shard["count"]), file)
    return list(found.values())


def _models(files: Sequence[Path], kind: str) -> list[Path]:
    """The files of a kind that may hold a whole model: by their names, or where none is known so, by their content."""
    files = [file for file in files if not file.name.lower().startswith((".", ADAPTER)) and not _is_own(file)]
    named = [file for file in files if file.suffix.lower() == f".{kind}"]
    whole = [file for file in named if (shard := _shard(file)) is None or int(shard["count"]) == 1]
    if named:
        return whole
    return [file for file in files[:MOST_LOOKED_AT] if kind_of(file) == kind]


def _adapter(folder: Path) -> str:
    """What to say of an adapter that was given as a model."""
    base = None
    if (folder / ADAPTER_CONFIG).is_file():
        try:
            base = read_json(folder / ADAPTER_CONFIG).get("base_model_name_or_path")
        except SourceError:
            base = None
    of = f" of {base}" if isinstance(base, str) and base else ""
    return (
        f"is an adapter{of}, no model; give the model that it was made for, and this folder as its adapter (--adapter)."
    )


_NOTHING = f"no safetensors file; {SINGLE}, or {INDEX} with its shards, or a .gguf file, is needed."
_CONVERT = (
    f"take the model's {SINGLE}, or write it in an environment that you trust: "
    "AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)."
)


def _several(files: Sequence[Path]) -> str:
    """There are models, but which is meant, or parts of one."""
    gguf = [*_models(files, "gguf"), *_in_parts(files)]
    if gguf:
        named = ", ".join(file.name for file in gguf[:3]) + (", ..." if len(gguf) > 3 else "")
        return f"has {len(gguf)} .gguf files ({named}); give the path of one of them."
    suffix = ".safetensors"
    safetensors = [
        file.name
        for file in files
        if file.suffix.lower() == suffix and not file.name.startswith(ADAPTER) and not _is_own(file)
    ]
    if safetensors and SHARD.fullmatch(safetensors[0]):
        return f"has shards, such as {safetensors[0]}, but no {INDEX}; the model's own is needed."
    return f"has no {SINGLE} but {safetensors[0]}; give the path of that file." if safetensors else ""


def _alone(file: Path) -> str:
    """What a file is that was given as a model."""
    suffix = file.suffix.lower()
    if suffix == ".json":
        return f"is one of the files beside a model's weights; give its folder, {file.parent}."
    if suffix in ARCHIVES:
        return "is an archive; unpack it, and give the folder that the model is in."
    if kind_of(file) == "ggml":
        return "is in a format that was in use before GGUF; a .gguf file, or safetensors, is needed."
    return ""


def _is_own(file: Path) -> bool:
    return CONSOLIDATED.fullmatch(file.name) is not None


def _consolidated(file: Path) -> str:
    """What to say of a model in the format of those who trained it."""
    metas = file.suffix.lower() in PICKLES
    script = f"convert_{'llama' if metas else 'mistral'}_weights_to_hf.py"
    ours = (
        f"take it in the format of transformers ({CONFIG} with {SINGLE}, or with {INDEX} and its shards) or as GGUF, "
        f"or convert it{' in an environment that you trust' * metas}, by {script} of the repository of transformers."
    )
    if metas:
        return f"is a model in Meta's own format, a pickle, which can run code and is never opened; {ours}"
    return f"is a model in Mistral's own format, whose names and rows are other ones, and is not read; {ours}"


def _not_read(files: Sequence[Path]) -> str:
    """There are weights in a format that is never opened."""
    if own := sorted(filter(_is_own, files)):
        return f"{own[0].name} {_consolidated(own[0])}"
    pickles = [file.name for file in files if file.suffix.lower() in PICKLES]
    if not pickles and len(files) == 1 and kind_of(files[0]) in ("pickle", "zip"):
        pickles = [files[0].name]
    pickles.sort(key=lambda name: "model" not in name)
    if pickles:
        return f"{pickles[0]} is a pickle, which can run code and is never opened; {_CONVERT}"
    for file in files:
        framework = OTHER_FRAMEWORKS.get(".h5" if kind_of(file) == "hdf5" else file.suffix.lower())
        if framework:
            return f"{file.name} holds weights of {framework}, which are not read; {_CONVERT}"
    return ""
