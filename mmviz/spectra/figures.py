"""Figures of a table of spectra, as PNG and SVG; computes no spectra."""

import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from mmviz.machine.output_files import whole_file, written
from mmviz.spectra.findings import RISES, extreme
from mmviz.spectra.measures import OF_FULL_RANK, RATIOS
from mmviz.spectra.table import Table
from mmviz.values.model.head_spectra import Matrix

Floats = NDArray[np.float64]

OURS: Final = re.compile(r"(heatmap|spectrum|heads|layers)_\w+\.(png|svg)")
"""Names of figures; those of an earlier run are removed."""
DOTS: Final = 120  # an inch, of PNG
SETTINGS: Final[dict[Any, Any]] = {
    "svg.hashsalt": "mmviz",  # the same figure gives the same bytes
    "font.size": 10,
    "axes.grid": True,
    "grid.color": "0.9",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
COLOURS: Final[Mapping[Matrix, str]] = {
    "q": "#0072B2",
    "k": "#D55E00",
    "v": "#009E73",
    "o": "#CC79A7",
    "qk": "#56B4E9",
    "ov": "#E69F00",
}
"""Source: Okabe and Ito 2008, Color Universal Design."""
MARKERS: Final[Mapping[Matrix, str]] = {"q": "o", "k": "s", "v": "^", "o": "D", "qk": "P", "ov": "X"}
AXES: Final = {
    "top10_ratio": "top-10 ratio (share of the sum)",
    "first_last_ratio": "first/last ratio (log scale)",
    "least10_ratio": "least-10 ratio (share of the sum)",
    "stable_rank": "stable rank (directions)",
    "participation_ratio": "participation ratio (directions)",
    "entropy_rank": "entropy rank (directions)",
}
LOGARITHMIC: Final = ("first_last_ratio",)
GAUSSIAN: Final = "Gaussian weights of the same shape"


def draw_all(table: Table, folder: Path) -> list[str]:
    """Draw every figure, each as .png and .svg, and remove those of an earlier run.

    Args:
        table: The spectra.
        folder: Where, made if it is not there.

    Returns:
        The names of the PNG files.

    Raises:
        OutputError: one cannot be written.
    """
    written(folder).mkdir(exist_ok=True)
    names: list[str] = []
    with mpl.rc_context(SETTINGS):
        for name, figure in figures(table):
            _write(figure, folder, name)
            names.append(f"{name}.png")
    kept = {name.replace(".png", end) for name in names for end in (".png", ".svg")}
    for old in folder.iterdir():
        if OURS.fullmatch(old.name) and old.name not in kept:
            old.unlink()
    return names


def figures(table: Table) -> Iterator[tuple[str, Figure]]:
    """Every figure with its name, one after the other."""
    layers, heads = table.selection.layers, table.selection.heads
    places = [(0, 0)]
    furthest = extreme(table, table.single or table.products, "top10_ratio")
    if furthest is not None:
        places.insert(0, (layers.index(furthest.layer), heads.index(furthest.head)))
    for at, place in dict.fromkeys(places):
        yield f"spectrum_layer_{layers[at]}_head_{heads[place]}", _spectrum(table, at, place)
    for at in dict.fromkeys(at for at, _ in places):
        lines = {matrix: {m: c[at] for m, c in table.measured[matrix].items()} for matrix in table.measured}
        title = f"{table.model}: ratios over the heads of layer {layers[at]}"
        yield f"heads_of_layer_{layers[at]}", _ratios(table, lines, heads, title, "query head")
    for place in dict.fromkeys(place for _, place in places):
        lines = {matrix: {m: c[:, place] for m, c in table.measured[matrix].items()} for matrix in table.measured}
        title = f"{table.model}: ratios of head {heads[place]} over the layers"
        yield f"layers_of_head_{heads[place]}", _ratios(table, lines, layers, title, "layer")
    for measure in RATIOS:
        yield f"heatmap_{measure}", _heat_map(table, measure)


def _spectrum(table: Table, at: int, place: int) -> Figure:
    """The singular values of one head's matrices, slices and products side by side, for their sizes differ."""
    groups = [matrices for matrices in (table.single, table.products) if matrices]
    figure = Figure(figsize=(1 + 6 * len(groups), 4.8), layout="constrained")
    layer, head = table.selection.layers[at], table.selection.heads[place]
    figure.suptitle(_plain(f"{table.model}: singular values of layer {layer}, head {head}"))
    for axes, matrices in zip(figure.subplots(1, len(groups), squeeze=False)[0], groups, strict=True):
        for matrix in matrices:
            values = table.values[matrix][at, place]
            if not np.isfinite(values).all():
                continue
            index = np.arange(1, len(values) + 1)
            style = {"color": COLOURS[matrix], "label": _with_shape(table, matrix)}
            axes.plot(index, np.where(values > 0, values, np.nan), marker=MARKERS[matrix], ms=3, lw=1.2, **style)
            reference = table.reference[matrix] * table.rms[matrix][at, place]
            axes.plot(index, np.where(reference > 0, reference, np.nan), "--", lw=1.2, color=COLOURS[matrix])
        _floor(axes, table, matrices, at, place)
        axes.set(
            xlabel="number of the singular value, largest first", ylabel="singular value (units of the weights, log)"
        )
        axes.plot([], [], "--", color="0.4", lw=1.2, label="Gaussian weights of the same shape and mean square")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(fontsize=9)
    return figure


def _floor(axes: Axes, table: Table, matrices: tuple[Matrix, ...], at: int, place: int) -> None:
    """A logarithmic axis, and where the noise floor is: as lines, if they are near what is drawn."""
    numbers = np.concatenate([np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.lines] or [np.empty(0)])
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return
    top = float(numbers.max())
    bottom = max(float(numbers.min()), 1e-9 * top)  # what lies below is 0 to a computer
    axes.set_yscale("log")
    floors = {matrix: float(table.measured[matrix]["noise_floor"][at, place]) for matrix in matrices}
    near = {matrix: floor for matrix, floor in floors.items() if floor > bottom / 30}
    for matrix, floor in near.items():
        axes.axhline(floor, ls=":", lw=1.2, color=COLOURS[matrix])
        bottom = min(bottom, floor)
    if near:
        axes.plot([], [], ":", color="0.4", lw=1.2, label="noise floor")
    axes.set_ylim(bottom / 1.4, top * 1.4)


def _ratios(
    table: Table, lines: Mapping[Matrix, Mapping[str, Floats]], numbers: tuple[int, ...], title: str, along: str
) -> Figure:
    """A panel for each ratio, a line for each matrix."""
    figure = Figure(figsize=(12, 7), layout="constrained")
    figure.suptitle(_plain(title))
    panels = figure.subplots(2, 3, sharex=True)
    for axes, measure in zip(panels.flat, RATIOS, strict=True):
        for matrix, columns in lines.items():
            style = {"color": COLOURS[matrix], "marker": MARKERS[matrix]}
            finite = np.where(np.isfinite(columns[measure]), columns[measure], np.nan)
            axes.plot(numbers, finite, lw=1, ms=4, label=_with_shape(table, matrix), **style)
        for matrices, dashes in ((table.single, "--"), (table.products, ":")):
            if matrices:
                name = f"{GAUSSIAN} ({', '.join(matrices)})" if table.single and table.products else GAUSSIAN
                axes.axhline(table.gaussian(matrices[0], measure), ls=dashes, lw=1.4, color="0.25", label=name)
        if measure in LOGARITHMIC:
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(FuncFormatter(_digits))
        axes.set(ylabel=AXES[measure], title=AXES[measure].partition(" (")[0])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in panels[-1]:
        axes.set_xlabel(along)
    handles, labels = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure


def _heat_map(table: Table, measure: str) -> Figure:
    """Layers downwards, heads to the right, a panel for each matrix; slices have one scale, products another."""
    matrices = (*table.single, *table.products)
    layers, heads = len(table.selection.layers), len(table.selection.heads)
    wide, high = min(max(0.22 * heads, 1.7), 7), min(max(0.2 * layers, 1.8), 12)
    groups = [group for group in (table.single, table.products) if group]
    figure = Figure(figsize=(1.6 * len(groups) + (wide + 0.3) * len(matrices), 1.9 + high), layout="constrained")
    figure.suptitle(_plain(f"{table.model}: {AXES[measure].partition(' (')[0]} of every head"))
    panels = dict(zip(matrices, figure.subplots(1, len(matrices), sharey=True, squeeze=False)[0], strict=True))
    for group in groups:
        norm = _scale([table.measured[matrix][measure] for matrix in group], logarithmic=measure in LOGARITHMIC)
        drawn = [_cells(panels[matrix], table, matrix, measure, norm) for matrix in group]
        name = AXES[measure] if len(groups) == 1 else f"{', '.join(group)}: {AXES[measure]}"
        bar = figure.colorbar(
            drawn[0], ax=[panels[matrix] for matrix in group], label=name, aspect=30, extend="both", pad=0.02
        )
        bar.outline.set_visible(False)
        if measure in LOGARITHMIC:
            bar.ax.yaxis.set_major_formatter(FuncFormatter(_digits))
            bar.ax.yaxis.set_minor_formatter(FuncFormatter(_first_digits))
    panels[matrices[0]].set_ylabel("layer")
    panels[matrices[0]].invert_yaxis()
    grey = "what is left out, or has values below the noise floor," if measure in OF_FULL_RANK else "what is left out"
    figure.supxlabel(f"Colours end at the 2nd and the 98th percentile; {grey} is grey.", fontsize=8, color="0.35")
    return figure


def _cells(axes: Axes, table: Table, matrix: Matrix, measure: str, norm: Normalize) -> Any:
    layers, heads = len(table.selection.layers), len(table.selection.heads)
    numbers = table.measured[matrix][measure]
    shown = np.ma.masked_invalid(numbers)
    colours = mpl.colormaps["viridis" if measure in RISES else "viridis_r"]
    axes.set(facecolor="0.8", xlabel="query head", title=f"{matrix}\nGaussian {table.gaussian(matrix, measure):.3g}")
    axes.grid(visible=False)
    _number(axes, "x", table.selection.heads)
    _number(axes, "y", table.selection.layers)
    return axes.pcolormesh(np.arange(heads + 1) - 0.5, np.arange(layers + 1) - 0.5, shown, norm=norm, cmap=colours)


def _scale(arrays: list[Floats], *, logarithmic: bool) -> Normalize:
    """From the 2nd to the 98th percentile: a single head that stands out must not make all others look alike."""
    numbers = np.concatenate([array[np.isfinite(array)] for array in arrays])
    least, largest = np.percentile(numbers, (2, 98)).tolist() if numbers.size else (1.0, 2.0)
    largest = largest if largest > least else least * 1.01 + 1e-12
    return LogNorm(least, largest) if logarithmic else Normalize(least, largest)


def _number(axes: Axes, side: str, numbers: tuple[int, ...]) -> None:
    """Ticks at cells, with the numbers of the layers or heads that they stand for."""
    axis = axes.xaxis if side == "x" else axes.yaxis
    step = -(-len(numbers) // 12)
    axis.set_ticks(range(0, len(numbers), step), [str(number) for number in numbers[::step]])


def _digits(number: float, _: int | None) -> str:
    return f"{number:g}"


def _first_digits(number: float, _: int | None) -> str:
    """Of the numbers between powers of ten, those that begin with 2 or 5."""
    text = f"{number:g}"
    return text if text.strip("0.")[:1] in ("2", "5") else ""


def _with_shape(table: Table, matrix: Matrix) -> str:
    rows, columns = table.shape(matrix)
    return f"{matrix} ({rows} x {columns})"


def _plain(text: str) -> str:
    """A text in which nothing is a formula."""
    return text.replace("$", r"\$")


def _write(figure: Figure, folder: Path, name: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a box is drawn in its place
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # where everything stands is found once, not for each kind of file
        usual, figure.dpi = figure.dpi, DOTS
        with whole_file(folder / f"{name}.png") as part:
            FigureCanvasAgg(figure).print_png(part)  # savefig would draw all of it twice
        figure.dpi = usual
        with whole_file(folder / f"{name}.svg") as part:
            FigureCanvasSVG(figure).print_svg(part, metadata={"Date": None})
