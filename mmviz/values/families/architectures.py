"""Of which family a model says to be, and of which class: model_type and architectures; checks no other key."""

import re
from collections.abc import Mapping
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.families.catalogue import SEE, why_refused
from mmviz.values.families.kind import Kind
from mmviz.values.families.registry import KINDS

BY_CLASS: Mapping[str, str] = {kind.classes: kind.model_type for kind in KINDS.values()}
"""The model_type of the models whose classes begin with a name."""
ARCHITECTURE = re.compile(rf"({'|'.join(BY_CLASS)})(?:For[A-Z]\w*|LMHeadModel|DoubleHeadsModel|Model)")
"""What a model of one of the model_types is called."""
ENCODER_ALONE = re.compile(r"\w+Encoder(?:Model)?|\w*T5ForTokenClassification")
"""The architectures that have an encoder and no decoder, of families that have both."""
WITHOUT_HEAD = re.compile(
    r"\w*(?:(?<!LMHead)(?<!DoubleHeads)Model"
    r"|For(?:Sequence|Token)?Classification|ForQuestionAnswering|ForMultipleChoice|ForRegression|ForScore"
    r"|ForNextSentencePrediction)|ElectraForPreTraining"
)
"""The architectures that end with the last norm, or go on with a head for another task than to tell the next token: of
them a file has no unembedding, where that is not tied."""


def kind_of(config: Mapping[str, Any], where: str) -> Kind:
    """What is known of models of the model_type, which is said or told by the name of the class.

    Raises:
        SourceError: it is none that is known here.
    """
    said = config.get("model_type")
    if said is None and (found := ARCHITECTURE.fullmatch(_architecture(config))):
        said = BY_CLASS[found[1]]
    if said is None:
        raise SourceError(f"{where}, model_type: is missing; one of those that mmviz models lists is needed.")
    if not isinstance(said, str) or said not in KINDS:
        raise SourceError(f"{where}, model_type: {said!r} is not supported: {why_refused(said)}; {SEE}.")
    return KINDS[said]


def _architecture(config: Mapping[str, Any]) -> str:
    architectures = config.get("architectures")
    return str(architectures[0]) if isinstance(architectures, list) and architectures else ""


def other_class_of(config: Mapping[str, Any], kind: str) -> str:
    """The class that a model says to be of, where that is none of its model_type, or one that comes with the files."""
    name = _architecture(config)
    found = ARCHITECTURE.fullmatch(name)
    ours = not name or (found is not None and BY_CLASS[found[1]] == kind)
    return "" if ours and not config.get("auto_map") else name or "class of its own"


def no_decoder(config: Mapping[str, Any]) -> str:
    """Why a model of two stacks has but one in its files; "" where it has both."""
    name = _architecture(config)
    return f"is {name}, which has no decoder" if ENCODER_ALONE.fullmatch(name) else ""


def has_unembedding(config: Mapping[str, Any], tied: bool) -> bool:
    """Whether a model of the class that it says to be of goes on to logits.

    Args:
        config: The content of config.json.
        tied: The embedding alone is enough to do so.
    """
    return tied or not WITHOUT_HEAD.fullmatch(_architecture(config))
