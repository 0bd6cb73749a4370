"""Single numbers of numpy in a document as those of Python, which is all that is checked; arrays stay what they are."""

from typing import Any

DEEPEST = 20
"""Nesting of a document that is looked into; none is as deep."""


def of_python(content: Any, depth: int = 0) -> Any:
    """The content of a document, or of a part of it, without numbers of numpy; what holds none of them is not copied.

    Args:
        content: Mappings, lists and what stands in them.
        depth: How deep it lies.
    """
    if type(content) in (int, float, str, bool) or depth > DEEPEST:
        return content
    if isinstance(content, dict):
        found = {key: of_python(part, depth + 1) for key, part in content.items()}
        return found if any(found[key] is not content[key] for key in found) else content
    if type(content) in (list, tuple):
        parts = [of_python(part, depth + 1) for part in content]
        same = all(one is other for one, other in zip(parts, content, strict=True))
        return content if same else type(content)(parts)
    if type(content).__module__ == "numpy" and getattr(content, "ndim", None) == 0:
        return content.item()
    return content
