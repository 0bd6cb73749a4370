"""The two attention patterns of the gallery's scene causal_rank: `python -m docs.making.causal_rank` writes them anew.

A scene can show the singular values of a matrix that lies in a file, not of one that it computes.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parents[2] / "scenes" / "gallery" / "causal_rank.npz"
TOKENS, D_HEAD, TEMPERATURE, SEED = 24, 2, 1 / 0.3, 0


def patterns() -> dict[str, NDArray[np.float64]]:
    """softmax(Q @ K.T / sqrt(d) / temperature) of the same queries and keys, (tokens, tokens): of all, and causal."""
    queries, keys = np.random.default_rng(SEED).normal(size=(2, TOKENS, D_HEAD))
    weights = np.exp(queries @ keys.T / np.sqrt(D_HEAD) / TEMPERATURE)
    found = {"every": weights, "causal": np.tril(weights)}
    return {name: each / each.sum(axis=1, keepdims=True) for name, each in found.items()}


if __name__ == "__main__":
    made = patterns()
    np.savez(FILE, every=made["every"].astype(np.float32), causal=made["causal"].astype(np.float32))
