"""Which methods of quantization are read, in words, for lists; what they are is said in methods.py."""

from collections.abc import Mapping

KNOWN: Mapping[str, str] = {
    "fp8": "8-bit floats with a scale for each block, row or matrix, as of DeepSeek V3 and Qwen3 FP8",
}
"""By quant_method."""
