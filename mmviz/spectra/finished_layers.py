"""The layers that are done, kept in a folder so that work that was stopped goes on there; computes nothing."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mmviz.errors import OutputError, SourceError
from mmviz.machine.output_files import whole_file
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.head_spectra import MATRICES, HeadSpectra, LayerSpectra
from mmviz.values.tensors.array_file import read_arrays, write_arrays

FOLDER: Final = ".partial"
IDENTITY: Final = "run.json"
VERSION: Final = 2  # of what a part holds
FIELDS: Final = ("values", "rms", "noise", "odd")  # of HeadSpectra, in their order


def fingerprint(checkpoint: Checkpoint, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same for work to go on: the model's configuration and files, and what is asked for.

    Args:
        checkpoint: The model.
        wanted: What is computed, as plain values.
    """
    files = [
        {"name": file.name, "bytes": file.stat().st_size, "changed": file.stat().st_mtime_ns}
        for file in checkpoint.files
    ]
    identity = {"version": VERSION, "wanted": wanted, "files": files, "config": checkpoint.config}
    plain: dict[str, Any] = json.loads(json.dumps(identity, default=str))  # as it will be read again
    return plain


class FinishedLayers:
    """Finished layers in the folder `.partial` of an output folder, each there as a whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def begin(self, identity: Mapping[str, Any], *, anew: bool) -> None:
        """Make the folder, or go on with it where it holds parts of the same work.

        Args:
            identity: Of `fingerprint`.
            anew: Throw away what is there, whatever it is.

        Raises:
            OutputError: it holds parts of other work, or cannot be written.
        """
        if anew:
            self.remove()
        if not self.folder.exists():
            self.folder.mkdir()
        there = self._identity()
        if there is None and any(self.folder.glob("*.safetensors")):
            raise OutputError(f"{self.folder}: holds parts of unknown work; remove the folder, or give --force.")
        if there is not None and there != identity:
            raise OutputError(
                f"{self.folder}: holds parts of other work ({_differences(there, identity)}); "
                "finish that, choose another folder, or start anew with --force."
            )
        with whole_file(self.folder / IDENTITY) as part:
            part.write_text(json.dumps(identity, indent=1), encoding="utf-8")

    def load(self, layer: int) -> LayerSpectra | None:
        """A layer that is done; None if it is not, or was damaged."""
        path = self._path(layer)
        if not path.exists():
            return None
        try:
            arrays = read_arrays(path)
            return {
                name: HeadSpectra(*(arrays[f"{name}.{field}"] for field in FIELDS))
                for name in MATRICES
                if f"{name}.values" in arrays
            }
        except (SourceError, KeyError):
            return None

    def keep(self, layer: int, spectra: LayerSpectra) -> None:
        """Write a layer that is done.

        Raises:
            OutputError: it cannot be written.
        """
        arrays = {f"{name}.{field}": getattr(found, field) for name, found in spectra.items() for field in FIELDS}
        with whole_file(self._path(layer)) as part:
            write_arrays(part, arrays, "layer", str(layer))

    def remove(self) -> None:
        """Remove the folder and all parts."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, layer: int) -> Path:
        return self.folder / f"layer_{layer:05}.safetensors"

    def _identity(self) -> Mapping[str, Any] | None:
        try:
            found = json.loads((self.folder / IDENTITY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """In which respects work that was begun is not the one that is asked for."""
    words = {"wanted": "options", "files": "files of weights", "config": "configuration", "version": "version of mmviz"}
    other = [word for key, word in words.items() if there.get(key) != here.get(key)]
    old, new = there.get("wanted"), here["wanted"]
    if other == ["options"] and isinstance(old, dict):
        other = [key for key in new if old.get(key) != new[key]]
    return f"other {', '.join(other)}" if other else "another kind of work"
