"""What Hugging Face transformers computes, recorded under our names by hooks on its modules; no arithmetic of ours.

Eager attention, on the device and with the dtype of the model that it is held against. Scores and patterns are what
goes into transformers' own softmax and what comes out; rotated queries and keys are what its attention is called with;
a head's result is its own output projection of that head alone.
"""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from mmviz.errors import MmvizError, SourceError
from mmviz.values.arithmetic.device import full_precision
from mmviz.values.arithmetic.masking import forbidden
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.names import RELATIVE, in_which_expert, in_which_layer, seen_from_decoder
from mmviz.values.families.registry import kind_of, names_of
from mmviz.values.model.model import Model
from mmviz.values.reference.of_experts import of_expert, of_scaled_expert
from mmviz.values.reference.reference_model import in_short, load_reference, quietly, why_handed_over
from mmviz.values.reference.taps import Side, taps_of

BOTH = "AutoModelForSeq2SeqLM"
"""What makes models of both stacks in transformers, which reads what the decoder is given, too."""
Take = Callable[[Mapping[str, Tensor]], None]
"""Is given activations by name as soon as transformers has computed them: a whole layer's at a time."""

BIASES = ("alibi", "position_bias")
"""What attention calls what ALiBi adds to scores, (heads, 1, tokens or more)."""
JOINED = ("attn.hook_q", "attn.hook_k", "attn.hook_v")
BY_HEAD = (*JOINED, "attn.hook_z", *(f"cross_attn.hook_{kind}" for kind in "qkvz"))
LOW = -1e4
"""What a score is in a GPT where a query does not look at a key."""

GIVEN = ("hook_attn_out", "hook_mlp_out")
"""What is added to the residual stream; transformers multiplies it by a Granite's factor outside of any module."""


class Reference:
    """The model of transformers with the weights of one of ours: all of them in memory, or as they are needed.

    Args:
        model: Ours: its checkpoint, device and dtype are taken.

    Attributes:
        name: What it is called, with its version.
        note: What is to be told of how the adapter was applied.
        handed_over: Why its weights are ours, as we decode them; "" where it has read them itself.

    Raises:
        SourceError: transformers is not installed, or cannot load the model.
    """

    def __init__(self, model: Model) -> None:
        self.where = str(model.checkpoint.path)
        self._ours = model
        self.handed_over = why_handed_over(model)
        self._theirs, self.name, self.note = load_reference(model)

    def activations(self, token_ids: Sequence[int], names: Collection[str]) -> dict[str, Tensor]:
        """Activations by name, each of the same shape as ours; -inf where a query may not look.

        Args:
            token_ids: One prompt that the model can read.
            names: As in `Model.activations`.

        Raises:
            SourceError: transformers cannot run the model.
        """
        found: dict[str, Tensor] = {}
        self.each(token_ids, names, found.update)
        return {name: found[name] for name in names}

    def each(self, token_ids: Sequence[int], names: Collection[str], take: Take) -> None:
        """As `activations`, but hands a layer's on as soon as they are there, in the order of the layers.

        Args:
            token_ids: One prompt that the model can read.
            names: As in `Model.activations`.
            take: Is given them; nothing of them is kept here.

        Raises:
            SourceError: transformers cannot run the model.
        """
        read = {"input_ids": token_ids}
        if kind_of(self._ours.config).loader == BOTH and self._ours.config.stack == "encoder":
            read = {"input_ids": token_ids, "decoder_input_ids": (0,)}  # any: nothing of it is looked at
        if (source := self._ours.source) is not None:
            read = {"input_ids": source.token_ids, "decoder_input_ids": token_ids}
        try:
            with ExitStack() as whole:
                for context in (full_precision(), self._ours.steadily(len(token_ids)), quietly()):
                    whole.enter_context(context)
                for recorder in self._recorders(names, take):
                    whole.enter_context(recorder.listening())
                ids = {name: torch.tensor([list(each)], device=self._ours.device) for name, each in read.items()}
                output = self._theirs(**ids, use_cache=False, return_dict=True)
                if "logits" in names:
                    take({"logits": output.logits[0]})
        except MmvizError:
            raise
        except Exception as error:  # whatever a library raises that was written by others
            raise SourceError(f"{self.where}: {self.name} cannot run this model ({in_short(error)}).") from error

    def _recorders(self, names: Collection[str], take: Take) -> Iterator["_Recorder"]:
        """One for each stack of whose activations some are wanted."""
        source = self._ours.source
        of_source = {} if source is None else source.wanted(names)
        yield _Recorder(self._ours.config, self._theirs, set(names) - of_source.keys(), take)
        if source is not None and of_source:

            def as_seen(found: Mapping[str, Tensor]) -> None:
                take({seen_from_decoder(name): value for name, value in found.items()})

            yield _Recorder(source.encoder.config, self._theirs, set(of_source.values()), as_seen)


class _Recorder(TorchFunctionMode):
    """Listens to one run of one stack: keeps the activations of a layer until it is done, and then hands them on.

    As a mode it sees what goes into and comes out of transformers' softmax.
    """

    def __init__(self, config: ModelConfig, theirs: Any, wanted: Collection[str], take: Take) -> None:
        super().__init__()
        self.config = config
        self.taps = taps_of(config, names_of(config))
        self.theirs = theirs
        self.wanted = wanted
        self.take = take
        self.kept: dict[str, Tensor] = {}  # of the layer that runs; names after "blocks.{i}."
        self.attending = ""  # which attention of the layer runs: attn or cross_attn; "": none
        self.number = 0  # of the layer that attends
        self.sinks = torch.zeros(0)  # (heads,), of that layer, where it has them

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hooks on all modules, and on the function that computes attention."""
        handles = [self._hand_on(name, place) for name, place in (*self.taps.before.items(), *self.taps.after.items())]
        if self.taps.embedded:
            handles.append(self._hand_on_input("hook_embed", self.taps.embedded))
        for number, layer in enumerate(self.theirs.get_submodule(self.taps.layers)):
            handles += self._listen_to(layer, number)
        try:
            with self, self._watched_attention():
                yield
        finally:
            for handle in handles:
                handle.remove()

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if self.attending and func is torch.nn.functional.softmax:
            scores, pattern = args[0][0], result[0]  # (heads, tokens, tokens)
            if self.config.sinks:  # in the last column; the largest of each row was subtracted
                scores = scores[..., :-1] - scores[..., -1:] + self.sinks[:, None, None]  # (heads, tokens, tokens)
                self.kept["attn.hook_sink"] = pattern[..., -1:]  # (heads, tokens, 1)
                pattern = pattern[..., :-1]  # (heads, tokens, tokens)
            masked = scores <= torch.finfo(scores.dtype).min / 2  # what is masked has the smallest number added
            masking = self.config.masking(self.number) if self.attending == "attn" else None
            if masking is not None:  # adding to NaN leaves it what it is; the first GPT has LOW in its place
                masked |= (scores.isnan() | (scores == LOW)) & forbidden(
                    masking, (scores.shape[1], scores.shape[2]), device=scores.device
                )
            self.kept[f"{self.attending}.hook_attn_scores"] = scores.masked_fill(masked, -torch.inf)
            self.kept[f"{self.attending}.hook_pattern"] = pattern.to(scores.dtype)
        return result

    def _hand_on(self, name: str, place: str) -> Any:
        def hook(_: Any, __: Any, output: Tensor) -> None:
            if name in self.wanted:
                factor = self.taps.embed_factor if name == "hook_embed" else 1.0
                value = output[0] if output.ndim > 2 else output  # what knows no texts has (tokens, d_model)
                self.take({name: value if factor == 1 else value * factor})

        return self.theirs.get_submodule(place).register_forward_hook(hook)

    def _hand_on_input(self, name: str, place: str) -> Any:
        def hook(_: Any, inputs: tuple[Tensor, ...]) -> None:
            if name in self.wanted:
                self.take({name: inputs[0][0]})

        return self.theirs.get_submodule(place).register_forward_pre_hook(hook)

    def _listen_to(self, layer: Any, number: int) -> list[Any]:
        sparse = number in self.config.sparse
        taps = self.taps.of_layer(sparse=sparse)
        handles = [self._tap(layer.get_submodule(place), side, name) for name, (place, side) in taps.items()]
        handles += self._listen_to_experts(layer, number) if sparse else []
        attention = layer.get_submodule(self.taps.attention)
        if self.taps.joined:
            handles.append(attention.get_submodule(self.taps.joined).register_forward_hook(self._keep_joined))
        if self.taps.gate_and_up:
            of_mlp = layer.get_submodule(self.taps.gate_and_up)
            handles.append(of_mlp.register_forward_hook(partial(self._keep_gate_and_up, "mlp.")))

        def begin(_: Any, inputs: tuple[Tensor, ...], said: Mapping[str, Any]) -> None:
            self.attending, self.number = "attn", number
            if self.config.sinks:
                self.sinks = attention.get_parameter(self.taps.sinks)
            bias = next((said[name] for name in BIASES if said.get(name) is not None), None)
            if self.config.alibi is not None and bias is not None:
                tokens = inputs[0].shape[1]
                self.kept["attn.hook_alibi"] = bias[..., -tokens:].to(inputs[0]).expand(-1, tokens, -1)

        across = layer.get_submodule(self.taps.across) if self.taps.across else None

        def finish(*_: Any) -> None:
            self._finish(number, attention, across)

        handles += [attention.register_forward_pre_hook(begin, with_kwargs=True)]
        handles += [attention.register_forward_hook(partial(self._attend, ""))]
        if across is not None:
            handles += [across.register_forward_pre_hook(partial(self._attend, "cross_attn"))]
            handles += [across.register_forward_hook(partial(self._attend, ""))]
        return [*handles, layer.register_forward_hook(finish)]

    def _attend(self, which: str, *_: Any) -> None:
        self.attending = which

    def _listen_to_experts(self, layer: Any, number: int) -> list[Any]:
        router, experts = (layer.get_submodule(place) for place in (self.taps.router, self.taps.experts))
        keep = partial(self._keep_experts, number)
        handles = [router.register_forward_hook(self._keep_choice), experts.register_forward_pre_hook(keep)]
        if self.taps.shared_gate_and_up:
            of_shared = layer.get_submodule(self.taps.shared_gate_and_up)
            handles.append(of_shared.register_forward_hook(partial(self._keep_gate_and_up, "mlp.shared.")))
        return handles

    def _tap(self, module: Any, side: Side, name: str) -> Any:
        def keep(found: Any) -> None:
            value = found[0] if isinstance(found, tuple) else found  # (1, tokens, ...); in the MLP of OPT (tokens, ...)
            value = value[0] if value.ndim > 2 else value  # (tokens, ...)
            if name.endswith("_norm.hook_scale"):
                value = self._divided_by(value)
            if name == "mlp.shared.hook_out":
                value = value.clone()  # to which what other experts give is added in place in a Llama 4
            if name in GIVEN:
                value = value * self.config.residual_factor
            self.kept[name] = self._heads(value) if name in BY_HEAD else value

        if side == "input":
            return module.register_forward_pre_hook(lambda _, inputs: keep(inputs))
        return module.register_forward_hook(lambda _, __, output: keep(output))

    def _keep_experts(self, layer: int, experts: Any, inputs: tuple[Tensor, ...]) -> None:
        """Those of experts that are wanted of the layer: what they give on every token."""
        named = (in_which_layer(name) for name in self.wanted)
        wanted = {in_which_expert(short)[0] for of, short in named if of == layer}
        for expert in sorted(number for number in wanted if number is not None):
            if self.config.experts.scales_inputs:
                self.kept |= of_scaled_expert(experts, inputs[0], expert)
            else:
                read, numbers, weights = inputs  # (tokens, d_model), (tokens, chosen), (tokens, chosen)
                self.kept |= of_expert(experts, read, numbers, weights, expert)

    def _keep_choice(self, _: Any, __: Any, output: tuple[Tensor, ...]) -> None:
        """Scores of all experts, weights and numbers of those that are chosen."""
        if self.config.experts.scales_inputs:  # weights of all, 0 where they are not chosen; and scores
            numbers = output[1].topk(self.config.experts.chosen, dim=-1).indices  # (tokens, chosen)
            output = output[1], output[0].gather(-1, numbers), numbers
        scores, weights, numbers = output  # (tokens, experts), (tokens, chosen), (tokens, chosen)
        if self.config.experts.corrected or self.config.experts.scoring != "softmax":  # they are in no order
            weights, order = weights.sort(dim=-1, descending=True, stable=True)  # (tokens, chosen)
            numbers = numbers.gather(-1, order)  # (tokens, chosen)
        self.kept["mlp.hook_router_scores"] = scores
        self.kept["mlp.hook_expert_weights"] = torch.zeros_like(scores).scatter(-1, numbers, weights.to(scores))
        self.kept["mlp.hook_expert_indices"] = numbers.to(scores)

    def _keep_joined(self, _: Any, __: Any, output: Tensor) -> None:
        sizes, blocks = self.config.sizes(), self.taps.blocks
        each = output[0].reshape(len(output[0]), blocks, -1)  # (tokens, blocks, qkv_width / blocks)
        widths = [sizes["q_width" if kind == "Q" else "kv_width"] // blocks for kind in self.taps.order]
        largest = self.config.clip_qkv or torch.inf
        for kind, part in zip(self.taps.order, torch.split(each, widths, dim=-1), strict=True):
            self.kept[f"attn.hook_{kind.lower()}"] = self._heads(part.flatten(1).clamp(-largest, largest))

    def _keep_gate_and_up(self, within: str, _: Any, __: Any, output: Tensor) -> None:
        self.kept[f"{within}hook_pre"], self.kept[f"{within}hook_pre_linear"] = output[0].chunk(2, dim=-1)

    def _divided_by(self, x: Tensor) -> Tensor:
        """What RMSNorm divides by, which transformers shows nowhere: of what it reads, (tokens, 1)."""
        return (x.square().mean(-1, keepdim=True) + self.config.norm_eps).sqrt()

    def _heads(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1, self.config.d_head)  # (tokens, heads or kv_heads, d_head)

    @contextmanager
    def _watched_attention(self) -> Iterator[None]:
        """The queries and keys that transformers' attention is called with are rotated where the model rotates.

        Where attention is one whole (Falcon), they are what the function that rotates gives.
        """
        layers = self.theirs.get_submodule(self.taps.layers)
        module: Any = sys.modules[type(layers[0].get_submodule(self.taps.attention)).__module__]

        def called(attention: Any, query: Tensor, key: Tensor, *rest: Any, **options: Any) -> Any:
            if self.attending:
                self._keep_rotated(query, key)
            if self.config.distances and self.attending == "attn":
                self.kept[RELATIVE] = options["position_bias"][0]  # (heads, tokens, tokens)
            return original(attention, query, key, *rest, **options)

        def rotated(*arguments: Any, **options: Any) -> Any:
            query, key = original(*arguments, **options)
            self._keep_rotated(query, key)
            return query, key

        watched = {"eager_attention_forward": called, "apply_rotary_pos_emb": rotated}
        name = next((name for name in watched if hasattr(module, name)), "")
        if not name:
            yield
            return
        original = getattr(module, name)
        setattr(module, name, watched[name])  # looked up there whenever a layer runs
        try:
            yield
        finally:
            setattr(module, name, original)

    def _keep_rotated(self, query: Tensor, key: Tensor) -> None:
        """Of (1, heads, tokens, d_head) each; keys may be repeated for the heads that share them."""
        if self.config.rope_of(self.number) is not None:
            repeated = key.shape[1] // self.config.kv_heads
            self.kept["attn.hook_rot_q"] = query[0].transpose(0, 1)  # (tokens, heads, d_head)
            self.kept["attn.hook_rot_k"] = key[0, ::repeated].transpose(0, 1)  # (tokens, kv_heads, d_head)

    def _finish(self, number: int, attention: Any, across: Any) -> None:
        """A layer is done: hand on what is wanted of it."""
        (kept, self.kept), at = (self.kept, {}), f"{self.config.blocks}.{number}."
        if self.taps.beside and number in self.config.sparse:
            kept["hook_mlp_out"] = kept["hook_mlp_out"] + kept["mlp.shared.hook_out"] * self.config.residual_factor
        for name, module in (("attn", attention), ("cross_attn", across)):
            if f"{at}{name}.hook_result" in self.wanted:
                projection = module.get_submodule(self.taps.projection)
                kept[f"{name}.hook_result"] = _shares(kept[f"{name}.hook_z"], projection)
        named = {f"{at}{name}": value for name, value in kept.items()}
        self.take({name: value for name, value in named.items() if name in self.wanted})


def _shares(z: Tensor, projection: Any) -> Tensor:
    """What each head alone gives without the bias, which is what no head gives: (tokens, heads, d_model)."""
    nothing = projection.forward(torch.zeros_like(z).flatten(1))  # (tokens, d_model)
    shares = []
    for head in range(z.shape[1]):
        alone = torch.zeros_like(z)  # (tokens, heads, d_head)
        alone[:, head] = z[:, head]
        shares.append(projection.forward(alone.flatten(1)) - nothing)  # (tokens, d_model); forward calls no hook
    return torch.stack(shares, 1)  # (tokens, heads, d_model)
