"""What a decoder looks at beside its own tokens: the encoder of the same files, and the prompt that it has read."""

from collections.abc import Collection, Sequence
from typing import Generic, Protocol, TypeVar

from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.arithmetic.primitives import Steps
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.names import output_of, seen_from_decoder, seen_from_encoder
from mmviz.values.files.checkpoint import Checkpoint


class Encoder(Protocol):
    """What is asked of the model of the other stack."""

    config: ModelConfig
    checkpoint: Checkpoint

    def activations(self, token_ids: Sequence[int], names: Collection[str]) -> dict[str, Tensor]:
        """Run it until every name has its number."""
        ...

    def steps(self, token_ids: Sequence[int], names: Collection[str]) -> Steps:
        """Its forward pass as it goes."""
        ...

    def check_tokens(self, token_ids: Sequence[int]) -> None:
        """Refuse a prompt that it cannot read."""
        ...


Model = TypeVar("Model", bound=Encoder)


class Source(Generic[Model]):
    """The stack that a decoder's layers look at, on one prompt; what it ends with is computed once, and kept.

    Args:
        encoder: The stack.
        token_ids: What it reads; empty where nothing is to be computed.
    """

    def __init__(self, encoder: Model, token_ids: Sequence[int]) -> None:
        self.encoder = encoder
        self.token_ids = tuple(token_ids)
        self._given: Tensor | None = None

    @property
    def is_there(self) -> bool:
        """Whether it is known what the stack ends with."""
        return self._given is not None

    def given(self) -> Tensor:
        """What the stack ends with: (source_tokens, d_model).

        Raises:
            SourceError: it has no prompt, or one that is impossible; or a weight cannot be read.
        """
        if self._given is None:
            self.check()
            name = output_of(self.encoder.config)
            self._given = self.encoder.activations(self.token_ids, [name])[name]
        return self._given

    def check(self) -> None:
        """Refuse a prompt that the stack cannot read.

        Raises:
            SourceError: as said, or there is none.
        """
        if not self.token_ids:
            raise SourceError(
                f"{self.encoder.checkpoint.path}: its decoder looks at what the encoder has read; a prompt, or tokens, "
                "for the encoder is needed."
            )
        self.encoder.check_tokens(self.token_ids)

    def wanted(self, names: Collection[str]) -> dict[str, str]:
        """Those of the names that are the encoder's, each with what it calls them itself."""
        found = ((name, seen_from_encoder(name)) for name in names)
        return {name: own for name, own in found if own is not None}

    def steps(self, names: Collection[str]) -> Steps:
        """The forward pass of the stack as it goes, by the names that its decoder has for it.

        Args:
            names: As its decoder calls them.
        """
        self.check()
        last, value = output_of(self.encoder.config), None
        for name, value in self.encoder.steps(self.token_ids, set(self.wanted(names).values())):
            if name == last:
                self._given = value
            yield seen_from_decoder(name), value
        return self.given() if value is None else value
