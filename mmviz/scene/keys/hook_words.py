"""What weights and activations of a model are, in the words of the field: by their names alone; knows no model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mmviz.scene.keys.model_sizes import ModelSizes

IN_LAYER = re.compile(
    r"(?:blocks|(?:(?:model|gpt_neox)\.)?layers|(?:transformer\.)?h|transformer\.blocks|(?:(?:bert|roberta)\.)?encoder\.layer"
    r"|(?:distilbert\.)?transformer\.layer|(?:model\.)?(?P<stack>encoder|decoder)(?:\.block|\.layers)?)"
    r"\.(?P<layer>0|[1-9][0-9]*)\.(?P<name>.+)"
)
"""Of TransformerLens, of Llama or GPT-NeoX, of GPT-2, MPT, of BERT or DistilBERT, and of T5 or BART."""
MEANINGS: Mapping[str, str] = {
    "embed.W_E": "a vector for every token of the vocabulary",
    "pos_embed.W_pos": "a vector for every position",
    "token_type_embed.W_token_type": "a vector for each text of a pair",
    "embed.ln.w": "scales the norm of the embedding",
    "embed.ln.b": "is added by the norm of the embedding",
    "mlm_head.W": "takes the residual stream into the head for masked tokens",
    "mlm_head.b": "is added to what goes into the head for masked tokens",
    "mlm_head.ln.w": "scales the norm before the unembedding",
    "mlm_head.ln.b": "is added by the norm before the unembedding",
    "unembed.W_U": "makes logits of the residual stream",
    "unembed.b_U": "is added to logits",
    **{
        f"{last}.{name}": meaning
        for last in ("ln_final", "encoder_final_ln", "decoder_final_ln")
        for name, meaning in (("w", "scales the last norm"), ("b", "is added by the last norm"))
    },
    "ln1.w": "scales the norm before attention",
    "ln1.b": "is added by the norm before attention",
    "ln2.w": "scales the norm before the MLP",
    "ln3.w": "scales the norm before the MLP",
    "ln3.b": "is added by the norm before the MLP",
    "ln1_post.w": "scales the norm of what attention gives",
    "ln2_post.w": "scales the norm of what the MLP gives",
    "attn.q_norm.w": "scales the norm of queries",
    "attn.k_norm.w": "scales the norm of keys",
    "attn.q_norm.b": "is added by the norm of queries",
    "attn.k_norm.b": "is added by the norm of keys",
    "ln2.b": "is added by the norm before the MLP",
    "attn.W_Q": "makes queries",
    "attn.W_K": "makes keys",
    "attn.W_V": "makes values",
    "attn.W_O": "takes what a head has mixed back to the residual stream",
    "attn.b_Q": "is added to queries",
    "attn.b_K": "is added to keys",
    "attn.b_V": "is added to values",
    "attn.b_O": "is added to what attention gives",
    **{
        f"cross_attn.{name}": meaning
        for name, meaning in (
            ("W_Q", "makes queries of the target"),
            ("W_K", "makes keys of the source"),
            ("W_V", "makes values of the source"),
            ("W_O", "takes what a head has mixed of the source to the residual stream"),
            ("b_Q", "is added to queries of the target"),
            ("b_K", "is added to keys of the source"),
            ("b_V", "is added to values of the source"),
            ("b_O", "is added to what attention to the source gives"),
            ("hook_q", "queries of the target"),
            ("hook_k", "keys of the source"),
            ("hook_v", "values of the source"),
            ("hook_attn_scores", "scores of attention to the source, before the softmax"),
            ("hook_pattern", "the pattern of attention to the source"),
            ("hook_z", "values of the source, mixed by the attention pattern"),
            ("hook_result", "what a head adds to the residual stream of the source"),
        )
    },
    "mlp.W_gate": "makes the gates of the MLP",
    "mlp.W_in": "takes the residual stream into the MLP",
    "mlp.W_out": "takes the MLP back to the residual stream",
    "mlp.W_router": "makes the scores by which experts are chosen",
    "mlp.b_router": "is added to the scores by which experts are chosen",
    "mlp.xielu_p": "how the MLP's function grows where it is positive",
    "mlp.xielu_n": "how the MLP's function falls where it is negative",
    "mlp.xielu_beta": "the slope of the MLP's function at 0",
    "mlp.xielu_eps": "up to where the MLP's function counts as negative",
    "mlp.b_choice": "is added to the shares by which experts are chosen, and not to what they weigh",
    "mlp.shared.W_gate": "makes the gates of the expert that all tokens share",
    "mlp.shared.W_in": "takes the residual stream into the expert that all tokens share",
    "mlp.shared.W_out": "takes the expert that all tokens share back to the residual stream",
    "mlp.shared.W_share": "makes the number by which the expert counts that all tokens share",
    "mlp.b_gate": "is added to the gates of the MLP",
    "mlp.b_in": "is added to what goes into the MLP",
    "mlp.b_out": "is added to what the MLP gives",
    "rotary.stretch": "by how much rotary wavelengths are stretched",
    "embed.W_proj": "takes the tokens' vectors to the residual stream",
    "final.W_proj": "takes the residual stream back to what the unembedding reads",
    "hook_projected_embed": "the tokens' vectors, taken to the residual stream",
    "hook_projected_resid": "the residual stream, taken back to what the unembedding reads",
    "hook_embed": "the tokens' vectors",
    "hook_pos_embed": "the positions' vectors",
    "hook_token_type_embed": "the vector of the first text of a pair",
    "hook_full_embed": "the embedding, normalized",
    "hook_resid_pre": "the residual stream before the layer",
    "hook_resid_mid": "the residual stream between attention and MLP",
    "hook_resid_mid_cross": "the residual stream between attention to the source and MLP",
    "hook_cross_attn_out": "what attention to the source adds to the residual stream",
    "hook_resid_post": "the residual stream after the layer",
    "ln1.hook_normalized": "the residual stream, normalized for attention",
    "ln2.hook_normalized": "the residual stream, normalized for the MLP",
    "ln3.hook_normalized": "the residual stream, normalized for the MLP",
    "hook_normalized_resid_post": "the residual stream after the layer, normalized",
    "mlm_head.ln.hook_normalized": "what the unembedding reads",
    **dict.fromkeys(
        ("ln_final.hook_normalized", "decoder_final_ln.hook_normalized"), "the residual stream after the last norm"
    ),
    "encoder_final_ln.hook_normalized": "what the encoder gives, to which a decoder's attention looks",
    "attn.hook_q": "queries",
    "attn.hook_k": "keys",
    "attn.hook_v": "values",
    "attn.q_norm.hook_scale": "what the queries of all heads are divided by, a number for each token",
    "attn.k_norm.hook_scale": "what the keys of all heads are divided by, a number for each token",
    "attn.hook_rot_q": "queries, turned by their positions",
    "attn.hook_rot_k": "keys, turned by their positions",
    "attn.rel_pos_bias": "what is added to scores for each distance of two tokens",
    "attn.rel_pos_hook": "what is added to scores for how far apart two tokens are",
    "attn.hook_alibi": "what ALiBi adds to scores: the more, the nearer a key is to the last token",
    "attn.hook_attn_scores": "attention scores, before the softmax",
    "attn.hook_pattern": "the attention pattern",
    "attn.sinks": "a score of each head that no token has",
    "attn.hook_sink": "the share of each token's attention that rests on no token",
    "attn.hook_z": "values, mixed by the attention pattern",
    "attn.hook_result": "what a head adds to the residual stream",
    "hook_attn_out": "what attention adds to the residual stream",
    "mlp.hook_router_scores": "how well each expert suits each token",
    "mlp.hook_expert_weights": "what each expert's output is multiplied by, 0 where it is not chosen",
    "mlp.hook_expert_indices": "the experts that each token chooses, the one that weighs most first",
    "mlp.shared.hook_pre": "the expert that all tokens share before its function",
    "mlp.shared.hook_pre_linear": "the other branch of the expert that all tokens share, which the gates let through",
    "mlp.shared.hook_post": "the expert that all tokens share after its function",
    "mlp.shared.hook_out": "what the expert gives that all tokens share",
    "mlp.shared.hook_gate": "the number of each token by whose sigmoid that counts",
    "mlp.hook_pre": "the MLP before its function",
    "mlp.hook_pre_linear": "the MLP's other branch, which the gates let through",
    "mlp.hook_post": "the MLP after its function",
    "hook_mlp_out": "what the MLP adds to the residual stream",
    "logits": "how likely each token comes next, before the softmax",
}
"""By what they are called in every layer."""
BEFORE_CROSSING: Mapping[str, str] = {
    "ln2.w": "scales the norm before attention to the source",
    "ln2.b": "is added by the norm before attention to the source",
    "ln2.hook_normalized": "the residual stream, normalized for attention to the source",
    "hook_resid_mid": "the residual stream between attention and attention to the source",
}
"""Of a decoder whose layers look at what an encoder gives, too."""
OF_EXPERT = re.compile(r"mlp\.experts\.(0|[1-9][0-9]*)\.(.+)")
OF_EXPERTS: Mapping[str, str] = {
    "W_gate": "makes the gates of an expert",
    "b_gate": "is added to the gates of an expert",
    "b_in": "is added to what goes into an expert",
    "b_out": "is added to what an expert gives",
    "W_in": "takes the residual stream into an expert",
    "W_out": "takes an expert back to the residual stream",
    "hook_pre": "an expert before its function, of every token",
    "hook_pre_linear": "an expert's other branch, which the gates let through, of every token",
    "hook_post": "an expert after its function, of every token",
    "hook_out": "what an expert gives, of every token, before it is weighted",
    "hook_result": "what an expert adds to the residual stream",
}
"""By what they are called of every expert."""
BY_COLUMNS: Mapping[str, bool] = {
    f"{within}.W_{kind}": kind != "O" for within in ("attn", "cross_attn") for kind in "QKVO"
}
"""Weights in which heads lie side by side; W_O has them one below the other."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a model something is."""

    layer: int | None  # None: not in a layer
    name: str  # what it is called in every layer
    head: int | None
    stack: str = ""  # encoder or decoder, of a model that has both

    def told(self) -> str:
        """Such as "layer 1, head 2, W_Q"."""
        stack = f"{self.stack} " if self.stack else ""
        parts = [] if self.layer is None else [f"{stack}layer {self.layer}"]
        parts += [] if self.head is None else [f"head {self.head}"]
        short = self.name.rsplit(".", 1)[-1] if self.name in BY_COLUMNS else self.name
        return ", ".join([*parts, short])

    @property
    def meaning(self) -> str:
        """What it is for; "" for a name that is none of TransformerLens."""
        if self.stack == "decoder" and self.name in BEFORE_CROSSING:
            return BEFORE_CROSSING[self.name]
        of_expert = OF_EXPERT.fullmatch(self.name)
        return OF_EXPERTS.get(of_expert[2], "") if of_expert else MEANINGS.get(self.name, "")


def place_of(name: str, head: int | None) -> Place:
    """The place that a name of a weight or an activation stands for."""
    match = IN_LAYER.fullmatch(name)
    if match is None:
        return Place(None, name, head)
    return Place(int(match["layer"]), match["name"], head, match["stack"] or "")


def share_told(place: Place, sizes: ModelSizes | None) -> str:
    """Which part of a weight a head has, such as ", columns 128 to 191"; "" where it has all, or nobody knows."""
    if sizes is None or place.head is None or place.name not in BY_COLUMNS:
        return ""
    shared = sizes.heads // sizes.kv_heads if place.name.endswith(("attn.W_K", "attn.W_V")) else 1
    first = place.head // shared * sizes.d_head
    told = f", {'columns' if BY_COLUMNS[place.name] else 'rows'} {first} to {first + sizes.d_head - 1}"
    if shared == 1:
        return told
    begin = place.head // shared * shared
    return f"{told}, which heads {begin} to {begin + shared - 1} share"
