"""Attention block by block: what is known after every step, against FlashAttention-2 written out in numpy float64."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.time.planes import Plane
from mmviz.picture.time.timeline import Frame
from tests.arrays import assert_equal
from tests.picture.test_timeline import assert_same, laws

Numbers = NDArray[np.float64]
PATTERNS = {
    "sdpa(Q @ K.T)": (True, None),
    "softmax(tril(scale(Q @ K.T)))": (True, None),
    "softmax(scale(tril(Q @ K.T), 2))": (True, 2.0),
    "softmax(scale(Q @ K.T))": (False, None),
    "softmax(Q @ K.T, 0.25)": (False, 4.0),
}
"""What makes the weights: whether it is causal, and by what it multiplies the scores (None: 1 / sqrt(k))."""


@dataclass(frozen=True)
class Head:
    """One attention, z = pattern @ V, and how it is cut."""

    pattern: str = "softmax(tril(scale(Q @ K.T)))"
    queries: int = 5
    keys: int = 5
    size: int = 3
    columns: int = 4
    cuts: tuple[int, int] = (2, 2)  # asked for along queries and keys

    def scene(self, own: str = "blockwise", fuse: str = "none", **parts: Any) -> Scene:
        shapes = {"Q": (self.queries, self.size), "K": (self.keys, self.size), "V": (self.keys, self.columns)}
        tensors = {
            name: {"init": "gaussian", "shape": shape, "seed": n} for n, (name, shape) in enumerate(shapes.items())
        }
        cuts = {"z": {"i": self.cuts[0], "k": self.cuts[1]}}
        animation = {"matrices": {"z": own}, "fuse": fuse}
        return Scene(f"z = (attn = {self.pattern}) @ V", tensors, partition=cuts, animation=animation, **parts)

    @property
    def blocks(self) -> tuple[int, int]:
        """Rows and columns of a block of the pattern; the last ones may be short."""
        lengths = self.queries, self.keys
        rows, columns = (-(-n // min(count, n)) for n, count in zip(lengths, self.cuts, strict=True))
        return rows, columns

    def scores(self, values: dict[str, Any]) -> Numbers:
        """(queries, keys): what the softmax is taken of, -inf where it is masked."""
        causal, factor = PATTERNS[self.pattern]
        scores: Numbers = values["left.left"].astype(float) @ values["left.right"].astype(float)
        scores *= self.size**-0.5 if factor is None else factor
        for i in range(self.queries if causal else 0):
            scores[i, i + 1 :] = -np.inf
        return scores


@st.composite
def heads(draw: st.DrawFn, patterns: tuple[str, ...] = tuple(PATTERNS)) -> Head:
    length, count = st.integers(1, 9), st.integers(1, 5)
    queries = draw(length)
    keys = draw(st.just(queries) | length)
    return Head(draw(st.sampled_from(patterns)), queries, keys, draw(length), draw(length), (draw(count), draw(count)))


@dataclass(frozen=True)
class Known:
    """What a row block of queries has after a step."""

    rows: slice
    keys: slice
    phase: str
    m: Numbers
    l: Numbers  # noqa: E741  (as in the paper)
    factor: Numbers
    sums: Numbers
    weights: Numbers  # (rows, keys), 0 where nothing has come
    block: Numbers  # what flies


def flash(head: Head, scores: Numbers, v: Numbers) -> Iterator[Known]:
    """FlashAttention-2, forward: one block of queries after the other, each against one block of keys after the other.

    Source: Dao 2023, algorithm 1; its diag(l) is applied at the end of a row block. A block of which a causal mask
    leaves nothing is not visited.
    """
    rows, columns = head.blocks
    for i in range(0, head.queries, rows):
        q = slice(i, min(i + rows, head.queries))
        height = q.stop - q.start
        m, l, o = np.full(height, -np.inf), np.zeros(height), np.zeros((height, v.shape[1]))  # noqa: E741
        p = np.zeros((height, head.keys))
        for j in range(0, head.keys, columns):
            k = slice(j, min(j + columns, head.keys))
            s = scores[q, k]
            if np.isneginf(s).all():
                continue
            m_new = np.maximum(m, s.max(axis=1))
            factor = np.exp(m - m_new)
            m, l, o, p = m_new, factor * l, factor[:, None] * o, factor[:, None] * p  # noqa: E741
            yield Known(q, k, "scores", m, l, factor, o, p.copy(), s)
            weights = np.exp(s - m[:, None])
            l, o = l + weights.sum(axis=1), o + weights @ v[k]  # noqa: E741
            p[:, k] = weights
            yield Known(q, k, "add", m, l, np.ones(height), o, p.copy(), weights @ v[k])
            last = k
        yield Known(q, last, "divide", m, l, 1 / l, o / l[:, None], p / l[:, None], np.zeros((0, 0)))


def planes(frame: Frame) -> dict[str, Plane]:
    found: dict[str, Plane] = {plane.kind: plane for plane in frame.planes}
    assert len(found) == len(frame.planes)
    return found


def close(shown: Any, expected: Any) -> None:
    np.testing.assert_allclose(shown, expected, rtol=2e-6, atol=2e-6)


def rows_there(plane: Plane) -> list[int]:
    return np.flatnonzero(plane.visible[:, 0]).tolist()


@given(heads())
@laws
def test_after_every_step_maxima_sums_and_output_are_those_of_flash_attention(head: Head) -> None:
    scene = head.scene()
    timeline, values = scene.timeline(), scene.values()
    steps = list(flash(head, head.scores(values), values["right"].astype(float)))
    assert timeline.steps == len(steps)
    for step, known in enumerate(steps):
        frame, flying = timeline.frame(step), planes(timeline.frame(step))
        rows = list(range(known.rows.start, known.rows.stop))
        assert rows_there(flying["maximum"]) == list(range(known.rows.stop))
        close(flying["maximum"].values[known.rows, 0], known.m)
        summed = known.phase != "scores" or known.keys.start > 0
        assert rows_there(flying["total"]) == list(range(known.rows.stop if summed else known.rows.start))
        close(flying["total"].values[known.rows, 0], known.l)
        for before in steps[:step]:
            if before.phase == "divide":
                close(flying["maximum"].values[before.rows, 0], before.m)
                close(flying["total"].values[before.rows, 0], before.l)
        assert ("factor" in flying) == (known.phase == "divide" or (known.phase == "scores" and known.keys.start > 0))
        if "factor" in flying:
            assert rows_there(flying["factor"]) == rows
            close(flying["factor"].values[known.rows, 0], known.factor)
        assert frame[""].visible[:, 0].tolist() == flying["total"].visible[:, 0].tolist()
        close(frame[""].values[known.rows], known.sums)
        close(frame["left"].values[known.rows], known.weights)


@given(heads())
@laws
def test_the_weights_are_there_as_far_as_the_blocks_have_come_and_nothing_below(head: Head) -> None:
    scene = head.scene()
    timeline, values = scene.timeline(), scene.values()
    for step, known in enumerate(flash(head, head.scores(values), values["right"].astype(float))):
        seen = {"scores": known.keys.start, "add": known.keys.stop, "divide": head.keys}[known.phase]
        expected = np.zeros((head.queries, head.keys), bool)
        expected[: known.rows.start] = True
        expected[known.rows, :seen] = True
        assert_equal(timeline.frame(step)["left"].visible, expected)


@given(heads())
@laws
def test_a_block_of_queries_ends_with_the_softmax_times_the_values(head: Head) -> None:
    scene = head.scene()
    timeline, values = scene.timeline(), scene.values()
    scores = head.scores(values)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    for step, known in enumerate(flash(head, scores, values["right"].astype(float))):
        if known.phase == "divide":
            frame = timeline.frame(step)
            close(frame["left"].values[: known.rows.stop], weights[: known.rows.stop])
            close(frame[""].values[: known.rows.stop], (weights @ values["right"])[: known.rows.stop])


@given(heads())
@laws
def test_every_block_that_is_not_all_masked_is_lit_once_for_its_scores_and_once_for_its_sums(head: Head) -> None:
    timeline = head.scene().timeline()
    causal, _ = PATTERNS[head.pattern]
    scored, added = np.zeros((2, head.queries, head.keys), int)
    for step in range(timeline.steps):
        frame = timeline.frame(step)
        flying = planes(frame)
        if "scores" in flying:
            rows, columns = frame["left.left"].highlighted, frame["left.right"].highlighted
            scored += np.outer(rows.all(axis=1), columns.all(axis=0))
            assert not frame["left"].highlighted.any()
        if "gain" in flying:
            added += frame["left"].highlighted
            across = frame["left"].highlighted.any(axis=0)
            assert_equal(frame["right"].highlighted.all(axis=1), across)
            assert_equal(frame[""].highlighted.all(axis=1), frame["left"].highlighted.any(axis=1))
        if "gain" not in flying and "scores" not in flying:
            assert_equal(frame["left"].highlighted.all(axis=1), frame[""].highlighted.all(axis=1))
            assert np.flatnonzero(frame["left"].highlighted.any(axis=1)).tolist() == rows_there(flying["factor"])
    height, width = head.blocks
    i, j = np.indices((head.queries, head.keys))
    last_query = np.minimum(i // height * height + height, head.queries) - 1
    needed = (j // width * width <= last_query) | (not causal)
    assert_equal(scored, needed)
    assert_equal(added, needed)


@given(heads())
@laws
def test_the_end_is_the_same_picture_as_row_by_row(head: Head) -> None:
    ends = [head.scene(own).timeline() for own in ("blockwise", "vmprod")]
    assert_same(*(timeline.frame(timeline.steps) for timeline in ends))


@given(heads())
@laws
def test_between_two_blockwise_steps_nothing_but_what_flies_changes(head: Head) -> None:
    timeline = head.scene().timeline()
    for step in range(timeline.steps):
        whole, between = timeline.frame(step), timeline.frame(step + 0.9)
        for path in whole:
            assert_equal(whole[path].visible, between[path].visible)
            assert_equal(whole[path].highlighted, between[path].highlighted)
            assert_equal(whole[path].values, between[path].values)
        for a, b in zip(whole.planes, between.planes, strict=True):
            assert (a.key, a.kind in ("scores", "gain")) == (b.key, (a.element(0, 0) != b.element(0, 0)).any())
            assert_equal(a.values, b.values)


@pytest.mark.slow
@given(heads())
@laws
def test_a_blockwise_frame_does_not_depend_on_which_were_asked_before(head: Head) -> None:
    timeline = head.scene().timeline()
    times = [step / 2 for step in range(2 * timeline.steps + 1)][-12:]
    forward = [timeline.frame(t) for t in times]
    again = head.scene().timeline()
    for t, frame in reversed(list(zip(times, forward, strict=True))):
        assert_same(again.frame(t), frame)
    shared = head.scene().timeline()
    with ThreadPoolExecutor(4) as pool:
        for frame, expected in zip(pool.map(shared.frame, times * 2), forward * 2, strict=True):
            assert_same(frame, expected)


@given(heads(), st.sampled_from(["front", "back"]))
@laws
def test_scores_fly_to_their_place_in_the_pattern_and_gains_to_theirs_in_the_output(head: Head, result: str) -> None:
    """Scores from the farthest slice of their cube; gains from amid the slices of their keys."""
    scene = head.scene(layout={"result": result})
    timeline, values, layout = scene.timeline(), scene.values(), scene.layout()
    for step, known in enumerate(flash(head, head.scores(values), values["right"].astype(float))):
        flying = planes(timeline.frame(step + 0.9999))
        assert ("scores" in flying, "gain" in flying) == (known.phase == "scores", known.phase == "add")
        if known.phase == "divide":
            continue
        plane = flying["scores" if known.phase == "scores" else "gain"]
        owner, first = ("left", known.keys.start) if known.phase == "scores" else ("", 0)
        assert (plane.owner, plane.shape) == (owner, known.block.shape)
        assert plane.first == (known.rows.start, first)
        for i, j in np.ndindex(plane.shape):
            there = layout[owner].element(known.rows.start + i, first + j)
            np.testing.assert_allclose(plane.element(i, j), there, atol=1e-3)
        masked = np.isneginf(known.block)
        assert_equal(np.zeros(plane.shape, bool) if plane.masked is None else plane.masked, masked)
        close(plane.values[~masked], known.block[~masked])
        assert (plane.values[masked] == 0).all()
        before = planes(timeline.frame(step))[plane.kind]
        slices = layout.cubes[owner].element(known.rows.start, np.arange(layout.cubes[owner].shape[1]), first)
        far = np.linalg.norm(slices - layout[owner].element(known.rows.start, first), axis=1).argmax()
        start = slices[far] if known.phase == "scores" else slices[known.keys].mean(axis=0)
        np.testing.assert_allclose(before.element(0, 0), start, atol=1e-9)


@given(heads(), st.sampled_from([0.0, 0.5, 8.0]))
@laws
def test_the_numbers_of_a_row_stand_in_line_with_it_beyond_its_last_column(head: Head, gap: float) -> None:
    """At least a cell away, and the sums at least a cell beyond the maxima; factors do so beside the result."""
    scene = head.scene(layout={"gap": gap})
    timeline, layout = scene.timeline(), scene.layout()
    room = np.concatenate(timeline.tilings[""].corners())
    for frame in map(timeline.frame, range(timeline.steps)):
        far: dict[str, float] = {}
        for kind, plane in planes(frame).items():
            if kind not in ("maximum", "total", "factor"):
                continue
            place = layout["" if kind == "factor" else "left"]
            corners = plane.placement.corners(0.5)
            assert kind == "factor" or (corners >= room.min(axis=0)).all()
            assert kind == "factor" or (corners <= room.max(axis=0)).all()
            assert plane.shape == (head.queries, 1)
            for i in range(head.queries):
                away = plane.element(i, 0) - place.element(i, place.shape[1] - 1)
                far[kind] = float(away @ place.across)
                np.testing.assert_allclose(away, far[kind] * place.across, atol=1e-9)
                assert far[kind] >= max(1, gap / 4)
        assert far["total"] - far["maximum"] >= max(1, gap / 4)


@given(heads())
@laws
def test_what_is_there_only_during_the_run_is_scaled_by_what_it_is_in_the_end(head: Head) -> None:
    scene = head.scene()
    values = scene.values()
    scores = head.scores(values)
    largest = scores.max(axis=1, keepdims=True)
    samples = scene.timeline().tilings[""].samples()
    flown = {plane.look for step in range(scene.timeline().steps) for plane in scene.timeline().frame(step).planes}
    assert flown <= set(samples)
    close(np.sort(samples[ItemKey("scores", "left")].ravel()), np.sort(scores[np.isfinite(scores)]))
    close(samples[ItemKey("maximum", "left")], largest)
    close(samples[ItemKey("total", "left")], np.exp(scores - largest).sum(axis=1, keepdims=True))
    close(samples[ItemKey("gain", "")], values[""])
    close(samples[ItemKey("factor", "")], 1.0)
