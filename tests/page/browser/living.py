"""A small scene as a page in a browser, and where its cells are seen; for tests of what a person does there."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.page.writing import page_of
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera, project
from tests.page.browser.driver import Browser, Page

TOKENS = ("The", " quick", " brown", " fox", "\n", " jumps")
RESTS = "document.querySelector('canvas')?.dataset.rests === 'yes'"
DRAWS = RESTS + " || document.querySelector('.trouble') !== null"


@cache
def head() -> Composition:
    """An attention head that reads six tokens, as a film of two chapters."""
    sources = {name: {"init": "gaussian", "shape": [6, 4], "seed": seed} for seed, name in enumerate("QKV")}
    chapters = [{"caption": "Scores", "to": 6}, {"caption": "Values", "from": 6}]
    scene = Scene(
        "z = (attn = softmax(tril(Q @ K.T))) @ V",
        sources,
        title="A small head",
        animation={"chapters": chapters, "speed": 8},
    )
    named = {"": ("tokens", ""), "left": ("tokens", "tokens"), "right": ("tokens", "")}
    named |= {"left.left": ("tokens", ""), "left.right": ("", "tokens")}
    return replace(scene.composition, axes=named, tokens=TOKENS)


class Living:
    """A page that a person is before."""

    def __init__(self, page: Page, place: Path, composition: Composition) -> None:
        self.page, self.place, self.composition = page, place, composition

    def open(self, fragment: str) -> None:
        """Go there afresh, by a session's link, and wait until the picture rests."""
        self.page.open("about:blank")
        self.page.open(self.place, fragment and f"#{fragment}")
        self.rest()

    def rest(self) -> None:
        """Wait until nothing moves."""
        self.page.frame()
        self.page.wait(DRAWS)

    @property
    def link(self) -> dict[str, str]:
        """The session as the page's address has it."""
        self.page.pause(0.35)
        told: str = self.page.evaluate("decodeURIComponent(location.hash.slice(1))")
        return dict(part.split("=", 1) for part in told.split("&") if part)

    def text(self, what: str) -> str:
        """What an element says; empty where there is none, or it is hidden."""
        found: str = self.page.evaluate(
            f"(one => one && !one.closest('[hidden]') ? one.textContent : '')(document.querySelector({what!r}))"
        )
        return found

    def picture(self) -> NDArray[np.uint8]:
        """What is seen once it rests, without the bar; (height, width, 3)."""
        self.rest()
        return self.page.screenshot()[: round(self.size[1])]

    def box(self, what: str) -> tuple[float, float, float, float]:
        """Left, top, width and height of an element, in CSS pixels."""
        found = self.page.evaluate(
            f"(b => [b.left, b.top, b.width, b.height])(document.querySelector({what!r}).getBoundingClientRect())"
        )
        return tuple(found)

    def click(self, what: str) -> None:
        """Click on the middle of an element."""
        left, top, width, height = self.box(what)
        self.page.click(left + width / 2, top + height / 2)

    @property
    def size(self) -> tuple[float, float]:
        """Of the picture, in CSS pixels."""
        width, height = self.page.evaluate("(c => [c.clientWidth, c.clientHeight])(document.querySelector('canvas'))")
        return width, height

    def camera(self, t: float) -> Camera:
        """From where the page looks: by its link, or the scene's own camera."""
        width, height = self.size
        told = self.link.get("c")
        if told is None:
            return self.composition.camera_at(t, width / height)
        numbers = np.array([float(number) for number in told.split(",")])
        return Camera(numbers[:3], numbers[3:6], numbers[6:9], float(numbers[9]))

    def hidden(self, what: str) -> bool:
        """Whether an element is not seen."""
        return bool(self.page.evaluate(f"document.querySelector({what!r}).hidden"))

    def spot(self, camera: Camera, point: Any) -> tuple[float, float]:
        """Where a point is seen, in CSS pixels."""
        width, height = self.size
        x, y = project(camera, np.asarray(point)[None], width / height)[0]
        return float(x * width), float((1 - y) * height)

    def cells(self, camera: Camera, count: int, chance: np.random.Generator) -> Iterator[tuple[float, float]]:
        """Places of the picture at which there is some cell, or one behind another."""
        paths = list(self.composition.values)
        for _ in range(count):
            place = self.composition.layout[paths[chance.integers(len(paths))]]
            yield self.spot(camera, place.spot(*(chance.integers(side) for side in place.shape)))


def written(folder: Path, name: str, composition: Composition, **more: Any) -> Path:
    """The page of a scene."""
    place = folder / f"{name}.html"
    place.write_bytes(page_of(composition, **more))
    return place


def living(browser: Browser, place: Path, composition: Composition, **more: Any) -> Living:
    """A page that is open."""
    return Living(browser.page(**{"width": 480, "height": 320, **more}), place, composition)


def camera_text(camera: Camera) -> str:
    """A camera as a link has it."""
    numbers = [*camera.position, *camera.target, *camera.up, camera.view_angle]
    return ",".join(repr(float(one)) for one in numbers)
