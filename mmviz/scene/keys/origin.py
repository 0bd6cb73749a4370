"""Where a tensor's numbers come from, as a sentence would say it; reads nothing."""

from mmviz.scene.keys.hook_words import Place, place_of, share_told
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.keys.sources import (
    OWN_KEYS,
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
from mmviz.scene.language.plain_words import write_number

WEIGHTS = {
    None: "",
    "base": ", without its adapter",
    "A": ", matrix A of its adapter",
    "B": ", matrix B of its adapter",
}
FACTORS = {"U": "left singular vectors", "S": "singular values", "Vt": "right singular vectors"}


def in_words(source: TensorSource, model: str = "the model", name: str = "", sizes: ModelSizes | None = None) -> str:
    """Where numbers come from, such as "layer 1, head 2, W_Q of smollm2 (blocks.1.attn.W_Q): makes queries".

    Args:
        source: Of a tensor.
        model: What the scene's model is called.
        name: Of the tensor.
        sizes: Of the model, where they are known: then it is told which columns a head has.
    """
    match source:
        case Initializer():
            words = _pattern(source, name)
        case FormulaSource(formula=formula):
            words = f"the formula {formula}"
        case ValuesSource():
            words = "numbers written in the scene"
        case FileSource(file=file, key=key, index=index):
            words = f"the file {file}" + (f", tensor {key}" if key else "") + index_told(index)
        case UrlSource(url=url):
            words = f"the address {url}, which is not fetched"
        case WeightSource(weight=weight, head=head, lora=lora):
            place = place_of(weight, head)
            share = share_told(place, sizes) if lora in (None, "base") else ""
            words = _in_model(place, weight, model, share + WEIGHTS[lora])
        case ActivationSource(activation=activation, head=head):
            words = _in_model(place_of(activation, head), activation, model, "")
    factor = factor_of(source)
    return words if factor is None else f"{FACTORS[factor.part]} of {words}"


def in_short(source: TensorSource) -> str:
    """The same in a few words, as they fit beside a name: "layer 1, head 2, W_Q"."""
    match source:
        case Initializer(init=init):
            words = f"random, {init}" if init in RANDOM else f"pattern {init}"
        case FormulaSource(formula=formula):
            words = f"formula {formula}"
        case ValuesSource():
            words = "numbers of the scene"
        case FileSource(file=file, key=key):
            words = f"file {file}" + (f", {key}" if key else "")
        case UrlSource(url=url):
            words = f"address {url}"
        case WeightSource(weight=weight, head=head, lora=lora):
            words = place_of(weight, head).told() + WEIGHTS[lora]
        case ActivationSource(activation=activation, head=head):
            words = place_of(activation, head).told()
    factor = factor_of(source)
    return words if factor is None else f"{factor.part} of {words}"


def _in_model(place: Place, name: str, model: str, more: str) -> str:
    """Where in a model something is, its name unless that has been said, and what it means."""
    told = place.told()
    named = "" if told.endswith(name) else f" ({name})"
    return f"{told} of {model}{named}{more}" + (f": {place.meaning}" if place.meaning else "")


def _pattern(source: Initializer, name: str) -> str:
    kind = "random numbers" if source.init in RANDOM else "the pattern"
    words = [f"{kind} '{source.init}'"]
    if source.init in SCALED:
        words.append(f"from {write_number(source.min)} to {write_number(source.max)}")
    own: dict[str, float] = {key: getattr(source, key) for key, only in OWN_KEYS.items() if only == source.init}
    words += [
        key if value is True else f"{key} {write_number(float(value))}"
        for key, value in own.items()
        if value is not False
    ]
    if source.dropout:
        words.append(f"{source.dropout:.0%} set to 0")
    if source.init in RANDOM or source.dropout:
        words.append(f"seed {source.seed_of(name)}")
    return ", ".join(words)
