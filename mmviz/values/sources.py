"""The numbers of a scene's tensors, whatever they come from: patterns, formulas, files, weights, activations."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.scene.document import Document
from mmviz.scene.formula import parse_formula
from mmviz.scene.shapes import PartialShape, Shape
from mmviz.scene.sources import (
    ActivationSource,
    FileSource,
    FormulaSource,
    Initializer,
    ModelSource,
    TensorSource,
    UrlSource,
    ValuesSource,
    WeightSource,
)
from mmviz.values.checkpoint import Checkpoint
from mmviz.values.device import choose_device
from mmviz.values.files import read_matrix, read_shape, wrapped
from mmviz.values.formula import evaluate_formula
from mmviz.values.initializers import initialize
from mmviz.values.locate import beside, locate_model
from mmviz.values.model import Model
from mmviz.values.tokens import Tokenizer, has_tokenizer, open_tokenizer


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
        checkpoint = Checkpoint.open(locate_model(self._model.path, self._folder))
        return Model(checkpoint, self._model.device, self._model.dtype)

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
        where = f"{self._where}, model.{'prompt' if source.tokens is None else 'tokens'}"
        ids = source.tokens or self._tokenizer.encode(source.prompt or "", where=where)
        try:
            self.model.check_tokens(ids)
        except SourceError as error:
            raise SourceError(f"{where}: {error}") from error
        return ids

    @cached_property
    def token_texts(self) -> tuple[str, ...]:
        """Each token's own text; empty where there is no tokenizer to ask."""
        if not self.token_ids or not has_tokenizer(self.model.checkpoint):
            return ()
        return self._tokenizer.strings(self.token_ids)

    @cached_property
    def token_pieces(self) -> tuple[str, ...]:
        """Each token as the tokenizer writes it, such as Ġword; empty as `token_texts`."""
        return self._tokenizer.pieces(self.token_ids) if self.token_texts else ()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return open_tokenizer(self.model.checkpoint)

    def shapes(self) -> dict[str, PartialShape]:
        """Rows and columns of every tensor, None where they are left to the expression.

        Raises:
            SourceError: a file, weight or activation is not there, or the prompt is impossible.
        """
        _ = self.token_ids
        shapes: dict[str, PartialShape] = {}
        for name, source in self._document.tensors.items():
            with self._naming(name):
                shapes[name] = self._shape(source)
        return shapes

    def axes(self) -> dict[str, tuple[str, str]]:
        """Names of the rows and columns of every tensor, "" where they have none."""
        return {name: self._axes(source) for name, source in self._document.tensors.items()}

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
        tensors: dict[str, Tensor] = {}
        for name, source in self._document.tensors.items():
            with self._naming(name):
                tensors[name] = self._tensor(source, shapes[name], activations)
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
            case WeightSource(weight=weight, head=head):
                return self.model.weight_shape(weight, head)
            case ActivationSource(activation=activation, head=head):
                return self.model.matrix_shape(len(self.token_ids), activation, head)
            case FileSource(file=file, key=key, shape=shape):
                return shape or read_shape(beside(file, self._folder), key)
            case ValuesSource(values=values):
                return len(values), len(values[0])

    def _axes(self, source: TensorSource) -> tuple[str, str]:
        match source:
            case WeightSource(weight=weight, head=head):
                return self.model.weight_axes(weight, head)
            case ActivationSource(activation=activation, head=head):
                axes = self.model.activation_axes(activation, head)
                return axes[0], axes[1]
            case _:
                return "", ""

    def _tensor(self, source: TensorSource, shape: Shape, activations: Mapping[str, Tensor]) -> Tensor:
        match source:
            case Initializer():
                return torch.from_numpy(initialize(source, *shape))
            case FormulaSource(formula=formula):
                return torch.from_numpy(evaluate_formula(parse_formula(formula), *shape))
            case WeightSource(weight=weight, head=head):
                return self.model.weight(weight, head)
            case ActivationSource(activation=activation, head=head):
                return self.model.of_head(activation, activations[activation], head)
            case FileSource(file=file, key=key):
                return torch.from_numpy(wrapped(read_matrix(beside(file, self._folder), key), shape))
            case UrlSource(url=url):
                raise SourceError(
                    f"its numbers lie at {url or 'an address that is empty'}, and mmviz fetches nothing by itself; "
                    "name a local copy (file: NAME.csv), a part of a checkpoint (weight: or activation:), "
                    "or a pattern (init: gaussian) instead of the url."
                )
            case ValuesSource(values=values):
                return torch.tensor(values, dtype=torch.float32)

    def _activations(self) -> dict[str, Tensor]:
        """All activations that the scene asks for, in one forward pass."""
        wanted = {s.activation for s in self._document.tensors.values() if isinstance(s, ActivationSource)}
        return self.model.activations(self.token_ids, wanted) if wanted else {}
