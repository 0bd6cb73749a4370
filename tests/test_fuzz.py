"""Random texts, random data and damaged links end in a scene or in one MmvizError, soon and without much memory."""

import json
import resource
import signal
import string
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz import MmvizError, Scene
from mmviz.scene import document
from mmviz.scene.language.grammar import parse
from mmviz.scene.mm.link import read_link
from tests.examples import examples

LINKS = [line for line in (Path(__file__).parent / "mm" / "links.txt").read_text().splitlines() if line.strip()]
PATIENCE = 60  # seconds; usually hundredths: what hangs is found here, what is slow in tests/bench
ALPHABET = "ABQk_'@+-*().,=T 0129e\n#∂" + string.ascii_lowercase[:6]
WORDS = [
    "expr",
    "tensors",
    "A",
    "A @ B",
    "init",
    "rows",
    "shape",
    "layout",
    "gap",
    "partition",
    "i",
    "matrices",
    "style",
]
scalars = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.sampled_from(WORDS) | st.text()
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner, max_size=4),
    max_leaves=20,
)


@contextmanager
def no_hang() -> Iterator[None]:
    """Stops what does not end; says nothing of how long it takes."""

    def give_up(*_: object) -> None:
        pytest.fail(f"hangs: no end after {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@given(st.text(ALPHABET, max_size=200))
@examples(100)
def test_random_expressions(text: str) -> None:
    with no_hang(), suppress(MmvizError):
        parse(text)


@given(st.dictionaries(st.sampled_from(WORDS), anything, max_size=6) | anything)
@examples(80)
def test_random_scene_data(content: Any) -> None:
    with no_hang(), suppress(MmvizError):
        document.from_mapping(content, "scene")


@given(anything)
@examples(80)
def test_random_parameters_of_mm(params: Any) -> None:
    with no_hang(), suppress(MmvizError):
        Scene.from_mm(params if isinstance(params, dict) else {"left": params, "right": {}})


@given(st.sampled_from(LINKS), st.data())
@examples(60)
def test_damaged_links(link: str, data: st.DataObject) -> None:
    start_at = data.draw(st.integers(0, len(link)))
    end_at = data.draw(st.integers(start_at, min(len(link), start_at + 30)))
    damaged = link[:start_at] + data.draw(st.text("%22{}:,.&=0123456789aA", max_size=12)) + link[end_at:]
    with no_hang(), suppress(MmvizError):
        Scene.from_mm(read_link(damaged), missing="eye")


@pytest.mark.parametrize("side", [10**6, 10**9, 10**18])
def test_an_enormous_matrix_is_refused_and_not_allocated(side: int) -> None:
    Scene(expr="A", tensors={"A": {"init": "rows", "shape": [2, 2]}}).values()  # torch is imported
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with no_hang(), pytest.raises(MmvizError):
        Scene(expr="A", tensors={"A": {"init": "rows", "shape": [side, side]}}).values()
    with no_hang(), pytest.raises(MmvizError):
        Scene.from_mm({"left": {"name": "A", "h": side, "w": 2}, "right": {"name": "B", "h": 2, "w": side}}).values()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_a_broken_file_of_random_bytes_is_one_message(tmp_path: Path) -> None:
    for n, noise in enumerate([b"\x00\xff", b"{" * 5000, b"- " * 5000, json.dumps([[[]]] * 100).encode()]):
        for suffix in (".yaml", ".json"):
            path = tmp_path / f"{n}{suffix}"
            path.write_bytes(noise)
            with pytest.raises(MmvizError):
                Scene.load(path)
