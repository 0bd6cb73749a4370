"""The reference of the functions of expressions as Markdown, from what `mmviz functions` tells of them, too."""

from collections.abc import Sequence

from mmviz.scene.language.described import Described


def functions_page(functions: Sequence[Described]) -> str:
    """The whole page: how each is written, what it computes and what it works on."""
    intro = (
        "# Functions\n\nA function is worn by the matrix that it is applied to, and keeps its shape; those that join, "
        "reduce and take rows stand last. What stands in brackets may be left out; `x` is the matrix, what follows it "
        "are vectors, each as long as a row, and then numbers. In Python each that keeps the shape is there under the "
        "same name: `mmviz.relu(x)`. `mmviz functions NAME` tells all about one.\n"
    )
    lines = [intro, "| function | computes | works on |", "|---|---|---|"]
    lines += [f"| `{one.call}` | {one.meaning} | {one.works_on} |" for one in functions]
    return "\n".join(lines) + "\n"
