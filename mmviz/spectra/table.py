"""All spectra of a run side by side: measures, references and what is left out; and as CSV and safetensors."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mmviz.spectra.gaussian import of_product, of_slice
from mmviz.spectra.measures import MEASURES, RATIOS
from mmviz.spectra.measures import measured as all_measures
from mmviz.spectra.selection import Selection
from mmviz.values.families.config import ModelConfig
from mmviz.values.model.head_spectra import FACTORS, SHARED, LayerSpectra, Matrix
from mmviz.values.tensors.array_file import write_arrays

Floats = NDArray[np.float64]

REFERENCES: Final = (*RATIOS, "spectral_norm")
COLUMNS: Final = (
    *("layer", "matrix", "head", "kv_head"),
    *MEASURES,
    *(f"{measure}_gaussian" for measure in REFERENCES),
    *("noise_floor", "rank"),
)
"""Of spectra.csv, in their order."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A head of a matrix whose weights hold numbers that are no numbers."""

    layer: int
    matrix: Matrix
    head: int
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """The spectra of one model; every array has a row for each layer and a column for each head, NaN if left out."""

    model: str  # what it is called
    config: ModelConfig
    selection: Selection
    stored: Mapping[Matrix, str]  # what its weights are stored as
    values: Mapping[Matrix, Floats]  # (layers, heads, values), largest first
    measured: Mapping[Matrix, Mapping[str, Floats]]  # by the columns of spectra.csv: (layers, heads)
    reference: Mapping[Matrix, Floats]  # (values,), of Gaussian elements of variance 1
    rms: Mapping[Matrix, Floats]  # (layers, heads), by which the reference is to be multiplied
    left_out: tuple[LeftOut, ...]

    @property
    def single(self) -> tuple[Matrix, ...]:
        """The matrices that are no products."""
        return tuple(matrix for matrix in self.selection.matrices if matrix not in FACTORS)

    @property
    def products(self) -> tuple[Matrix, ...]:
        """The matrices that are products of two."""
        return tuple(matrix for matrix in self.selection.matrices if matrix in FACTORS)

    def shape(self, matrix: Matrix) -> tuple[int, int]:
        """Rows and columns of a head's matrix."""
        d_model, d_head = self.config.d_model, self.config.d_head
        if matrix in FACTORS:
            return d_model, d_model
        return (d_head, d_model) if matrix == "o" else (d_model, d_head)

    def gaussian(self, matrix: Matrix, measure: str) -> float:
        """A ratio of the reference."""
        return float(RATIOS[measure](self.reference[matrix]))


def tabulate(
    model: str,
    config: ModelConfig,
    selection: Selection,
    stored: Mapping[Matrix, str],
    layers: Sequence[LayerSpectra],
) -> Table:
    """Measure all spectra.

    Args:
        model: What the model is called.
        config: Its sizes.
        selection: What was computed.
        stored: What the weights of each matrix are stored as.
        layers: One for each of the selection's layers.
    """
    values, measured, reference, rms = {}, {}, {}, {}
    for matrix in selection.matrices:
        values[matrix] = np.stack([layer[matrix].values for layer in layers])  # (layers, heads, values)
        rms[matrix] = np.stack([layer[matrix].rms for layer in layers])
        outer, inner = config.d_model, config.d_head
        reference[matrix] = np.array((of_product if matrix in FACTORS else of_slice)(outer, inner))
        there = np.where(np.isfinite(values[matrix]).all(-1), 1.0, np.nan)  # (layers, heads)
        floor = np.stack([layer[matrix].noise for layer in layers])
        found = all_measures(values[matrix], floor)
        found |= {
            f"{measure}_gaussian": np.full(there.shape, float(function(reference[matrix])))
            for measure, function in RATIOS.items()
        }
        found["spectral_norm_gaussian"] = reference[matrix][0] * rms[matrix]
        found["noise_floor"] = floor
        measured[matrix] = {column: numbers * there for column, numbers in found.items()}
    left_out = tuple(_left_out(selection, layers))
    return Table(model, config, selection, stored, values, measured, reference, rms, left_out)


def _left_out(selection: Selection, layers: Sequence[LayerSpectra]) -> Iterator[LeftOut]:
    for layer, spectra in zip(selection.layers, layers, strict=True):
        for matrix in selection.matrices:
            finite = np.isfinite(spectra[matrix].values).all(-1)
            for place in np.flatnonzero(~finite):
                yield LeftOut(layer, matrix, selection.heads[place], _reason(*spectra[matrix].odd[place]))


def _reason(nans: int, infinities: int) -> str:
    kinds = [
        f"{count:,} {'is' if count == 1 else 'are'} {kind}"
        for count, kind in ((nans, "NaN"), (infinities, "infinite"))
        if count
    ]
    return f"of its numbers {' and '.join(kinds)}" if kinds else "its numbers are too large for float64"


def rows(table: Table) -> Iterator[dict[str, str]]:
    """The rows of spectra.csv, by column: a layer, matrix and head each, but for those that are left out."""
    selection, group = table.selection, table.config.group
    for at, layer in enumerate(selection.layers):
        for matrix in selection.matrices:
            for place, head in enumerate(selection.heads):
                if not np.isfinite(table.values[matrix][at, place]).all():
                    continue
                numbers = {column: repr(float(found[at, place])) for column, found in table.measured[matrix].items()}
                numbers["rank"] = f"{table.measured[matrix]['rank'][at, place]:.0f}"
                names = {"layer": str(layer), "matrix": matrix, "head": str(head), "kv_head": str(head // group)}
                yield {column: {**names, **numbers}[column] for column in COLUMNS}


def write_csv(table: Table, path: Path) -> None:
    """Write spectra.csv: every number in as many digits as it takes to read the same again."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(table))


def write_values(table: Table, path: Path) -> None:
    """Write spectra.safetensors: (heads, values) for every `blocks.{layer}.{matrix}`; NaN for what is left out.

    Of a model of two stacks names begin with encoder or decoder.
    """
    selection = table.selection
    arrays = {
        f"{table.config.blocks}.{layer}.{matrix}": table.values[matrix][at]
        for at, layer in enumerate(selection.layers)
        for matrix in selection.matrices
    }
    about = {
        "model": table.model,
        "axes": "heads, singular values; largest first; NaN: left out",
        "heads": list(selection.heads),
        "kv_heads": [head // table.config.group for head in selection.heads],
        "shared_by_groups": [matrix for matrix in selection.matrices if matrix in SHARED],
        "stored_as": dict(table.stored),
    }
    write_arrays(path, arrays, "spectra", json.dumps(about, ensure_ascii=False))
