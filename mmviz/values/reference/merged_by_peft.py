"""Merges an adapter into a model of transformers by peft itself; of ours it takes nothing but where the adapter lies.

So our reading of its ranks, scales and names is checked, and not only what is computed with it.
"""

from pathlib import Path
from typing import Any

from mmviz.errors import SourceError
from mmviz.machine.installing import pip_install

NEEDED = f"verify of an adapter needs peft: {pip_install('mmviz[verify]')}"
PREFIX = "base_model.model."  # before the names of the base's own modules


def merge_by_peft(folder: Path, theirs: Any) -> tuple[str, str]:
    """Change the weights of a model as peft merges an adapter into them: in float64, and rounded once.

    Args:
        folder: The adapter's.
        theirs: A model of transformers; afterwards it has no adapter, but its weights.

    Returns:
        What peft is called with its version, "peft 0.21.2"; and where peft would not apply the adapter to this model,
        but only to a part of it, which was done, a sentence that says so, or else "".

    Raises:
        SourceError: peft is not installed, or passes over something of the adapter.
    """
    peft = _peft()
    name = f"peft {peft.__version__}"
    config, weights = peft.PeftConfig.from_pretrained(str(folder)), peft.load_peft_weights(str(folder), device="cpu")
    whole, bare = type(theirs).__name__, type(theirs.base_model).__name__
    modules = {key.removeprefix(PREFIX).rpartition(".lora_")[0] for key in weights}
    within, note = theirs, ""
    if not modules & _names(theirs) and modules <= _names(theirs.base_model):
        within = theirs.base_model
        note = (
            f"{folder}: {name} applies none of it to a {whole}; it is an adapter of the bare {bare}, "
            "as it is read here."
        )
    wrapped = peft.PeftModel(within, config)
    passed_over = peft.set_peft_model_state_dict(wrapped, weights).unexpected_keys
    if passed_over:
        raise SourceError(
            f"{folder}: {name} passes over {min(passed_over)!r} in a {type(within).__name__}; an adapter of this very "
            "model is needed."
        )
    for module in wrapped.modules():
        if isinstance(module, peft.tuners.lora.LoraLayer):
            _merge(module)
    wrapped.unload()
    return name, note


def _merge(module: Any) -> None:
    weight = module.get_base_layer().weight
    dtype = weight.dtype
    module.double()
    module.merge()
    module.get_base_layer().to(dtype)


def _names(model: Any) -> set[str]:
    return {name for name, _ in model.named_modules()}


def _peft() -> Any:
    try:
        import peft
    except ImportError as error:
        raise SourceError(f"{NEEDED}.") from error
    return peft
