"""What a scene takes over from the one that it was changed from is never stale, whichever key is changed.

Every key of a document that stands in one of the scenes here is changed, and what comes of it held against a scene of
the same document that has computed everything itself.
"""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

import mmviz
from mmviz import MmvizError, Scene
from mmviz.machine.derived import UndeclaredError, parts_of, stage, take_over
from mmviz.picture.eye.camera import Camera
from mmviz.scene.document import Document, json_schema
from mmviz.scene.keys.options import MmColors

CAMERA = {
    "direction": [-1, 1, 2],
    "inset": "p",
    "keyframes": [
        {"at": 0, "direction": [0, 0, 1], "zoom": 0.5},
        {"at": 1, "focus": "p"},
        {"at": "out", "follow": "out"},
        {"at": 7, "position": [10, 10, 30], "target": [0, 0, 1], "view_angle": 40},
        {"at": "end", "orbit": 20},
    ],
}
EVERYTHING: dict[str, Any] = {
    "title": "A title",
    "expr": "out = (p = softmax(A @ B)) @ C @ D @ E",
    "tensors": {
        "A": {"init": "gaussian", "shape": [4, 3], "seed": 1},
        "B": {"formula": "i - j + 0.5", "shape": [3, 4]},
        "C": {"values": [[1, 2, 3], [4, 5, 6], [7, -8, 9], [0, 1, 0]]},
        "D": {"init": "uniform", "shape": [3, 3], "svd": {"part": "U", "rank": 2}},
        "E": {"init": "pt linear", "shape": [2, 4], "dropout": 0.5},
    },
    "rank": {"A": 2},
    "partition": {"i": 2, "p": {"k": 2}},
    "layout": {"gap": 2, "matrices": {"p": {"scheme": "custom", "gap": 3}}},
    "animation": {
        "fuse": "none",
        "matrices": {"p": "vvprod"},
        "chapters": [{"from": 0, "to": "p", "caption": "First", "camera": [{"focus": "p"}]}, {"from": "p"}],
    },
    "style": {"before": {"p": "scores"}},
    "camera": CAMERA,
    "captions": [{"start": "p", "text": "Now p"}],
    "view": {"camera": {"position": [1, 2, 30]}, "step": 1, "hidden": ["p"], "tab": "Look"},
}
OF_MODEL: dict[str, Any] = {
    "expr": "(x @ w) @ v",
    "model": {"path": "smollm2-135m-2layers", "tokens": [5, 6, 7], "device": "cpu"},
    "tensors": {
        "x": {"activation": "blocks.0.ln1.hook_normalized"},
        "w": {"weight": "blocks.0.attn.W_Q", "head": 1},
        "v": {"init": "rows", "shape": [64, 2]},
    },
}
BASES = {
    "everything": EVERYTHING,
    "still": {**EVERYTHING, "animation": {"matrices": {"p": "vvprod"}}, "camera": {"inset": "p"}},
    "mm": {**EVERYTHING, "style": {"mm": {"sensitivity": "local"}}, "camera": {}},
}
EARLY = 0.6
"""A step in which something flies."""
FUNCTIONS = ("timeline", "before", "around", "ingredients")
"""Parts of a composition that are functions, or have some."""
NO_PICTURE = {"version", "export", "made_by", "view", "about"}
"""Keys that no picture depends on."""


def words(schema: Any) -> Iterator[str]:
    """Every word that a key may have as its value."""
    if isinstance(schema, dict):
        yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
        for part in schema.values():
            yield from words(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from words(part)


WORDS = [
    "A",
    "B",
    "p",
    "out",
    "other",
    "i * j",
    "out = (p = softmax(A @ B)) @ (C @ (D @ E))",
    *sorted(set(words(json_schema()))),
]
LISTS: list[Any] = [[1.5, 2, 3], [3, 2], {"part": "S"}, {}]


def others(value: Any) -> list[Any]:
    """Values that could stand instead of one."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1, value / 2, value - 0.25, 2, 1, 3]
    if isinstance(value, str):
        return [word for word in WORDS if word != value]
    return [True, 2, 0.5, *WORDS, *LISTS] if value is None else []


def changes(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    """Every key of a document, and other contents of it, one of which may be possible."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from changes(part, (*place, key))
    elif isinstance(value, list) and value and all(isinstance(entry, int | float) for entry in value):
        whole = [[entry + 0.5 for entry in value], [entry + 1 for entry in value], value[:-1]]
        yield place, [*whole, *(put(value, (number,), entry + 1) for number, entry in enumerate(value))]
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from changes(part, (*place, number))
    else:
        yield place, others(value)


def put(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The content with another value at a place."""
    if not place:
        return value
    copy = dict(content) if isinstance(content, dict) else list(content)
    copy[place[0]] = put(content[place[0]], place[1:], value)
    return copy


Pair = tuple[Scene, Scene]
"""A scene that was changed, and one of the same document that computes everything itself."""


def changed(scene: Scene, content: dict[str, Any], place: tuple[Any, ...], values: list[Any]) -> Pair | None:
    """The scene with the first possible other value at a place, and one afresh; None where no other one is possible."""
    for value in values:
        part = put(content, place, value)[place[0]]
        try:
            other = scene.changed(**{place[0]: part})
            if other.document == scene.document:
                continue
            afresh = Scene.of(other.document, other.folder)
            made_of(afresh)
            return other, afresh
        except MmvizError:
            continue
    return None


def made_of(scene: Scene) -> list[Any]:
    """All that pictures are drawn from, at any time and from any side; functions by what they give at three times.

    Pictures are a pure function of it, and take four times as long.
    """
    made, timeline = scene.composition, scene.timeline()
    parts = {part.name: getattr(made, part.name) for part in fields(made) if part.name not in FUNCTIONS}
    frames = [timeline.frame(t) for t in (EARLY, timeline.steps / 2, float(timeline.steps))]
    states = [{path: (one.shown, one.lit, one.values) for path, one in frame.items()} for frame in frames]
    before = {part.name: getattr(made.before, part.name) for part in fields(made.before) if part.name != "finish"}
    behind = {path: [made.behind.values(path, t) for t in (EARLY, timeline.steps / 2)] for path in made.before.names}
    plain = [scene.values(), scene.colors(), scene.sizes(), dict(scene.layout()), scene.blocks, scene.shapes]
    moving = [timeline.schedule, states, [frame.planes for frame in frames], before, behind]
    return [*plain, parts, *moving, made.chapters, scene.root]


def drawn(scene: Scene) -> list[Any]:
    """What can be seen: by the film's own camera when something flies first, and by another one later."""
    made, steps = scene.composition, scene.timeline().steps
    cameras = [made.camera_at(t, 1.5) for t in (EARLY, steps / 2, float(steps))]
    first = made.at(EARLY, cameras[0], 1.5)  # names keep their places: late in a film they depend on all before
    later = made.at(steps / 2, Camera(cameras[1].position + 0.5, cameras[1].target, cameras[1].up), 1.5)
    return [first, later, cameras]


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, BaseModel):  # field by field, as if it did not know itself when it equals another one
        return type(one) is type(other) and alike(vars(one), vars(other))
    if is_dataclass(one) and not isinstance(one, type):
        return type(one) is type(other) and all(
            alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one)
        )
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other) or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


def dumped(content: dict[str, Any]) -> dict[str, Any]:
    return Document.model_validate(content).model_dump(mode="json")


@cache
def base(name: str) -> tuple[Scene, dict[str, Any]]:
    """A scene from which others are changed, all of it computed, and what stands in its document."""
    content = dumped(BASES[name])
    scene = Scene(**content)
    made_of(scene)
    drawn(scene)
    return scene, content


def hold(pairs: list[tuple[tuple[Any, ...], Pair | None]]) -> None:
    """The scenes of a pair are made of the same, and those of the last one draw the same."""
    possible = [(place, pair) for place, pair in pairs if pair is not None]
    assert possible, "no other content of this key is possible: the scene is no test of it"
    for place, (other, afresh) in possible:
        assert alike(made_of(other), made_of(afresh)), place
    other, afresh = possible[-1][1]
    assert alike(drawn(other), drawn(afresh)), possible[-1][0]


UNCHANGED = ("version", "expr", "roots", "made_by", "model", "checks")
"""What this scene has no other contents of."""
PARTS = [("everything", part) for part in Document.model_fields if part not in UNCHANGED]
PARTS += [("still", "expr"), ("still", "animation"), ("mm", "style")]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "part"), PARTS, ids=[f"{name}-{part}" for name, part in PARTS])
def test_a_changed_key_shows_what_a_scene_computed_afresh_shows(name: str, part: str) -> None:
    scene, content = base(name)
    hold([(place, changed(scene, content, place, values)) for place, values in changes(content[part], (part,))])


@pytest.mark.slow
@pytest.mark.parametrize("part", ["model", "tensors"])
def test_a_changed_key_of_a_model_shows_what_a_scene_computed_afresh_shows(part: str) -> None:
    content = dumped(OF_MODEL)
    scene = Scene(**content)
    made_of(scene)
    first = ["blocks.1.attn.W_Q", "blocks.1.ln1.hook_normalized", "float64", [1, 2]]
    tried = [(place, [*first, *values[:3]]) for place, values in changes(content[part], (part,))]
    hold([(place, changed(scene, content, place, values)) for place, values in tried])


def test_every_key_of_a_document_is_read_by_a_stage_or_by_no_picture() -> None:
    read = {path.partition(".")[0] for path in parts_of(Scene, "composition")} - {"beside_for"}  # made of others
    assert read == set(Document.model_fields) - NO_PICTURE


def test_colours_go_by_no_other_keys_of_the_style() -> None:
    scene = Scene(**EVERYTHING)
    numbers = scene.evaluated
    found = scene.colors()
    kept = scene.changed(style={"before": {"p": "scores"}, "guides": False, "tokens": "none"})
    assert kept.evaluated is numbers
    assert kept.composition.looks is scene.composition.looks
    again = scene.changed(style={"before": {"p": "scores"}, "mm": MmColors().model_dump()})
    assert again.evaluated is numbers
    assert not alike(again.colors(), found)


def test_what_is_changed_is_not_computed_again_where_it_does_not_matter() -> None:
    scene = Scene(**EVERYTHING)
    made_of(scene)
    assert scene.changed(camera={}).timeline() is scene.timeline()
    assert scene.changed(title="other").layout() is scene.layout()
    assert scene.changed(layout={"gap": 9}).evaluated is scene.evaluated
    assert scene.changed(rank={}).evaluated is not scene.evaluated


class Owner:
    """The smallest thing with stages."""

    where = "here"
    folder = Path()

    def __init__(self, **parts: Any) -> None:
        self.document = Parts(**parts)

    @stage("a")
    def first(self) -> int:
        """Reads what it says."""
        return self.document.a

    @stage("b", uses=("first",))
    def second(self) -> int:
        """Reads what it and another say."""
        return self.document.b + self.first

    @stage("a")
    def careless(self) -> int:
        """Reads more than it says."""
        return self.document.a + self.document.b

    @stage("b")
    def sly(self) -> int:
        """Reads more than it says, by another stage."""
        return self.indirect()

    def indirect(self) -> int:
        """Reads a stage for whoever calls it."""
        return self.first


class Parts(BaseModel):
    """A document."""

    a: int = 1
    b: int = 2


def test_a_stage_cannot_read_what_it_does_not_declare() -> None:
    with pytest.raises(UndeclaredError, match=r"^careless reads b of the document, which it does not declare\.$"):
        _ = Owner().careless
    with pytest.raises(UndeclaredError, match=r"^sly uses first, which it does not declare\.$"):
        _ = Owner().sly


def test_a_stage_is_taken_over_where_all_that_it_is_made_of_is_equal() -> None:
    old = Owner()
    assert (old.first, old.second) == (1, 3)
    for parts, kept in (({}, {"first", "second"}), ({"b": 5}, {"first"}), ({"a": 5}, set())):
        new = Owner(**parts)
        take_over(new, old)
        assert {"first", "second"} & set(vars(new)) == kept
        assert new.second == new.document.a + new.document.b
    elsewhere = Owner()
    elsewhere.folder = Path("elsewhere")
    take_over(elsewhere, old)
    assert "first" not in vars(elsewhere)


def test_a_class_gives_its_stages_and_their_words() -> None:
    assert Owner.first.__doc__ == "Reads what it says."
    assert parts_of(Owner, "second") == {"a", "b"}
    assert Path(mmviz.__file__).exists()
