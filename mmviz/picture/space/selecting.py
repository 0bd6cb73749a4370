"""Where slices and reductions stand, as against what they are made of, and which of these need not be seen again."""

from collections.abc import Iterator

from mmviz.picture.space.placement import Placement
from mmviz.scene.language.tree import CutNode, ReducedNode, Tree, cuts, plain, references, shown_again, tensor_of, walk

BESIDE = 1.0
"""Distance of a reduction from the last column or row of what is reduced, in cells; the gap is added."""


def place_of(node: CutNode | ReducedNode, whole: Placement, gap: float) -> tuple[float, float]:
    """Row and column of the argument before which the first element of a node stands; they may be beside it.

    Args:
        node: A slice; or a reduction, which stands beyond the last column or row.
        whole: Where the argument stands.
        gap: Between two faces, in cells.
    """
    match node:
        case CutNode(rows=rows, columns=columns):
            first = [span.within(size)[0] for span, size in zip((rows, columns), whole.shape, strict=True)]
            return first[0], first[1]
        case ReducedNode(axis=axis):
            edge = whole.shape[axis] - 1 + (BESIDE + gap) / whole.steps[axis]
            return (0.0, edge) if axis else (edge, 0.0)


def shown_elsewhere(root: Tree) -> Iterator[str]:
    """The paths of plain matrices and references that are cut, and that are shown without that somewhere before.

    Such a matrix would only be there again, as large as it is, behind every slice of it.
    """
    again = {node.path for node, _ in references(root)}
    given = {node.path for node in plain(root)}
    cut = {node.whole.path for node in cuts(root) if not node.whole.worn}
    seen: set[str] = set()
    for node in walk(root):
        if node.path in given:
            tensor = tensor_of(node)
            if tensor in seen and node.path in cut:
                yield node.path
            seen |= set() if tensor is None else {tensor}
        elif node.path in again and node.path in cut and shown_again(node) is not None:
            yield node.path
