"""The files of a GGUF model, which may lie in parts, mapped into memory, and one header of all; reads no weights.

Source: llama.cpp, gguf-split: name-00001-of-00003.gguf has all keys, each part says which it is and of how many.
"""

import mmap
from dataclasses import dataclass, replace
from pathlib import Path

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import short
from mmviz.values.files.gguf_header import Header, StoredTensor, read_header
from mmviz.values.files.model_files import SHARD, listed, part_names
from mmviz.values.files.plain_file import check_plain

NUMBER, COUNT, TENSORS = "split.no", "split.count", "split.tensors.count"
MOST_PARTS = 99_999
"""As many as the five digits of a name can say."""
NEEDED = "all parts of one model, side by side, are needed."


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of a model, the first, which has the metadata, before the others."""

    paths: tuple[Path, ...]
    contents: tuple[mmap.mmap, ...]
    header: Header  # of all


def open_parts(path: Path) -> Parts:
    """Map a file, and the others of the same model, and read their headers.

    Args:
        path: The whole model, or any part of it.

    Raises:
        SourceError: one cannot be read, is missing, broken or cut off, or part of another model.
    """
    content = mapped(path)
    header = read_header(content, path)
    count = header.metadata.get(COUNT, 1)
    if not isinstance(count, int) or not 0 <= count <= MOST_PARTS:
        raise SourceError(f"{path}, {COUNT}: is {short(count)}; a whole number from 1 to {MOST_PARTS} is needed.")
    if count < 2:
        return Parts((path,), (content,), header)
    paths = _paths(path, count)
    contents = tuple(content if place == path else mapped(place) for place in paths)
    found = zip(contents, paths, strict=True)
    headers = [header if place == path else read_header(opened, place) for opened, place in found]
    return Parts(paths, contents, _joined(headers, paths))


def mapped(path: Path) -> mmap.mmap:
    """A file, mapped into memory.

    Raises:
        SourceError: it cannot be read, or is empty.
    """
    check_plain(path)
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file; a .gguf file is needed.") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); a readable file is needed.") from error
    except ValueError:  # an empty file cannot be mapped
        raise SourceError(f"{path}: is empty; a .gguf file is needed.") from None


def _paths(path: Path, count: int) -> tuple[Path, ...]:
    """All parts, the first before the others."""
    match = SHARD.fullmatch(path.name)
    if match is None or int(match["count"]) != count:
        raise SourceError(
            f"{path}: is one of {count} parts of a model, but is not called so, as name-00001-of-{count:05}.gguf; "
            f"{NEEDED}"
        )
    paths = tuple(path.with_name(name) for name in part_names(match))
    missing = [place.name for place in paths if not place.exists()]
    if missing:
        raise SourceError(
            f"{path}: is one of {count} parts of a model, and {listed(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not beside it; {NEEDED}"
        )
    return paths


def _joined(headers: list[Header], paths: tuple[Path, ...]) -> Header:
    tensors: dict[str, StoredTensor] = {}
    for number, (header, path) in enumerate(zip(headers, paths, strict=True)):
        said = tuple(header.metadata.get(key) for key in (NUMBER, COUNT))
        if said != (number, len(paths)):
            found = " of ".join("?" if each is None else short(each) for each in said)
            raise SourceError(f"{path}: says that it is part {found}, counted from 0, and its name another; {NEEDED}")
        for name, tensor in header.tensors.items():
            if name in tensors:
                raise SourceError(f"{path}, {name}: is in {paths[tensors[name].part].name}, too; {NEEDED}")
            tensors[name] = replace(tensor, part=number)
    needed = headers[0].metadata.get(TENSORS, len(tensors))
    if needed != len(tensors):
        raise SourceError(f"{paths[0]}, {TENSORS}: is {short(needed)}, but the parts hold {len(tensors)}; {NEEDED}")
    return Header(headers[0].metadata, tensors)
