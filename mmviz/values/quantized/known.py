"""Which methods of quantization are read, in words, for lists; what they are is said in methods.py."""

from collections.abc import Mapping

KNOWN: Mapping[str, str] = {
    "fp8": "8-bit floats with a scale for each block, row or matrix, as of DeepSeek V3 and Qwen3 FP8",
    "compressed-tensors": "INT1 to INT8, packed or not, FP8, NVFP4, MXFP8, MXFP6 and MXFP4, by llm-compressor",
    "modelopt": "FP8 and NVFP4 by NVIDIA's Model Optimizer, also where only hf_quant_config.json says so",
    "mxfp4": "experts of 4-bit floats with an exponent for each 32 of them, as of gpt-oss",
    "gptq": "INT2, INT3, INT4 and INT8 with a scale for each group of inputs, in both formats of checkpoints",
    "awq": "INT4 with a scale for each group of inputs, in the layout gemm",
    "bitsandbytes": "NF4 and FP4, with scales that are quantized, too, or not, and LLM.int8",
    "torchao": "INT8 and fewer bits, a byte each, and FP8; none that pack numbers for one program",
}
"""By quant_method."""
