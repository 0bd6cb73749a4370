"""A model read from a checkpoint: its activations on a prompt and its weights by name; never trains or draws."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.machine.listening import tell_done
from mmviz.values.arithmetic.alibi import alibi_bias
from mmviz.values.arithmetic.device import choose_device, choose_dtype, full_precision
from mmviz.values.arithmetic.primitives import KeyValueCache, Steps
from mmviz.values.arithmetic.rotary import rotary_stretch
from mmviz.values.arithmetic.threads import steady
from mmviz.values.families.alibi import Alibi
from mmviz.values.families.config import Stack
from mmviz.values.families.costs import forward_operations
from mmviz.values.families.names import (
    FIRST,
    SAID,
    STRETCH,
    activation_names,
    in_layer_of,
    in_which_layer,
    model_activations,
    names_of_source,
)
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.adapter import Adapter, Lora, Update, Updates
from mmviz.values.model.decoder import forward
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.place import Place
from mmviz.values.model.source import Source
from mmviz.values.model.tying import described
from mmviz.values.model.weights import Weights


class Model:
    """A decoder read from a checkpoint; what is computed with is read when it is needed, and not kept.

    Activations have TransformerLens names; decoder.py says what they mean. Scores are scaled, and
    -inf where a query may not look. `attn.hook_k`, `hook_rot_k` and `hook_v` have one entry for each
    key-value head.

    Args:
        checkpoint: The weights, in whatever dtype they are stored.
        device: auto, cpu, cuda or mps.
        dtype: What is computed with: float32 or float64.
        adapter: A LoRA adapter, which is merged into the weights: in float64, and rounded once.
        stack: Which one, of a model that has two; "": the encoder, or all of a model of one.
        source_ids: Of a decoder: what the encoder has read. Names of the encoder are known, too, then.

    Attributes:
        source: The encoder that a decoder looks at; None of all others.
        checkpoint: The weights, those of the adapter merged into them.
        base: The same without the adapter.
        updates: What the adapter adds to which of them.
        adapter: The adapter's folder; None without one.
        opened_as: All its files as they were when they were opened; empty where they cannot be told from others.

    Raises:
        SourceError: config.json asks for what is not supported, there is no such device, or the adapter does not fit.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: str = "auto",
        dtype: str = "float32",
        adapter: Adapter | None = None,
        stack: Stack = "",
        source_ids: Sequence[int] = (),
    ) -> None:
        self.config = described(checkpoint, stack)
        self.source: Source[Model] | None = None
        if self.config.crosses:
            self.source = Source(Model(checkpoint, device, dtype, adapter, "encoder"), source_ids)
        self.adapter = None if adapter is None else adapter.path
        self.updates = Updates({} if adapter is None else adapter.updates(checkpoint, self.config))
        of_adapter = () if adapter is None else adapter.opened_as
        known = checkpoint.opened_as and (adapter is None or of_adapter)
        self.opened_as = (*checkpoint.opened_as, *of_adapter) if known else ()
        self.base = checkpoint
        self.checkpoint = checkpoint = self.updates.onto(checkpoint)
        self.device = choose_device(device)
        self.dtype = choose_dtype(dtype, self.device)
        self._lookup = Lookup(self.config, checkpoint)
        self._weights = Weights(checkpoint, self._lookup, self.device, self.dtype)

    def activations(
        self,
        token_ids: Sequence[int],
        names: Collection[str],
        cache: KeyValueCache | None = None,
        *,
        entering: tuple[int, Tensor] | None = None,
        passed: Callable[[int, Tensor], None] | None = None,
    ) -> dict[str, Tensor]:
        """Run the model until every name has its number; without a cache no layer, and no step of it, further.

        After every layer it tells whoever listens how many are done.

        Args:
            token_ids: One prompt, or the tokens that follow those in the cache; at least one id, each inside the
                vocabulary.
            names: Such as hook_embed, blocks.1.attn.hook_pattern, logits.
            cache: Keys and values of the tokens before; those of these tokens are added. A new one, and a prompt,
                is the prefill; then one token after the other decodes.
            entering: A layer, and the residual stream that enters it when the model reads this prompt: no layer below
                it is computed, and no name of one asked for.
            passed: Takes every layer that is entered, and the residual stream that enters it.

        Returns:
            name -> of this model's dtype, on its device, of `activation_shape`; scores and patterns of tokens that
            follow others have one column for every token so far.

        Raises:
            SourceError: an unknown name, a layer that is not there, or an impossible prompt.
        """
        self._check_run(token_ids, cache)
        if self.source is not None and (of_encoder := self.source.wanted(names)):
            return self._of_both(token_ids, names, of_encoder, cache, entering, passed)
        wanted = set(names)
        for name in wanted:
            self._lookup.activation_axes(name)
        seen = len(token_ids) + (0 if cache is None else cache.tokens)
        said = {name: self._said(name, len(token_ids), seen) for name in wanted if in_which_layer(name)[1] in SAID}
        if cache is None and wanted <= said.keys():
            return said
        wanted -= said.keys()
        lowest, layers = 0 if entering is None else entering[0], self.layers_of(wanted)
        self._lookup.check_all_used(range(layers))
        with full_precision(), self.steadily(len(token_ids), 0 if cache is None else cache.tokens):
            steps = self.steps(token_ids, wanted, cache, entering)
            found = _taken(steps, wanted, range(lowest, layers), passed, to_the_end=cache is not None)
        return found | said

    def _of_both(
        self,
        token_ids: Sequence[int],
        names: Collection[str],
        of_encoder: Mapping[str, str],
        cache: KeyValueCache | None,
        entering: tuple[int, Tensor] | None,
        passed: Callable[[int, Tensor], None] | None,
    ) -> dict[str, Tensor]:
        """As `activations`, of a decoder and its encoder; of_encoder: the latter's names, and how it says them."""
        assert self.source is not None  # noqa: S101  (no names are the encoder's otherwise)
        self.source.check()
        theirs = self.source.encoder.activations(self.source.token_ids, set(of_encoder.values()))
        found = {name: theirs[own] for name, own in of_encoder.items()}
        rest = set(names) - found.keys()
        more = self.activations(token_ids, rest, cache, entering=entering, passed=passed) if rest else {}
        return found | more

    def _check_run(self, token_ids: Sequence[int], cache: KeyValueCache | None) -> None:
        self._lookup.check_tokens(token_ids, before=0 if cache is None else cache.tokens)
        if cache is not None and not self.config.causal:
            raise SourceError(
                f"{self.checkpoint.path}: its tokens look at later ones, too, so that no keys and "
                "values can be kept; the whole prompt, without a cache, is needed."
            )

    def layers_of(self, names: Collection[str]) -> int:
        """How many layers are computed for these activations."""
        after = model_activations(self.config).keys() & set(names) - set(FIRST)
        layers = (in_layer_of(self.config, name)[0] for name in names)
        return self.config.layers if after else 1 + max((layer for layer in layers if layer is not None), default=-1)

    def steps(
        self,
        token_ids: Sequence[int],
        names: Collection[str],
        cache: KeyValueCache | None = None,
        entering: tuple[int, Tensor] | None = None,
    ) -> Steps:
        """The forward pass as it goes: every activation with its name, those that are not asked for, too.

        Of a decoder that of its encoder goes before, where something of it is asked for.

        Arguments as in `activations`, which checks them; run it within `full_precision` and `steadily`.
        """
        given = None if self.source is None else self.source.given
        if self.source is not None and self.source.wanted(names):
            yield from self.source.steps(names)
        return (yield from forward(self._weights, self.config, token_ids, names, cache, entering, given))

    @property
    def activation_names(self) -> tuple[str, ...]:
        """The name of every activation, in the order in which they are computed: of a decoder, its encoder's first."""
        return *names_of_source(self.config), *activation_names(self.config)

    def steadily(self, tokens: int, before: int = 0) -> AbstractContextManager[None]:
        """While a forward pass goes: one thread, if it is a short one."""
        return steady(forward_operations(self.config, tokens, before).total)

    def check_tokens(self, token_ids: Sequence[int]) -> None:
        """Refuse a prompt that the model cannot read.

        Raises:
            SourceError: it has no tokens, more than the model has positions for, or one outside the vocabulary.
        """
        self._lookup.check_tokens(token_ids)

    def check_read(self, layers: int) -> None:
        """Refuse files with tensors that no forward pass reads, in so many of the first layers or in none.

        Raises:
            SourceError: there is one.
        """
        if self.source is not None:
            self.source.encoder.check_read(self.source.encoder.config.layers)
        self._lookup.check_all_used(range(layers))

    def parameters(self, layers: int) -> frozenset[str]:
        """The names, as in the files, of the parameters of so many layers, and of what is before them."""
        return self._lookup.parameters(layers)

    def check_parameters(self) -> None:
        """Refuse files that do not hold every parameter in the shape that config.json promises, or hold others.

        Raises:
            SourceError: one is missing, of another shape or unreadable, or a tensor is none of the model's.
        """
        if self.source is not None:
            self.source.encoder.check_parameters()
        self._lookup.check_parameters()
        self._lookup.check_all_used(range(self.config.layers))

    def activation(self, token_ids: Sequence[int], name: str, head: int | None = None) -> Tensor:
        """One activation; with `head` only that query head's, or its key-value head's.

        Raises:
            SourceError: as `activations`; or there is no such head, or the name has none.
        """
        self._lookup.head_axis(name, head)
        return self.of_head(name, self.activations(token_ids, [name])[name], head)

    def of_head(self, name: str, value: Tensor, head: int | None) -> Tensor:
        """The part of an activation that belongs to a query head; all of it where `head` is None.

        Raises:
            SourceError: there is no such head, or the name has none.
        """
        axis, index = self._lookup.head_axis(name, head)
        return value if axis is None else value.select(axis, index)

    def activation_axes(self, name: str, head: int | None = None) -> tuple[str, ...]:
        """What each axis of an activation counts: tokens, heads, d_model and so on.

        Raises:
            SourceError: as `activation`.
        """
        axis, _ = self._lookup.head_axis(name, head)
        return tuple(size for place, size in enumerate(self._lookup.activation_axes(name)) if place != axis)

    def activation_shape(self, token_count: int, name: str, head: int | None = None) -> tuple[int, ...]:
        """The shape of an activation of a whole prompt, from config.json alone.

        Raises:
            SourceError: as `activation`.
        """
        read = 0 if self.source is None else len(self.source.token_ids)
        sizes = {**self._lookup.sizes_of(name), "tokens": token_count, "source_tokens": read, "": 1}
        return tuple(sizes[axis] for axis in self.activation_axes(name, head))

    def matrix_shape(self, token_count: int, name: str, head: int | None = None) -> tuple[int, int]:
        """Rows and columns of an activation that is one matrix.

        Raises:
            SourceError: as `activation`; or it is one matrix for each head, and no head was given.
        """
        sides = self.activation_shape(token_count, name, head)
        if len(sides) != 2:
            found = "x".join(str(side) for side in sides)
            raise SourceError(f"{name} is {found}, one matrix for each head; give a head.")
        return sides[0], sides[1]

    def weight(self, name: str, head: int | None = None, lora: Lora | None = None) -> Tensor:
        """One weight matrix, float32 on the device; only the bytes asked for are read.

        Args:
            name: `blocks.{i}.attn.` W_Q, W_K, W_V (d_model, d_head), W_O (d_head, d_model), each of a head, or without
                one of all heads side by side; their biases b_Q, b_K, b_V and b_O, each as one row;
                `blocks.{i}.mlp.` W_gate, W_in (d_model, d_mlp), W_out (d_mlp, d_model) and b_gate, b_in, b_out;
                `blocks.{i}.ln1.` and `ln2.` w and b; embed.W_E (vocabulary, d_model), pos_embed.W_pos,
                unembed.W_U (d_model, vocabulary), ln_final.w and b; `rotary.stretch`;
                or a Hugging Face parameter, as it is stored, a vector as one row.
            head: A query head; W_K and W_V are those of the key-value head it reads.
            lora: Of a model with an adapter: base, the weight without it; A, (rank, ins), or B, (outs, rank), the
                parts of the adapter's matrices that belong to it, as they are stored.

        Raises:
            SourceError: an unknown name, a layer or a head that is not there, a head too many; or no adapter.
        """
        if name == STRETCH and lora is None:
            self._check_no_head(head)
            return self._stretch(name)
        place = self._lookup.place(name, head)
        update = None if lora is None else self._update(name, place)
        if update is not None and lora is not None and lora != "base":
            return update.factor(lora, place).to(torch.float32).to(self.device)
        checkpoint = self.checkpoint if update is None else self.base
        part = place.read(checkpoint).to(torch.float32).to(self.device) + place.plus
        part = part if part.ndim > 1 else part.reshape(1, -1)
        return part.mT if place.transposed else part

    def weight_axes(self, name: str, head: int | None = None, lora: Lora | None = None) -> tuple[str, str]:
        """What the rows and columns of a weight matrix count; "" where that has no name.

        Raises:
            SourceError: as `weight`.
        """
        axes = self._lookup.weight_axes(name, head)
        if lora not in ("A", "B"):
            return axes
        place = self._lookup.place(name, head)
        ins, outs = axes if self._update(name, place).turned != place.transposed else axes[::-1]
        return ("rank", ins) if lora == "A" else (outs, "rank")

    def weight_shape(self, name: str, head: int | None = None, lora: Lora | None = None) -> tuple[int, int]:
        """Rows and columns of a weight matrix, from the headers alone.

        Raises:
            SourceError: as `weight`.
        """
        if lora is not None:
            place = self._lookup.place(name, head)
            update, sides = self._update(name, place), self.weight_shape(name, head)
            if lora == "base":
                return sides
            ins, outs = sides if update.turned != place.transposed else sides[::-1]
            return (update.rank, ins) if lora == "A" else (outs, update.rank)
        if name == STRETCH:
            self._check_no_head(head)
            return 1, self._stretch(name).shape[1]
        place = self._lookup.place(name, head)
        stored = self.checkpoint.shape(place.parameter)
        shape = place.shape(stored or (1,))
        if len(shape) < 2:
            return 1, shape[0]
        rows, columns, *_ = shape
        return (columns, rows) if place.transposed else (rows, columns)

    def _check_no_head(self, head: int | None) -> None:
        if head is not None:
            raise SourceError(f"{self.checkpoint.path}, {STRETCH}: has no heads; leave the head out.")

    def _update(self, name: str, place: Place) -> Update:
        update = self.updates.of(place.parameter)
        if update is None:
            found = "the adapter does not change it" if self.updates else "the model has no adapter"
            raise SourceError(f"{self.checkpoint.path}, {name}: {found}, so that there is no part lora of it.")
        return update

    def _said(self, name: str, tokens: int, seen: int) -> Tensor:
        """What config.json says: a stretch, (1, d_head), or what ALiBi adds, (heads, tokens, seen)."""
        if in_which_layer(name)[1] == STRETCH:
            return self._stretch(name, seen)
        alibi = self.config.alibi or Alibi()  # it is there, or the activation would not be
        bias = alibi_bias(alibi, self.config.heads, seen).to(self.device, self.dtype)  # (heads, 1, seen)
        return bias.expand(-1, tokens, -1)

    def _stretch(self, name: str, seen: int = 0) -> Tensor:
        """(1, d_head): of both halves, as rope pairs them, where there are so many tokens; 1 for what does not turn."""
        rope, d_head = self._lookup.rope_of(name, in_which_layer(name)[0]), self.config.d_head
        of_pairs = rotary_stretch(rope, rope.rotated(d_head), seen)  # (rotated / 2,)
        stretch = of_pairs.repeat_interleave(2) if rope.neighbours else of_pairs.repeat(2)  # (rotated,)
        ones = stretch.new_ones(d_head - len(stretch))
        return torch.cat((stretch, ones))[None].to(self.device)


def _taken(
    steps: Steps,
    wanted: Collection[str],
    layers: range,
    passed: Callable[[int, Tensor], None] | None,
    *,
    to_the_end: bool,
) -> dict[str, Tensor]:
    """What is wanted of a forward pass, of which no more steps are made than it needs, or all; tells of each layer.

    Args:
        steps: The pass.
        wanted: Names.
        layers: Those that it computes.
        passed: As in `Model.activations`.
        to_the_end: Make every step.
    """
    found: dict[str, Tensor] = {}
    while (to_the_end or len(found) < len(wanted)) and (step := next(steps, None)):
        name, value = step
        if name in wanted:
            found[name] = value
        if passed is not None and name.endswith("hook_resid_pre"):
            passed(in_which_layer(name)[0] or 0, value)
        if name.endswith("hook_resid_post"):
            tell_done((in_which_layer(name)[0] or 0) + 1 - layers.start, len(layers))
    return found
