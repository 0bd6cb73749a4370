"""What tensors mean that lie in a model's files and are no parameters of it; reads none of them."""

import re
from collections.abc import Mapping

KNOWN_EXTRAS: Mapping[str, str] = {
    r"(.*\.)?(attn|attention)\.(bias|masked_bias)": "a causal mask of old files; the mask is computed",
    r"score\..*|(pre_)?classifier\..*|qa_outputs\..*|multiple_choice_head\..*|v_head\..*|(.*\.)?pooler\..*|classification_head\..*|sequence_summary\..*"
    r"|cls\.((output|norm)\.)?(weight|bias)|cls\.seq_relationship\..*|discriminator_predictions\..*": "a head for "
    "another task; it is no part of the model that is shown",
    r"(.*\.)?embeddings\.(position_ids|token_type_ids)": "numbers of positions; they are counted",
    r"(.*\.)?rotary_emb\.inv_freq|blk\.\d+\.attn_rot_embd\.weight": "rotary frequencies of old files; they are "
    "computed",
    r".*\.(input_scale|input_global_scale|input_zero_point|activation_scale|k_scale|v_scale|q_scale)": "how "
    "activations would be rounded; here they are not",
}
"""What a name that is no parameter of its model can mean."""
UNKNOWN_EXTRA = "no part of the model that its configuration describes"
IN_LAYER = re.compile(
    r"(?:layers|h|blk|blocks|(?:encoder|decoder)\.(?:layers|block)|(?:encoder\.)?layer)\.(0|[1-9][0-9]*)\..+"
)
NAMED = 4
"""Tensors that a message names; of more, the rest is counted."""


def meaning_of(bare: str) -> str:
    """What a tensor is, by its name without what files put before it."""
    return next((text for form, text in KNOWN_EXTRAS.items() if re.fullmatch(form, bare)), UNKNOWN_EXTRA)


def layer_of(bare: str) -> int | None:
    """The layer that a tensor is of, by its name without what files put before it; None where it is of none."""
    match = IN_LAYER.fullmatch(bare)
    return int(match[1]) if match else None


def listed(names: list[str]) -> str:
    """A few names, and how many more there are."""
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"
