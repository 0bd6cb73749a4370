"""Keys as a browser is told of them: their numbers, their places on a keyboard, and what they write."""

KEYS = {
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    "Tab": (9, ""),
    "Backspace": (8, ""),
    "Delete": (46, ""),
    "Home": (36, ""),
    "End": (35, ""),
    "PageUp": (33, ""),
    "PageDown": (34, ""),
    "ArrowLeft": (37, ""),
    "ArrowUp": (38, ""),
    "ArrowRight": (39, ""),
    "ArrowDown": (40, ""),
    " ": (32, " "),
}
"""Keys that write no letter, or an unusual one: their code, and what they write."""
MODIFIERS = {"alt": 1, "control": 2, "meta": 4, "shift": 8}


def number_of(key: str) -> int:
    """The number that systems give a key."""
    return KEYS.get(key, (ord(key[0].upper()), ""))[0]


def written_by(key: str, modifiers: tuple[str, ...]) -> str:
    """The letter that is written with a key; none where it is a command."""
    commands = {"alt", "control", "meta"} & set(modifiers)
    return "" if commands else KEYS.get(key, (0, key if len(key) == 1 else ""))[1]


def bits(modifiers: tuple[str, ...]) -> int:
    """Which keys are held besides."""
    return sum(MODIFIERS[one] for one in modifiers)


def code_of(key: str) -> str:
    """The name of the key itself, on a keyboard of the United States."""
    if len(key) == 1 and key.isalpha():
        return f"Key{key.upper()}"
    if len(key) == 1 and key.isdigit():
        return f"Digit{key}"
    return {" ": "Space"}.get(key, key)
