"""Which class of transformers reads a model's tokenizer files; opens no file.

Since version 5 it matters: some classes put the tokenizer together anew from the vocabulary and the merges of
tokenizer.json, and what that says besides about splitting text does not count; others take the file as it is.
Source: AutoTokenizer of transformers 5.24.0, without the package mistral-common.
"""

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal[
    "stored",
    "gpt2",
    "qwen2",
    "llama",
    "gemma",
    "gpt_neox",
    "cohere",
    "roberta",
    "bert",
    "xlm_roberta",
    "camembert",
    "t5",
]
"""How a class goes about it: it takes tokenizer.json as it is, or puts a tokenizer of its own together."""

STORED: Final = ("PreTrainedTokenizerFast", "TokenizersBackend", "PreTrainedTokenizer", "PythonBackend")
CLASSES: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(STORED, "stored"),
    "BloomTokenizer": "stored",
    "GPT2Tokenizer": "gpt2",
    "CodeGenTokenizer": "gpt2",
    "Qwen2Tokenizer": "qwen2",
    "LlamaTokenizer": "llama",
    "GemmaTokenizer": "gemma",
    "GPTNeoXTokenizer": "gpt_neox",
    "CohereTokenizer": "cohere",
    "BertTokenizer": "bert",
    "DistilBertTokenizer": "bert",
    "RobertaTokenizer": "roberta",
    "XLMRobertaTokenizer": "xlm_roberta",
    "CamembertTokenizer": "camembert",
    "T5Tokenizer": "t5",
}
"""The classes that are followed here, without the ending Fast, which means nothing any more."""

RULES: Final[Mapping[Kind, str]] = {"qwen2": "qwen2", "cohere": "command-r"}
"""By which of the rules that GGUF files name a class splits text, where that is not GPT-2's."""
COHERE_TOKENS: Final[Mapping[str, str]] = {
    **{f"{name}_token": f"<{name.upper()}>" for name in ("unk", "pad", "cls", "sep")},
    "bos_token": "<BOS_TOKEN>",
    "eos_token": "<|END_OF_TURN_TOKEN|>",
    "mask_token": "<MASK_TOKEN>",
}
"""The special tokens of CohereTokenizer where no file names others."""

OF_MODEL: Final[Mapping[str, str]] = {
    "gpt2": "GPT2Tokenizer",
    "gpt_neo": "GPT2Tokenizer",
    "gptj": "GPT2Tokenizer",
    "opt": "GPT2Tokenizer",
    "phi": "GPT2Tokenizer",
    "starcoder2": "GPT2Tokenizer",
    "codegen": "GPT2Tokenizer",
    "jais2": "GPT2Tokenizer",
    "qwen2": "Qwen2Tokenizer",
    "qwen2_moe": "Qwen2Tokenizer",
    "qwen3": "Qwen2Tokenizer",
    "qwen3_moe": "Qwen2Tokenizer",
    "mistral": "TokenizersBackend",
    "mixtral": "TokenizersBackend",
    "ministral": "TokenizersBackend",
    "ministral3": "TokenizersBackend",
    "phi3": "TokenizersBackend",
    "olmo2": "TokenizersBackend",
    "olmo3": "TokenizersBackend",
    "granite": "TokenizersBackend",
    "gpt_bigcode": "TokenizersBackend",
    "glm": "TokenizersBackend",
    "glm4": "TokenizersBackend",
    "stablelm": "TokenizersBackend",
    "granitemoe": "TokenizersBackend",
    "internlm3": "TokenizersBackend",
    "hyperclovax": "TokenizersBackend",
    "nemotron": "TokenizersBackend",
    "persimmon": "TokenizersBackend",
    "ernie4_5": "TokenizersBackend",
    "ernie4_5_moe": "TokenizersBackend",
    "flex_olmo": "TokenizersBackend",
    "glm4_moe": "TokenizersBackend",
    "granitemoeshared": "TokenizersBackend",
    "iquestcoder": "TokenizersBackend",
    "minimax_m2": "TokenizersBackend",
    "mpt": "GPTNeoXTokenizer",
    "olmo": "GPTNeoXTokenizer",
    "olmoe": "GPTNeoXTokenizer",
    "gpt_neox": "GPTNeoXTokenizer",
    "gemma": "GemmaTokenizer",
    "gemma2": "GemmaTokenizer",
    "gemma3_text": "GemmaTokenizer",
    "cohere": "CohereTokenizer",
    "cohere2": "CohereTokenizer",
    "bert": "BertTokenizer",
    "distilbert": "BertTokenizer",
    "electra": "BertTokenizer",
    "roberta": "RobertaTokenizer",
    "bart": "RobertaTokenizer",
    "xlm-roberta": "XLMRobertaTokenizer",
    "camembert": "CamembertTokenizer",
    "modernbert": "TokenizersBackend",
    "t5": "T5Tokenizer",
    "mt5": "T5Tokenizer",
    "umt5": "TokenizersBackend",
    "mbart": "MBartTokenizer",
    "plbart": "PLBartTokenizer",
    "blenderbot": "BlenderbotTokenizer",
    "pegasus": "PegasusTokenizer",
    "biogpt": "BioGptTokenizer",
    "openai-gpt": "OpenAIGPTTokenizer",
}
"""model_type -> the class that is registered for it; for llama and others there is none."""
DECLARED_WRONGLY: Final = (
    *("qwen2", "phi3", "modernbert", "nemotron", "ernie4_5", "ernie4_5_moe", "internlm3", "hyperclovax"),
    *("iquestcoder", "minimax_m2"),
)
"""Model types whose files name the wrong class, so that the registered one counts."""


def class_of(declared: str | None, model_type: object, *, bytes_in_file: bool) -> str:
    """The name of the class, without the ending Fast.

    Args:
        declared: tokenizer_class of tokenizer_config.json, else that of config.json.
        model_type: That of config.json.
        bytes_in_file: Whether tokenizer.json is there and names ByteLevel.
    """
    registered = OF_MODEL.get(str(model_type))
    if declared is None:
        return registered or "TokenizersBackend"
    named = declared.removesuffix("Fast") if declared != "PreTrainedTokenizerFast" else declared
    if registered == "TokenizersBackend":
        return registered
    if model_type in DECLARED_WRONGLY and registered is not None:
        return registered
    if named == "LlamaTokenizer" and bytes_in_file:  # that class knows no bytes; the files of Llama 3 name it
        return "TokenizersBackend"
    return named
