"""Which layers of a model look back a sliding window only, as its config.json says it; masks nothing."""

from collections.abc import Iterable

from mmviz.values.families.key_reader import Keys

FULL, SLIDING = "full_attention", "sliding_attention"
EITHER = (FULL, SLIDING)
"""What a layer may be by layer_types."""


def sliding_layers(keys: Keys, kind: str, layers: int, known: tuple[str, ...]) -> frozenset[int]:
    """The layers that look no further than a window.

    Args:
        keys: Of config.json.
        kind: The model_type, of a Llama or of what shares its layers.
        layers: How many there are.
        known: What a layer may be by layer_types.

    Raises:
        SourceError: layer_types are of another number or others, or there is no window for those that slide.
    """
    types = keys.each("layer_types", layers, known) if kind != "gemma" else None
    match kind:
        case "llama" | "gemma":
            found: Iterable[int] = ()
        case "mistral":
            found = range(layers) if keys.given("sliding_window") is not None else ()
        case "gemma2" | "gemma3_text":
            turn = 2 if kind == "gemma2" else keys.whole("sliding_window_pattern")
            every = (layer for layer in range(layers) if (layer + 1) % turn)
            found = every if types is None else _of_types(types)
        case _:
            window = keys.flag("use_sliding_window") and keys.given("sliding_window") is not None
            if types is not None and SLIDING in types and not window:
                raise keys.problem(
                    "layer_types", f"has {SLIDING}, but there is no window; use_sliding_window is needed."
                )
            first = keys.whole("max_window_layers", least=0) if window and types is None else layers
            found = range(first, layers) if types is None else _of_types(types)
    return frozenset(found)


def _of_types(types: list[str]) -> list[int]:
    return [layer for layer, word in enumerate(types) if word == SLIDING]
