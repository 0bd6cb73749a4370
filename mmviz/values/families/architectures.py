"""Of which family a model says to be, and of which class: model_type and architectures; checks no other key."""

import re
from collections.abc import Mapping
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.families.catalogue import SEE, why_refused
from mmviz.values.families.keys import TABLES

ARCHITECTURE = re.compile(
    r"(GPT2|Llama|Mistral|Qwen2|Qwen3|Gemma|Gemma2|Gemma3|GPTNeoX|Phi|GPTJ)(?:For[A-Z]\w*|LMHeadModel|DoubleHeadsModel|Model)"
)
"""What a model of one of the model_types is called; `_of_class` says which."""
WITHOUT_HEAD = re.compile(
    r"\w*(?:(?<!LMHead)(?<!DoubleHeads)Model"
    r"|For(?:Sequence|Token)?Classification|ForQuestionAnswering|ForMultipleChoice|ForRegression|ForScore)"
)
"""The architectures that end with the last norm, or go on with a head for another task than to tell the next token: of
them a file has no unembedding, where that is not tied."""


def kind_of(config: Mapping[str, Any], where: str) -> str:
    """The model_type, said or told by the name of the class.

    Raises:
        SourceError: it is none that is known here.
    """
    kind = config.get("model_type")
    if kind is None and (found := ARCHITECTURE.fullmatch(_architecture(config))):
        kind = _of_class(found[1])
    if kind is None:
        raise SourceError(f"{where}, model_type: is missing; one of those that mmviz models lists is needed.")
    if kind not in TABLES:
        raise SourceError(f"{where}, model_type: {kind!r} is not supported: {why_refused(kind)}; {SEE}.")
    return str(kind)


def _of_class(name: str) -> str:
    """The model_type of the models whose classes begin with a name."""
    return {"Gemma3": "gemma3_text", "GPTNeoX": "gpt_neox"}.get(name, name.lower())


def _architecture(config: Mapping[str, Any]) -> str:
    architectures = config.get("architectures")
    return str(architectures[0]) if isinstance(architectures, list) and architectures else ""


def other_class_of(config: Mapping[str, Any], kind: str) -> str:
    """The class that a model says to be of, where that is none of its model_type, or one that comes with the files."""
    name = _architecture(config)
    found = ARCHITECTURE.fullmatch(name)
    ours = not name or (found is not None and _of_class(found[1]) == kind)
    return "" if ours and not config.get("auto_map") else name or "class of its own"


def has_unembedding(config: Mapping[str, Any], tied: bool) -> bool:
    """Whether a model of the class that it says to be of goes on to logits."""
    return tied or not WITHOUT_HEAD.fullmatch(_architecture(config))
