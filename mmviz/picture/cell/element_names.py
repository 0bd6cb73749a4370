"""What single elements are called, with the tokens that their indices stand for, and their numbers in four digits."""

from mmviz.picture.composition import Composition


def element_name(composition: Composition, path: str, i: int, j: int, name: str) -> str:
    """A matrix's name with indices, such as `attn[41 “ to”, 40 “ has”]`."""
    rows, columns = composition.axes[path]
    return f"{bracketed(name)}[{place_name(composition, rows, i)}, {place_name(composition, columns, j)}]"


def place_name(composition: Composition, axis: str, index: int) -> str:
    """An index, and the token that it stands for where the axis counts tokens."""
    texts = composition.tokens_along(axis)
    if index >= len(texts):
        return str(index)
    text = texts[index].replace("\n", "\\n").replace("\t", "\\t")
    return f"{index} “{text}”"


def short(number: float) -> str:
    """A number with four digits; of what is nothing no sign: a masked weight times a negative number is no -0."""
    return f"{number + 0.0:.4g}"


def bracketed(name: str) -> str:
    """A name that indices can follow: an expression gets brackets, a name or a function call does not."""
    depth = 0
    for letter in name:
        depth += (letter == "(") - (letter == ")")
        if letter == " " and depth == 0:
            return f"({name})"
    return name
