"""From a model to a folder with its spectra: layer by layer, kept as they come, then table, figures and report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mmviz.errors import OutputError, SourceError
from mmviz.machine.output_files import check_folder, check_link, check_writable, whole_file, written
from mmviz.spectra.figures import draw_all
from mmviz.spectra.finished_layers import FinishedLayers, fingerprint
from mmviz.spectra.report import report
from mmviz.spectra.selection import Selection, select
from mmviz.spectra.table import LeftOut, Table, tabulate, write_csv, write_values
from mmviz.values.families.config import ModelConfig, Stack
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.head_spectra import LayerSpectra, SpectraReader
from mmviz.values.origin.locate import locate_model, model_title

CSV: Final = "spectra.csv"
VALUES: Final = "spectra.safetensors"
FIGURES: Final = "figures"
REPORT: Final = "report.md"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, as on the command line."""

    model: str
    folder: Path  # made if it is not there
    layers: str | None = None  # 0,3,5 or 4:8; None: all
    heads: str | None = None
    matrices: str = "q,k,v,o"
    device: str = "auto"
    force: bool = False  # start anew
    stack: Stack = ""  # of a model that has two; "": the encoder, or the decoder where heads look across
    cross: bool = False  # heads are those of a decoder's attention to what the encoder gives

    @property
    def said_of_stack(self) -> str:
        """What a title says of it."""
        return f", {self.wanted}{', cross-attention' if self.cross else ''}" if self.wanted else ""

    @property
    def wanted(self) -> Stack:
        """The stack that is read."""
        return self.stack or ("decoder" if self.cross else "")


@dataclass(frozen=True, slots=True)
class Work:
    """A wish whose model is there and has what is asked for."""

    wish: Wish
    title: str
    config: ModelConfig
    selection: Selection
    checkpoint: Checkpoint
    reader: SpectraReader


def prepare(wish: Wish) -> Work:
    """Open the model, and refuse what cannot be done before anything is computed or written.

    Raises:
        SourceError: the model cannot be opened, has no such layer, head or matrix, or lacks a weight.
        OutputError: the folder cannot be written.
    """
    _check_output(wish.folder)
    checkpoint = Checkpoint.open(locate_model(wish.model, Path()))
    config = read_model_config(checkpoint.config, str(checkpoint.where), wish.wanted)
    if wish.cross and not config.crosses:
        raise SourceError(f"{wish.model}: the encoder's heads look at its own tokens alone; its decoder is needed.")
    selection = select(config, wish.model, wish.layers, wish.heads, wish.matrices)
    reader = SpectraReader(checkpoint, config, selection.heads, selection.matrices, wish.device, across=wish.cross)
    reader.check(selection.layers)
    title = f"{model_title(wish.model, Path())}{wish.said_of_stack}"
    return Work(wish, title, config, selection, checkpoint, reader)


def compute(work: Work, progress: Callable[[int], None]) -> tuple[LeftOut, ...]:
    """Compute all layers that are not there yet, and write everything; what was kept on the way is removed.

    Args:
        work: Of `prepare`.
        progress: Takes how many layers are done.

    Returns:
        The heads that are left out.

    Raises:
        SourceError: a weight cannot be read; the layers before it are kept.
        OutputError: the folder holds parts of other work, or cannot be written.
    """
    selection, folder = work.selection, work.wish.folder
    written(folder).mkdir(exist_ok=True)
    finished = FinishedLayers(folder)
    finished.begin(fingerprint(work.checkpoint, _wanted(work)), anew=work.wish.force)
    layers: list[LayerSpectra] = []
    for number, layer in enumerate(selection.layers, start=1):
        spectra = finished.load(layer)
        if spectra is None:
            spectra = work.reader.layer(layer)
            finished.keep(layer, spectra)
        layers.append(spectra)
        progress(number)
    stored = {
        matrix: ", ".join(dict.fromkeys(work.reader.stored_as(layer, matrix) for layer in selection.layers))
        for matrix in selection.matrices
    }
    table = tabulate(work.title, work.config, selection, stored, layers)
    write(table, folder)
    finished.remove()
    return table.left_out


def write(table: Table, folder: Path) -> None:
    """Write table, singular values, figures and report.

    Raises:
        OutputError: one of them cannot be written.
    """
    with whole_file(folder / CSV) as part:
        write_csv(table, part)
    with whole_file(folder / VALUES) as part:
        write_values(table, part)
    figures = draw_all(table, folder / FIGURES)
    with whole_file(folder / REPORT) as part:
        part.write_text(report(table, [f"{FIGURES}/{name}" for name in figures]), encoding="utf-8")


def kept(work: Work) -> int:
    """How many layers are kept of work that was stopped."""
    finished = FinishedLayers(work.wish.folder)
    return sum(finished.load(layer) is not None for layer in work.selection.layers)


def _wanted(work: Work) -> dict[str, object]:
    return {
        "model": work.title,
        "layers": list(work.selection.layers),
        "heads": list(work.selection.heads),
        "matrices": list(work.selection.matrices),
        "device": work.reader.device.type,
    }


def _check_output(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file; a folder is needed, which is made if it is not there.")
    check_folder(folder)
    check_link(folder)
    check_writable(folder / CSV if folder.exists() else folder)
