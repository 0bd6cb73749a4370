"""How many times as long a tokenizer.json can make a text; builds no tokenizer.

A step that doubles a text and stands in the file thirty times needs more memory than there is. Each kind of step is
counted by what it can do at most to each letter; those that only add a few are left out.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mmviz.errors import SourceError

MOST: Final = 1024
"""Times; tokenizers of models make a text twice as long, or three times where a letter has several bytes."""
LISTS: Final = ("normalizers", "pretokenizers", "decoders")
BYTES: Final = 2
"""A byte becomes a letter, which has two bytes where it is not one of ASCII."""


def check_growth(content: Mapping[str, Any], path: Path) -> None:
    """Refuse a tokenizer that can make a text much longer before it reads it, or after it wrote it.

    Args:
        content: Of a tokenizer.json that the library has read.
        path: What it is called in messages.

    Raises:
        SourceError: it is one.
    """
    before = _growth(content.get("normalizer")) * _growth(content.get("pre_tokenizer"))
    for what, growth in (("normalizer, pre_tokenizer", before), ("decoder", _growth(content.get("decoder")))):
        if growth > MOST:
            raise SourceError(
                f"{path}, {what}: can make a text more than {MOST:,} times as long, as no tokenizer of a model does; "
                "one with fewer steps is needed."
            )


def _growth(step: object) -> int:
    if not isinstance(step, Mapping):
        return 1
    for key in LISTS:
        if isinstance(step.get(key), list):
            growth = 1
            for each in step[key]:
                growth = min(growth * _growth(each), MOST + 1)
            return growth
    kind = step.get("type")
    if kind in ("ByteLevel", "Precompiled"):
        return BYTES
    added = step.get({"Replace": "content", "Prepend": "prepend"}.get(str(kind), ""), "")
    return max(1, len(str(added)))
