"""What every part of a scene document is made of: a strict model, numbers and texts with their ranges."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints


class Strict(BaseModel):
    """A part of a scene document: immutable; unknown keys, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _whole_characters(text: str) -> str:
    if any(unicodedata.category(letter) == "Cs" for letter in text):
        raise ValueError("must not contain half a character (a surrogate).")
    return text


def _without_control(text: str) -> str:
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise ValueError("must not contain control characters.")
    return _whole_characters(text)


def one_line(text: str) -> str:
    """Words on one line, where line breaks count as spaces."""
    return _without_control(" ".join(text.split()))


Number = Annotated[float, Field(strict=True)]
"""A number; never a text, true or false."""
Whole = Annotated[int, Field(strict=True)]
"""A whole number; never a text, true or false."""
Prose = Annotated[str, AfterValidator(_whole_characters)]
"""Any text that can be written to a file."""
Text = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_without_control)]
"""A name or path."""
Title = Annotated[str, Field(max_length=200), AfterValidator(one_line)]
"""Words to be shown on one line, where line breaks count as spaces; may be empty."""
Address = Annotated[str, Field(max_length=4000), AfterValidator(one_line)]
"""Where something lies in the web; may be empty."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)]
"""As a title, but never empty."""

NUMBER, NAME, GROUP, PART = "(number)", "(name)", "(names)", "(part)"
"""Tags of the kinds that a value may be of; messages leave them out of the place."""
TAGS = frozenset({NUMBER, NAME, GROUP, PART})


def number_or(word: str) -> Discriminator:
    """Chooses between a number, tagged so, and one word, its own tag; anything else gets one message."""

    def kind(value: Any) -> str | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return NUMBER
        return word if value == word else None

    return Discriminator(kind, custom_error_type="number_or_word", custom_error_message=f"must be a number or {word}")
