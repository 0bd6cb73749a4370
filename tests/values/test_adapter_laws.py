"""Random settings of LoRA adapters: whatever is opened has the weights that peft makes of it; the rest is refused."""

import copy
import json
import random
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import torch

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.adapter import Adapter
from mmviz.values.model.model import Model
from mmviz.values.model.module_pattern import PatternError, ends_like, whole_name
from tests.values.tiny_adapters import TARGETS, save_adapter
from tests.values.variants import load_reference, save_variant, silently

VARIANTS = {"llama": "llama grouped, wide heads", "gpt2": "gpt2"}
LISTS = {"llama": "layers", "gpt2": "h"}
BLOCKS = {"llama": "model.layers", "gpt2": "transformer.h"}
MORE: dict[str, list[Any]] = {
    "use_dora": [True],
    "bias": ["all", "lora_only"],
    "init_lora_weights": ["pissa", "pissa_niter_2", "olora", "mica", "gaussian", "orthogonal", True],
    "modules_to_save": [["lm_head"]],
    "trainable_token_indices": [[1, 2]],
    "target_parameters": [["mlp.nothing"]],
    "lora_bias": [True],
    "layer_replication": [[[0, 2], [1, 3]]],
}
"""What changes more than W + scale * B A, or begins training in another way; some of those leave the base alone."""


@dataclass(frozen=True)
class Base:
    """A model to which adapters belong."""

    folder: Path
    opened: Any  # by transformers

    def again(self) -> Any:
        """The model for peft, which changes what it is given; a copy takes a fifth of the time of opening it anew."""
        return copy.deepcopy(self.opened)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Base]:
    folders = {family: save_variant(tmp_path_factory.mktemp(family), name) for family, name in VARIANTS.items()}
    return {family: Base(folder, load_reference(folder)) for family, folder in folders.items()}


def pattern(rng: random.Random, family: str) -> str:
    """A key of rank_pattern: a regular expression, or the end of a name."""
    one, other = rng.choice(TARGETS[family]), rng.choice(TARGETS[family])
    layer, block = rng.randrange(3), BLOCKS[family]
    return rng.choice(
        [
            one,
            f"({one}|{other})",
            f".*{one}",
            f"{one[0]}.*",
            f".*\\.{layer}\\..*",
            f"{LISTS[family]}.[0{layer}].*.{one}",
            f"^{block}.{layer}.*",
            f"^{block}\\.\\d+\\.[a-z_]+\\.{one}",
            rf"{re.escape(block)}\.{layer}\.(?:\w+\.)*{other}",
            f"{LISTS[family]}.{layer}",  # the beginning of a name fits nothing
            rf"(\w+\.)+{one}",
        ]
    )


def settings(rng: random.Random, family: str) -> dict[str, Any]:
    """Options of LoraConfig."""
    names = rng.sample(TARGETS[family], rng.randint(1, 3))
    whole = [f"{BLOCKS[family]}.{rng.randrange(3)}.{'mlp' if family == 'gpt2' else 'self_attn'}.{{}}"]
    whole = [whole[0].format("c_fc" if family == "gpt2" else "v_proj")]
    options: dict[str, Any] = {
        "r": rng.randint(1, 5),
        "lora_alpha": rng.choice([1, 4, 6, 32]),
        "use_rslora": rng.random() < 0.3,
        "rank_pattern": {pattern(rng, family): rng.randint(1, 6) for _ in range(rng.randint(0, 3))},
        "alpha_pattern": {pattern(rng, family): rng.choice([1, 3, 0.5, 20]) for _ in range(rng.randint(0, 3))},
        "target_modules": rng.choice([names, names, whole, names + whole, f".*\\.({'|'.join(names)})"]),
    }
    if isinstance(options["target_modules"], list) and rng.random() < 0.4:
        options["layers_to_transform"] = rng.choice([[1], [0, 2], 2, []])
        if rng.random() < 0.5 and options["layers_to_transform"] != []:
            options["layers_pattern"] = rng.choice([LISTS[family], [LISTS[family]]])
    if rng.random() < 0.2:
        options["exclude_modules"] = rng.choice([rng.sample(TARGETS[family], 1), rf".*\.{rng.randrange(3)}\..*"])
    if rng.random() < 0.3:
        key = rng.choice(list(MORE))
        options[key] = rng.choice(MORE[key])
    return options


def save(base: Base, folder: Path, seed: int, options: dict[str, Any]) -> None:
    """An adapter as peft writes it, whose A and B have been trained for a while; without its README.md."""
    peft = pytest.importorskip("peft")
    torch.manual_seed(seed)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")  # remarks of peft about what was asked for
        patch.setattr(peft.PeftModel, "create_or_update_model_card", lambda *_: None)
        model = peft.get_peft_model(base.again(), peft.LoraConfig(**options))
        for name, parameter in model.named_parameters():
            if ".lora_" in name:
                parameter.data += 0.3 * torch.randn_like(parameter)
        silently(model.save_pretrained, folder)


def changed_afterwards(rng: random.Random, folder: Path, family: str) -> bool:
    """Write something else into adapter_config.json, as people do by hand; whether it was done."""
    if rng.random() > 0.3:
        return False
    file = folder / "adapter_config.json"
    config = json.loads(file.read_text())
    config |= rng.choice(
        [
            {"alpha_pattern": {pattern(rng, family): 9}},
            {"use_rslora": not config["use_rslora"]},
            {"lora_alpha": 2.5},
            {"exclude_modules": [TARGETS[family][0]]},
            {"target_modules": TARGETS[family][:2], "layers_pattern": None, "layers_to_transform": [0]},
        ]
    )
    file.write_text(json.dumps(config))
    return True


def merged(base: Base, folder: Path) -> dict[str, torch.Tensor]:
    """The weights that peft makes of a base and an adapter's folder."""
    peft = pytest.importorskip("peft")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = silently(peft.PeftModel.from_pretrained, base.again(), str(folder))
    return {name: weight.detach() for name, weight in model.double().merge_and_unload().named_parameters()}


def check(seed: int, bases: dict[str, Base], folder: Path) -> str:
    """Make an adapter of a seed, and hold it against peft: what came of it."""
    rng = random.Random(seed)
    family = rng.choice(list(VARIANTS))
    options = settings(rng, family)
    try:
        save(bases[family], folder, seed, options)
    except (ValueError, TypeError, KeyError):  # peft refuses it: there is nothing to compare
        return "impossible"
    by_hand = changed_afterwards(rng, folder, family)
    try:
        ours = Model(Checkpoint.open(bases[family].folder), "cpu", "float64", Adapter.open(folder))
    except SourceError:
        if not by_hand and not any(options.get(key) for key in MORE):
            # peft sorts what it saves by key; where another pattern comes first then, it cannot read it again either
            with pytest.raises(RuntimeError, match="size mismatch"):
                merged(bases[family], folder)
        return "refused"
    theirs = merged(bases[family], folder)
    for name, weight in theirs.items():
        if weight.ndim == 2 and name in ours.checkpoint:
            found = ours.weight(name).double()
            assert (found - weight).abs().max() <= 2e-6 * weight.abs().max(), f"{name} by {options}"
    return "equal"


CHOSEN = (*range(40), 66, 119, 129, 144, 163, 204, 206, 222, 269, 294, 298, 316, 351)
"""Seeds among which every kind of setting is equal, refused or impossible, wherever it is so among 400."""


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [CHOSEN, pytest.param(range(400), marks=pytest.mark.thousands)], ids=["few", "many"])
def test_an_adapter_has_the_weights_that_peft_makes_of_it_or_is_refused(
    seeds: Sequence[int], bases: dict[str, Base], tmp_path: Path
) -> None:
    found = Counter(check(seed, bases, tmp_path / str(seed)) for seed in seeds)
    assert found["equal"] >= len(seeds) // 3, f"most settings should be possible, but {found}"


NAMES = (
    "model.layers.1.self_attn.q_proj",
    "model.layers.11.mlp.down_proj",
    "transformer.h.0.attn.c_attn",
    "layers.0.self_attn.v_proj",
    "lm_head",
)
PIECES = (
    *("q_proj", "v", "layers", "model", "1", "h", "_", "{", "]", "}"),
    *(r"\.", ".", r"\d", "[0-9]", "[^.]", "[^]a]", "[a-z_]", "(q|k|v)_proj", "(?:self_attn|mlp)", "^", "$", r"\b"),
)
COUNTS = ("", "", "", "*", "+", "?", "{2}", "{1,2}", "{,3}", "{1,}", "*?", "+?", "??")


def expression(rng: random.Random) -> str:
    text = "".join(rng.choice(PIECES) + rng.choice(COUNTS) for _ in range(rng.randint(1, 5)))
    text = f"({text}){rng.choice(COUNTS)}" if rng.random() < 0.3 else text
    return f".*{text}" if rng.random() < 0.3 else f"{text}|{rng.choice(PIECES)}" if rng.random() < 0.3 else text


@pytest.mark.slow
@pytest.mark.parametrize("count", [300, pytest.param(3000, marks=pytest.mark.thousands)])
def test_patterns_fit_the_names_that_pythons_own_matcher_fits(count: int) -> None:
    rng, read = random.Random(1), 0
    for text in (expression(rng) for _ in range(count)):
        try:
            key, whole = ends_like(text), whole_name(text)
        except PatternError:
            with pytest.raises(re.error):
                re.compile(rf"(.*\.)?({text})$")
            continue
        read += 1
        for name in NAMES:
            assert key.matches(name) == (re.match(rf"(.*\.)?({text})$", name) is not None), (text, name)
            assert whole.matches(name) == (re.fullmatch(text, name) is not None), (text, name)
    assert read > count // 2


@pytest.mark.parametrize(
    "text", [130 * "(" + "q*" + 130 * ")", "q_proj{1,99999999999}", "(?i)q", "a++", "[", r"(q)\1|x"]
)
def test_a_pattern_that_is_not_read_is_refused_and_nothing_else_happens(text: str) -> None:
    for made in (ends_like, whole_name):
        with pytest.raises(PatternError, match="is no regular expression that is read here"):
            made(text)


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1 << 70,
    0.5,
    float("inf"),
    "",
    "(",
    "all-linear",
    [],
    [None],
    ["q_proj"],
    {},
)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_a_configuration_says_is_read_or_refused_in_one_message(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    keys = ("r", "lora_alpha", "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "bias")
    for number in range(40):
        odd = {
            key: rng.choice(ODD) for key in rng.sample([*keys, "rank_pattern", "use_rslora", "init_lora_weights"], 2)
        }
        folder = save_adapter(tmp_path / str(number), odd)
        said = ""
        try:
            Adapter.open(folder)
        except SourceError as error:
            said = str(error)
        assert said == "" or (said.startswith(str(folder)) and "\n" not in said)


@pytest.mark.parametrize("text", [r"([\w.]+)+!", "(a|a)" * 40 + "!", 14 * "(" + "." + 14 * ")*" + "!", "(.*){1,300}!"])
@pytest.mark.slow
def test_a_pattern_that_python_would_match_for_years_is_matched_at_once(text: str) -> None:
    began = process_time()
    assert not ends_like(text).matches(4 * "model.layers.1.self_attn.q_proj")
    assert process_time() - began < 5
