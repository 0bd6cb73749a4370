"""Heads of the gallery are what their captions say: scored again, by the model, and by hand from its pattern."""

import re
from typing import get_args

import numpy as np
import pytest

from mmviz.builders.found_heads import Found, find_heads
from mmviz.builders.opening import Reading
from mmviz.picture.look.head_kinds import KINDS, Kind, best
from mmviz.scene.gallery import SECTIONS
from mmviz.scene.keys.sources import ActivationSource
from tests.gallery.loaded import scene

of_every_kind = pytest.mark.parametrize("kind", get_args(Kind))
NUMBER = re.compile(r"\d+\.\d+")


def found(kind: Kind) -> Found:
    """The heads of the scene's model, on its prompt."""
    one = scene(f"heads_{kind}")
    model = one.document.model
    assert model is not None
    place = str((one.folder / model.path).resolve())
    return find_heads(Reading(place, model.prompt, device="cpu"), kind, lambda layers, size: lambda done: None)


def test_every_kind_has_a_scene() -> None:
    (section,) = (section for section in SECTIONS if section.word == "heads")
    assert section.scenes == tuple(f"heads_{kind}" for kind in get_args(Kind))


@of_every_kind
def test_it_is_the_best_head_of_its_kind_and_scores_what_its_caption_says(kind: Kind) -> None:
    one, heads = scene(f"heads_{kind}"), found(kind)
    first = best(heads.heads, kind)[0]
    query = one.document.tensors["Q"]
    assert isinstance(query, ActivationSource)
    assert (query.activation, query.head) == (f"blocks.{first.layer}.attn.hook_rot_q", first.head)
    assert f"layer {first.layer}, head {first.head} of SmolLM2-135M" in one.document.title
    said, *chance = (float(number) for number in NUMBER.findall(one.document.animation.chapters[-1].caption or ""))
    score = first.scores[kind]
    assert 0 <= (said - score if KINDS[kind].least_first else score - said) < 0.01
    assert chance == pytest.approx([heads.chance[kind]] * len(chance), abs=0.006)


@of_every_kind
def test_its_pattern_is_that_of_the_model(kind: Kind) -> None:
    one = scene(f"heads_{kind}")
    pattern = one.values()[""]
    query = one.document.tensors["Q"]
    assert isinstance(query, ActivationSource)
    name = query.activation.replace("hook_rot_q", "hook_pattern")
    theirs = one.sources.model.activation(one.sources.token_ids, name, query.head).numpy()
    np.testing.assert_allclose(pattern, theirs, atol=1e-6)


def test_the_sink_takes_more_than_a_sink_has_to_and_the_even_head_is_on_the_same_words() -> None:
    assert best(found("sink").heads, "sink")[0].scores["sink"] > 0.3  # Gu et al. 2024
    sink, even = (scene(f"heads_{kind}").document.model for kind in ("sink", "uniform"))
    assert sink == even
