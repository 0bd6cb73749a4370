"""Scenes to begin with: a handful of texts, each a whole scene file that needs no model. They are read elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A scene that is made to be changed."""

    name: str  # a word, as a command line would take it
    title: str
    sentence: str  # what it shows, in one line
    text: str  # the scene file


def _template(name: str, title: str, sentence: str, body: str) -> Template:
    return Template(name, title, sentence, f"version: 1\ntitle: {title}\n{body}")


TEMPLATES: tuple[Template, ...] = (
    _template(
        "product",
        "A product",
        "C = A @ B, of random numbers",
        """\
expr: C = A @ B
tensors:
  A: {init: gaussian, shape: [24, 32], seed: 1}
  B: {init: gaussian, shape: [32, 24], seed: 2}
animation: {algorithm: vmprod}
""",
    ),
    _template(
        "attention",
        "Attention",
        "softmax(Q @ K.T) @ V, with a causal mask",
        """\
expr: out = (attn = softmax(tril(scale(Q @ K.T)))) @ V
tensors:
  Q: {init: gaussian, shape: [32, 16], seed: 1}
  K: {init: gaussian, shape: [32, 16], seed: 2}
  V: {init: gaussian, shape: [32, 16], seed: 3}
animation: {algorithm: vmprod, fuse: chain}
style: {patterns: sequential}
""",
    ),
    _template(
        "mlp",
        "An MLP",
        "gelu(x @ W1) @ W2: the feed-forward layer of a transformer",
        """\
expr: out = (hidden = gelu(x @ W1)) @ W2
tensors:
  x: {init: gaussian, shape: [16, 24], seed: 1}
  W1: {init: pt linear, shape: [24, 64], seed: 2}
  W2: {init: pt linear, shape: [64, 24], seed: 3}
animation: {algorithm: vmprod, fuse: chain}
""",
    ),
    _template(
        "residual",
        "A residual block",
        "x + relu(x @ W1) @ W2: what a layer makes of x is added to x",
        """\
expr: out = x + (change = (hidden = relu(x @ W1)) @ W2)
tensors:
  x: {init: gaussian, shape: [16, 32], seed: 1}
  W1: {init: pt linear, shape: [32, 48], seed: 2}
  W2: {init: pt linear, shape: [48, 32], seed: 3}
animation: {algorithm: vmprod, fuse: chain}
""",
    ),
    _template(
        "low_rank",
        "Low rank",
        "x @ (W + B @ A): a weight and its low-rank update",
        """\
expr: out = x @ (weight = W + (update = scale(B @ A, 0.1)))
tensors:
  x: {init: gaussian, shape: [16, 48], seed: 1}
  W: {init: pt linear, shape: [48, 48], seed: 2}
  B: {init: gaussian, shape: [48, 4], seed: 3}
  A: {init: gaussian, shape: [4, 48], seed: 4}
animation: {algorithm: vvprod}
""",
    ),
)
"""In the order in which they are offered."""
