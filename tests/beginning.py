"""A model whose tokenizer puts a token before every text: the one that comes with mmviz, with another template."""

import json
from pathlib import Path

ASSET = Path(__file__).resolve().parents[1] / "assets" / "smollm2-135m-2layers"
START = "<|im_start|>"


def with_beginning(folder: Path) -> Path:
    """Write it to a new folder."""
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer_config.json"):
        (folder / name).symlink_to(ASSET / name)
    stored = json.loads((ASSET / "tokenizer.json").read_text(encoding="utf-8"))
    stored["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": START, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {START: {"id": START, "ids": [1], "tokens": [START]}},
    }
    (folder / "tokenizer.json").write_text(json.dumps(stored), encoding="utf-8")
    return folder
