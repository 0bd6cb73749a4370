"""While the numbers of a page arrive, one array after the other, all that it can be asked goes on without an error."""

import json
from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.page.arrays import SMALL, Arrays
from mmviz.page.document import document
from mmviz.page.items import camera as camera_record
from mmviz.picture.composition import Composition
from tests.page.composed import HELPERS, shipped
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


@pytest.mark.parametrize("name", ["matmul", "alibi", "blockwise_attention", "sink", "residual"])
def test_nothing_is_asked_of_a_scene_that_has_not_arrived(name: str) -> None:
    counts = arrived(*shipped(name))
    assert counts[0] < counts[-1]
    assert max(counts) == counts[-1]


def test_what_no_page_waits_for_is_there_from_the_beginning_however_large() -> None:
    """The names of many matrices in all views are more than a small array."""
    names = [f"a{number}" for number in range(50)]
    scene = Scene(" + ".join(f"{one} @ {one}" for one in names), {one: np.eye(2) for one in names})
    _, arrays = document(scene.composition)
    packed, waited = arrays.packed(), set(arrays.waited)
    large = [number for number, array in enumerate(arrays.stored) if array.nbytes > SMALL and number not in waited]
    assert large
    assert all(packed.entries[number]["part"] == 0 for number in large)
