"""Where a picture is seen from: a perspective camera and the distance at which everything fits."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from mmviz.errors import MmvizError
from mmviz.picture.space.placement import Vector, cross, length

VIEW_ANGLE = 30.0
"""Vertical field of view, in degrees: narrow enough that far faces keep their size, wide enough for depth."""
WIDEST = 170.0
"""Largest vertical field of view, in degrees."""
CLEARANCE = 1.0
"""Least distance of the eye from the nearest point of what has to fit, in cells."""

BESIDE = 1e-9
"""Distance before the eye, in cells, at which points beside it are taken to be."""
LEVEL = 1e-4
"""How far beside the vertical a line of sight is, in radians, for the world's y to be up in the picture."""
ROUNDING = 1e-9
"""Shares of a distance, and degrees, by which cameras may differ that see the same."""


@dataclass(frozen=True, eq=False)
class Camera:
    """An eye in space."""

    position: Vector  # (3,), in cells
    target: Vector  # (3,), in cells
    up: Vector  # (3,) unit vector
    view_angle: float = VIEW_ANGLE  # vertical, in degrees

    def axes(self) -> tuple[Vector, Vector, Vector]:
        """Unit vectors to the right, up and toward the eye."""
        return self._axes

    @property
    def slope(self) -> float:
        """Half the height of what the picture shows at a distance of 1."""
        return float(np.tan(np.radians(self.view_angle) / 2))

    def depths(self, points: Vector) -> Vector:
        """How far points are before the eye, (...) of (..., 3), in cells along the way it looks; negative behind it."""
        depths: Vector = (self.position - points) @ self._axes[2]
        return depths

    @cached_property
    def _axes(self) -> tuple[Vector, Vector, Vector]:
        return _axes(self.position - self.target, self.up)


def same(one: Camera, other: Camera) -> bool:
    """Whether two cameras see the same, but for rounding."""
    if one is other:
        return True
    far = float(abs(one.position - one.target).max())
    return bool(
        abs(one.position - other.position).max() <= ROUNDING * far
        and abs(np.subtract(one.axes(), other.axes())).max() <= ROUNDING
        and abs(one.view_angle - other.view_angle) <= ROUNDING
    )


def project(camera: Camera, points: Vector, aspect: float) -> Vector:
    """Where points are seen in the picture.

    Args:
        camera: The picture's camera.
        points: (n, 3), in cells, in front of the eye.
        aspect: Width of the picture divided by its height.

    Returns:
        (n, 2): shares of the width from the left and of the height from the bottom; of a point beside the eye, neither
        before nor behind it, very large numbers.
    """
    right, upward, toward = camera.axes()
    rays = points - camera.position
    half_height = -(rays @ toward) * camera.slope
    half_height = np.where(half_height == 0, BESIDE, half_height)
    seen: Vector = np.stack([rays @ right / (half_height * aspect), rays @ upward / half_height], axis=1)
    return 0.5 + 0.5 * seen


def fit(
    points: Vector,
    direction: ArrayLike,
    aspect: float,
    *,
    zoom: float = 1.0,
    border: tuple[float, float] = (0.03, 0.10),
    left: float = 0.0,
    bottom: float = 0.0,
    up: ArrayLike | None = None,
) -> Camera:
    """The nearest camera in a direction from which every point is inside the picture.

    Args:
        points: (n, 3), in cells.
        direction: (3,) from the scene toward the eye; any length but 0.
        aspect: Width of the picture divided by its height.
        zoom: Larger than 1 comes nearer than the fit.
        border: Share of the width and of the height that stays empty on each side.
        left: Share of the width that stays empty at the left besides.
        bottom: Share of the height that stays empty at the bottom besides.
        up: (3,) what is up in the picture; the world's y by default; -z seen from above, z from below.

    Raises:
        MmvizError: the direction is 0 or not finite, or `up` runs along it.
    """
    right, upward, toward = _view(direction, up)
    half_height = np.tan(np.radians(VIEW_ANGLE) / 2)
    half_width = half_height * aspect
    across = half_width * (1 - 2 * border[0]), half_width * (1 - 2 * border[0] - 2 * left)
    upright = half_height * (1 - 2 * border[1]), half_height * (1 - 2 * border[1] - 2 * bottom)
    seen = points @ np.stack([right, upward, toward], axis=1)  # (n, 3): to the right, up, toward the eye
    eye_x, eye_y, eye_z = _nearest_eye(seen, across, upright)
    middle = (seen[:, 2].max() + seen[:, 2].min()) / 2
    target = eye_x * right + eye_y * upward + middle * toward
    distance = (eye_z - middle) / zoom
    return Camera(target + distance * toward, target, upward)


def _nearest_eye(
    points: Vector, across: tuple[float, float], upright: tuple[float, float]
) -> tuple[float, float, float]:
    """The eye with the smallest z whose pyramid of sight holds every point.

    Args:
        points: (n, 3).
        across: Slopes of the pyramid's right and left side.
        upright: Slopes of its top and its bottom.
    """
    x, y, z = points.T
    # A point is inside when x - eye_x <= slope * (eye_z - z): four half-planes, each bound by its outermost point.
    from_right, from_left = (x + across[0] * z).max(), (-x + across[1] * z).max()
    from_top, from_bottom = (y + upright[0] * z).max(), (-y + upright[1] * z).max()
    eye_z = max((from_right + from_left) / sum(across), (from_top + from_bottom) / sum(upright), z.max() + CLEARANCE)
    eye_x = (from_right - from_left - (across[0] - across[1]) * eye_z) / 2
    return eye_x, (from_top - from_bottom - (upright[0] - upright[1]) * eye_z) / 2, eye_z


def centred(
    points: Vector,
    middle: Vector,
    direction: ArrayLike,
    aspect: float,
    *,
    zoom: float = 1.0,
    border: tuple[float, float] = (0.03, 0.10),
    free: tuple[float, float] = (0.0, 0.0),
    up: ArrayLike | None = None,
) -> Camera:
    """The nearest camera that sees every point, and a place in the middle of the picture; arguments as in `fit`.

    Args:
        points: (n, 3), in cells.
        middle: (3,) in cells.
        direction: (3,) toward the eye.
        aspect: Width of the picture divided by its height.
        zoom: Larger than 1 comes nearer.
        border: Share of the width and of the height that stays empty on each side.
        free: Shares of the width at the left and of the height at the bottom that stay empty besides; the middle is
            that of the rest.
        up: (3,) what is up in the picture.

    Raises:
        MmvizError: as `fit`.
    """
    right, upward, toward = _view(direction, up)
    half_height = np.tan(np.radians(VIEW_ANGLE) / 2)
    x, y, z = ((points - middle) @ np.stack([right, upward, toward], axis=1)).T
    needed = [z.max() + CLEARANCE]
    for seen, half, empty, more in zip((x, y), (half_height * aspect, half_height), border, free, strict=True):
        far, near = half * (1 - 2 * empty), half * (1 - 2 * empty - 2 * more)
        needed += [((seen + far * z) / (far - more * half)).max(), ((-seen + near * z) / (near + more * half)).max()]
    distance = max(needed) / zoom
    target = middle - distance * half_height * (free[0] * aspect * right + free[1] * upward)
    return Camera(target + distance * toward, target, upward)


def placed(position: ArrayLike, target: ArrayLike, view_angle: float, aspect: float) -> Camera:
    """A camera at a fixed place.

    Args:
        position: (3,) of the eye, in cells.
        target: (3,) what it looks at, in cells.
        view_angle: Field of view, in degrees: the height of a landscape; a portrait sees that much more as mm does.
        aspect: Width of the picture divided by its height.

    Raises:
        MmvizError: position and target are one.
    """
    eye, aim = np.asarray(position, float), np.asarray(target, float)
    sight = _unit(eye - aim)
    level = sight is not None and float(np.hypot(sight[0], sight[2])) >= LEVEL
    _, upward, _ = _view(eye - aim, (0.0, 1.0, 0.0) if level else None)
    return Camera(eye, aim, upward, min(view_angle / min(aspect, 1.0), WIDEST))


def _view(direction: ArrayLike, up: ArrayLike | None) -> tuple[Vector, Vector, Vector]:
    """Unit vectors to the right, up and toward an eye in a direction."""
    sight = _unit(direction)
    if sight is None:
        raise MmvizError(f"camera, direction: must be three finite numbers and not all 0, got {_text(direction)}.")
    if up is None:
        # What y turns into for a viewer in front who comes to stand right above or below.
        up = (0.0, 0.0, -np.sign(sight[1])) if abs(sight[1]) > 0.999 else (0.0, 1.0, 0.0)
    above = _unit(up)
    if above is None or length(cross(above, sight)) < 1e-6:
        raise MmvizError(
            f"camera, up: must be finite, not 0 and not along the direction {_text(direction)}, got {_text(up)}."
        )
    return _axes(sight, above)


def _unit(vector: ArrayLike) -> Vector | None:
    """The unit vector of the same direction; None where there is none."""
    numbers = np.asarray(vector, float)
    largest = abs(numbers).max()
    if not (np.isfinite(largest) and largest > 0):
        return None
    scaled: Vector = numbers / largest
    return scaled / length(scaled)


def _text(vector: ArrayLike) -> str:
    return ", ".join(f"{number:g}" for number in np.asarray(vector, float))


def _axes(toward: Vector, up: Vector) -> tuple[Vector, Vector, Vector]:
    toward = toward / length(toward)
    right = cross(up, toward)
    right /= length(right)
    return right, cross(toward, right), toward
