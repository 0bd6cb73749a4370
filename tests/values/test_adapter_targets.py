"""Which modules an adapter changes: the answer of peft itself to random configurations, and whole messages."""

import random
from typing import Any

import pytest

from mmviz.errors import SourceError
from mmviz.values.model.adapter_targets import Targets

LAYERS, LINEAR = (0, 1, 2, 10), ("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj", "mlp.experts.1.up_proj")
MODULES = [*(f"model.layers.{layer}.{name}" for layer in LAYERS for name in LINEAR), "lm_head", "model.norm", "q_proj"]
NAMES = ["q_proj", "proj", "up_proj", "self_attn.q_proj", "v_proj", "lm_head", "model.layers.1.mlp.up_proj"]
PATTERNS = [r".*\.q_proj", "q_proj", r"model\.layers\.[02]\..*", r".*(q|v)_proj", "x"]
PLACE = "F/adapter_config.json"


def read(**config: Any) -> Targets:
    return Targets.read(config, PLACE)


def refusal(**config: Any) -> str:
    with pytest.raises(SourceError) as caught:
        read(**config)
    return str(caught.value)


def random_config(rng: random.Random) -> dict[str, Any]:
    config: dict[str, Any] = {
        "target_modules": rng.choice([rng.choice(PATTERNS), rng.sample(NAMES, rng.randint(1, 3))])
    }
    if rng.random() < 0.4:
        config["exclude_modules"] = rng.choice([rng.choice(PATTERNS), rng.sample(NAMES, rng.randint(1, 2))])
    if isinstance(config["target_modules"], list) and rng.random() < 0.6:
        config["layers_to_transform"] = rng.choice([0, 1, [0, 2], [10], []])
        if rng.random() < 0.6 and config["layers_to_transform"] != []:
            config["layers_pattern"] = rng.choice(["layers", ["layers"], ["h", "layers"], "experts", ["h"]])
    return config


@pytest.mark.slow
def test_the_modules_are_those_that_peft_changes() -> None:
    peft = pytest.importorskip("peft")
    from peft.tuners.tuners_utils import check_target_module_exists

    rng = random.Random(3)
    changed = 0
    for _ in range(300):
        config = random_config(rng)
        theirs, ours = peft.LoraConfig(**config), read(**config)
        for module in MODULES:
            expected = bool(check_target_module_exists(theirs, module))
            assert (ours.left_out_by(module) is None) == expected, (config, module)
            changed += expected
    assert changed > 500


@pytest.mark.parametrize("word", ["all-linear", "ALL-Linear"])
def test_all_linear_layers_are_all_but_the_last(word: str) -> None:
    targets = read(target_modules=word, exclude_modules=["v_proj"])
    assert targets.left_out_by("model.layers.0.self_attn.q_proj") is None
    assert targets.left_out_by("lm_head") == "target_modules"
    assert targets.left_out_by("model.layers.0.self_attn.v_proj") == "exclude_modules"


def test_the_key_that_leaves_a_module_out_is_named() -> None:
    targets = read(
        target_modules=["q_proj", "model.layers.0.mlp.up_proj"],
        exclude_modules=["layers.3.self_attn.q_proj"],
        layers_to_transform=[1, 3],
    )
    assert {module: targets.left_out_by(f"model.layers.{module}") for module in (
        "0.self_attn.q_proj", "1.self_attn.q_proj", "3.self_attn.q_proj", "1.self_attn.k_proj", "0.mlp.up_proj"
    )} == {
        "0.self_attn.q_proj": "layers_to_transform",
        "1.self_attn.q_proj": None,
        "3.self_attn.q_proj": "exclude_modules",
        "1.self_attn.k_proj": "target_modules",
        "0.mlp.up_proj": None,  # it is named whole
    }  # fmt: skip


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "target_modules: is missing; a list of names is needed."),
        ({"target_modules": [1]}, "target_modules: is [1]; a list of names is needed."),
        ({"target_modules": {"q": 1}}, "target_modules: is {'q': 1}; a list of names is needed."),
        ({"target_modules": ["q"], "exclude_modules": 3}, "exclude_modules: is 3; a list of names is needed."),
        (
            {"target_modules": ["q"], "layers_to_transform": ["1"]},
            "layers_to_transform: is ['1']; numbers of layers are needed.",
        ),
        (
            {"target_modules": ["q"], "layers_to_transform": True},
            "layers_to_transform: is True; numbers of layers are needed.",
        ),
        (
            {"target_modules": ["q"], "layers_to_transform": 1, "layers_pattern": "h.*"},
            "layers_pattern: is 'h.*'; the name of a list of layers, such as 'layers', is needed.",
        ),
        (
            {"target_modules": ["q"], "layers_to_transform": 1, "layers_pattern": [1]},
            "layers_pattern: is [1]; the name of a list of layers, such as 'layers', is needed.",
        ),
        (
            {"target_modules": ["q"], "layers_pattern": "layers"},
            "layers_pattern: peft refuses it alone; layers_to_transform is needed.",
        ),
        (
            {"target_modules": "all-linear", "layers_to_transform": [0]},
            "layers_to_transform: peft refuses it beside target_modules that are one text, 'all-linear'; a list of "
            "names is needed.",
        ),
        (
            {"target_modules": ".*q", "layers_pattern": "layers"},
            "layers_to_transform: peft refuses it beside target_modules that are one text, '.*q'; a list of names is "
            "needed.",
        ),
    ],
)
def test_what_peft_does_not_read_is_refused_by_its_key(config: dict[str, Any], message: str) -> None:
    assert refusal(**config) == f"{PLACE}, {message}"


def test_a_pattern_that_is_not_followed_is_refused_with_its_key() -> None:
    assert refusal(target_modules="(?<=q)_proj").startswith(f"{PLACE}, target_modules: ")
    assert refusal(target_modules=["q"], exclude_modules="(").startswith(f"{PLACE}, exclude_modules: ")
