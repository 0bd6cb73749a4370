"""How the window says amounts: so many of something, sizes of matrices and of files, reasons as sentences."""

from collections.abc import Sequence

UNITS = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def counted(number: int, noun: str) -> str:
    """Such as `1 token` or `1,024 tokens`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def sized(shape: Sequence[int]) -> str:
    """Such as `64 × 1,536`."""
    return " × ".join(f"{side:,}" for side in shape)


def bytes_told(size: int) -> str:
    """The size of files, as people say it: `440 MB`."""
    for unit, bytes_each in UNITS:
        if size >= bytes_each:
            return f"{size / bytes_each:.3g} {unit}"
    return "empty" if size == 0 else f"{size} bytes"


def short(number: int, billion: str) -> str:
    """A large count: `3.54 M`.

    Args:
        number: Of something.
        billion: What stands for 10^9: B of parameters, G of operations.
    """
    for power, letter in ((12, "T"), (9, billion), (6, "M"), (3, "k")):
        if number >= 10**power:
            return f"{number / 10**power:.3g} {letter}"
    return f"{number:,}"


def begun(text: str) -> str:
    """With a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"
