"""Heads found in models: their scores against loops over what transformers computes, and the scenes of the best."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from math import log
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from mmviz.builders.found_heads import Found, caption, command, find_heads, found_scene, repeated
from mmviz.builders.opening import Reading
from mmviz.errors import SourceError
from mmviz.machine.shipped import find_asset
from mmviz.picture.look.head_kinds import Kind, ScoredHead, best
from mmviz.reports.heads_report import heads_report, heads_text
from mmviz.scene.language.tree import find
from mmviz.values.text.repeated import DRAWN, repeated_tokens
from tests.values.variants import load_reference, save_variant

IDS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 1, 4)
ASSET = "smollm2-135m-2layers"


@cache
def place(variant: str) -> Path:
    return save_variant(Path(mkdtemp()), variant)


def found(model: Path | str, kind: Kind | None = None, **more: Any) -> Found:
    asked: dict[str, Any] = {"tokens": IDS, "device": "cpu", **more}
    return find_heads(Reading(str(model), **asked), kind, lambda layers, size: lambda done: None)


def attentions_of(folder: Path, ids: Sequence[int]) -> Any:
    with torch.inference_mode():
        return load_reference(folder)(torch.tensor([ids]), output_attentions=True).attentions


def by_loops(pattern: NDArray[np.float64], ids: Sequence[int], sees: Any) -> dict[str, float]:
    """All scores of one head, a cell after the other, as their formulas say.

    Args:
        pattern: (tokens, tokens).
        ids: The tokens.
        sees: Of i and j: whether token i may look at j.
    """
    shares: dict[str, list[float]] = {kind: [] for kind in ("previous", "duplicate", "induction", "sink", "uniform")}
    away = whole = 0.0
    tokens = range(len(ids))
    causal = not sees(0, 1)
    for i in tokens:
        seen = [j for j in tokens if sees(i, j)]
        if len(seen) < 2:
            continue
        total = sum(pattern[i][j] for j in seen)
        if i - 1 in seen:
            shares["previous"].append(pattern[i][i - 1])
        if 0 in seen and i > 0:
            shares["sink"].append(pattern[i][0])
        same = [j for j in seen if ids[j] == ids[i] and j != i]
        if same:
            shares["duplicate"].append(sum(pattern[i][j] for j in same))
        behind = [j + 1 for j in tokens if j + 1 < i and ids[j] == ids[i] and j + 1 in seen]
        if behind and causal:
            shares["induction"].append(sum(pattern[i][j] for j in behind))
        parts = [pattern[i][j] / total for j in seen]
        shares["uniform"].append(-sum(part * log(part) for part in parts if part > 0) / log(len(seen)))
        away += sum(pattern[i][j] * abs(i - j) for j in seen)
        whole += total
    return {kind: sum(all_of) / len(all_of) for kind, all_of in shares.items() if all_of} | {"local": away / whole}


@pytest.mark.parametrize(
    ("variant", "window", "slides"),
    [("llama grouped, wide heads", 99, "tril"), ("mistral", 5, "tril"), ("bert", 99, "both")],
)
def test_scores_are_those_of_loops_over_the_attentions_of_transformers(variant: str, window: int, slides: str) -> None:
    def sees(i: int, j: int) -> bool:
        return slides == "both" or 0 <= i - j < window

    mine = found(place(variant))
    attentions = attentions_of(place(variant), IDS)
    assert len(mine.heads) == len(attentions) * attentions[0].shape[1]
    for one in mine.heads:
        pattern = attentions[one.layer][0, one.head].numpy().astype(np.float64)
        expected = by_loops(pattern, IDS, sees)
        assert set(one.scores) == set(expected) == set(mine.kinds)
        assert dict(one.scores) == pytest.approx(expected, abs=1e-5), (one.layer, one.head)


@cache
def of_the_asset() -> tuple[Found, Any]:
    """The heads of the model that comes with mmviz, on tokens that come twice; and its attentions by transformers."""
    reading, drawn = repeated(Reading(ASSET, device="cpu"))
    mine = find_heads(reading, None, lambda layers, size: lambda done: None, drawn)
    folder = find_asset(ASSET)
    assert folder is not None
    return mine, attentions_of(folder, reading.tokens or ())


def test_scores_of_the_model_that_comes_with_mmviz_are_those_of_transformers() -> None:
    mine, attentions = of_the_asset()
    ids = mine.reading.tokens
    assert ids is not None
    for one in mine.heads[::4]:
        pattern = attentions[one.layer][0, one.head].numpy().astype(np.float64)
        assert dict(one.scores) == pytest.approx(by_loops(pattern, ids, lambda i, j: j <= i), abs=1e-5)


def test_they_are_those_of_transformer_lens_but_for_what_these_are_shares_of() -> None:
    """Its detect_head divides by all attention there is, of tokens that have nothing to look at, too."""
    mine, attentions = of_the_asset()
    ids = np.array(mine.reading.tokens)
    same = np.tril(ids[:, None] == ids[None, :], -1)
    behind = np.tril(np.pad(same, ((0, 0), (1, 0)))[:, :-1])
    before = np.eye(len(ids), k=-1, dtype=bool)
    masks: dict[Kind, NDArray[np.bool_]] = {"previous": before, "duplicate": same, "induction": behind}
    for one in mine.heads[::5]:
        pattern = attentions[one.layer][0, one.head].numpy().astype(np.float64)
        for kind, mask in masks.items():
            theirs = (pattern * mask).sum() / pattern.sum()
            assert one.scores[kind] * mask.any(1).sum() / len(ids) == pytest.approx(theirs, abs=1e-5)


def test_the_tokens_that_are_drawn_come_twice_and_are_always_the_same() -> None:
    mine, _ = of_the_asset()
    tokens = mine.reading.tokens
    assert tokens is not None
    assert (mine.drawn, len(tokens), mine.reading.prompt) == (DRAWN, 2 * DRAWN, None)
    assert tokens[:DRAWN] == tokens[DRAWN:]
    assert len(set(tokens)) == DRAWN
    assert repeated(Reading(ASSET))[0].tokens == tokens


def test_a_small_vocabulary_and_few_positions_give_fewer_tokens() -> None:
    ids, drawn = repeated_tokens("m", 5, 64, None)
    assert (drawn, sorted(ids)) == (5, sorted([*range(5), *range(5)]))
    assert repeated_tokens("m", 500, 9, None)[1] == 4
    with pytest.raises(SourceError) as raised:
        repeated_tokens("m", 500, 3, None)
    assert str(raised.value) == "m: reads 3 tokens at most and knows 500; at least two are needed that come twice."


def test_the_previous_token_head_of_the_model_is_found_and_its_scene_says_so() -> None:
    mine = found(
        ASSET, "previous", tokens=None, prompt="A word looks back at the word before it, and so does the next."
    )
    first = best(mine.heads, "previous")[0]
    assert (first.layer, first.head) == (1, 2)
    scene = found_scene(mine, "previous", first)
    assert scene.document.made_by is not None
    assert (scene.document.made_by.layer, scene.document.made_by.head) == (1, 2)
    assert len(scene.document.captions) == 2
    assert (
        scene.document.captions[-1].text
        == caption(mine, "previous", first)
        == (
            "As a previous-token head number 1 of 18. The attention that a token gives to the token before it: "
            f"{first.scores['previous']:.2f}, by chance {mine.chance['previous']:.2f}"
        )
    )
    node = find(scene.root, "attn")
    assert node is not None
    pattern = scene.values()[node.path]
    assert np.diagonal(pattern, -1).mean() == pytest.approx(first.scores["previous"], abs=1e-6)


def test_the_command_of_a_head_says_all_that_was_asked_for() -> None:
    mine = found(place("llama"), "sink")
    head = mine.heads[1]
    model = str(place("llama"))
    ids = ",".join(map(str, IDS))
    assert shlex.join(command(mine, head)) == (
        f"mmviz head {shlex.quote(model)} --layer 0 --head 1 --tokens {ids} --device cpu --view"
    )
    across = Reading("m", "it's", special_tokens=False, cross=True, target="das", dtype="float64", adapter="a b")
    words = command(replace(mine, reading=across), head)
    assert shlex.join(words) == (
        """mmviz head m --layer 0 --head 1 --prompt 'it'"'"'s' --no-special-tokens --cross --target das """
        "--adapter 'a b' --dtype float64 --view"
    )
    of_decoder = replace(across, cross=False, stack="decoder", target=None, target_tokens=(0, 7), adapter=None)
    assert "--stack decoder --target-tokens 0,7" in " ".join(command(replace(mine, reading=of_decoder), head))


# Two stacks.


def test_heads_that_look_across_are_found_as_what_they_can_be() -> None:
    mine = found(place("umt5"), cross=True, target_tokens=(0, 7, 7))
    assert mine.kinds == ("sink", "uniform")
    assert mine.chance == {"sink": pytest.approx(1 / len(IDS)), "uniform": pytest.approx(1)}
    decoder = found(place("umt5"), stack="decoder", target_tokens=(0, 7, 3, 7, 3))
    assert (decoder.tokens, decoder.kinds[2], decoder.without) == (5, "induction", ())


# What is refused, and what a prompt cannot show.


@pytest.mark.parametrize(
    ("variant", "kind", "more", "message"),
    [
        (
            "umt5",
            "duplicate",
            {"cross": True, "target_tokens": (0, 7)},
            "heads that look across look at tokens of another text, and so none of them is a duplicate-token head; "
            "they can be of the kinds sink and uniform.",
        ),
        (
            "bert",
            "induction",
            {},
            "its tokens look at later ones, too, which leaves nothing to be foretold, and so none of its heads is an "
            "induction head; a model whose tokens look back is needed.",
        ),
        (
            "llama",
            "induction",
            {"tokens": (1, 2, 3, 3)},
            "no token of the prompt comes back with one behind it, which is what an induction head is known by; a "
            "prompt that repeats words is needed.",
        ),
        (
            "llama",
            None,
            {"tokens": (1,)},
            "reads one token, which can look at nothing but itself; at least two are needed.",
        ),
    ],
)
def test_what_cannot_be_found_is_told(variant: str, kind: Kind | None, more: Any, message: str) -> None:
    with pytest.raises(SourceError) as raised:
        found(place(variant), kind, **more)
    assert str(raised.value) == f"{place(variant)}: {message}"


def test_tokens_are_repeated_where_that_shows_something() -> None:
    with pytest.raises(SourceError) as raised:
        repeated(Reading(str(place("umt5")), stack="decoder"))
    assert str(raised.value) == (
        f"{place('umt5')}: has no tokens of its own to repeat where the encoder has read nothing; give --prompt, and "
        "as --target a text in which words come back."
    )
    with pytest.raises(SourceError, match="look at later ones"):
        repeated(Reading(str(place("bert"))))


def test_kinds_that_the_prompt_cannot_show_are_told_at_the_end() -> None:
    mine = found(place("llama"), tokens=(1, 2, 3))
    assert (mine.kinds, mine.without) == (("previous", "sink", "local", "uniform"), ("duplicate", "induction"))
    report = heads_report(mine.model, (3, 0), mine.heads, mine.chance, lambda head: command(mine, head), 1)
    text = heads_text(report, mine.without)
    assert (
        "\n\nduplicate: no token of the prompt comes back; one that repeats words shows it\n\n"
        "induction: no token of the prompt comes back; one that repeats words shows it, or --kind induction without a "
        "prompt\n\nThe first one: mmviz head "
    ) in text


def test_heads_whose_numbers_are_none_are_left_out_of_the_list() -> None:
    heads = [ScoredHead(0, 0, {"sink": float("nan")}), ScoredHead(0, 1, {"sink": 0.5})]
    report = heads_report("m", (3, 0), heads, {"sink": 0.25}, lambda head: ("mmviz", "head"), 5)
    assert [head["head"] for head in report["kinds"]["sink"]["heads"]] == [1]
    none = heads_report("m", (3, 0), heads[:1], {"sink": 0.25}, lambda head: (), 5)
    assert none["kinds"]["sink"]["median"] is None
    assert heads_text(none).endswith("  no head has this score: its pattern has numbers that are none")


def test_all_layers_are_computed_once_and_told_as_they_are_done() -> None:
    told: list[int] = []

    def begin(layers: int, size: int) -> Callable[[int], None]:
        told.extend((layers, size))
        return told.append

    find_heads(Reading(str(place("gpt2")), tokens=IDS, device="cpu"), "local", begin)
    layers, size, *done = told
    assert done == list(range(1, layers + 1))
    stored = sum(
        tensor.numel() * 4 for name, tensor in load_file(place("gpt2") / "model.safetensors").items() if ".h." in name
    )
    assert size == stored
