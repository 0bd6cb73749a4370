"""GLM and GLM-4: as Llama, half of each head rotated, neighbours together; GLM-4 with four norms a layer, too."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, only
from mmviz.values.families.kind import Drawn, Kind, Ropes
from mmviz.values.families.kinds.llama import NAMES, OF_LLAMAS
from mmviz.values.families.layouts import gate_and_up, norm
from mmviz.values.families.rope import read_rope

GLM: Mapping[str, Key] = {
    **{key: each for key, each in OF_LLAMAS.items() if key != "rope_interleaved"},
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads", default=2),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=128),
    "rms_norm_eps": Key("added to the mean square in norms", default=0.00000015625),
    "partial_rotary_factor": Key("which part of a head is rotated", default=0.5),
    "attention_bias": Key("queries, keys and values have biases", default=True),
    "mlp_bias": only(False, "biases, which a GLM has none of"),
}
GLM_NAMES = replace(
    NAMES,
    layer_weights={
        **{name: each for name, each in NAMES.layer_weights.items() if each.when in ("", "qkv_bias")},
        **gate_and_up("mlp.gate_up_proj"),
    },
)
GLM4_NAMES = replace(
    GLM_NAMES,
    layer_weights={
        **GLM_NAMES.layer_weights,
        **norm("ln1_post", "post_self_attn_layernorm"),
        **norm("ln2_post", "post_mlp_layernorm"),
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    return replace(read_rope(keys, d_head, share="partial_rotary_factor"), neighbours=True), None


def _glm(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(config, qkv_bias=keys.flag("attention_bias", null=False))


def _glm4(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_glm(keys, config), norm_outputs=True)


KINDS = (
    Kind(
        "glm",
        "Glm",
        Drawn(
            "GLM",
            "GLM-4 9B, GLM-Edge",
            "as Llama, with half of each head rotated, neighbouring numbers together",
            ("chatglm",),
        ),
        GLM,
        GLM_NAMES,
        rope=_rope,
        more=_glm,
    ),
    Kind(
        "glm4",
        "Glm4",
        Drawn("GLM-4", "GLM-4-0414, 9B and 32B, GLM-Z1", "as GLM, with four norms a layer", ("glm4",)),
        GLM,
        GLM4_NAMES,
        rope=_rope,
        more=_glm4,
    ),
)
