"""Numbers do not depend on how many threads there are, where one is quick enough."""

import threading
from pathlib import Path

import pytest
import torch

from mmviz.values.arithmetic.threads import LITTLE, steady
from tests.processes import ran

WRITTEN = """
import hashlib, sys, torch, mmviz
torch.set_num_threads(int(sys.argv[1]))
for name in ("attention_head", "all_heads", "svd_head", "transformer_layer"):
    scene = mmviz.Scene.load(name)
    values = scene.values()
    print(name, hashlib.sha256(b"".join(values[path].tobytes() for path in sorted(values))).hexdigest())
mmviz.Scene.load("attention_head").mesh("x.glb")
print("mesh", hashlib.sha256(open("x.glb", "rb").read()).hexdigest())
print(torch.get_num_threads())
"""


@pytest.mark.slow
@pytest.mark.process
def test_values_and_meshes_are_the_same_for_any_number_of_threads(tmp_path: Path) -> None:
    """Without the one thread, those of all_heads are others with 16 (seen with torch 2.13.0 and MKL, on an EPYC)."""
    told: set[str] = set()
    for threads in ("1", "3", "16"):  # more than two processors: two threads would wait for each other at full speed
        done = ran(WRITTEN, threads, folder=tmp_path)
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines()[-1] == threads
        told.add(done.out.removesuffix(f"{threads}\n"))
    assert len(told) == 1


def test_what_is_small_is_computed_by_one_thread_and_what_is_large_by_all() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with steady(LITTLE + 1):
            assert torch.get_num_threads() == 3
        with steady(LITTLE):
            assert torch.get_num_threads() == 1
            with steady(1), steady(LITTLE + 1):
                assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
        with pytest.raises(KeyError), steady(1):
            raise KeyError
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_two_that_compute_at_once_wait_for_each_other() -> None:
    inside, most = 0, 0
    turn = threading.Lock()

    def compute() -> None:
        nonlocal inside, most
        for _ in range(50):
            with steady(1):
                with turn:
                    inside += 1
                    most = max(most, inside)
                with turn:
                    inside -= 1

    crew = [threading.Thread(target=compute) for _ in range(3)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert most == 1
