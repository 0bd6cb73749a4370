"""While the numbers of a page arrive, one array after the other, all that it can be asked goes on without an error."""

import json
import re
from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.page.arrays import SMALL, Arrays
from mmviz.page.document import document
from mmviz.page.items import camera as camera_record
from mmviz.picture.composition import Composition
from tests.page.composed import HELPERS
from tests.page.engine import engine
from tests.page.timed import opened

SHARES = (0.0, 0.31, 0.5, 0.77, 1.0)
"""Of a scene's steps."""
ARRIVING = """
testing.arrive = (waited, times, eye, aspect) => {
  const { arrays, document } = testing;
  const missing = new Set(waited);
  const read = {
    get: ({ array }) => {
      if (missing.has(array)) throw new Error(`array ${array} has not been read yet`);
      return arrays[array];
    },
    there: ({ array }) => !missing.has(array),
  };
  const timeline = new mmvizPage.Timeline(document, read);
  const composition = new mmvizPage.Composition(document, read, timeline.matrices, timeline);
  const pointing = new mmvizPage.Pointing(document, timeline);
  const explainer = new mmvizPage.Explainer(document.cells, timeline.matrices, timeline.finishing);
  const counts = [];
  const ask = () => {
    let count = 0;
    for (const t of times) {
      const [frame, moment] = [timeline.frame(t), { time: t, chapter: null, held: 0 }];
      const list = composition.at(frame, moment, eye, aspect, testing.emphasis({}));
      for (const { matrix } of list.sheets) matrix.values.length;
      count += list.sheets.length;
      for (const x of [0.3, 0.42, 0.5, 0.58, 0.7]) for (const y of [0.35, 0.5, 0.65]) {
        const place = { frame, t, hidden: new Set(), camera: eye, aspect, x, y };
        const found = pointing.pick(place, list.insets);
        if (found !== null) pointing.picking.words(found);
        pointing.meant(place);
      }
    }
    for (const { path } of document.matrices) if (explainer.there(path)) {
      mmvizPage.litBy(explainer.of(path, 0, 0), timeline.matrices);
      count++;
    }
    counts.push(count);
  };
  ask();
  for (const array of waited) {
    missing.delete(array);
    ask();
  }
  return JSON.stringify(counts);
};
"""


def arrived(composition: Composition, told: tuple[dict[str, Any], Arrays]) -> list[int]:
    """What a page can say of a scene after each array that it waits for."""
    page = opened(composition, told)
    for script in (HELPERS, ARRIVING):
        engine().eval(script)
    times = [round(share * page.composition.timeline.steps, 1) for share in SHARES]
    asked = [list(told[1].waited), times, camera_record(composition.camera(1.6)), 1.6]
    text = ", ".join(json.dumps(one) for one in asked)
    counts: list[int] = json.loads(str(engine().eval(f"testing.arrive({text})")))
    return counts


@pytest.mark.parametrize(
    ("scores", "animation"),
    [("Q @ K.T + p", {"algorithm": "vvprod"}), ("rmsnorm(Q @ K.T, p)", {"matrices": {"z": "blockwise"}})],
    ids=["summed up", "block by block"],
)
def test_nothing_is_asked_of_a_scene_that_has_not_arrived(scores: str, animation: dict[str, Any]) -> None:
    numbers = {name: {"init": "gaussian", "shape": [6, 4], "seed": seed} for seed, name in enumerate("QKV")}
    numbers["p"] = {"init": "uniform", "shape": [6 if "+" in scores else 1, 6]}
    parts: dict[str, Any] = {"partition": {"z": {"i": 2, "k": 2}}, "style": {"before": {"attn": "scores"}}}
    scene = Scene(f"z = (attn = softmax(tril({scores}))) @ V", numbers, animation=animation, **parts)
    counts = arrived(scene.composition, document(scene.composition))
    assert counts[0] < counts[-1]
    assert max(counts) == counts[-1]


def test_what_no_page_waits_for_is_there_from_the_beginning_however_large() -> None:
    """The names of many matrices in all views are more than a small array."""
    arrays = Arrays()
    large = np.zeros(SMALL + 1, np.uint8)
    arrays.add(large, waits=True)
    arrays.add(large.copy())
    arrays.add(large[:10], waits=True)
    assert [entry["part"] for entry in arrays.packed().entries] == [1, 0, 0]


def test_a_page_waits_for_numbers_letters_and_colours_alone() -> None:
    scene = Scene("A @ B", {"A": np.eye(2), "B": np.eye(2)})
    header, arrays = document(scene.composition)
    told = json.dumps([header[part] for part in ("marks", "cameras", "time", "cells", "shell")])
    assert not {int(number) for number in re.findall(r'"array": (\d+)', told)} & {*arrays.waited}
    assert arrays.waited
