"""Weights that are not of full rank, in every way of storing them: no ratio is made of what rounding left of 0."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformers import LlamaConfig, LlamaForCausalLM

from mmviz.spectra.run import Wish, compute, prepare
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.head_spectra import MATRICES
from tests.examples import examples
from tests.values.gguf_writer import write_gguf
from tests.values.kinds.cases import SIZES
from tests.values.variants import load_reference, silently

Floats = NDArray[np.float64]
Made = Callable[[torch.Tensor], torch.Tensor]
D_MODEL, D_HEAD, HEADS, GROUP = 64, 32, 4, 2
FULL = 32
STORED = ("F64", "F32", "F16", "BF16", "Q8_0")
RATIOS_OF_ALL = ("top10_ratio", "stable_rank", "participation_ratio", "entropy_rank")


def untouched(head: torch.Tensor) -> torch.Tensor:
    return head


def pruned(head: torch.Tensor) -> torch.Tensor:
    """Three output dimensions are zeros."""
    head[3:6] = 0
    return head


def equal(head: torch.Tensor) -> torch.Tensor:
    """Three output dimensions are the same."""
    head[[5, 9]] = head[2].clone()
    return head


def of_rank(rank: int) -> Made:
    def make(head: torch.Tensor) -> torch.Tensor:
        left, right = torch.randn(head.shape[0], rank).to(head), torch.randn(rank, head.shape[1]).to(head)
        return left @ (right * torch.linspace(0.5, 2, head.shape[1]).to(head))  # not all columns are alike

    return make


def nothing(head: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(head)


CASES: dict[str, tuple[Made, int]] = {
    "full": (untouched, FULL),
    "pruned": (pruned, FULL - 3),
    "equal": (equal, FULL - 2),
    "rank 1": (of_rank(1), 1),
    "rank 4": (of_rank(4), 4),
    "zeros": (nothing, 0),
}


def saved(folder: Path, kind: str, change: Made) -> Path:
    """A model all of whose heads are changed, (d_head, d_model) each, and then stored as a kind says."""
    torch.manual_seed(4)
    sizes = {**SIZES, "hidden_size": D_MODEL, "intermediate_size": 64, "num_attention_heads": HEADS}
    model = LlamaForCausalLM(
        LlamaConfig(**{**sizes, "num_hidden_layers": 1, "num_key_value_heads": 2}, head_dim=D_HEAD)
    )
    model = model.double() if kind == "F64" else model  # weights are computed in what they are stored in, or better
    attention = model.model.layers[0].self_attn
    with torch.no_grad():
        for name in "qkvo":
            weight = getattr(attention, f"{name}_proj").weight
            weight.normal_(0, 0.3)
            whole = weight.mT.clone() if name == "o" else weight.clone()  # (heads * d_head, d_model)
            made = torch.cat([change(head) for head in whole.split(D_HEAD)])
            weight.copy_(made.mT if name == "o" else made)
    if kind == "Q8_0":
        folder.mkdir()
        return write_gguf(folder / "x.gguf", model, kind)
    dtype = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[kind]
    for weight in model.parameters():
        weight.data = weight.data.to(dtype)
    silently(model.save_pretrained, folder)
    return folder


def spectra(folder: Path, model: Path) -> tuple[list[dict[str, str]], str]:
    """The rows of spectra.csv, and the report."""
    compute(prepare(Wish(str(model), folder, matrices=",".join(MATRICES), device="cpu")), lambda _: None)
    with (folder / "spectra.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), (folder / "report.md").read_text(encoding="utf-8")


def stored_heads(path: Path) -> dict[str, list[Floats]]:
    """(d_model, d_head) of each query head, as the file's numbers say."""
    checkpoint = Checkpoint.open(path)
    found: dict[str, list[Floats]] = {}
    for name in "qkvo":
        whole = checkpoint.slice(f"model.layers.0.self_attn.{name}_proj.weight").double().numpy()
        heads = np.split(whole.T if name == "o" else whole, len(whole.T if name == "o" else whole) // D_HEAD)
        found[name] = [heads[head * len(heads) // HEADS].T for head in range(HEADS)]
    return found


@pytest.fixture(autouse=True)
def _without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmviz.spectra.run.draw_all", lambda *_: [])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", STORED)
def test_the_rank_is_the_one_that_was_made_and_no_ratio_is_made_of_rounding(
    kind: str, case: str, tmp_path: Path
) -> None:
    check(kind, *CASES[case], tmp_path)


@pytest.mark.slow
@given(rank=st.integers(1, FULL // 4), pruned_rows=st.integers(0, 8), kind=st.sampled_from(STORED[:4]))
@examples(6)
def test_any_rank_with_any_number_of_pruned_rows_is_found_however_it_is_stored(
    rank: int, pruned_rows: int, kind: str
) -> None:
    def change(head: torch.Tensor) -> torch.Tensor:
        made = of_rank(rank)(head)
        made[:pruned_rows] = 0
        return made

    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr("mmviz.spectra.run.draw_all", lambda *_: [])
        # What two weights of low rank make together may be as small as what rounding leaves.
        check(kind, change, rank, Path(folder), ("q", "k", "v", "o"))


def check(kind: str, change: Made, rank: int, folder: Path, matrices: Sequence[str] = MATRICES) -> None:
    """The rank and all ratios of heads that were changed so, against numpy's values of what is stored."""
    path = saved(folder / "model", kind, change)
    rows, report = spectra(folder / "out", path)
    heads = stored_heads(path)
    heads |= {
        "qk": [q @ k.T for q, k in zip(heads["q"], heads["k"], strict=True)],
        "ov": [v @ o.T for v, o in zip(heads["v"], heads["o"], strict=True)],
    }
    assert len(rows) == 6 * HEADS
    for row in (row for row in rows if row["matrix"] in matrices):
        place = f"{row['matrix']} of head {row['head']}"
        assert int(row["rank"]) == rank, place
        values = np.linalg.svd(heads[row["matrix"]][int(row["head"])], compute_uv=False)[:FULL]
        if rank == FULL:
            assert float(row["first_last_ratio"]) == pytest.approx(values[0] / values[-1], rel=1e-9), place
            assert float(row["least10_ratio"]) == pytest.approx(values[-10:].sum() / values.sum(), rel=1e-9), place
        else:
            assert (row["first_last_ratio"], row["least10_ratio"]) == ("nan", "nan"), place
            assert f"- {row['matrix']} of layer 0, head {row['head']}: **rank {rank} of {FULL}**" in report or (
                "and 14 more, each of a higher share of its full rank or the same" in report
            )
        if rank:
            share = values[:rank] / values[0]
            assert float(row["stable_rank"]) == pytest.approx(np.square(share).sum(), rel=1e-9), place
            assert all(1e-9 < float(row[name]) <= FULL for name in RATIOS_OF_ALL), place
        else:
            assert all(row[name] == "nan" for name in RATIOS_OF_ALL), place
    assert ("**rank " in report) == (rank < FULL)


def test_a_head_that_is_not_of_full_rank_is_no_extreme_of_its_least_values(tmp_path: Path) -> None:
    """Head 2 has a dimension of zeros, head 1 one that is small, but far above the rounding of float32."""

    def change(model: LlamaForCausalLM) -> None:
        weight = model.model.layers[0].self_attn.q_proj.weight
        weight[2 * D_HEAD + 7] = 0
        weight[D_HEAD + 7] *= 1e-3

    path = saved(tmp_path / "model", "F32", untouched)
    model = load_reference(path)
    with torch.no_grad():
        change(model)
    silently(model.save_pretrained, path)
    _, report = spectra(tmp_path / "out", path)
    first = next(line for line in report.splitlines() if line.startswith("- by first/last ratio"))
    assert "**q of layer 0, head 1**" in first
    assert "- q of layer 0, head 2: **rank 31 of 32**" in report
    assert "e+1" not in report, "no ratio of rounding errors is told"
