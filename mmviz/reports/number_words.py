"""Numbers in words: counts, sizes and large numbers, each with its unit; knows no report."""


def metric(number: int, billion: str) -> str:
    """A count in thousands: 134.5 M; 10^9 are B of parameters and G of operations."""
    for power, letter in ((15, "P"), (12, "T"), (9, billion), (6, "M")):
        if number >= 10**power:
            return f"{number / 10**power:,.1f} {letter}"
    return f"{number:,}"


def binary(size: int) -> str:
    """A size in bytes: 256.6 MiB."""
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << power:
            return f"{size / (1 << power):,.1f} {unit}"
    return f"{size:,} bytes"


def counted(number: int, noun: str) -> str:
    """A number of things: 1 layer, 1,024 tokens."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
