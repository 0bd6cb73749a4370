"""From where a scene is seen at a time: a path through keyframes; a pure function of the time, no drawing."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from mmviz.picture.easing import cruise, smooth
from mmviz.picture.eye.camera import Camera, same
from mmviz.picture.eye.flight import View, between

LEAVING = 1.5
"""Seconds before the next keyframe at which a camera stops following; half of the time where there is less."""
BACKING = 0.3
"""Share of an orbit in which the eye goes back until all is seen from every side, and in which it comes again."""


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """What is seen at one time, and what the camera does from then on."""

    clock: float  # in steps
    view: View  # its turn counted on from the stop before
    whole: float | None = None  # zoom under which the whole scene is seen; None: something else is
    orbit: float = 0.0  # degrees to go around until the next stop
    wide: View | None = None  # of an orbit: from where all is seen from every side
    follow: Callable[[float], View] | None = None  # the view at a time, in steps, until shortly before the next stop
    camera: Camera = field(init=False)  # of the view

    def __post_init__(self) -> None:
        """Make the camera once: where it stays it is the same object."""
        object.__setattr__(self, "camera", self.view.camera())

    def left(self, clock: float) -> View:
        """What would be seen when the next stop comes, if that did not say what."""
        if self.follow is not None:
            return self.follow(clock)
        return (self.view if self.wide is None else self.wide).turned(self.orbit)


class CameraPath:
    """The path of a camera through its stops. Before the first and after the last it stays.

    Args:
        stops: At times that grow; at least one.
        end: The time at which an orbit from the last stop ends, in steps.
        leaving: How long before the next stop a camera stops following, in steps.
    """

    def __init__(self, stops: Iterable[Stop], end: float, leaving: float) -> None:
        self.stops = tuple(stops)
        self._clocks = [stop.clock for stop in self.stops]
        self.leaving = leaving
        last = self.stops[-1]
        self.after = Stop(end, last.left(end)) if last.orbit and end > last.clock else None

    def at(self, clock: float) -> Camera:
        """The camera at a time, in steps. Where it stays it is the same object."""
        seen = self._seen(clock)
        return seen.camera if isinstance(seen, Stop) else seen.camera()

    def view(self, clock: float) -> View:
        """The same as a view; its turn changes steadily, also where it goes around."""
        seen = self._seen(clock)
        return seen.view if isinstance(seen, Stop) else seen

    def _seen(self, clock: float) -> Stop | View:
        number = max(bisect_right(self._clocks, clock) - 1, 0)
        stop = self.stops[number]
        if clock <= stop.clock:
            return stop
        following = self.stops[number + 1] if number + 1 < len(self.stops) else self.after
        if following is None:
            return stop if stop.follow is None else stop.follow(clock)
        if clock >= following.clock or _stays(stop, following):
            return following
        return self._on_the_way(stop, following, clock)

    def _on_the_way(self, stop: Stop, following: Stop, clock: float) -> View:
        time = following.clock - stop.clock
        if stop.follow is not None:
            leaving = min(self.leaving, time / 2)
            share = max(0.0, 1 - (following.clock - clock) / leaving)
            view = stop.follow(clock)
            return between(view, following.view, smooth(share)) if share else view
        share = (clock - stop.clock) / time
        if not stop.orbit:
            return between(stop.view, following.view, smooth(share))
        view = between(stop.view, following.view, smooth(share), cruise(share))
        if stop.wide is None:
            return view
        back = smooth(min(share / BACKING, 1.0)) * smooth(min((1 - share) / BACKING, 1.0))
        if following is self.after:  # it ends there
            back = smooth(min(share / BACKING, 1.0))
        wide = replace(stop.wide, turn=view.turn, climb=view.climb)
        return between(view, wide, back)


def _stays(one: Stop, other: Stop) -> bool:
    """Whether the camera does not move between two stops."""
    return one.follow is None and not one.orbit and same(one.camera, other.camera)
