"""Damaged scenes, links of mm and parameters of mm, and random ones, end in a scene or in one MmvizError, soon."""

import json
import random
import urllib.parse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from mmviz.errors import MmvizError
from mmviz.pipeline import Scene
from mmviz.scene import document
from mmviz.scene.mm.link import read_link
from mmviz.scene.text import scene_file
from tests.fuzz import made_up
from tests.fuzz.attempts import attempt, one_paragraph
from tests.fuzz.mutations import damaged
from tests.fuzz.trees import anything, mutated

ROOT = Path(__file__).resolve().parents[2]
LINKS = [line for line in (ROOT / "tests" / "mm" / "links.txt").read_text().splitlines() if line.strip()]
SMALL = 4096
"""Elements of a scene whose numbers are computed, and frames drawn."""
MADE_UP = """\
version: 1
title: Much  # that a scene can say
expr: out = softmax(relu(A @ B), 2) + rmsnorm(C, g) * (D - E.T)
tensors:
  A: {init: gaussian, shape: [4, 3], seed: 1}
  B: {formula: i - j if i > j else h, shape: [null, 2]}
  C: {values: [[1, 2], [3, 4], [5, 6], [7, 8]]}
  g: {values: [[1, 2]]}
  D: {init: rows, min: -1, max: 1, shape: [4, 2]}
  E: {file: numbers.csv}
partition: {i: 2}
layout: {scheme: zigzag, gap: 2.5, polarity: positive, matrices: {out: {gap: 1}}}
animation: {algorithm: vmprod, fuse: chain, speed: 4, chapters: [{from: 0, to: 2, caption: One}, {from: 2}]}
style: {quantile: 0.9, mm: {sensitivity: local}}
camera: {direction: [1, 2, 3], keyframes: [{at: 0, zoom: 2}, {at: 1, focus: A}]}
captions: [{start: out, text: "Hello, 東"}]
export: {width: 320, height: 180, fps: 12}
"""
WORDS = (
    *(
        "expr",
        "tensors",
        "A",
        "B",
        "out",
        "A @ B",
        "A.T @ B",
        "softmax(A)",
        "init",
        "rows",
        "gaussian",
        "shape",
        "seed",
    ),
    *(
        "layout",
        "gap",
        "scheme",
        "blocks",
        "partition",
        "i",
        "j",
        "k",
        "matrices",
        "style",
        "colors",
        "scale",
        "camera",
    ),
    *("keyframes", "at", "look_at", "animation", "algorithm", "dotprod", "vmprod", "fuse", "chain", "chapters", "from"),
    *("to", "captions", "text", "export", "width", "fps", "title", "version", "values", "formula", "i + j", "file"),
    *(
        "numbers.csv",
        "model",
        "weight",
        "blocks.0.attn.W_Q",
        "activation",
        "prompt",
        "tokens",
        "index",
        "key",
        "checks",
    ),
    *(
        "left",
        "right",
        "negative",
        "matmul",
        "epilog",
        "softmax",
        "name",
        "h",
        "w",
        "url",
        "expr",
        "anim",
        "alg",
        "block",
    ),
    *(
        "deco",
        "legends",
        "i blocks",
        "polarity",
        "true",
        "null",
        "[",
        "&a [*a]",
        "!!x 1",
        "{a: 1, a: 2}",
        "- -",
        ": ",
        "#",
    ),
)


@pytest.fixture(scope="module")
def scenes() -> list[str]:
    """Scene files that come with mmviz, and one that says a lot."""
    return [MADE_UP, *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "scenes").glob("*.yaml")))]


def use(scene: Scene) -> None:
    """What `mmviz check` asks of a scene; of a small one, also numbers and a frame, where it needs no model."""
    scene.check_film()
    layout = scene.layout()
    scene.doubts()
    again = document.from_mapping(document.to_mapping(scene.document), "again")
    assert document.to_mapping(again) == document.to_mapping(scene.document)
    if scene.document.model is None and sum(rows * columns for rows, columns in scene.shapes.of.values()) <= SMALL:
        scene.values()
        scene.composition.at(scene.composition.timeline.steps / 2, scene.composition.camera(1.0))
    assert layout


def load_damaged(text: str, chance: random.Random, path: Path) -> Callable[[], None]:
    """A scene file with changes in its letters or in what it says."""
    if chance.random() < 0.5:
        path.write_bytes(damaged(text.encode(), chance))
    else:
        changed = mutated(yaml.safe_load(text), chance, WORDS)
        dumped = json.dumps(changed) if chance.random() < 0.5 else yaml.safe_dump(changed, allow_unicode=True)
        path.write_bytes(dumped.encode("utf-8", "surrogatepass"))
    return lambda: use(Scene.load(path))


def test_damaged_scenes(scenes: list[str], tmp_path: Path, seeds: range) -> None:
    (tmp_path / "numbers.csv").write_text("1,2,3,4\n5,6,7,8\n")
    for seed in seeds:
        chance = random.Random(f"scene {seed}")
        path = tmp_path / f"{seed}{chance.choice(('.yaml', '.yaml', '.json'))}"
        attempt(load_damaged(chance.choice(scenes), chance, path), f"scene {seed}", one_paragraph)
        path.unlink()


def test_random_scenes(tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"random scene {seed}")
        kind = chance.randrange(5)
        content = made_up.scene(chance) if kind else anything(chance, WORDS)
        if kind > 2:
            content = mutated(content, chance, WORDS)
        attempt(partial(of_mapping, content), f"random scene {seed}", one_paragraph)


def of_mapping(content: Any) -> None:
    use(Scene.of(document.from_mapping(content, "scene"), Path()))


# Share links of mm.


def damaged_link(chance: random.Random) -> str:
    """A link with changes in its letters, or in the parameters that it carries."""
    link = chance.choice(LINKS)
    kind = chance.randrange(3)
    if kind == 0:
        return damaged(link.encode(), chance).decode("utf-8", "replace")
    if kind == 1:
        start = chance.randint(0, len(link))
        some = "".join(chance.choice("%22{}:,.&=0123456789aA") for _ in range(chance.randint(0, 12)))
        return link[:start] + some + link[start + chance.randint(0, 30) :]
    params = mutated(read_link(link), chance, WORDS)
    return "https://bhosmer.github.io/mm/?params=" + urllib.parse.quote(json.dumps(params))


def imported(source: Any, missing: str | None) -> None:
    use(Scene.from_mm(source, missing=missing))


def test_damaged_links(seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"link {seed}")
        missing = chance.choice((None, "eye", "gaussian", "no such"))
        attempt(partial(imported, damaged_link(chance), missing), f"link {seed}", one_paragraph)


def test_random_parameters_of_mm(seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"mm {seed}")
        left, right = anything(chance, WORDS), anything(chance, WORDS)
        params = chance.choice((left, {"left": left, "right": right}, {"left": left, "right": {}, "expr": "L @ R"}))
        if isinstance(params, dict):
            attempt(partial(imported, params, None), f"mm {seed}", one_paragraph)


# What was found once.


@pytest.mark.parametrize("side", [10**6, 10**9, 10**18])
def test_an_enormous_matrix_is_refused_and_not_allocated(side: int) -> None:
    def of_a_scene() -> None:
        with pytest.raises(MmvizError):
            Scene(expr="A", tensors={"A": {"init": "rows", "shape": [side, side]}}).values()

    def of_mm() -> None:
        left, right = {"name": "A", "h": side, "w": 2}, {"name": "B", "h": 2, "w": side}
        with pytest.raises(MmvizError):
            Scene.from_mm({"left": left, "right": right}).values()

    attempt(of_a_scene, "a scene")
    attempt(of_mm, "mm")


def test_a_broken_file_of_random_bytes_is_one_message(tmp_path: Path) -> None:
    for number, noise in enumerate([b"\x00\xff", b"{" * 5000, b"- " * 5000, json.dumps([[[]]] * 100).encode()]):
        for suffix in (".yaml", ".json"):
            path = tmp_path / f"{number}{suffix}"
            path.write_bytes(noise)
            with pytest.raises(MmvizError):
                Scene.load(path)


def test_scenes_that_are_not_damaged_are_used(scenes: list[str], tmp_path: Path) -> None:
    (tmp_path / "numbers.csv").write_text("1,2,3,4\n5,6,7,8\n")
    (tmp_path / "x.yaml").write_text(scenes[0], encoding="utf-8")
    assert scene_file.read(tmp_path / "x.yaml")["version"] == 1
    use(Scene.load(tmp_path / "x.yaml"))
    for link in LINKS:
        imported(link, "gaussian")
