"""The cases of all groups of families that have a module of their own here, together."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.values.kinds import (
    bart,
    bert,
    bloom,
    cohere,
    experts,
    falcon,
    glm,
    gpt_bigcode,
    gpt_neo,
    granite,
    helium,
    llama4,
    ministral,
    modernbert,
    more_decoders,
    mpt,
    nemotron,
    olmo,
    opt,
    phi3,
    shared_experts,
    smollm3,
    stablelm,
    starcoder2,
    t5,
)
from tests.values.kinds.cases import Cases

EACH: tuple[Cases, ...] = (
    experts.CASES,
    shared_experts.CASES,
    llama4.CASES,
    more_decoders.CASES,
    gpt_neo.CASES,
    smollm3.CASES,
    phi3.CASES,
    granite.CASES,
    falcon.CASES,
    cohere.CASES,
    bert.CASES,
    glm.CASES,
    starcoder2.CASES,
    stablelm.CASES,
    olmo.CASES,
    nemotron.CASES,
    mpt.CASES,
    modernbert.CASES,
    bloom.CASES,
    helium.CASES,
    ministral.CASES,
    gpt_bigcode.CASES,
    opt.CASES,
    t5.CASES,
    bart.CASES,
)
VARIANTS: Mapping[str, Any] = {name: config for cases in EACH for name, config in cases.variants.items()}
BOTH: Mapping[str, Any] = {name: config for cases in EACH for name, config in cases.both.items()}
NO_GGUF: tuple[str, ...] = tuple(name for cases in EACH for name in cases.no_gguf)
SIZES: Mapping[str, Mapping[str, Any]] = {kind: sizes for cases in EACH for kind, sizes in cases.sizes.items()}
RANDOM: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    kind: keys for cases in EACH for kind, keys in cases.random.items()
}
RANDOM_LLAMAS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    kind: keys for cases in EACH for kind, keys in cases.random_llamas.items()
}
REAL: Mapping[str, tuple[str, Mapping[str, Any]]] = {name: said for cases in EACH for name, said in cases.real.items()}
