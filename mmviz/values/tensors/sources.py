"""The numbers of a scene's tensors, whatever they come from: patterns, formulas, files, weights, activations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.scene.document import Document
from mmviz.scene.keys.grid import Grid
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.keys.sources import (
    ActivationSource,
    FileSource,
    FormulaSource,
    Initializer,
    ModelSource,
    TensorSource,
    UrlSource,
    ValuesSource,
    WeightSource,
    factor_of,
)
from mmviz.scene.language.formula import parse_formula
from mmviz.scene.language.shapes import PartialShape, Shape
from mmviz.values.arithmetic.decomposition import Decomposition, decompose, of_rank
from mmviz.values.arithmetic.device import choose_device
from mmviz.values.families.config import model_sizes
from mmviz.values.families.costs import USUAL_TOKENS
from mmviz.values.families.layer_kinds import told_kinds
from mmviz.values.families.registry import KINDS
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.activation_cache import KeptActivations
from mmviz.values.model.adapter import Adapter
from mmviz.values.model.kept_residuals import KeptResiduals
from mmviz.values.model.model import Model
from mmviz.values.origin.caches import residuals_folder
from mmviz.values.origin.locate import beside, locate_model, model_title
from mmviz.values.tensors.formula_numbers import evaluate_formula
from mmviz.values.tensors.initializers import initialize
from mmviz.values.tensors.matrix_files import read_matrix, read_shape, wrapped
from mmviz.values.text.target import target_ids
from mmviz.values.text.tokens import Tokenizer, has_tokenizer, open_tokenizer


class Sources:
    """Reads the tensors of one scene. Shapes need no weights: headers and config.json are enough."""

    def __init__(self, document: Document, folder: Path, where: str) -> None:
        """Read nothing yet.

        Args:
            document: The scene.
            folder: What its relative paths start from.
            where: What the scene is called in messages.
        """
        self._document = document
        self._folder = folder
        self._where = where
        self._opened: Checkpoint | None = None
        self._adapter: Adapter | None = None

    def take(self, checkpoint: Checkpoint | None, adapter: Adapter | None) -> None:
        """Use the scene's own model and adapter as somebody has opened them, instead of opening them again."""
        self._opened, self._adapter = checkpoint, adapter

    def share(self, other: "Sources") -> None:
        """Use the model that another scene has opened, if it is the same one."""
        mine, theirs = self._document.model, other._document.model
        if mine is None or theirs is None or self._folder != other._folder:
            return
        if mine.alone() == theirs.alone():
            self.take(other._opened, other._adapter)
            reads_alike = mine.of_source() == theirs.of_source()  # a decoder's model knows what its encoder has read
            for name in ("_checkpoint", "_tokenizer", *(("model", "_kept") if reads_alike else ())):
                if name in vars(other):
                    vars(self)[name] = vars(other)[name]

    @cached_property
    def device(self) -> torch.device:
        """Where numbers are computed."""
        return choose_device(self._document.model.device if self._document.model else "auto")

    @cached_property
    def model(self) -> Model:
        """The scene's model.

        Raises:
            SourceError: it cannot be opened.
        """
        source, adapter, folder = self._model, self._adapter, self._model.adapter
        if adapter is None and folder is not None:
            adapter = Adapter.open(beside(folder, self._folder))
        read = self.source_ids if source.stack == "decoder" else ()
        return Model(self._checkpoint, source.device, source.dtype, adapter, source.stack or "", read)

    @cached_property
    def _checkpoint(self) -> Checkpoint:
        return self._opened or Checkpoint.open(locate_model(self._model.path, self._folder))

    @property
    def sizes(self) -> ModelSizes:
        """How large the scene's model is, and what its layers are and cost, from its configuration alone.

        Raises:
            SourceError: it cannot be opened.
        """
        config = self.model.config
        family, tokens = KINDS[config.kind].drawn, min(USUAL_TOKENS, config.positions)
        sizes = model_sizes(config, model_title(self._model.path, self._folder))
        stored = self.model.checkpoint.dequantized_from
        sizes = replace(sizes, family=family.name, has=family.has, dequantized_from=stored)
        return replace(sizes, kinds=told_kinds(config, tokens), prompt=tokens)

    @property
    def dequantized(self) -> str:
        """From what the weights were dequantized that the scene's numbers come from, in words; "" where none were.

        Raises:
            SourceError: the model cannot be opened.
        """
        of_model = (ActivationSource, WeightSource)
        if self._document.model is None or not any(isinstance(t, of_model) for t in self._document.tensors.values()):
            return ""
        kinds = self.model.checkpoint.dequantized_from
        return f"dequantized from {kinds}" if kinds else ""

    @property
    def _model(self) -> ModelSource:
        assert self._document.model is not None  # noqa: S101  (check_names has made sure)
        return self._document.model

    @cached_property
    def token_ids(self) -> tuple[int, ...]:
        """What the model reads; empty for a scene without a prompt.

        Raises:
            SourceError: no tokenizer, no tokens, more than the model reads, or a token that it does not have.
        """
        source = self._document.model
        if source is None or (source.prompt is None and source.tokens is None):
            return ()
        if source.stack != "decoder":
            return self._checked(self._prompt_ids, self.model, "prompt" if source.tokens is None else "tokens")
        of_source = self.model.source
        assert of_source is not None  # noqa: S101  (a decoder has one)
        self._checked(self.source_ids, of_source.encoder, "prompt" if source.tokens is None else "tokens")
        where = f"{self._where}, model.target"
        ids = source.target_tokens or target_ids(
            self._checkpoint, source.target, where, special_tokens=source.special_tokens
        )
        return self._checked(ids, self.model, "target" if source.target_tokens is None else "target_tokens")

    @property
    def decodes(self) -> bool:
        """Whether it is the decoder of two stacks that is shown."""
        return self._document.model is not None and self._document.model.stack == "decoder"

    @cached_property
    def source_ids(self) -> tuple[int, ...]:
        """What the encoder has read, where it is the decoder that is shown; else nothing.

        Raises:
            SourceError: as `token_ids`.
        """
        source = self._document.model
        return self._prompt_ids if source is not None and source.stack == "decoder" else ()

    @property
    def _prompt_ids(self) -> tuple[int, ...]:
        """Of the prompt, or the tokens instead of one; empty without both."""
        source = self._model
        if source.tokens is not None or source.prompt is None:
            return source.tokens or ()
        where = f"{self._where}, model.prompt"
        return self._tokenizer.encode(source.prompt, where=where, special_tokens=source.special_tokens)

    def _checked(self, ids: tuple[int, ...], model: Model, key: str) -> tuple[int, ...]:
        try:
            model.check_tokens(ids)
        except SourceError as error:
            raise SourceError(f"{self._where}, model.{key}: {error}") from error
        return ids

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """What the tokenizer puts around a prompt, such as <s>; often nothing."""
        return self._tokenizer.special_tokens

    @cached_property
    def token_texts(self) -> tuple[str, ...]:
        """Each token's own text; empty where there is no tokenizer to ask."""
        return self._texts(self.token_ids)

    @cached_property
    def source_texts(self) -> tuple[str, ...]:
        """The same of the tokens that the encoder has read, where it is the decoder that is shown."""
        return self._texts(self.source_ids)

    def _texts(self, ids: tuple[int, ...]) -> tuple[str, ...]:
        return self._tokenizer.strings(ids) if ids and has_tokenizer(self._checkpoint) else ()

    @cached_property
    def token_pieces(self) -> tuple[str, ...]:
        """Each token as the tokenizer writes it, such as Ġword; empty as `token_texts`."""
        return self._tokenizer.pieces(self.token_ids) if self.token_texts else ()

    @cached_property
    def source_pieces(self) -> tuple[str, ...]:
        """The same of the tokens that the encoder has read."""
        return self._tokenizer.pieces(self.source_ids) if self.source_texts else ()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return open_tokenizer(self._checkpoint)

    def shapes(self) -> dict[str, PartialShape]:
        """Rows and columns of every tensor, None where they are left to the expression.

        Raises:
            SourceError: a file, weight or activation is not there, or the prompt is impossible.
        """
        _ = self.token_ids
        shapes: dict[str, PartialShape] = {}
        for name, source in self._document.tensors.items():
            with self._naming(name):
                shapes[name] = self._shape(source) if factor_of(source) is None else self._factor_shape(source)
        return shapes

    def axes(self) -> dict[str, tuple[str, str]]:
        """Names of the rows and columns of every tensor, "" where they have none."""
        return {name: self._axes_shown(source) for name, source in self._document.tensors.items()}

    def tensors(self, shapes: Mapping[str, Shape]) -> dict[str, Tensor]:
        """Every tensor in float32.

        Args:
            shapes: Rows and columns of every tensor.

        Returns:
            name -> (rows, columns).

        Raises:
            SourceError: a file, weight or activation cannot be read.
        """
        activations = self._activations()
        decompositions: dict[TensorSource, Decomposition] = {}  # of what several factors are taken of
        ranks = self._document.rank
        tensors: dict[str, Tensor] = {}
        for name, source in self._document.tensors.items():
            with self._naming(name):
                if factor_of(source) is None:
                    tensor = self._tensor(source, shapes[name], activations, name)
                else:
                    tensor = self._factor(source, activations, decompositions)
                tensors[name] = of_rank(tensor, ranks[name]) if name in ranks else tensor
        return tensors

    @contextmanager
    def _naming(self, tensor: str) -> Iterator[None]:
        """Say in a message which tensor of the scene it is about."""
        try:
            yield
        except SourceError as error:
            raise SourceError(f"{self._where}, tensors.{tensor}: {error}") from error

    def _shape(self, source: TensorSource) -> PartialShape:
        match source:
            case Initializer(shape=shape) | FormulaSource(shape=shape) | UrlSource(shape=shape):
                return shape
            case WeightSource(weight=weight, head=head, lora=lora):
                return self.model.weight_shape(weight, head, lora)
            case ActivationSource(activation=activation, head=head):
                return self.model.matrix_shape(len(self.token_ids), activation, head)
            case FileSource(file=file, key=key, index=index, shape=shape):
                return shape or read_shape(beside(file, self._folder), key, index)
            case ValuesSource(values=values):
                return len(values), len(values[0])

    def _factor_shape(self, source: TensorSource) -> Shape:
        """Rows and columns of a factor of a matrix."""
        rows, columns = self._shape(_whole(source))
        factor = factor_of(source)
        assert factor is not None  # noqa: S101  (narrows the type)
        if rows is None or columns is None:
            raise SourceError("its svd needs to know both sides of the matrix; give shape: [rows, columns].")
        most = min(rows, columns)
        if factor.rank is not None and factor.rank > most:
            raise SourceError(
                f"the matrix is {rows}x{columns} and has {most} singular values; svd.rank must be from 1 to {most}, "
                f"got {factor.rank}."
            )
        rank = factor.rank or most
        return {"U": (rows, rank), "S": (rank, rank), "Vt": (rank, columns)}[factor.part]

    def _factor(
        self, source: TensorSource, activations: Mapping[str, Tensor], decompositions: dict[TensorSource, Decomposition]
    ) -> Tensor:
        """A factor of a matrix, which is decomposed once for all of them."""
        factor, whole = factor_of(source), _whole(source)
        rows, columns = self._shape(whole)
        assert factor is not None and rows is not None and columns is not None  # noqa: S101, PT018  (see _factor_shape)
        if whole not in decompositions:
            decompositions[whole] = decompose(self._tensor(whole, (rows, columns), activations))
        return decompositions[whole].factor(factor.part, factor.rank)

    def _axes_shown(self, source: TensorSource) -> tuple[str, str]:
        factor = factor_of(source)
        if factor is None:
            return self._axes(source)
        rows, columns = self._axes(_whole(source))
        return {"U": (rows, "rank"), "S": ("rank", "rank"), "Vt": ("rank", columns)}[factor.part]

    def _axes(self, source: TensorSource) -> tuple[str, str]:
        match source:
            case WeightSource(weight=weight, head=head, lora=lora):
                return self.model.weight_axes(weight, head, lora)
            case ActivationSource(activation=activation, head=head):
                axes = self.model.activation_axes(activation, head)
                return axes[0], axes[1]
            case _:
                return "", ""

    def _tensor(self, source: TensorSource, shape: Shape, activations: Mapping[str, Tensor], name: str = "") -> Tensor:
        match source:
            case Initializer():
                return torch.from_numpy(initialize(source, *shape, name))
            case FormulaSource(formula=formula):
                return torch.from_numpy(evaluate_formula(parse_formula(formula), *shape))
            case WeightSource(weight=weight, head=head, lora=lora):
                return self.model.weight(weight, head, lora)
            case ActivationSource(activation=activation, head=head):
                return self.model.of_head(activation, activations[activation], head)
            case FileSource(file=file, key=key, index=index):
                return torch.from_numpy(wrapped(read_matrix(beside(file, self._folder), key, index), shape))
            case UrlSource(url=url):
                raise SourceError(
                    f"its numbers lie at {url or 'an address that is empty'}, and mmviz fetches nothing by itself; "
                    "name a local copy (file: NAME.csv), a part of a checkpoint (weight: or activation:), "
                    "or a pattern (init: gaussian) instead of the url."
                )
            case ValuesSource(values=values):
                return _numbers(values)

    def first_layer(self) -> int:
        """The layer that the forward pass begins with: 0, but where what enters a deeper one was kept in a file."""
        return self._kept.begins(self.token_ids, self._wanted)

    def keeping(self) -> Callable[[int, Tensor], None] | None:
        """What a pass over all layers tells what enters them, so that a scene of one of them need not; None: nobody."""
        return self._kept.keeping(self.token_ids)

    @property
    def _wanted(self) -> set[str]:
        return {s.activation for s in self._document.tensors.values() if isinstance(s, ActivationSource)}

    def _activations(self) -> dict[str, Tensor]:
        """All activations that the scene asks for, in one forward pass."""
        return self._kept.of(self.token_ids, self._wanted) if self._wanted else {}

    @cached_property
    def _kept(self) -> KeptActivations:
        folder = residuals_folder()
        residuals = None if folder is None else KeptResiduals(self.model, folder)
        return KeptActivations(self.model, residuals=residuals)


def _numbers(values: Sequence[tuple[float, ...]]) -> Tensor:
    """Numbers that the scene itself says, (rows, columns)."""
    if isinstance(values, Grid):
        return torch.from_numpy(np.array(values.numbers, dtype=np.float32).reshape(values.rows, values.columns))
    return torch.tensor(values, dtype=torch.float32)


def _whole(source: TensorSource) -> TensorSource:
    """The matrix that a source stands for a factor of."""
    return source if isinstance(source, UrlSource) else source.model_copy(update={"svd": None})
