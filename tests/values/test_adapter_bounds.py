"""An adapter whose patterns or names would take long is refused, with the bound in the message; no pattern hangs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmviz.errors import SourceError
from mmviz.values.model.adapter import Adapter
from tests.values.tiny_adapters import MODULE, save_adapter

MANY = "(a?.*)" * 60 + "x"
LONG = ".".join(["model.layers.1", *["experts"] * 25, "q_proj"])
STEPS = f"the pattern {MANY[:60]!r} takes more than 200,000 steps for {LONG[:60]!r}; one with fewer loops is needed."


def refusal(folder: Path) -> str:
    with pytest.raises(SourceError) as raised:
        Adapter.open(folder).config.scale_of(LONG)
    return str(raised.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"rank_pattern": {MANY: 3}}, "rank_pattern"),
        ({"alpha_pattern": {MANY: 3}}, "alpha_pattern"),
        ({"target_modules": MANY}, "target_modules or exclude_modules"),
        ({"exclude_modules": MANY}, "target_modules or exclude_modules"),
    ],
)
def test_a_pattern_that_takes_too_many_steps_is_refused(tmp_path: Path, said: dict[str, Any], key: str) -> None:
    one = np.ones((3, 3), np.float32)
    wide = {f"base_model.model.{LONG}.lora_{which}.weight": one for which in "AB"}
    folder = save_adapter(tmp_path / "a", said, {"A": None, "B": None, **wide})
    assert refusal(folder) == f"{folder / 'adapter_config.json'}, {key}: {STEPS}"


def test_patterns_as_people_write_them_are_read(tmp_path: Path) -> None:
    pattern = r"model\.layers\.(\d+|x)\.(self_attn|mlp)\.((q|k|v|o|gate|up|down)_proj)"
    folder = save_adapter(tmp_path / "a", {"rank_pattern": {pattern: 3}, "r": 8, "target_modules": r".*\.(q|v)_proj"})
    assert Adapter.open(folder).config.rank_of(MODULE) == 3


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    folder = save_adapter(tmp_path / "a", {"target_modules": "all-linear"})
    name = "m." * 150 + "q"
    wrong = {f"base_model.model.{name}.lora_{which}.weight": np.ones((3, 3), np.float32) for which in "AB"}
    save_adapter(folder, json.loads((folder / "adapter_config.json").read_text()), {"A": None, "B": None, **wrong})
    assert refusal(folder) == (
        f"{folder / 'adapter_model.safetensors'}: has a module whose name is 301 letters long; 300 are read."
    )
