"""Which layers of a model look back a sliding window only, as its config.json says it; masks nothing."""

from mmviz.values.families.key_reader import Keys

FULL, SLIDING, CHUNKED = "full_attention", "sliding_attention", "chunked_attention"
EITHER = (FULL, SLIDING)
"""What a layer may be by layer_types."""


def none_slides(keys: Keys, layers: int) -> frozenset[int]:
    """Of models whose layer_types may say nothing but that all layers see all, as Llama's."""
    keys.each("layer_types", layers, (FULL,))
    return frozenset()


def passed_over(keys: Keys, layers: int) -> frozenset[int]:
    """Of models that have no sliding layers: transformers passes over layer_types, but not over how many there are."""
    types = keys.config.get("layer_types")
    if isinstance(types, list) and len(types) != layers:
        raise keys.problem("layer_types", f"tells of {len(types)} layers; {layers} are needed.")
    return frozenset()


def all_slide(keys: Keys, layers: int) -> frozenset[int]:
    """Of models whose layers all slide where there is a window, whatever layer_types says, as Mistral's."""
    keys.each("layer_types", layers, EITHER)
    return frozenset(range(layers)) if keys.given("sliding_window") is not None else frozenset()


def all_but_every(turn: int, keys: Keys, layers: int) -> frozenset[int]:
    """Of models of which every so many layers one sees all, as Gemma 2's, unless layer_types says otherwise."""
    types = keys.each("layer_types", layers, EITHER)
    return by_types(types) if types else frozenset(layer for layer in range(layers) if (layer + 1) % turn)


def beyond_the_first(keys: Keys, layers: int) -> frozenset[int]:
    """Of models whose first layers see all, and the others do where no window holds, as Qwen 2's.

    Raises:
        SourceError: layer_types are of another number or others, or there is no window for those that slide.
    """
    types = keys.each("layer_types", layers, EITHER)
    window = keys.flag("use_sliding_window") and keys.given("sliding_window") is not None
    if types is not None:
        if SLIDING in types and not window:
            raise keys.problem("layer_types", f"has {SLIDING}, but there is no window; use_sliding_window is needed.")
        return by_types(types)
    first = keys.whole("max_window_layers", least=0) if window else layers
    return frozenset(range(first, layers))


def by_types(types: list[str]) -> frozenset[int]:
    """The layers that slide by layer_types."""
    return frozenset(layer for layer, word in enumerate(types) if word == SLIDING)
