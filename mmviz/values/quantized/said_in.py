"""Where a model says how its weights are quantized; reads nothing, so that those of plain weights import no method."""

OLD_KEY = "compression_config"
SAID_IN = ("quantization_config", OLD_KEY)
"""Keys of config.json; the second in old files of one method, which do not always say which it is."""
FILE = "hf_quant_config.json"
"""Beside config.json, in older exports of NVIDIA's Model Optimizer, whose config.json says nothing."""
