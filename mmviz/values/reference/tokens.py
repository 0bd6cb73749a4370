"""Which tokens Hugging Face transformers reads in a text, by its own tokenizer for the same files; none of our reading.

So that a tokenizer that we read wrongly shows, and not only weights: both sides would compute the same on wrong ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mmviz.errors import MmvizError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.kind_of_file import kind_of
from mmviz.values.reference.reference_model import in_short, quietly, transformers_library
from mmviz.values.text.tokens import Tokenizer, open_tokenizer

Third = Literal["mmviz", "transformers", "neither", "both", ""]
"""With whom tokenizer.json agrees, read by the tokenizers library alone; "" where there is none."""


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """The tokens of a text, held against those that transformers reads."""

    reference: str  # "transformers 5.23.0"
    ours: tuple[int, ...]
    theirs: tuple[int, ...]  # empty where it cannot read the tokenizer
    why_not: str  # what it says then; "" where it can
    third: Third

    @property
    def differs(self) -> bool:
        """Whether the two read other tokens."""
        return not self.why_not and self.ours != self.theirs

    @property
    def first(self) -> int | None:
        """The place of the first token that differs, from 0."""
        if not self.differs:
            return None
        pairs = enumerate(zip(self.ours, self.theirs, strict=False))
        return next((place for place, (a, b) in pairs if a != b), min(len(self.ours), len(self.theirs)))


def check_tokens(checkpoint: Checkpoint, text: str, *, special_tokens: bool) -> TokenCheck:
    """Read a text as we do and as transformers does.

    Args:
        checkpoint: The model.
        text: What it reads.
        special_tokens: Whether what the tokenizer puts around a text is there, too.

    Raises:
        SourceError: we cannot read the text, or transformers is not installed.
    """
    library = transformers_library()
    # a GGUF file that does not say whether a text has a beginning is read in two ways (see gguf_tokenizer)
    if checkpoint.metadata and "tokenizer.ggml.add_bos_token" not in checkpoint.metadata:
        special_tokens = False
    tokenizer = open_tokenizer(checkpoint)
    ours = tokenizer.encode(text, special_tokens=special_tokens)
    theirs: tuple[int, ...] = ()
    why_not = ""
    try:
        with quietly():
            theirs = _read(library, checkpoint, tokenizer, text, special_tokens=special_tokens)
    except Exception as error:  # noqa: BLE001  (whatever a library raises that was written by others)
        why_not = in_short(error)
    third = _third(checkpoint, text, ours, theirs, special_tokens=special_tokens)
    return TokenCheck(f"transformers {library.__version__}", ours, theirs, why_not, third)


def _read(
    library: Any, checkpoint: Checkpoint, tokenizer: Tokenizer, text: str, *, special_tokens: bool
) -> tuple[int, ...]:
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    if kind_of(tokenizer.path) == "gguf":
        options["gguf_file"] = tokenizer.path.name
    theirs = library.AutoTokenizer.from_pretrained(str(checkpoint.folder), **options)
    return tuple(theirs(text, add_special_tokens=special_tokens)["input_ids"])


def _third(
    checkpoint: Checkpoint, text: str, ours: Sequence[int], theirs: Sequence[int], *, special_tokens: bool
) -> Third:
    try:
        alone = Tokenizer.open(checkpoint.folder).encode(text, special_tokens=special_tokens)
    except MmvizError:
        return ""
    if ours == theirs == alone:
        return "both"
    return "mmviz" if alone == ours else "transformers" if alone == theirs else "neither"
