"""Where a tensor's numbers come from, as a sentence would say it; reads nothing."""

from mmviz.scene.keys.sources import (
    RANDOM,
    SCALED,
    ActivationSource,
    FileSource,
    FormulaSource,
    Initializer,
    TensorSource,
    UrlSource,
    ValuesSource,
    WeightSource,
    factor_of,
    index_told,
)
from mmviz.scene.language.expression import write_number

WEIGHTS = {
    None: "a weight",
    "base": "a weight, without its adapter,",
    "A": "matrix A of the adapter of a weight",
    "B": "matrix B of the adapter of a weight",
}
FACTORS = {"U": "left singular vectors", "S": "singular values", "Vt": "right singular vectors"}


def in_words(source: TensorSource, model: str = "the model", name: str = "") -> str:
    """Where numbers come from, such as "a weight of the model: blocks.1.attn.W_Q, head 2".

    Args:
        source: Of a tensor.
        model: What the scene's model is called.
        name: Of the tensor.
    """
    match source:
        case Initializer():
            words = _pattern(source, name)
        case FormulaSource(formula=formula):
            words = f"the formula {formula}"
        case ValuesSource():
            words = "written in the scene"
        case FileSource(file=file, key=key, index=index):
            words = f"the file {file}" + (f", tensor {key}" if key else "") + index_told(index)
        case UrlSource(url=url):
            words = f"the address {url}, which is not fetched"
        case WeightSource(weight=weight, head=head, lora=lora):
            words = f"{WEIGHTS[lora]} of {model}: {weight}" + _of_head(head)
        case ActivationSource(activation=activation, head=head):
            words = f"an activation of {model}: {activation}" + _of_head(head)
    factor = factor_of(source)
    return words if factor is None else f"{FACTORS[factor.part]} of {words}"


def _of_head(head: int | None) -> str:
    return "" if head is None else f", head {head}"


def _pattern(source: Initializer, name: str) -> str:
    kind = "random numbers" if source.init in RANDOM else "the pattern"
    words = [f"{kind} '{source.init}'"]
    if source.init in SCALED:
        words.append(f"from {write_number(source.min)} to {write_number(source.max)}")
    if source.dropout:
        words.append(f"{source.dropout:.0%} set to 0")
    if source.init in RANDOM or source.dropout:
        words.append(f"seed {source.seed_of(name)}")
    return ", ".join(words)
