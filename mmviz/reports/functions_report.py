"""What `mmviz functions` says: everything an expression may call, as a report and as text; computes nothing."""

from collections.abc import Sequence
from typing import Any

from mmviz.scene.language.described import Described, described, described_one


def chosen(names: Sequence[str]) -> list[Described]:
    """The functions of these names, or all."""
    return [described_one(name) for name in names] or described()


def functions_report(functions: Sequence[Described]) -> list[dict[str, Any]]:
    """For scripts."""
    return [
        {
            "name": one.name,
            "call": one.call,
            "meaning": one.meaning,
            "works_on": one.works_on,
            "vectors": [{"name": name, "is": told} for name, told in one.vectors],
            "numbers": [{"name": name, "is": told} for name, told in one.numbers],
            "example": one.example,
        }
        for one in functions
    ]


def functions_text(functions: Sequence[Described]) -> str:
    """A list for people: how each is called, and what it means."""
    width = max(len(one.call) for one in functions)
    return "\n".join(f"{one.call.ljust(width)}  {one.meaning}" for one in functions)


def whole_text(function: Described) -> str:
    """All about one function, for people."""
    lines = [function.call, f"  computes: {function.meaning}", f"  works on: {function.works_on}"]
    lines += [f"  {name}: {told}" for name, told in (*function.vectors, *function.numbers)]
    return "\n".join([*lines, f"  example: {function.example}"])
