"""What a scale is and where it comes from, in words and plain numbers: for legends, insets and the window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.look.looks import Looks, has_patterns
from mmviz.picture.look.palette import MmLook, Palette
from mmviz.picture.space.item_key import of_matrix
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.keys.scale_groups import ScaleGroup, scale_groups
from mmviz.scene.language.tree import BesideNode, Node, Tree, arguments, twins, walk, with_arguments

MOST = 4
"""Scales that a legend lists."""
LONGEST = 60
"""Letters of such a list."""
FAR_AWAY = "far away a cell shows the mean of its elements, and what stands out"


@dataclass(frozen=True, slots=True)
class Scale:
    """Which |x| of a matrix is drawn at full size, and why."""

    full: float
    signed: bool  # some of its numbers are less than 0
    beyond: bool  # some of its numbers are larger, without their signs
    source: Literal["largest", "quantile", "said", "mm"]
    shared: tuple[str, ...] = ()  # names of those that have the same scale, the matrix itself among them

    def told(self, style: StyleOptions) -> str:
        """In words, such as: full size at |x| = 0.53, the 99.5th percentile; square root."""
        why = {
            "largest": "the largest",
            "quantile": f"the {percentile(style)}",
            "said": "as the scene says",
            "mm": "in the colours of mm",
        }[self.source]
        of = f" of {_listed(self.shared)} together" if len(self.shared) > 1 else ""
        curve = "square root" if self.source == "mm" else _CURVES[style.curve].format(decades=style.decades)
        return f"full size at |x| = {plain_number(self.full)}, {why}{of}; {curve}"

    def range(self) -> str:
        """The numbers from one full size to the other, such as ±3.2 or 0…0.53."""
        return _range(self.full, signed=self.signed)


_CURVES = {"sqrt": "square root", "linear": "linear", "log": "logarithm over {decades:g} powers of ten"}
_GROWTH = {"sqrt": "√|x|", "linear": "|x|", "log": "log |x| over {decades:g} powers of ten"}


def range_of(values: NDArray[np.float32], masked: NDArray[np.bool_] | None, look: Palette | MmLook, full: float) -> str:
    """The range of some numbers, as `Scale.range` says it."""
    return _range(look.high if isinstance(look, MmLook) else full, signed=_extremes(values, masked)[0] < 0)


def named_with(root: Tree, scales: Mapping[str, Scale]) -> Tree:
    """The tree in which every matrix has its range beside its name; to be written, not to be found by name."""
    if isinstance(root, BesideNode):
        return BesideNode(tuple(_named_with(part, scales) for part in root.parts))
    return _named_with(root, scales)


def _named_with(root: Node, scales: Mapping[str, Scale]) -> Node:
    name = f"{root.name}  {scales[root.path].range()}"
    return with_arguments(replace(root, name=name), [_named_with(one, scales) for one in arguments(root)])


def scales_of(
    root: Tree,
    values: Mapping[str, NDArray[np.float32]],
    masked: Mapping[str, NDArray[np.bool_]],
    looks: Looks,
    style: StyleOptions,
) -> dict[str, Scale]:
    """The scale of every matrix, by its path.

    Args:
        root: The tree.
        values: (rows, columns) of every matrix, by path.
        masked: (rows, columns), where a mask forbids elements.
        looks: Of all of them.
        style: Of the scene.
    """
    groups = {path: group for group in scale_groups(root, style) for path in group.paths}
    extremes = {path: _extremes(matrix, masked.get(path)) for path, matrix in values.items()}
    found: dict[str, Scale] = {}
    for path, (lowest, highest) in extremes.items():
        look, full = looks[of_matrix(path)]
        group = groups.get(path, ScaleGroup((), (path,)))
        signed, beyond = lowest < 0, full < max(-lowest, highest)
        if isinstance(look, MmLook):
            found[path] = Scale(look.high, signed, beyond=False, source="mm")
        elif group.said is not None:
            found[path] = Scale(full, signed, beyond, "said", group.names)
        else:
            largest = max(max(-low, high) for low, high in map(extremes.__getitem__, group.paths))
            found[path] = Scale(full, signed, beyond, "quantile" if full < largest else "largest", group.names)
    return found


def legend(root: Tree, looks: Looks, style: StyleOptions) -> str:
    """What colours and sizes mean, in one line."""
    if style.mm is not None:
        return f"colours and sizes as in mm   ·   {FAR_AWAY}"
    negative = style.palette.split("-")[1]
    patterns = "softmax: from violet to yellow   " if has_patterns(root, style) else ""
    growth = _GROWTH[style.curve].format(decades=style.decades)
    return (
        f"blue: positive   {negative}: negative   {patterns}"
        f"size and lightness: {growth}, full at {_full(root, looks, style)}   ·   white cap: beyond it   ·   {FAR_AWAY}"
    )


def plain_number(value: float) -> str:
    """Three significant digits, without a power of ten unless there were many zeros."""
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return f"{float(f'{value:.3g}'):f}".rstrip("0").rstrip(".")


def percentile(style: StyleOptions) -> str:
    """The quantile of a style in words, such as: 99.5th percentile."""
    return f"{100 * style.quantile:g}{_ordinal(100 * style.quantile)} percentile"


def _full(root: Tree, looks: Looks, style: StyleOptions) -> str:
    """The scales one by one where there are few, and the rule."""
    rule = "largest" if style.quantile == 1 else f"largest but for outliers: {percentile(style)}"
    said = [group for group in scale_groups(root, style) if group.said is not None]
    groups = {path: group for group in scale_groups(root, style) for path in group.paths}
    targets = twins(root)
    lists: dict[str, str] = {}
    for node in walk(root):
        if node.path not in targets and (key := of_matrix(node.path)) in looks:
            names = groups[node.path].names if node.path in groups else (node.name,)
            lists.setdefault(_listed(names), plain_number(looks[key][1]))
    text = ", ".join(f"{names} {full}" for names, full in lists.items())
    if len(lists) <= MOST and len(text) <= LONGEST:
        return text if len(said) == len(lists) else f"{text} ({rule})"
    own = (
        f"each matrix's {rule}"
        if style.quantile == 1
        else f"each matrix's largest but for outliers ({percentile(style)})"
    )
    if any(group.alike for group in groups.values()):
        own += ", alike ones side by side together"
    special = [f"{_listed(group.names)} {plain_number(group.said)}" for group in said if group.said is not None]
    special += [
        f"{_listed(group.names)} together" for group in groups.values() if group.said is None and not group.alike
    ]
    listed = ", ".join(dict.fromkeys(special))
    return (
        f"{own}; {listed}"
        if listed and len(listed) <= LONGEST
        else own + ("; some as the scene says" if listed else "")
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _ordinal(number: float) -> str:
    whole = f"{number:g}"
    if "." in whole or whole[-2:] in ("11", "12", "13"):
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(whole[-1], "th")


def _range(full: float, *, signed: bool) -> str:
    return f"±{plain_number(full)}" if signed else f"0…{plain_number(full)}"


def _extremes(values: NDArray[np.float32], masked: NDArray[np.bool_] | None) -> tuple[float, float]:
    """The least and the largest number, or 0; NaN, infinities and masked elements are left out."""
    counts = np.isfinite(values) if masked is None else np.isfinite(values) & ~masked
    return float(values.min(where=counts, initial=0.0)), float(values.max(where=counts, initial=0.0))
