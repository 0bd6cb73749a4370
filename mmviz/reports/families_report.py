"""What `mmviz models` says: the catalogue of families as a report and as texts; opens no file."""

from collections.abc import Sequence
from typing import Any, TypedDict

from mmviz.values.families.catalogue import DRAWN, REFUSED, Family
from mmviz.values.files.gguf_architectures import ARCHITECTURES
from mmviz.values.quantized.known import KNOWN

DRAWS = ("head", "layer", "mlp", "spectra", "inspect", "verify")
"""What can be made of every model that can be drawn; `mlp` is a part of a layer."""
OF_FILES: Sequence[tuple[str, str]] = (
    (
        "other quantized safetensors",
        "of another quant_method than those above; plain ones, or a GGUF file, are needed",
    ),
    ("pickles", ".bin and .pt files can run any program when they are opened; safetensors are needed"),
)
"""What is refused of any family, and why."""


class FamiliesReport(TypedDict):
    """For scripts."""

    drawn: list[dict[str, Any]]
    quantized: list[dict[str, str]]  # safetensors of any of these families, by quant_method
    refused: list[dict[str, Any]]


def families_report() -> FamiliesReport:
    """Which models are drawn, what of them, and which are refused."""
    return {
        "drawn": [
            {
                "name": one.name,
                "model_types": list(one.types),
                "such_as": one.such_as,
                "has": one.has,
                "draws": list(DRAWS),
                "files": ["safetensors", *(["gguf"] if is_read_from_gguf(one) else [])],
            }
            for one in DRAWN
        ],
        "quantized": [{"quant_method": method, "has": has} for method, has in KNOWN.items()],
        "refused": [
            *({"name": one.name, "model_types": list(one.types), "why": one.why} for one in REFUSED),
            *({"name": name, "model_types": [], "why": why} for name, why in OF_FILES),
        ],
    }


def families_text() -> str:
    """The same for people."""
    rows = [(one.name, ", ".join(one.types), "yes" if is_read_from_gguf(one) else "no", one.has) for one in DRAWN]
    table = _aligned([("Family", "model_type", "GGUF", "What its layers have"), *rows])
    refused = [*((one.name, one.why) for one in REFUSED), *OF_FILES]
    return "\n".join(
        [
            "Of these any head, layer and MLP can be drawn, and spectra, inspect and verify work:",
            "",
            *table,
            "",
            "Quantized safetensors of any of them that are read, by their quant_method:",
            "",
            *_aligned(list(KNOWN.items())),
            "",
            "Refused, and why:",
            "",
            *_aligned(refused),
        ]
    )


def families_markdown() -> str:
    """The table of those that can be drawn, as it stands in the guide."""
    rows = [
        f"| {one.name} | `{', '.join(one.types)}` | {'yes' if is_read_from_gguf(one) else 'no'} | {one.such_as} | "
        f"{one.has} |"
        for one in DRAWN
    ]
    return "\n".join(
        ["| Family | `model_type` | GGUF | Such as | What its layers have |", "|---|---|---|---|---|", *rows]
    )


def quantized_markdown() -> str:
    """The table of methods of quantization that are read, as it stands in the guide."""
    rows = [f"| `{method}` | {has} |" for method, has in KNOWN.items()]
    return "\n".join(["| `quant_method` | What is stored |", "|---|---|", *rows])


def is_read_from_gguf(family: Family) -> bool:
    """Whether GGUF files of its models are read, too."""
    return any(architecture in ARCHITECTURES for architecture in family.gguf)


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
