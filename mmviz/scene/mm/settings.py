"""The settings of mm (bhosmer/mm) as parts of our scene documents: animation, blocks, layout, look and camera."""

from collections.abc import Callable, Mapping
from math import pi
from typing import Any

from mmviz.scene.mm.tree import MmProduct, products, read_choice, read_number

Key = Callable[[str], str]
"""What a scene calls the product at a path: its name where it is readable and its own, or else the path."""

ALGORITHMS = {
    "none": "none",
    "vmprod": "vmprod",
    "mvprod": "mvprod",
    "vvprod": "vvprod",
    "dotprod (row major)": "dotprod",
    "dotprod (col major)": "dotprod-columns",
    "axpy": "axpy",
}
FUSES = {name: name for name in ("none", "sync", "async")}
SPIN = 9 / pi
"""Degrees a second for each 1 of mm's spin: it turns the eye by 1/20 radian a second."""
DROPPED = {
    ("deco", "interior spotlight"): False,
    ("deco", "axes"): False,
}
"""What we have no counterpart for at all, with the value that says nothing."""
EYE = {"x": -48.0, "y": 48.0, "z": 48.0}
"""Where mm's camera starts, in cells."""
VIEW_ANGLE = 45.0

_FACING = {
    "polarity": ("polarity", {"negative": "negative", "positive": "positive"}),
    "left": ("left placement", {"left": "left", "right": "right"}),
    "right": ("right placement", {"top": "top", "bottom": "bottom"}),
    "result": ("result placement", {"front": "front", "back": "back"}),
}
_SCHEMES = {name: name for name in ("blocks", "zigzag", "wheel", "custom")}
_SENSITIVITIES = {name: name for name in ("global", "semilocal", "local", "superlocal")}
GAP = 4.0
"""mm's own gap where its parameters have none, in cells."""
_COLORS = ("min size", "min light", "max light", "elem scale", "zero hue", "hue gap", "hue spread")


def read_animation(root: MmProduct, key: Key) -> dict[str, Any]:
    """`animation` of a scene; nothing moves where the root's algorithm is none, whatever the others say."""
    algorithm = _algorithm(root) or "none"
    fuse = root.choice("anim", "fuse", FUSES) or "none"
    speed, spin = root.number("anim", "speed"), root.number("anim", "spin") or 0.0
    own: dict[str, str] = {}

    def descend(node: MmProduct, inherited: str) -> None:
        chosen = _algorithm(node) or inherited
        if chosen != inherited:
            own[key(node.path)] = chosen
        if chosen == "none":
            return  # mm moves nothing below a product that does not move
        for argument in (node.left, node.right):
            if isinstance(argument, MmProduct):
                descend(argument, chosen)

    descend(root, algorithm)
    return {
        "algorithm": algorithm,
        "fuse": fuse,
        "matrices": own,
        "hide_inputs": root.setting("anim", "hide inputs") is True,
        "spin": min(max(spin * SPIN, -360.0), 360.0),
        "speed": 20.0 if speed is None else min(max(speed, 0.01), 1000.0),
    }


def _algorithm(node: MmProduct) -> str | None:
    """None: that of the product above."""
    found: str | None = node.choice("anim", "alg", {"inherit": None, **ALGORITHMS})
    return found


def read_partition(root: MmProduct, key: Key) -> dict[str, Any]:
    """`partition` of a scene: the root's i and j, and k of every product."""
    cuts: dict[str, Any] = {}
    for letter in ("i", "k", "j"):
        count = _count(root, f"{letter} blocks")
        if count > 1:
            cuts[letter] = count
    for node in products(root):
        count = _count(node, "k blocks")
        if node is not root and count > 1:
            cuts[key(node.path)] = {"k": count}
    return cuts


def _count(node: MmProduct, name: str) -> int:
    return max(1, int(node.number("block", name) or 1))


def read_layout(root: MmProduct, key: Key) -> dict[str, Any]:
    """`layout` of a scene; the facing of inner products counts where the scheme is custom, as in mm."""
    scheme = root.choice("layout", "scheme", _SCHEMES) or "blocks"
    layout = {"scheme": scheme, "gap": GAP, **_spacing(root), **_facing(root)}
    matrices: dict[str, Any] = {}
    for node in products(root):
        own = _spacing(node) | (_facing(node) if scheme == "custom" else {})
        if node is not root and own:
            matrices[key(node.path)] = own
    return layout | ({"matrices": matrices} if matrices else {})


def _spacing(node: MmProduct) -> dict[str, Any]:
    found: dict[str, Any] = {name: node.number("layout", name) for name in ("gap", "scatter", "molecule", "blast")}
    if found["molecule"] is not None:
        found["molecule"] = int(found["molecule"])
    return {name: value for name, value in found.items() if value is not None}


def _facing(node: MmProduct) -> dict[str, Any]:
    found = {name: node.choice("layout", theirs, known) for name, (theirs, known) in _FACING.items()}
    return {name: value for name, value in found.items() if value is not None}


def read_style(root: MmProduct) -> dict[str, Any]:
    """`style` of a scene: mm's colours, and which of its decorations are on."""
    colors: dict[str, Any] = {}
    sensitivity = root.setting("viz", "sensitivity")
    if sensitivity is not None:
        colors["sensitivity"] = read_choice(sensitivity, _SENSITIVITIES, "viz.sensitivity")
    for name in _COLORS:
        value = root.number("viz", name)
        if value is not None:
            highest = 10.0 if name == "elem scale" else 1.0
            colors[name.replace(" ", "_")] = min(max(value, 0.0), highest)
    legends = _is_on(root, "legends")
    return {
        "mm": colors,
        "names": legends,
        "sizes": legends and root.setting("deco", "shape") is not False,
        "guides": _is_on(root, "row guides"),
        "arrows": _is_on(root, "flow guides"),
    }


def _is_on(root: MmProduct, decoration: str) -> bool:
    size = root.number("deco", decoration)
    return size is None or size > 0


def read_camera(root: MmProduct) -> dict[str, Any]:
    """`camera` of a scene; empty where mm's parameters have none, so that everything is in view."""
    cam = root.groups.get("cam", {})
    if not any(cam.get(axis) is not None for axis in EYE):
        return {}
    target = cam.get("target")
    position = [_coordinate(cam, "cam", axis, start) for axis, start in EYE.items()]
    aim = [_coordinate(target if isinstance(target, Mapping) else {}, "cam.target", axis, 0.0) for axis in EYE]
    if position == aim:
        return {}
    return {"position": position, "target": aim, "view_angle": VIEW_ANGLE}


def _coordinate(group: Mapping[str, Any], where: str, axis: str, default: float) -> float:
    value = group.get(axis)
    return default if value is None else read_number(value, f"{where}.{axis}")


def losses(root: MmProduct) -> list[str]:
    """What of mm's settings a scene shows otherwise or not at all, a line each; colours and sizes are not meant."""
    lines: list[str] = []
    for (group, name), nothing in DROPPED.items():
        said = root.setting(group, name)
        if said is not None and said != nothing:
            lines.append(f"'{name}': is left out")
    return list(dict.fromkeys(lines))
