"""The gallery: scenes that each teach one thing, in the order in which one would look at them; draws nothing.

A scene lies in scenes/gallery/ and says itself what it is called and what one learns from it; here is only its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mmviz.errors import SceneError
from mmviz.machine.shipped import find_scene
from mmviz.scene.keys.problems import listed
from mmviz.scene.text import scene_file
from mmviz.scene.text.yaml_text import read_yaml


@dataclass(frozen=True, slots=True)
class Section:
    """Scenes that belong together."""

    word: str  # as a command line takes it, and its page is called
    title: str
    scenes: tuple[str, ...]  # their names


@dataclass(frozen=True, slots=True)
class Entry:
    """A scene of the gallery as it tells of itself."""

    name: str
    title: str
    learn: str  # in one sentence
    tries: tuple[str, ...]  # what to try with it
    still: float | None  # the step of its picture; None: the finished picture
    file: Path

    @property
    def short(self) -> str:
        """The title up to its first colon, where there is little room."""
        return self.title.partition(": ")[0]


# Another scene is another line in its section.
_ALL = (
    Section(
        "pitch",
        "Inside the Matrix 1: a product is a cube",
        (
            "cube",
            "dot",
        ),
    ),
    Section(
        "animations",
        "Inside the Matrix 2: how a product is computed",
        (
            "matrix_vector",
            "matrix_vector_random",
            "vector_matrix",
            "vector_matrix_random",
            "identity_mirror",
            "outer_products",
            "rank_builds_up",
        ),
    ),
    Section(
        "expressions",
        "Inside the Matrix 3: expressions and partitions",
        (
            "ffn",
            "bottleneck",
            "deep_bottleneck",
            "right_associative",
            "binary",
            "data_parallel",
            "partition_ijk",
        ),
    ),
    Section(
        "head",
        "Inside the Matrix 4: an attention head",
        (
            "head_whole",
            "head_parts",
            "head_row_by_row",
            "head_scores",
            "head_values_mixed",
            "near_or_far",
            "values_one_further",
            "input_threads",
            "first_token",
            "even_head",
            "even_head_mixing",
            "even_head_alike",
            "even_head_values",
            "even_head_out",
            "even_head_weights",
            "decode_one_token",
        ),
    ),
    Section(
        "parallel",
        "Inside the Matrix 5: attention in parallel",
        (
            "queries_in_blocks",
            "attention_in_tiles",
        ),
    ),
    Section(
        "sizes",
        "Inside the Matrix 6: a whole layer",
        (
            "layer_sizes",
            "layer_in_tiles",
            "ffn_in_slices",
            "layer_cut_every_way",
            "layer_one_token",
        ),
    ),
    Section(
        "rank",
        "Inside the Matrix 7: low rank",
        (
            "low_rank",
            "lora_head",
        ),
    ),
    Section(
        "course",
        "A course on transformers",
        (
            "encoder_layer",
            "cross_attention",
            "decoder_layer",
            "one_stack_or_two",
            "causal_mask",
            "padding_mask",
            "causal_rank",
            "why_q_and_k",
            "why_scale",
            "scale_by_size",
            "half_precision",
            "layernorm_batchnorm",
            "sum_of_heads_and_concat",
            "attention_parameters",
            "grouped_queries",
            "rope_distance",
            "kv_cache",
            "flops_are_volume",
            "bytes_of_training",
        ),
    ),
    Section("spectra", "Singular values", ("ranks_of_a_head",)),
    Section(
        "heads",
        "Heads worth knowing",
        (
            "heads_previous",
            "heads_duplicate",
            "heads_induction",
            "heads_sink",
            "heads_local",
            "heads_uniform",
        ),
    ),
)
SECTIONS: tuple[Section, ...] = tuple(section for section in _ALL if section.scenes)
"""Those that have scenes, in the order in which they are listed."""


@cache
def entry(name: str) -> Entry:
    """What a scene of the gallery tells of itself.

    Raises:
        SceneError: there is no such scene, or its file cannot be read.
    """
    file = find_scene(name)
    if file is None:
        raise SceneError(f"{name}: no scene of that name is in the gallery.")
    head, _, _ = scene_file.read_text(file).partition("\nexpr:")  # a list of many scenes is to be there at once
    content = read_yaml(head, str(file))
    about = content.get("about", {})
    return Entry(
        name, content.get("title", ""), about.get("learn", ""), tuple(about.get("tries", ())), about.get("still"), file
    )


def entries(sections: tuple[Section, ...] = SECTIONS) -> Iterator[tuple[Section, Entry]]:
    """Every scene of some sections, with its section."""
    return ((section, entry(name)) for section in sections for name in section.scenes)


def meant(words: list[str]) -> list[str]:
    """The names of the scenes that words stand for, each a scene or a section; all of them without words.

    Raises:
        SceneError: a word is neither.
    """
    sections = {section.word: section.scenes for section in SECTIONS}
    known = [name for scenes in sections.values() for name in scenes]
    for word in words:
        if word not in sections and word not in known:
            raise SceneError(
                f"{word}: no scene of the gallery and no section is called so; the sections are "
                f"{listed(list(sections))}, and `mmviz gallery` lists the scenes."
            )
    found = [name for word in words for name in sections.get(word, (word,))]
    return list(dict.fromkeys(found)) if words else known
